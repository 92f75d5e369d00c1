"""Data in and out, as `io` in a pipeline's YAML says: Hamilton's loaders and savers as nodes, over fsspec."""
