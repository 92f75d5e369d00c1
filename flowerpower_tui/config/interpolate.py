"""`${VAR}` in the values of a configuration: what FlowerPower reads, without its traps.

| written | gives |
|---|---|
| `${VAR}` | the variable, empty if it is not set |
| `${VAR:-default}`, `${VAR-default}` | the default if it is not set (or, with the colon, empty) |
| `${VAR:?message}`, `${VAR?message}` | an error with the message if it is not set (or, with the colon, empty) |
| `$VAR` | the variable; if it is not set, empty where it is the whole value, and untouched inside a longer one |
| `$$` | a dollar |

Anything else behind a dollar stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DOLLAR = re.compile(r"\$(?:(?P<escaped>\$)|(?P<open>\{)|(?P<name>[A-Za-z_][A-Za-z0-9_]*))")
_EXPRESSION = re.compile(r"\s*(?P<name>[^:?\-\s]+)\s*(?:(?P<operator>:?[-?])(?P<operand>.*))?", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DEEPEST_DEFAULT = 20
_DEEPEST_JSON = 50


class InterpolationError(ValueError):
    """A variable that must be set is not."""


@dataclass(frozen=True)
class Interpolated:
    """A value after interpolation.

    Attributes:
        value: what it is, read as JSON where it looks like that.
        text: what it is as text.
        variables: the variables that were asked, in order.
        unset: those of them that are not set and have no default.
        kept: a dollar stays with what follows it, as that is no variable that is set, or no form we know.
    """

    value: Any
    text: str
    variables: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    kept: bool = False


def interpolate(text: str, environ: Mapping[str, str]) -> Interpolated:
    """Return `text` with the variables of `environ` in it.

    Raises:
        InterpolationError: a variable with `?` is not set.
    """
    if "$" not in text:
        return Interpolated(text, text)
    expansion = _Expansion(environ)
    result = expansion.expand(text)
    return Interpolated(
        coerced(result),
        result,
        tuple(dict.fromkeys(expansion.variables)),
        tuple(dict.fromkeys(expansion.unset)),
        expansion.kept,
    )


def coerced(text: str) -> Any:
    """Return `text` read as JSON if it is a list, mapping, number, true, false or null; otherwise as it is.

    What is nested deeper than any configuration stays text too.
    """
    stripped = text.strip()
    if not (stripped in ("true", "false", "null") or stripped[:1] in ("[", "{") or _NUMBER.fullmatch(stripped)):
        return text
    try:
        value = json.loads(stripped)
    except (ValueError, RecursionError):
        return text
    return text if _is_deep(value) else value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST_JSON):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


class _Expansion:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.variables: list[str] = []
        self.unset: list[str] = []
        self.kept = False
        self._environ = environ

    def expand(self, text: str, depth: int = 0) -> str:
        if depth > _DEEPEST_DEFAULT:
            raise InterpolationError("defaults stand in defaults too deep")
        parts: list[str] = []
        end = 0
        while match := _DOLLAR.search(text, end):
            parts.append(text[end : match.start()])
            end = match.end()
            if match["escaped"]:
                parts.append("$")
            elif match["name"]:
                parts.append(self._bare(match["name"], whole=match.group() == text))
            elif close := _closing_brace(text, end):
                parts.append(self._expression(text[end:close], depth))
                end = close + 1
            else:
                parts.append("${")
                self.kept = True
        return "".join(parts) + text[end:]

    def _bare(self, name: str, *, whole: bool) -> str:
        if name in self._environ or whole:
            return self._value(name)
        # It may be a word in a password; nobody asked for it to go.
        self.kept = True
        return f"${name}"

    def _expression(self, expression: str, depth: int) -> str:
        match = _EXPRESSION.fullmatch(expression)
        if match is None:
            self.kept = True
            return f"${{{expression}}}"
        name, operator, operand = match["name"], match["operator"], match["operand"]
        if operator is None:
            return self._value(name)
        self.variables.append(name)
        value = self._environ.get(name)
        if value or (value is not None and not operator.startswith(":")):
            return value
        if operator.endswith("-"):
            return self.expand(operand, depth + 1)
        raise InterpolationError(f"{name} is not set: {operand}" if operand else f"{name} is not set")

    def _value(self, name: str) -> str:
        self.variables.append(name)
        if name not in self._environ:
            self.unset.append(name)
        return self._environ.get(name, "")


def _closing_brace(text: str, start: int) -> int:
    """Return where the brace that opens before `start` is closed, 0 if nowhere; braces in between come in pairs."""
    depth = 1
    for index in range(start, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index
    return 0
