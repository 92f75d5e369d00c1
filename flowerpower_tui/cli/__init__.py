"""The commands of `fp-tui`, one file a command group. Never imports Textual: it starts the app by name, late."""
