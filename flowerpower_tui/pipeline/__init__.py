"""Building and running pipelines: the only room, with `io`, that knows Hamilton."""
