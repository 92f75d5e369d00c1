"""Where runs are kept; see `flowerpower_tui.location`."""

from flowerpower_tui.location import VARIABLE, private_directory, put, state_directory

__all__ = ["VARIABLE", "private_directory", "put", "state_directory"]
