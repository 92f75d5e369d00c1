"""What a save leads to, by pipeline: as the user chose last for each of a project, else as the settings have it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Literal, get_args

import msgspec

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.location import private_directory, state_directory

OnSave = Literal["off", "ask", "run"]
"""What is stale stays so; is asked about; is run."""


class Choices:
    """The choices for one project, kept in the state directory. What cannot be kept holds until the end."""

    def __init__(self, root: Path) -> None:
        self._name = hashlib.blake2b(str(root.absolute()).encode(errors="surrogateescape"), digest_size=16).hexdigest()
        self._chosen: dict[str, OnSave] = {}
        with suppress(OSError, RunStoreError, msgspec.MsgspecError):
            self._chosen = msgspec.json.decode(self._path().read_bytes(), type=dict[str, OnSave])

    def of(self, pipeline: str, otherwise: OnSave) -> OnSave:
        """Return what was chosen for a pipeline; `otherwise`, if nothing was."""
        return self._chosen.get(pipeline, otherwise)

    def step(self, pipeline: str, otherwise: OnSave) -> OnSave:
        """Choose the next for a pipeline, around the end; return it."""
        all_of_them: tuple[OnSave, ...] = get_args(OnSave)
        here = all_of_them.index(self.of(pipeline, otherwise))
        chosen = self._chosen[pipeline] = all_of_them[(here + 1) % len(all_of_them)]
        with suppress(OSError, RunStoreError):
            path = self._path()
            path.touch(mode=0o600)
            path.write_bytes(msgspec.json.encode(self._chosen))
        return chosen

    def _path(self) -> Path:
        return private_directory(state_directory() / "on_save") / f"{self._name}.json"
