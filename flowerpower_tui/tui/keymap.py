"""The user's own keys: a preset, and over it the file `keymap.yml` in the configuration folder.

# keymap.yml: an action's name, and its keys
run.start: [r, f5]
log.filter: ctrl+l
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

# Textual has no public way from a character to its key's name.
from textual.keys import Keys, _character_to_key

from flowerpower_tui.errors import Location, Problem, did_you_mean

if TYPE_CHECKING:
    from flowerpower_tui.tui.actions import Action

FILE = "keymap.yml"

PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    "default": {},
    # hjkl, g, G, / and n are everywhere anyway: these are what hands that know vim reach for beside them.
    "vim": {
        "app.leave": ("q", "Z"),
        "pane.next": ("tab", "ctrl+w"),
        "log.top": ("home", "g", "ctrl+u"),
        "dag.tidy": ("t", "ctrl+l"),
    },
}

_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
_NAMED = {str(key.value) for key in Keys}


@dataclass(frozen=True)
class Keymap:
    """Keys by action.

    Attributes:
        keys: in Textual's spelling, for those actions whose keys are not the usual ones.
        problems: what of the file cannot be used, and which actions want the same key.
    """

    keys: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...] = ()

    def for_textual(self) -> dict[str, str]:
        """Return it as `App.set_keymap` wants it."""
        return {action: ",".join(keys) for action, keys in self.keys.items()}


def read_keymap(folder: Path, preset: str = "default") -> Keymap:
    """Return the preset with the user's file over it. Never raises: what cannot be used is a problem."""
    path = folder / FILE
    keys = dict(PRESETS.get(preset, {}))
    if not path.exists() and not keys:
        return Keymap({})
    problems: list[Problem] = []
    # Late: it imports all of the interface.
    from flowerpower_tui.tui.actions import actions

    known = actions()
    for line, action, value in _entries(path, problems):
        where = Location(str(path), line)
        if action not in known:
            hint = did_you_mean(action, known) or "fp-tui keys lists them."
            problems.append(Problem(f"There is no action '{action}'.", where, hint))
            continue
        wanted = value if isinstance(value, list) else [value]
        good = tuple(key for key in map(_normal, map(str, wanted)) if key)
        if len(good) < len(wanted):
            bad = next(str(key) for key in wanted if not _normal(str(key)))
            problems.append(Problem(f"'{bad}' is no key.", where, "Keys are such as r, R, f5, ctrl+r, space, slash."))
        if good:
            keys[action] = good
    problems += _clashes(keys, known)
    return Keymap(keys, tuple(problems))


def _entries(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str, Any]]:
    if not path.exists():
        return
    try:
        text = path.read_text("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        said = next(iter(str(error).splitlines()), "")
        problems.append(Problem(f"The keymap cannot be read: {said}", Location(str(path))))
        return
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem("A keymap is a mapping of actions to keys.", Location(str(path), 1)))
        return
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    for action, value in values.items():
        yield lines.get(str(action), 1), str(action), value


def _normal(key: str) -> str:
    """Return a key as Textual spells it; nothing if there is no such key."""
    *modifiers, last = key.strip().split("+") if key.strip() != "+" else ["+"]
    if not set(modifiers) <= _MODIFIERS or not last:
        return ""
    if len(last) == 1:
        last = _character_to_key(last)
    elif last not in _NAMED and _character_named(last) is None:
        return ""
    return "+".join([*modifiers, last])


def _character_named(name: str) -> str | None:
    """Return the character of a key such as `question_mark`."""
    import unicodedata

    try:
        return unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return None


def _clashes(keys: Mapping[str, tuple[str, ...]], known: Mapping[str, Action]) -> Iterator[Problem]:
    """Tell of actions of one class that want the same key, where the file had a hand in it."""
    by_key: dict[tuple[type, str], list[str]] = {}
    for action in known.values():
        for owner in action.owners:
            for key in keys.get(action.id, action.keys):
                by_key.setdefault((owner, key), []).append(action.id)
    said: set[tuple[str, ...]] = set()
    for (_, key), names in by_key.items():
        unique = tuple(dict.fromkeys(names))
        if len(unique) > 1 and unique not in said and any(name in keys for name in unique):
            said.add(unique)
            yield Problem(f"The key {key} is wanted by {' and '.join(unique)}.", hint="Give one of them another key.")
