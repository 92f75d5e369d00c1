"""How nodes come to run: a plan of what is needed, a schedule of what may run now, and several ways to work it off."""
