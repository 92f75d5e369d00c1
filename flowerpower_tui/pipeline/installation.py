"""Whether Hamilton is installed whole, asked without importing it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from flowerpower_tui.errors import InstallationError


def check_hamilton() -> None:
    """Make sure that Hamilton can be imported.

    Raises:
        InstallationError: it is not there, or a part of it is missing; the hint is the cure.
    """
    spec = importlib.util.find_spec("hamilton")
    if spec is None:
        raise InstallationError("Hamilton is not installed.", hint="pip install apache-hamilton")
    folders = list(map(Path, spec.submodule_search_locations or ()))
    if not any((folder / "version.py").is_file() and (folder / "driver.py").is_file() for folder in folders):
        # What an upgrade in place leaves: the files of the new package go with those of the old name.
        raise InstallationError(
            f"Hamilton is installed in parts only: hamilton.version is missing in {', '.join(map(str, folders))}.",
            hint="pip install --force-reinstall --no-deps apache-hamilton",
        )
