"""`fp-tui set`: values of a configuration file, changed in place: their bytes and no others."""

from __future__ import annotations

import argparse
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowerpower_tui.config.layers import KeyPath
    from flowerpower_tui.config.section import Section
    from flowerpower_tui.errors import Problem
    from flowerpower_tui.project.layout import ProjectLayout
    from flowerpower_tui.yamldoc.document import Document

_ABOUT = """\
A value is YAML: 3, true, text, '3', [a, b], {a: 1}, null. A key is dotted, from the top of the file, an item of a list
has its index in brackets: run.retry.max_retries, params.limits.low, run.final_vars[0]. What is missing on the way is
made. Comments, order, quotes and indentation of the file stay as they are.
Secrets are masked in what is printed."""
_EXAMPLES = {
    "fp-tui set sales run.retry.max_retries=0": "a value",
    "fp-tui set sales 'run.final_vars=[report]'": "a list",
    "fp-tui set sales --unset run.cache --diff": "only look what it would change",
    "fp-tui set --project-config name=shop": "in conf/project.yml",
}

# So often may somebody else write the file while we do.
_ATTEMPTS = 5
_PAIR = re.compile(r"""^(?P<head>[ +-]?[\s{,-]*["']?(?P<key>[\w.-]+)["']?\s*:\s+)(?P<value>\S.*)$""")


@dataclass(frozen=True)
class _Assignment:
    """What is asked for of one key; without text, that it goes."""

    key: str
    text: str | None
    value: Any = None


def add_commands(line: CommandLine) -> None:
    """Add `set`."""
    parser = line.add(
        "set", set_values, "set values in a pipeline's YAML, and nothing else", about=_ABOUT, examples=_EXAMPLES
    )
    parser.usage = "fp-tui set PIPELINE | --project-config [KEY=VALUE …] [OPTION …]"
    parser.intermixed = True
    parser.add_argument("words", metavar="PIPELINE KEY=VALUE", nargs="*", help="which pipeline, and what to set")
    parser.add_argument("--unset", metavar="KEY", action="append", default=[], help="take a key out of the file")
    parser.add_argument("--project-config", action="store_true", help="edit conf/project.yml, not a pipeline's YAML")
    parser.add_argument("--diff", action="store_true", help="print what would change, and change nothing")
    add_json(parser)


def set_values(arguments: argparse.Namespace) -> int:
    """Set and take out values of a configuration file."""
    from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
    from flowerpower_tui.errors import ChangedOnDiskError, ConfigError, Problem
    from flowerpower_tui.project.saving import save

    words = list(arguments.words)
    name = None if arguments.project_config or not words else words.pop(0)
    if name is None and not arguments.project_config:
        raise ConfigError([Problem("no pipeline is named", hint="Name it first, or say --project-config.")])
    wanted = [*(_Assignment(key, None) for key in arguments.unset), *map(_assignment, words)]
    if not wanted:
        raise ConfigError([Problem("nothing to set", hint="Say KEY=VALUE, or --unset KEY.")])
    home = place.home(arguments)
    path = _file(home.layout, name)
    model = ProjectConfig if name is None else PipelineConfig
    for attempt in range(_ATTEMPTS):
        before, data = _read(path)
        after = _edited(before, model, wanted)
        if arguments.diff or after.data == (data or b""):
            break
        with home.changing():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                save(path, after.data, data)
                break
            except ChangedOnDiskError:
                # Our edits are small: they are made in what is there now.
                if attempt == _ATTEMPTS - 1:
                    raise
    _tell(before, after, wanted, arguments)
    for note in _notes(before, after, wanted, model):
        console.say(note, "warning")
    return console.Exit.DONE


def _assignment(text: str) -> _Assignment:
    from flowerpower_tui.cli.overrides import assignments

    key, equals, value = text.partition("=")
    return _Assignment(key, value, *assignments("set", [text]).values()) if equals else _Assignment(*_no_pair(text))


def _no_pair(text: str) -> tuple[str, str]:
    from flowerpower_tui.config.secrets import MASK, is_secret
    from flowerpower_tui.errors import ConfigError, Problem

    shown = MASK if is_secret(text) else text
    raise ConfigError([Problem(f"{shown}: this is not KEY=VALUE", hint="to take a key out, say --unset KEY.")])


def _file(layout: ProjectLayout, name: str | None) -> Path:
    """Return the file to edit, as seen from here; one that is not there yet is made."""
    if name is None:
        path = layout.project_file() or layout.config_folder / "project.yml"
    else:
        entry = layout.find(name)
        path = entry.config or next(layout.pipeline_file_candidates(entry.name.replace(".", "/")))
    with suppress(ValueError):
        return path.relative_to(Path.cwd())
    return path


def _read(path: Path) -> tuple[Document, bytes | None]:
    from flowerpower_tui.yamldoc.document import Document

    document = Document.read(path) if path.exists() else None
    return document or Document.parse("", str(path)), document.data if document else None


def _edited(document: Document, model: type[Section], wanted: list[_Assignment]) -> Document:
    """Return the document with all that is wanted.

    Raises:
        ConfigError: a key is not known, or a value does not fit it.
        EditError: an edit cannot be made.
    """
    from flowerpower_tui.config.acceptance import refusals, setting_of
    from flowerpower_tui.errors import ConfigError

    problems: list[Problem] = []
    settings: dict[KeyPath, _Assignment] = {}
    for assignment in wanted:
        path = document.path(assignment.key)
        if assignment.text is None:
            document = document.delete(path)
            continue
        try:
            settings[setting_of(model, path)] = assignment
        except ConfigError as error:
            problems += error.problems
            continue
        document = document.set(path, assignment.value)
    for setting, assignment in settings.items():
        found = refusals(model, setting, document.get(setting))
        problems += [_explained(problem, assignment) for problem in found]
    if problems:
        raise ConfigError(problems)
    return document


def _explained(problem: Problem, assignment: _Assignment) -> Problem:
    """Say why a value is not what it looks like, if that is the trouble: `1e-3` is text."""
    from dataclasses import replace

    from flowerpower_tui.yamldoc.misread import misreading

    if assignment.text != assignment.value or not (found := misreading(assignment.text or "")):
        return problem
    return replace(problem, hint=f"{found.message}. {found.hint}")


def _notes(before: Document, after: Document, wanted: list[_Assignment], model: type[Section]) -> Iterator[str]:
    """Yield what may not have been meant, of values that can be anything: `no` is false, and a date no text."""
    from flowerpower_tui.config.acceptance import setting_of
    from flowerpower_tui.config.secrets import MASK, any_secret
    from flowerpower_tui.yamldoc.misread import misreading

    for one in wanted:
        path = before.path(one.key)
        if one.text is None or len(setting_of(model, path)) == len(path):
            continue
        secret = any_secret(path)
        found, kind = misreading(one.text), _kind(after.get(path))
        quoted = f"To have it as text, say {one.key}=\"'{MASK if secret else one.text}'\""
        if found and not secret:
            yield f"{one.key}: {found.message}; {quoted if kind else found.hint}"
        elif kind and (found or isinstance(before.get(path), str)):
            yield f"{one.key}: this is {kind}, not text; {quoted}"


def _kind(value: Any) -> str:
    """Return what a value is that is neither text, nor nothing, nor made of others."""
    from datetime import date

    kinds: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", date: "a date"}
    return next((kind for known, kind in kinds.items() if isinstance(value, known)), "")


def _tell(before: Document, after: Document, wanted: list[_Assignment], arguments: argparse.Namespace) -> None:
    diff = list(_diff(before, after))
    changed = before.data != after.data
    if arguments.json:
        values = [{"key": one.key, "before": _shown(before, one), "after": _shown(after, one)} for one in wanted]
        report = {"file": before.file, "changed": changed, "values": values, "diff": "\n".join(diff)}
        console.json_document(report)
    elif not changed:
        console.say(f"{before.file} says so already.")
    elif arguments.diff:
        for line in diff:
            console.data(line)
    else:
        console.say(f"{before.file} is changed.")


def _diff(before: Document, after: Document) -> Iterator[str]:
    """Yield the lines of a unified diff; values of secrets are masked in it."""
    import difflib

    old, new = before.text.removeprefix("\ufeff"), after.text.removeprefix("\ufeff")
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), before.file, after.file, lineterm=""):
        yield _masked_line(line)


def _masked_line(line: str) -> str:
    from flowerpower_tui.config.secrets import MASK, is_secret, masked

    pair = _PAIR.match(line)
    if pair and is_secret(pair["key"]):
        return pair["head"] + MASK
    shown: str = masked(line)
    return shown


def _shown(document: Document, assignment: _Assignment) -> Any:
    from flowerpower_tui.config.secrets import any_secret, masked

    path = document.path(assignment.key)
    return masked(document.get(path), secret=any_secret(path))
