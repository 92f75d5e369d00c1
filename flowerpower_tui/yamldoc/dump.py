"""Values as YAML text that reads back as the same values."""

from __future__ import annotations

import re
from typing import Any

import yaml

# Nothing is folded: a line is a key and its value.
_WIDTH = 1_000_000

_BREAKS = re.compile("[\n\r\x85\u2028\u2029]")


def dump(value: Any) -> str:
    """Return plain data as YAML, in block style with lists indented; ends with a newline."""
    return _written(value, _BlockDumper, flow=False)


def inline(value: Any) -> str:
    """Return plain data as YAML on one line."""
    return _written(value, _LineDumper, flow=True).removesuffix("\n...\n").removesuffix("\n")


def escaped(value: Any) -> str:
    """Return plain data as YAML on one line of ASCII, with escapes for what is none and for what is not seen."""
    return _written(value, _LineDumper, flow=True, unicode=False).removesuffix("\n...\n").removesuffix("\n")


def _written(value: Any, dumper: type[yaml.SafeDumper], *, flow: bool, unicode: bool = True) -> str:
    text: str = yaml.dump(
        value, Dumper=dumper, default_flow_style=flow, sort_keys=False, allow_unicode=unicode, width=_WIDTH
    )
    return text


class _LineDumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's call
        """Indent lists below their key."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's call
        """Write out what is there twice."""
        return True


class _BlockDumper(_LineDumper):
    """Shows several lines of text as lines."""


def _on_a_line(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _BREAKS.search(text) else None)


def _in_lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Others would not come back as they are.
    if "\n" in text and all(line == line.strip() and line.isprintable() for line in text.split("\n")):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    return _on_a_line(dumper, text)


_LineDumper.add_representer(str, _on_a_line)
_BlockDumper.add_representer(str, _in_lines)
