"""What a process in waiting has imported in advance, and whether a new process would still import the same."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.runs.channel import Relay
from flowerpower_tui.runs.preloads import Preloads, files_of, import_in_advance, recall, status_of
from flowerpower_tui.runs.rehearsal import look_around, rehearse

ALWAYS = ("flowerpower_tui.pipeline.runner", "flowerpower_tui.pipeline.build")
"""What every run imports, and Hamilton with it."""
BARE = "--bare"
"""The option of a process that imports no more than that."""
FRESH = 0.25
"""Seconds for which files that were as they are loaded still count as that: a new process imports no quicker."""


class HeadStart:
    """The imports of this process on behalf of the runs of one project.

    Args:
        state: the state directory, where it is kept what the runs import.
        root: the project's folder.
        bare: whether to import only what every run does.
    """

    def __init__(self, state: Path, root: Path, *, bare: bool) -> None:
        sys.stdout, sys.stderr = Relay(sys.stdout), Relay(sys.stderr)
        self._root = root
        self._learnt = Preloads() if bare else recall(state, root)
        self._environ = dict(os.environ)
        self._files: dict[str, tuple[int, int]] = {}
        self._base: frozenset[str] = frozenset()
        self._seen_at = -FRESH

    def imports(self, without: Collection[str] = ()) -> Iterator[None]:
        """Import what every run does, then module by module what was learnt, except of some packages.

        A pause after each lets the process answer who does not want to wait for the rest.
        """
        for name in ALWAYS:
            import_in_advance(name)
        rehearse()
        self._base = frozenset(name.partition(".")[0] for name in sys.modules)
        self.settle()
        for name in self._learnt.modules:
            if name not in sys.modules and name.partition(".")[0] not in without:
                import_in_advance(name)
                yield

    def settle(self) -> None:
        """Remember the files of all that is loaded now."""
        self._files = files_of(sys.modules.copy().values())
        look_around(self._root)

    @property
    def is_spoilt(self) -> bool:
        """Whether a run sets variables before it imports what was imported here without them.

        Those that the imports have set here too are no trouble.
        """
        return not set(self._learnt.variables) <= self.variables.keys()

    @property
    def variables(self) -> Mapping[str, str | None]:
        """What the imports changed in the environment; None for what they took away."""
        before, now = self._environ, os.environ
        return {name: now.get(name) for name in before.keys() | now.keys() if before.get(name) != now.get(name)}

    def why_stale(self, environ: Mapping[bytes, bytes]) -> str:
        """Return why a new process with that environment would import something else; nothing if it would not."""
        if time.monotonic() - self._seen_at > FRESH:
            if changed := next((file for file, status in self._files.items() if status_of(file) != status), ""):
                return f"{changed} has changed"
            self._seen_at = time.monotonic()
        learnt = self._learnt.packages - self._base
        if hidden := learnt and learnt & self._modules_of_project(environ):
            return f"the project has a module '{min(hidden)}' of its own"
        return ""

    def restore(self) -> None:
        """Make the environment what it was at first."""
        os.environ.clear()
        os.environ.update(self._environ)

    def _modules_of_project(self, environ: Mapping[bytes, bytes]) -> set[str]:
        names: set[str] = set()
        with suppress(FlowerPowerError, OSError):
            variables = {os.fsdecode(name): os.fsdecode(value) for name, value in environ.items()}
            pipelines = ProjectLayout.of(self._root, variables).pipelines_dir
            for folder in (self._root, self._root / pipelines):
                names.update(entry.name.partition(".")[0] for entry in os.scandir(folder) if _is_module(entry))
        return names


def _is_module(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith((".py", ".so")) or (entry.is_dir() and Path(entry.path, "__init__.py").exists())
