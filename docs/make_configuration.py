"""Writes the tables of docs/configuration.md: every key of the configuration, from the models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import FieldInfo

from flowerpower_tui.config.fit import lower_bound, wanted
from flowerpower_tui.config.known import LOG_LEVELS
from flowerpower_tui.config.layers import PIPELINE_DEFAULTS, PIPELINE_SHIMS, PROJECT_DEFAULTS, PROJECT_SHIMS
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.schema import default_words, meanings, summary
from flowerpower_tui.config.section import Section, default_of, fields, is_section
from flowerpower_tui.yamldoc.dump import inline

PAGE = Path(__file__).with_name("configuration.md")

_TABLE = re.compile(r"(?P<begin><!-- (?P<name>\w+): [^\n]*-->\n).*?(?=<!-- end -->)", re.DOTALL)


def page() -> str:
    """Return the page with its tables as the models have them."""
    tables = {
        "defaults": _variables("a default for", {"project": PROJECT_DEFAULTS, "pipeline": PIPELINE_DEFAULTS}),
        "shims": _variables("stands for", {"project": PROJECT_SHIMS, "pipeline": PIPELINE_SHIMS}),
        "project": _tables(ProjectConfig),
        "pipeline": _tables(PipelineConfig),
    }
    return _TABLE.sub(lambda match: f"{match['begin']}\n{tables[match['name']]}\n", PAGE.read_text(encoding="utf-8"))


def _variables(verb: str, tables: dict[str, Mapping[str, tuple[str, ...]]]) -> str:
    rows = [
        f"| `{name}` | `{'.'.join(path)}` of the {file} |"
        for file, table in tables.items()
        for name, path in table.items()
    ]
    return "\n".join((f"| variable | {verb} |", "|---|---|", *rows, ""))


def _tables(model: type[Section], path: tuple[str, ...] = ()) -> str:
    return "\n".join(_sections(model, path))


def _sections(model: type[Section], path: tuple[str, ...]) -> Iterator[str]:
    known = fields(model)
    if path:
        yield f"### `{'.'.join(path)}`\n\n{summary(model)}\n"
    rows = [_row(model, (*path, key), info) for key, info in known.items() if not is_section(info)]
    if rows:
        yield "\n".join(("| key | type | default | meaning |", "|---|---|---|---|", *rows, ""))
    for key, info in known.items():
        if is_section(info):
            yield from _sections(info.type, (*path, key))


def _row(model: type[Section], path: tuple[str, ...], info: FieldInfo) -> str:
    default = default_words(info) or f"`{inline(default_of(info))}`"
    meaning = meanings(model)[path[-1]]
    return f"| `{path[-1]}` | {_type(path, info)} | {default} | {meaning[:1].upper()}{meaning[1:]} |"


def _type(path: tuple[str, ...], info: FieldInfo) -> str:
    if path == ("run", "log_level"):
        return f"{', '.join(f'`{name}`' for name in LOG_LEVELS)} or null"
    least = lower_bound(info.type)
    return (wanted(info.type) or "a function") + (f", at least {least}" if least is not None else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
