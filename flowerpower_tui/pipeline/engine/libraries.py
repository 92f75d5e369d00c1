"""Which version of a library is installed, as far as results depend on it: the same whether it was imported or not."""

from __future__ import annotations

import functools
import importlib.util
import sys
from importlib import metadata
from pathlib import Path

from flowerpower_tui.pipeline.imports import install_name


@functools.cache
def version_of(library: str) -> str:
    """Return what changes with the version of a library, by the name of its outermost package.

    Python's own are as old as Python, and have none. Where nothing is installed under the library's name, any of what
    lies beside it may have brought it: the names of all that, with their versions, are the answer.
    """
    if library in sys.stdlib_module_names:
        return ""
    try:
        return metadata.version(install_name(library))
    except (metadata.PackageNotFoundError, ValueError):
        return "\n".join(sorted(installed.name for folder in _folders(library) for installed in folder.glob("*-info")))


def _folders(library: str) -> set[Path]:
    try:
        spec = importlib.util.find_spec(library)
    except (ImportError, ValueError, AttributeError):
        return set()
    if spec is None:
        return set()
    if spec.submodule_search_locations is not None:
        return {Path(folder).parent for folder in spec.submodule_search_locations}
    return {Path(spec.origin).parent} if spec.has_location and spec.origin else set()
