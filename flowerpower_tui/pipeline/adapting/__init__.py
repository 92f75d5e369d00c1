"""The adapters that the project ships, each an entry point of the group `flowerpower_tui.adapters`."""
