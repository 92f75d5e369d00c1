"""What is on disk: where a project's files lie, and how a new one is made."""
