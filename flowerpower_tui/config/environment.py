"""The variables that a configuration is resolved with: the environment's, and those of a `.env` file beneath them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from flowerpower_tui.errors import ConfigError, Location, Problem

_MOST_BYTES = 1_000_000

_NOTHING = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\n|\Z)")
_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*", re.ASCII)
_VALUE = re.compile(r"""'(?P<literal>[^']*)'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>(?!['"])[^\n]*)""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\n": ""}


class Environment(Mapping[str, str]):
    """Variables by their names, with the place of those that a file sets."""

    def __init__(self, variables: Mapping[str, str], places: Mapping[str, Location] | None = None) -> None:
        self._variables = variables
        self._places = places or {}

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def place(self, name: str) -> Location | None:
        """Return where a file sets the variable; None if the environment does."""
        return self._places.get(name)

    def above(self, file: Path) -> Environment:
        """Return these variables with those of `file`, a `.env`, where they say nothing.

        Raises:
            ConfigError: a line is no assignment, or the file cannot be read; carries every problem.
        """
        values, places = _read(file)
        news = {name: place for name, place in places.items() if name not in self}
        return Environment({**values, **self._variables}, {**self._places, **news})


def _read(file: Path) -> tuple[dict[str, str], dict[str, Location]]:
    """Read lines such as `NAME=value`, `export NAME='it is'` and `NAME="it is"`; `#` begins a comment.

    Nothing is put in for a `$`.
    """
    text = _text_of(file)
    values: dict[str, str] = {}
    places: dict[str, Location] = {}
    problems: list[Problem] = []
    position = 0
    while position < len(text):
        line = Location(str(file), text.count("\n", 0, position) + 1, 1)
        name = _NAME.match(text, position)
        value = _VALUE.match(text, name.end()) if name else None
        end = _NOTHING.match(text, value.end() if value else position)
        if name and value and end:
            values[name["name"]], places[name["name"]] = _meaning(value), line
        elif name:
            problems.append(Problem("the quotes of this value are not closed, or something follows them", line))
        elif not end:
            problems.append(Problem("this line is not NAME=value", line, "A comment begins with '#'."))
        position = text.find("\n", end.end() if end else position) + 1 or len(text)
    if problems:
        raise ConfigError(problems)
    return values, places


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError([Problem(f"cannot be read: {error.strerror}", Location(str(file)))]) from error
    if len(data) > _MOST_BYTES:
        raise ConfigError([Problem(f"is too large: at most {_MOST_BYTES:,} bytes are read", Location(str(file)))])
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        place = Location(str(file), data.count(b"\n", 0, error.start) + 1)
        raise ConfigError([Problem("is not UTF-8 text", place, "Save it as UTF-8.")]) from error


def _meaning(value: re.Match[str]) -> str:
    if value["literal"] is not None:
        return value["literal"]
    if value["quoted"] is not None:
        return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), value["quoted"])
    # A '#' inside a bare value is a part of it, unless there is a space before.
    return re.split(r"(?:^|[ \t])#", value["bare"], maxsplit=1)[0].rstrip()
