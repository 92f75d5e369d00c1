"""Which keys are known by now: their hints in the footer go, and make room for others. `<state>/hints.json`."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.location import state_directory

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

ENOUGH = 3
"""So often used, a key is known."""

LASTING = frozenset({"app.help"})
"""Hints that stay: who has forgotten a key has this one to find it."""

_FILE = "hints.json"


class Hints:
    """What is known of the keys that were pressed.

    Attributes:
        counts: how often, by the names of actions.
    """

    def __init__(self, counts: Counter[str] | None = None, *, fade: bool = True) -> None:
        self.counts: Counter[str] = counts or Counter()
        self._fade = fade
        self._is_new = False

    @classmethod
    def read(cls, *, fade: bool = True, state: Path | None = None) -> Hints:
        """Return what was counted before; nothing if that cannot be read."""
        try:
            content = ((state or state_directory()) / _FILE).read_bytes()
            return cls(Counter(msgspec.json.decode(content, type=dict[str, int])), fade=fade)
        except (OSError, RunStoreError, msgspec.MsgspecError):
            return cls(fade=fade)

    def used(self, action: str) -> None:
        """Take note of a key that was pressed."""
        if self.counts[action] < ENOUGH:
            self.counts[action] += 1
            self._is_new = True

    def is_known(self, action: str | None) -> bool:
        """Whether the hint on an action is needed no more."""
        return self._fade and action not in LASTING and self.counts[action or ""] >= ENOUGH

    def write(self, state: Path | None = None) -> None:
        """Keep what was counted; what another interface has counted meanwhile counts, too."""
        if not self._is_new:
            return
        counts = Hints.read(state=state).counts | self.counts
        with suppress(OSError, RunStoreError):
            path = (state or state_directory()) / _FILE
            new = path.with_suffix(f".{os.getpid()}.tmp")
            try:
                new.write_bytes(msgspec.json.encode(dict(sorted(counts.items()))))
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)


def name_of(action: str | ActionParseResult, node: DOMNode) -> str:
    """Return the name of an action that a node has a key for; nothing if it has none."""
    bindings = (binding for keys in node._bindings.key_to_bindings.values() for binding in keys)  # noqa: SLF001
    return next((binding.id for binding in bindings if binding.id and binding.action == action), "")
