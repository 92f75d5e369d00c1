"""A configuration file as a form: a field for every key that it could have, and edits of single values of its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flowerpower_tui.assist.diagnostic import MODELS, Kind
from flowerpower_tui.config.acceptance import refusals, setting_of
from flowerpower_tui.config.keys import Key, KeyPath, keys_at
from flowerpower_tui.config.secrets import any_secret, masked
from flowerpower_tui.config.section import Section
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.terminal import one_line
from flowerpower_tui.yamldoc.document import Document, scalar
from flowerpower_tui.yamldoc.dump import escaped, inline
from flowerpower_tui.yamldoc.misread import misreading

FieldKind = Literal["section", "toggle", "choice", "text"]


@dataclass(frozen=True)
class Field:
    """A key of the file, or one that it could have.

    Attributes:
        path: the keys that lead to it.
        kind: how its value is changed: `section` holds other fields, `toggle` is true or false, `choice` one of
            `choices`, `text` anything that the schema takes, as YAML.
        value: what the file says, as YAML on one line; empty if it says nothing. Secrets are masked.
        default: what holds if the file says nothing; may be empty.
        is_written: the file has this key.
        choices: what the value is one of.
        wanted: what the value is, in words; empty if it is free.
        meaning: what it means; may be empty.
    """

    path: KeyPath
    kind: FieldKind
    value: str = ""
    default: str = ""
    is_written: bool = False
    choices: tuple[str, ...] = ()
    wanted: str = ""
    meaning: str = ""

    @property
    def key(self) -> str:
        """The path with dots."""
        return one_line(".".join(map(str, self.path)))


def fields_of(document: Document, kind: Kind) -> list[Field]:
    """Return the fields of a file, each section before what it holds."""
    return [*_fields(document, kind, ())]


def with_value(document: Document, kind: Kind, path: KeyPath, text: str) -> Document:
    """Return the document with the value that `text` is in YAML at `path`; where text is wanted, with `text` itself.

    Raises:
        ConfigError: it is no YAML, or nothing that this key takes.
        EditError: the edit cannot be made.
    """
    return document.set(path, value_of(kind, path, text))


def value_of(kind: Kind, path: KeyPath, text: str) -> Any:
    """Return the value that `text` is for the key at `path`.

    Raises:
        ConfigError: it is no YAML, or nothing that this key takes.
    """
    return reading(MODELS[kind], path, text)


def reading(model: type[Section], path: KeyPath, text: str, *, has_variables: bool = True) -> Any:
    """Return the value that `text` is for the key at `path` of a file of `model`; see `refusals`.

    Raises:
        ConfigError: it is no YAML, or nothing that this key takes.
    """
    setting = setting_of(model, path)
    value = scalar(text)
    problems: list[Problem] = []
    # `10` is a number; where only text will do, it is that.
    for candidate in [value] if value == text else [value, text]:
        nested = candidate
        for key in reversed(path[len(setting) :]):
            nested = {key: nested}
        found = refusals(model, setting, nested, has_variables=has_variables)
        if not found:
            return candidate
        problems = problems or found
    if isinstance(value, str) and (trap := misreading(text)):
        problems = [replace(problem, hint=f"{trap.message}. {trap.hint}") for problem in problems]
    raise ConfigError(problems)


def written(document: Document, path: KeyPath) -> str:
    """Return the value at `path` as somebody would edit it in one line; empty if there is none, or it is a secret."""
    if not document.has(path):
        return ""
    value = document.get(path)
    if _is_secret(path, value):
        return ""
    # Text as it is, where it comes back as it is.
    text = value if isinstance(value, str) and _reads_as_itself(value) else inline(value)
    # What cannot be shown, such as a tab, or a mark that turns the direction of writing, is shown as an escape.
    return text if one_line(text) == text else escaped(value)


def _reads_as_itself(text: str) -> bool:
    try:
        return bool(scalar(text) == text)
    except ConfigError:
        return False


def _is_secret(path: KeyPath, value: Any) -> bool:
    return bool(masked(value, secret=any_secret(path)) != value)


def _fields(document: Document, kind: Kind, outer: KeyPath) -> Iterator[Field]:
    known = keys_at(MODELS[kind], outer)
    here = document.get(outer) if outer else document.value
    own = here if isinstance(here, Mapping) else {}
    for name, key in known.items():
        if not key.only_from_python:
            yield from _field(document, kind, (*outer, name), key)
    for name in own:
        # Where keys are free. Unknown ones are told by diagnostics.
        if not known and isinstance(name, str):
            yield from _field(document, kind, (*outer, name), None)


def _field(document: Document, kind: Kind, path: KeyPath, key: Key | None) -> Iterator[Field]:
    is_written = document.has(path)
    value = document.get(path)
    meaning = key.meaning if key else ""
    if (key and key.is_section) or (isinstance(value, Mapping) and value):
        yield Field(path, "section", is_written=is_written, meaning=meaning)
        yield from _fields(document, kind, path)
        return
    choices = key.values if key else ("true", "false") if isinstance(value, bool) else ()
    yield Field(
        path,
        "toggle" if choices == ("true", "false") else "choice" if choices else "text",
        one_line(inline(masked(value, secret=any_secret(path)))) if is_written else "",
        key.default if key else "",
        is_written,
        choices,
        key.kind if key else "",
        meaning,
    )
