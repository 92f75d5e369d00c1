"""Values of a file of YAML, changed in place and told: `fp-tui set` and `fp-tui settings set` are this."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console
from flowerpower_tui.cli.parser import Parser, add_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowerpower_tui.config.layers import KeyPath
    from flowerpower_tui.config.section import Section
    from flowerpower_tui.errors import Problem
    from flowerpower_tui.yamldoc.document import Document

# So often may somebody else write the file while we do.
_ATTEMPTS = 5
_PAIR = re.compile(r"""^(?P<head>[ +-]?[\s{,#-]*["']?(?P<key>[\w.-]+)["']?\s*:\s+)(?P<value>\S.*)$""")


@dataclass(frozen=True)
class Assignment:
    """What is asked for of one key; without text, that it goes."""

    key: str
    text: str | None
    value: Any = None


@dataclass(frozen=True)
class Target:
    """A file whose values are changed.

    Attributes:
        path: where it is, as it is shown.
        model: what it may hold.
        put: returns the document with what is assigned at a path.
        take_out: returns the document without a path.
        beginning: what the file begins with if it is not there yet.
        changing: entered while it is written.
    """

    path: Path
    model: type[Section]
    put: Callable[[Document, KeyPath, Assignment], Document]
    take_out: Callable[[Document, KeyPath], Document]
    beginning: str = ""
    changing: Callable[[], AbstractContextManager[object]] = nullcontext


def add_options(parser: Parser, key: str) -> None:
    """Add the options of a command that changes values of a file; `key` is what its keys are called."""
    parser.intermixed = True
    parser.add_argument("--unset", metavar=key, action="append", default=[], help="take a key out of the file")
    parser.add_argument("--diff", action="store_true", help="print what would change, and change nothing")
    add_json(parser)


def wanted(words: Iterable[str], unset: Iterable[str]) -> list[Assignment]:
    """Return what is asked for by words such as `run.log_level=DEBUG`, and by keys that are to go.

    Raises:
        ConfigError: one of the words is none of these, or there are none at all.
    """
    from flowerpower_tui.errors import ConfigError, Problem

    found = [*(Assignment(key, None) for key in unset), *map(_assignment, words)]
    if not found:
        raise ConfigError([Problem("nothing to set", hint="Say KEY=VALUE, or --unset KEY.")])
    return found


def carry_out(target: Target, asked: list[Assignment], arguments: argparse.Namespace) -> int:
    """Change the file as asked, or with `--diff` only look, and tell.

    Raises:
        ConfigError: a key is not known, or a value does not fit it; nothing is changed.
        EditError: an edit cannot be made.
        OutputError: the file cannot be written.
    """
    from flowerpower_tui.errors import ChangedOnDiskError, OutputError
    from flowerpower_tui.project.saving import save

    for attempt in range(_ATTEMPTS):
        before, data = _read(target)
        after = _edited(before, target, asked)
        if arguments.diff or after.data == before.data:
            break
        with target.changing():
            try:
                target.path.parent.mkdir(parents=True, exist_ok=True)
                save(target.path, after.data, data)
                break
            except OSError as error:
                raise OutputError(f"{target.path} cannot be written: {error.strerror}.") from error
            except ChangedOnDiskError:
                # Our edits are small: they are made in what is there now.
                if attempt == _ATTEMPTS - 1:
                    raise
    _tell(before, after, asked, arguments)
    for note in _notes(before, after, asked, target.model):
        console.say(note, "warning")
    return console.Exit.DONE


def _assignment(text: str) -> Assignment:
    from flowerpower_tui.cli.overrides import assignments

    key, equals, value = text.partition("=")
    return Assignment(key, value, *assignments("set", [text]).values()) if equals else Assignment(*_no_pair(text))


def _no_pair(text: str) -> tuple[str, str]:
    from flowerpower_tui.config.secrets import MASK, is_secret
    from flowerpower_tui.errors import ConfigError, Problem

    shown = MASK if is_secret(text) else text
    raise ConfigError([Problem(f"{shown}: this is not KEY=VALUE", hint="to take a key out, say --unset KEY.")])


def _read(target: Target) -> tuple[Document, bytes | None]:
    from flowerpower_tui.yamldoc.document import Document

    document = Document.read(target.path) if target.path.exists() else None
    return document or Document.parse(target.beginning, str(target.path)), document.data if document else None


def _edited(document: Document, target: Target, asked: list[Assignment]) -> Document:
    """Return the document with all that is asked for.

    Raises:
        ConfigError: a key is not known, or a value does not fit it.
        EditError: an edit cannot be made.
    """
    from flowerpower_tui.config.acceptance import refusals, setting_of
    from flowerpower_tui.errors import ConfigError

    problems: list[Problem] = []
    settings: dict[KeyPath, Assignment] = {}
    for assignment in asked:
        path = document.path(assignment.key)
        if assignment.text is None:
            document = target.take_out(document, path)
            continue
        try:
            settings[setting_of(target.model, path)] = assignment
            document = target.put(document, path, assignment)
        except ConfigError as error:
            problems += error.problems
    for setting, assignment in settings.items():
        found = refusals(target.model, setting, document.get(setting))
        problems += [_explained(problem, assignment) for problem in found]
    if problems:
        raise ConfigError(problems)
    return document


def _explained(problem: Problem, assignment: Assignment) -> Problem:
    """Say why a value is not what it looks like, if that is the trouble: `1e-3` is text."""
    from dataclasses import replace

    from flowerpower_tui.yamldoc.misread import misreading

    if assignment.text != assignment.value or not (found := misreading(assignment.text or "")):
        return problem
    return replace(problem, hint=f"{found.message}. {found.hint}")


def _notes(before: Document, after: Document, asked: list[Assignment], model: type[Section]) -> Iterator[str]:
    """Yield what may not have been meant, of values that can be anything: `no` is false, and a date no text."""
    from flowerpower_tui.config.acceptance import setting_of
    from flowerpower_tui.config.secrets import MASK, any_secret
    from flowerpower_tui.yamldoc.misread import misreading

    for one in asked:
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


def _tell(before: Document, after: Document, asked: list[Assignment], arguments: argparse.Namespace) -> None:
    diff = list(_diff(before, after))
    changed = before.data != after.data
    if arguments.json:
        values = [{"key": one.key, "before": _shown(before, one), "after": _shown(after, one)} for one in asked]
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

    from flowerpower_tui.assist.secret_lines import secret_lines

    shown = {**secret_lines(before), **secret_lines(after)}
    old, new = before.text.removeprefix("\ufeff"), after.text.removeprefix("\ufeff")
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), before.file, after.file, lineterm=""):
        yield _masked_line(line[:1] + shown.get(line[1:], line[1:]))


def _masked_line(line: str) -> str:
    from flowerpower_tui.config.secrets import MASK, is_secret, masked

    pair = _PAIR.match(line)
    if pair and is_secret(pair["key"]):
        return pair["head"] + MASK
    shown: str = masked(line)
    return shown


def _shown(document: Document, assignment: Assignment) -> Any:
    from flowerpower_tui.config.secrets import any_secret, masked

    path = document.path(assignment.key)
    return masked(document.get(path), secret=any_secret(path))
