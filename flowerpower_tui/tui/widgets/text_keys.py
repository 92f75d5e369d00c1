"""The text area's own keys, each with a name, so that a keymap can change it and help can tell it."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding
from textual.widgets import TextArea


def _named(binding: Binding) -> Binding:
    action = binding.action.replace("(True)", "_select").replace("_", "-").removeprefix("cursor-")
    return replace(binding, id=f"text.{action}", tooltip=binding.description)


TEXT_KEYS: tuple[Binding, ...] = tuple(_named(binding) for binding in TextArea.BINDINGS if isinstance(binding, Binding))
"""What moves the cursor, selects, deletes, copies and undoes: `text.word-left`, `text.undo`, …"""
