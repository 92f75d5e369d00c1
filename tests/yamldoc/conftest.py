"""YAML as people write it: any value in any style, with comments and empty lines where they may stand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flowerpower_tui.yamldoc.nested import in_braces
from flowerpower_tui.yamldoc.spelling import spellings
from flowerpower_tui.yamldoc.style import Style

Path = tuple[Any, ...]


class Writer:
    """Writes a value as YAML in a style that `seed` chooses anew at each place."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._indent = self._random.choice([2, 2, 3, 4])
        self._offset = self._random.choice([0, 2, 2, 4])
        self._comments = self._random.choice([0.0, 0.1, 0.4])

    def text(self, value: Any) -> str:
        lines = list(self._block(value)) if isinstance(value, dict | list) and value else [self._line(value)]
        if self._chance(0.2):
            lines.insert(0, "# a file")
        if self._chance(0.1):
            lines.insert(0, "---")
        newline = self._random.choice(["\n", "\n", "\n", "\r\n"])
        mark = "\ufeff" if self._chance(0.05) else ""
        return mark + newline.join(lines) + newline * self._chance(0.9)

    def _block(self, value: Any) -> Iterator[str]:
        entries: list[tuple[str, Any]] = (
            [("-", item) for item in value]
            if isinstance(value, list)
            else [(f"{self._scalar(key)}:", item) for key, item in value.items()]
        )
        for head, item in entries:
            yield from self._space()
            yield from self._entry(head, item)

    def _entry(self, head: str, item: Any) -> Iterator[str]:
        if not (isinstance(item, dict | list) and item) or self._chance(0.2):
            if self._chance(0.1):
                yield head + self._comment().replace("\t", " ")
                yield from (f"{' ' * self._indent}{line}" if line else line for line in self._space())
                yield f"{' ' * self._indent}{self._line(item)}{self._comment()}"
                return
            if item is None and self._chance(0.5):
                yield head + self._comment().replace("\t", " ")
            else:
                yield f"{head} {self._line(item)}{self._comment()}"
            return
        lines = list(self._block(item))
        if head == "-" and self._chance(0.7) and lines[0].strip() and not lines[0].startswith("#"):
            yield f"- {lines[0]}"
            yield from (f"  {line}" if line else line for line in lines[1:])
            return
        indent = 2 if head == "-" else self._offset if isinstance(item, list) else self._indent
        yield head + self._comment().replace("\t", " ")
        yield from (" " * indent + line if line else line for line in lines)

    def _space(self) -> Iterator[str]:
        if self._chance(0.1):
            yield ""
        while self._chance(self._comments):
            yield self._random.choice(["# what: it is", "#", "# - [x"])

    def _comment(self) -> str:
        return self._random.choice(["  # so", " #", "\t# 'tab'"]) if self._chance(self._comments) else ""

    def _line(self, value: Any) -> str:
        if isinstance(value, dict | list):
            text = in_braces(value, Style(quote=self._random.choice("'\"")))
            return text.replace(", ", ",   ") if self._chance(0.1) and "'" not in text and '"' not in text else text
        return self._scalar(value)

    def _scalar(self, value: Any) -> str:
        return self._random.choice(list(spellings(value, "'", flow=False)))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


@pytest.fixture(scope="session")
def written() -> Callable[[Any, int], str]:
    """Writes a value as YAML, in a style that a seed chooses."""
    return lambda value, seed: Writer(seed).text(value)


@pytest.fixture(scope="session")
def paths() -> Callable[[Any], list[Path]]:
    """Gives the path of everything in a value."""

    def walk(value: Any, path: Path = ()) -> Iterator[Path]:
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in entries:
            yield (*path, key)
            yield from walk(item, (*path, key))

    return lambda value: list(walk(value))
