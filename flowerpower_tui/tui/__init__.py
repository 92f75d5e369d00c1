"""The interface. Never imports Hamilton, pandas or a user's code: it sees pipelines only through `runs`."""
