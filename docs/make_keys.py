"""Writes the tables of docs/keys.md: every action with its keys, from the interface's own registry."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from textual.keys import format_key

from flowerpower_tui.tui.actions import actions
from flowerpower_tui.tui.keymap import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowerpower_tui.tui.actions import Action

PAGE = Path(__file__).with_name("keys.md")

_TITLES = {
    "app": "Everywhere",
    "go": "Places",
    "pane": "Panes",
    "project": "The project",
    "tree": "The project's tree",
    "pipeline": "Pipelines",
    "run": "A run",
    "dag": "The DAG",
    "file": "Files of nodes",
    "source": "Source code",
    "log": "The log",
    "runs": "The list of runs",
    "rows": "Lists and tables",
    "spot": "Places in files that a run names",
    "time": "The timeline",
    "replay": "A run gone through in time",
    "config": "The configuration of a run",
    "compare": "Two runs compared",
    "edit-run": "Running again, with changes",
    "edit": "The editor",
    "files": "The editor's files",
    "find": "Find and replace",
    "completion": "Completions",
    "problems": "The list of problems",
    "panel": "What stands beside the text",
    "effective": "Beside the text: what holds",
    "form": "Beside the text: the form",
    "settings": "Your settings",
    "text": "Typing",
    "link": "The link",
    "tour": "The tour",
}
"""What groups are called, in the order of the page. One that is not here comes last, under its own name."""

_SPELT_OUT = {"enter", "backspace", "delete"}
"""Keys that the interface shows by a sign, for which it has little room."""

_TABLE = re.compile(r"(?P<begin><!-- (?P<name>\w+): [^\n]*-->\n).*?(?=<!-- end -->)", re.DOTALL)


def page() -> str:
    """Return the page with its tables as the registry has them."""
    tables = {"actions": _groups(actions().values()), "presets": _presets()}
    return _TABLE.sub(lambda match: f"{match['begin']}\n{tables[match['name']]}\n", PAGE.read_text(encoding="utf-8"))


def spelt(key: str) -> str:
    """Return a key of Textual's as people write it: `ctrl+]` for `ctrl+right_square_bracket`."""
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, last if last in _SPELT_OUT else format_key(last)))


def _groups(known: Iterable[Action]) -> str:
    order = list(_TITLES)
    rank = {name: index for index, name in enumerate(order)}
    ordered = sorted(known, key=lambda action: (rank.get(action.group, len(order)), action.id))
    return "\n".join(
        f"## {_TITLES.get(group, group.capitalize())}\n\n| action | keys | does |\n|---|---|---|\n{_rows(members)}\n"
        for group, members in groupby(ordered, key=lambda action: action.group)
    )


def _rows(members: Iterable[Action]) -> str:
    return "\n".join(f"| `{action.id}` | {_keys(action.keys)} | {action.what} |" for action in members)


def _presets() -> str:
    rows = [
        f"| `{name}` | `{action}` | {_keys(keys)} |"
        for name, preset in PRESETS.items()
        for action, keys in preset.items()
    ]
    return "\n".join(("| preset | action | keys |", "|---|---|---|", *rows, ""))


def _keys(keys: Iterable[str]) -> str:
    return " ".join(f"`{spelt(key)}`" for key in keys)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
