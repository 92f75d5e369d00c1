"""A run as a directory: events, journal, store, supervisor, worker. One channel for the live and the past."""
