"""Help while a project's files are edited: what is wrong, what could stand here, what a key means."""
