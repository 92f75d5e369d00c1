"""Commands that run modules of this package as processes, here or in the interpreter of a project that lacks it.

A project's interpreter gets to see nothing that is installed beside us, which is made for another Python. It runs
`elsewhere/start.py` by its path, and looks for modules in `elsewhere/path` too, where there is nothing but a stand-in
for this package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).parent
START = str(_PACKAGE / "elsewhere" / "start.py")
PATH = str(_PACKAGE / "elsewhere" / "path")
"""The folder that makes this package importable, and nothing else."""


def module_command(
    module: str, *arguments: str, python: str = "", options: tuple[str, ...] = ("-P",)
) -> tuple[str, ...]:
    """Return the command that runs a module of this package with these arguments.

    Args:
        module: its full name.
        arguments: what it is given.
        python: an interpreter that need not have this package; without one, that of this process.
        options: of the interpreter.
    """
    if python or is_guest():
        return (python or sys.executable, *options, START, module, *arguments)
    return (sys.executable, *options, "-m", module, *arguments)


def variables(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what to set in the environment of processes that others start for us, so that they find this package."""
    if not is_guest():
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, (PATH, environ.get("PYTHONPATH"))))}


def is_guest() -> bool:
    """Whether this interpreter has this package only by its stand-in; so must its children then."""
    spec = sys.modules[__name__.partition(".")[0]].__spec__
    return spec is not None and spec.origin is not None and spec.origin.startswith(PATH)
