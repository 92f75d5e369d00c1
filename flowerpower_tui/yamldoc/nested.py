"""New lists and mappings as YAML text, written by ruamel.yaml's round-trip dumper in the file's style."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from io import StringIO
from math import isfinite
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, SingleQuotedScalarString

from flowerpower_tui.yamldoc.spelling import literal, spellings
from flowerpower_tui.yamldoc.style import Style

# Nothing is folded: an item is a line.
_WIDTH = 1_000_000


def in_braces(value: Any, style: Style) -> str:
    """Return a list or mapping on one line, in brackets and braces."""
    if style.is_json and _is_json(value):
        text = json.dumps(value, ensure_ascii=False)
        return text if text.isprintable() else json.dumps(value)
    return _dumped(_built(value, style, flow=True), style).rstrip("\n")


def _is_json(value: Any) -> bool:
    """Return whether JSON has such a value; what it has not is written as YAML."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))


def below_key(value: Any, style: Style) -> tuple[str, list[str]]:
    """Return what stands behind `key:` and the lines below it, for a key in the first column."""
    first, *rest = _lines({"x": value}, style)
    return first.removeprefix("x:").removeprefix(" "), rest


def below_dash(value: Any, style: Style) -> tuple[str, list[str]]:
    """Return what stands behind `- ` and the lines below it, for a dash in the first column."""
    first, *rest = _lines(value, style)
    return first, [f"  {line}" if line else line for line in rest]


def pair(key: Any, value: Any, style: Style, key_quote: str = "") -> list[str]:
    """Return the lines of a key with its value; `key_quote` says that keys are quoted here."""
    return _lines({key: value}, style, key_quote)


def _lines(value: Any, style: Style, key_quote: str = "") -> list[str]:
    lines = _dumped(_built(value, style, flow=False, key_quote=key_quote), style).removesuffix("\n").split("\n")
    lead = len(lines[0]) - len(lines[0].lstrip(" "))
    return [line[lead:] for line in lines]


def _built(value: Any, style: Style, *, flow: bool, key_quote: str = "") -> Any:
    """Return `value` as ruamel.yaml's own kinds, which carry the style."""
    if isinstance(value, Mapping):
        mapping = CommentedMap()
        for key, item in value.items():
            named = _scalar(key, key_quote or style.quote, flow=flow, plain=not key_quote)
            mapping[named] = _built(item, style, flow=flow)
        if flow or not value:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        simple = not any(isinstance(item, Mapping | list | tuple) for item in value)
        inside = flow or not value or (style.flow_lists and simple)
        items = CommentedSeq(_built(item, style, flow=inside) for item in value)
        if inside:
            items.fa.set_flow_style()
        return items
    if isinstance(value, str) and not flow and _is_lines(value):
        return LiteralScalarString(value)
    return _scalar(value, style.quote, flow=flow)


def _is_lines(text: str) -> bool:
    """Return whether `text` is best shown as several lines; others would not come back as they are."""
    if "\n" not in text or not text.strip():
        return False
    return all(line == line.strip() and line.isprintable() for line in text.split("\n"))


def _scalar(value: Any, quote: str, *, flow: bool, plain: bool = True) -> Any:
    if not isinstance(value, str):
        literal(value)
        return value
    spelled = next(spellings(value, quote, flow=flow, plain=plain))
    if spelled == value:
        return value
    return DoubleQuotedScalarString(value) if spelled[0] == '"' else SingleQuotedScalarString(value)


class _Representer(RoundTripRepresenter):
    """Writes scalars as we do everywhere else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - ruamel.yaml's call
        """Write out what is there twice."""
        return True


def _add(kind: type, tag: str) -> None:
    _Representer.add_representer(
        kind, lambda dumper, value: dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", literal(value))
    )


for _kind, _tag in ((type(None), "null"), (float, "float"), (date, "timestamp"), (datetime, "timestamp")):
    _add(_kind, _tag)


def _dumped(value: Any, style: Style) -> str:
    dumper = YAML()
    dumper.Representer = _Representer
    dumper.width = _WIDTH
    dumper.indent(mapping=style.indent, sequence=style.offset + 2, offset=style.offset)
    written = StringIO()
    dumper.dump(value, written)
    text = written.getvalue()
    # A scalar that is the whole document may need an end.
    return text.removesuffix("...\n") if text.endswith("\n...\n") else text
