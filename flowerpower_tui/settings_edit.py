"""Single settings: how each holds and who says so, and changes of one in the user's file, which keep all else in it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowerpower_tui.assist.form import reading
from flowerpower_tui.config.acceptance import setting_of
from flowerpower_tui.config.fit import choices_of, wanted
from flowerpower_tui.config.keys import key_at
from flowerpower_tui.config.layers import KeyPath, Origin
from flowerpower_tui.config.secrets import masked
from flowerpower_tui.config.section import default_of
from flowerpower_tui.config.stack import DEFAULT
from flowerpower_tui.errors import ConfigError, OutputError
from flowerpower_tui.project.saving import save
from flowerpower_tui.settings import FILE, Read, Settings, commented, config_directory, flat, leaves
from flowerpower_tui.terminal import one_line
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.dump import dump, inline

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo


@dataclass(frozen=True)
class Setting:
    """One setting as it holds.

    Attributes:
        key: its name, with dots.
        value: what holds; secrets are masked.
        default: what holds where nobody says anything.
        origin: who says so.
        meaning: what it means, in sentences.
        wanted: what values it takes, in words.
        choices: what its value is one of, as YAML; empty if it is free.
    """

    key: str
    value: Any
    default: Any
    origin: Origin
    meaning: str
    wanted: str
    choices: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it."""
        return tuple(self.key.split("."))

    @property
    def variable(self) -> str:
        """The variable of the environment that decides it, whatever the file says; empty if none does."""
        return self.origin.variable


def settings_of(read: Read) -> list[Setting]:
    """Return every setting as it holds, in the order of the file."""
    values = flat(read.settings)
    found = []
    for path, info in leaves(Settings):
        name, key = ".".join(path), key_at(Settings, path)
        known = key.values if key else ()
        origin = read.origins.get(name, DEFAULT)
        value, meaning = masked(values[name]), key.meaning if key else ""
        found.append(Setting(name, value, default_of(info), origin, meaning, wanted(info.type), known))
    return found


def in_short(setting: Setting) -> str:
    """Return the value on one line; what is not there in words."""
    if setting.value is None:
        return "none"
    return one_line(str(setting.value) if isinstance(setting.value, str) else inline(setting.value))


def value_of(key: str, text: str) -> Any:
    """Return the value that `text` is for a setting.

    Raises:
        ConfigError: it is no YAML, or nothing that this setting takes.
    """
    return _value_at(tuple(key.split(".")), text)


def with_value(document: Document, path: KeyPath, text: str) -> Document:
    """Return the document with the value that `text` is at `path`; of a default that is a comment that line is used.

    Raises:
        ConfigError: there is no such setting, or that is no value of it.
        EditError: the file is written in a way that cannot be changed so.
    """
    value = _value_at(path, text)
    return _uncommented(document, setting_of(Settings, path)).set(path, value)


def without(document: Document, path: KeyPath) -> Document:
    """Return the document where the default of a setting holds again: as a comment, or where that cannot be, unsaid.

    Raises:
        EditError: there is no such setting, and nothing of that name in the file.
    """
    silenced = [(key, info) for key, info in leaves(Settings) if key[: len(path)] == path]
    if not silenced:
        return document.delete(path)
    for key, info in silenced:
        if document.has(key):
            document = _silenced(document, key, default_of(info))
    return document


def change(key: str, text: str | None, environ: Mapping[str, str] = os.environ) -> None:
    """Give a setting the value that `text` is, in the user's file; with None its default holds again.

    All else in the file stays as it is. Where there is none, it is made as `initialise` makes it; and where a default
    stands in it as a comment, that line is used.

    Raises:
        ConfigError: that is no value of this setting, or the file is no YAML.
        EditError: the file is written in a way that cannot be changed so.
        ChangedOnDiskError: somebody else has just changed it.
        OutputError: it cannot be written.
    """
    path, keys = config_directory(environ) / FILE, tuple(key.split("."))
    try:
        before = path.read_bytes() if path.exists() else None
        document = Document.decode(commented().encode() if before is None else before, str(path))
        after = without(document, keys) if text is None else with_value(document, keys, text)
        if after.data == before:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error
    save(path, after.data, before)


def _value_at(path: KeyPath, text: str) -> Any:
    known: dict[KeyPath, FieldInfo] = dict(leaves(Settings))
    info = known.get(path)
    # `off` is false to YAML, and `256` a number.
    named = {str(choice): choice for choice in choices_of(info.type)} if info else {}
    # A dollar in a command is the shell's.
    return named[text] if text in named else reading(Settings, path, text, has_variables=False)


def _silenced(document: Document, path: tuple[str, ...], default: Any) -> Document:
    start, (_, end) = document.key_span(path)[0], document.span(path)
    line = dump({path[-1]: default}).rstrip()
    with suppress(ConfigError):
        silent = document.with_text(f"{document.text[:start]}#:{line}{document.text[end:]}")
        if not silent.has(path) and _without(silent.value, path) == _without(document.value, path):
            return silent
    return document.delete(path)


def _uncommented(document: Document, path: KeyPath) -> Document:
    """Return the document with the line in effect that says this default as a comment, if it is there and fits."""
    margin = "  " * (len(path) - 1)
    mark = re.compile(rf"^{margin}#:(?={path[-1]}:)", re.MULTILINE)
    if document.has(path) or len(mark.findall(document.text)) != 1:
        return document
    with suppress(ConfigError):
        opened = document.with_text(mark.sub(margin, document.text))
        if opened.has(path) and _without(opened.value, path) == _without(document.value, path):
            return opened
    return document


def _without(values: Any, path: KeyPath) -> Any:
    """Return what a file says but for one key; None where nothing is left."""
    if not isinstance(values, Mapping):
        return values
    key, *inner = path
    rest = {name: value for name, value in values.items() if name != key}
    if inner and (below := _without(values.get(key), tuple(inner))):
        rest[key] = below
    return rest or None
