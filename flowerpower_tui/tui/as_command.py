"""What is on the screen as command lines of `fp-tui` that show or do the same: to script, to send to others.

Each is made of values alone; `commands_of` takes them from a place.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.runs.values import packed

if TYPE_CHECKING:
    from flowerpower_tui.graph.excerpt import Excerpt
    from flowerpower_tui.graph.glyphs import Charset
    from flowerpower_tui.tui.screens.place import Place

_VIEWS = ("boxes", "chips", "lanes")


def line(*words: str, root: Path | None = None) -> str:
    """Return a command line of fp-tui as a shell reads it, for the project at `root`."""
    return shlex.join(["fp-tui", *words, *(["-C", str(root)] if root else [])])


def run_line(root: Path, pipeline: str, overrides: Mapping[str, Any] | None = None) -> str:
    """Return what runs a pipeline with these overrides; values that are secrets are left for the reader to fill in."""
    sets = (("--set", f"{key}={value}") for key, value in _leaves(overrides or {}, ()))
    return line("run", pipeline, *(word for pair in sets for word in pair), root=root)


def dag_line(
    root: Path, pipeline: str, excerpt: Excerpt, *, level: str, direction: str = "down", charset: Charset = "unicode"
) -> str:
    """Return what prints a DAG as it is looked at: its view, its folds, and what it is focused on.

    A fold that was opened alone, and a focus on one side alone, have no options: they are whole there.
    """
    words = ["dag", pipeline]
    if level in _VIEWS:
        words += ["--view", level]
    if direction != "down" and level != "lanes":
        words += ["--direction", direction]
    for kind in excerpt.kinds:
        words += ["--fold-by", kind]
    if excerpt.focus is not None and excerpt.centre is not None:
        # As many steps as there are nodes lead to the ends.
        words += ["--focus", excerpt.centre, "--hops", str(excerpt.hops or len(excerpt.whole.nodes))]
    if charset == "ascii":
        words += ["--charset", "ascii"]
    return line(*words, root=root)


def part_line(root: Path, run: str, pipeline: str, part: str, *, is_over: bool) -> str:
    """Return what prints this part of a run, or what is nearest to it."""
    match part:
        case "dag":
            return line("dag", pipeline, root=root)
        case "config":
            return line("config", pipeline, "--origin", root=root)
        case _:
            return line("logs", run, *([] if is_over else ["-f"]))


def commands_of(place: Place) -> Iterator[str]:
    """Give the command lines for what a place shows, what it is about first."""
    # They are on the screen, so they are imported.
    from flowerpower_tui.tui.widgets.dag_view import DagView
    from flowerpower_tui.tui.widgets.run_pages import RunPages

    session = place.session
    root, pipeline = session.root, session.pipeline
    run: Iterable[str] = [run_line(root, pipeline)] if pipeline else []
    match place.PLACE:
        case "dag" if pipeline:
            view = place.query_one(DagView)
            yield dag_line(
                root, pipeline, view.excerpt, level=view.level, direction=view.direction, charset=view.charset
            )
            yield from run
        case "runs":
            pages = place.query_one(RunPages)
            shown = next((one for one in session.runs or () if pages.run and one.id == pages.run.id), None)
            if shown is not None:
                yield part_line(root, shown.id, shown.pipeline, pages.part, is_over=shown.is_over)
                yield line("rerun", shown.id)
            yield line("runs", root=root)
        case "edit":
            yield line("check", *([pipeline] if pipeline else []), root=root)
            if pipeline:
                yield line("config", pipeline, "--origin", root=root)
        case _:
            yield from run
            if session.run is not None:
                yield line("logs", session.run.id, *(["-f"] if session.can_cancel else []))
    yield line("watch", pipeline, root=root) if pipeline else line("ls", root=root)


def _leaves(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        here = (*path, key)
        if isinstance(value, Mapping) and value and all(isinstance(name, str) for name in value):
            yield from _leaves(value, here)
        else:
            yield ".".join(here), MASK if is_secret(key) else _spelled(masked(value))


def _spelled(value: Any) -> str:
    """A value as `--set` reads it: in JSON, which is YAML that needs no thought, if that has words for it."""
    if packed(value) == value:
        return msgspec.json.encode(value, enc_hook=str).decode()
    # Late: hardly any value is such.
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True)
    return text.removesuffix("...\n").strip()
