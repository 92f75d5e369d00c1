"""Writes docs/configuration.md: every key of the configuration, from the models. Run it when a key has changed."""

from __future__ import annotations

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

_INTRODUCTION = """\
# Configuration

<!-- Written by docs/make_configuration.py from the models. -->

A project is configured in `conf/project.yml`, a pipeline in `conf/pipelines/<name>.yml` (`.yaml` too, and `conf/` itself). Both are YAML 1.1, and both may be missing or empty. `fp-tui config PIPELINE --origin` prints what holds and where each value comes from; `fp-tui check` says what is wrong; `fp-tui schema pipeline` gives editors a JSON Schema.

## What is stronger

From the weakest to the strongest:

1. The defaults below; some come from a variable (the first table).
2. The YAML, with its variables put in.
3. Variables that stand for one key (the second table).
4. `FP_PROJECT__…` and `FP_PIPELINE__…`: `FP_PIPELINE__RUN__EXECUTOR__TYPE=synchronous` is `run.executor.type` of every pipeline.
5. What a run is told: `--set`, `--input`, `--final-var`, `--executor`; keyword arguments and `RunConfig` in Python.

A stronger value takes the place of a weaker one, but `run.inputs` and `run.config` are merged by their first keys and other mappings all the way down; `run.additional_modules` of a run are added. Null in YAML says nothing, except where the type has null; None from Python, and `--set KEY=null`, clear what weaker layers say.

{defaults}

{shims}

A variable is read as its key wants it: as JSON, `True` or `False` in any case, a list with commas, or text.

## Variables in values

| written | gives |
|---|---|
| `${{VAR}}` | the variable; nothing if it is not set, and a notice |
| `${{VAR:-default}}`, `${{VAR-default}}` | the default if it is not set (or, with the colon, empty) |
| `${{VAR:?message}}`, `${{VAR?message}}` | an error with the message if it is not set (or, with the colon, empty) |
| `$VAR` | the variable; inside a longer text only if it is set |
| `$$` | a dollar |

What comes out is read as JSON if it is a number, true, false, null, a list or a mapping, and stays text where the key wants text.

With `dotenv: true` in `conf/project.yml`, or `FP_TUI_DOTENV=true`, the variables of `.env` are there too; those of the environment are stronger. Its lines are `NAME=value`, `export NAME='value'`, `NAME="with \\n and \\""` and comments with `#`; a `$` is a `$`. A run started by `fp-tui` finds them in its environment; in Python, only the configuration does.

## Secrets

What stands under a key such as `password`, `api_key`, `token`, `secret`, and what a variable of such a name gave, is shown and stored as `••••••`, also in messages; so is the password in a URL.

## Keys that are not known

They are told with their place and the nearest known key, and ignored; so are those that FlowerPower no longer reads. `run.max_retries`, `run.retry_delay`, `run.jitter_factor` and `run.retry_exceptions` are read as if they stood in `run.retry`. An unknown key in what a run is told is an error.
"""


def page() -> str:
    """Return the page."""
    parts = [
        _INTRODUCTION.format(
            defaults=_variables("a default for", {"project": PROJECT_DEFAULTS, "pipeline": PIPELINE_DEFAULTS}),
            shims=_variables("stands for", {"project": PROJECT_SHIMS, "pipeline": PIPELINE_SHIMS}),
        ),
        f"## The project: `conf/project.yml`\n\n{_tables(ProjectConfig)}",
        f"## A pipeline: `conf/pipelines/<name>.yml`\n\n{_tables(PipelineConfig)}",
    ]
    return "\n".join(parts)


def _variables(verb: str, tables: dict[str, Mapping[str, tuple[str, ...]]]) -> str:
    rows = [
        f"| `{name}` | `{'.'.join(path)}` of the {file} |"
        for file, table in tables.items()
        for name, path in table.items()
    ]
    return "\n".join((f"| variable | {verb} |", "|---|---|", *rows))


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
