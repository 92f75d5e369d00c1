"""Configured loading and saving over fsspec. Opens with the issue on data in and out."""
