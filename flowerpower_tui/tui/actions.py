"""Every action that has a key, by name: what keymaps, the palette, help and the documentation are made from.

The registry is the bindings themselves, so nothing can be in one and not in the other. A new action is a `Binding` with
an `id` in the class that can do it.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from textual.binding import Binding
from textual.dom import DOMNode


@dataclass(frozen=True)
class Action:
    """Something that a key does.

    Attributes:
        id: its name, as in `run.start`.
        keys: its keys, in Textual's spelling, unless a keymap says otherwise.
        what: what it does, in a line.
        owners: the classes that can do it.
    """

    id: str
    keys: tuple[str, ...]
    what: str
    owners: tuple[type[DOMNode], ...]

    @property
    def group(self) -> str:
        """What it belongs to: the first part of its name."""
        return self.id.partition(".")[0]


@cache
def actions() -> dict[str, Action]:
    """Return all actions by id, in the order of their ids. It imports all of the interface: not for its start."""
    found: dict[str, Action] = {}
    for owner in _owners():
        for binding in Binding.make_bindings(owner.__dict__.get("BINDINGS", ())):
            if not binding.id:
                continue
            what = binding.tooltip or binding.description
            known = found.get(binding.id)
            keys = tuple(dict.fromkeys((*(known.keys if known else ()), binding.key)))
            owners = tuple(dict.fromkeys((*(known.owners if known else ()), owner)))
            found[binding.id] = Action(binding.id, keys, known.what if known else what, owners)
    return dict(sorted(found.items()))


def _owners() -> Iterator[type[DOMNode]]:
    import flowerpower_tui.tui as room

    for module in _modules(room):
        for _, value in sorted(vars(module).items()):
            if inspect.isclass(value) and issubclass(value, DOMNode) and value.__module__ == module.__name__:
                yield value


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield import_module(found.name)
