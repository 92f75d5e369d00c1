"""`fp-tui settings`: the user's own settings, whatever the project."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flowerpower_tui.cli import assigning, console
from flowerpower_tui.cli.parser import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowerpower_tui.errors import Problem
    from flowerpower_tui.settings import Read

_ABOUT = """\
  show      every setting that holds, with where it comes from
  set       change some in the file; the rest of it stays as it is
  path      where the file is, whether it is there or not
  validate  what is wrong in the file and the variables
  schema    the JSON Schema of the file, for editors"""
_EXAMPLES = {
    "fp-tui settings": "what holds, and why",
    "fp-tui settings set theme=paper keep_runs=50": "two values",
    "fp-tui settings set --unset theme --diff": "only look",
    "fp-tui settings --init": "a file with every default",
    "fp-tui settings validate": "after editing it",
}


def add_commands(line: CommandLine) -> None:
    """Add `settings`."""
    parser = line.add(
        "settings",
        settings,
        "show, change and check your own settings",
        about=_ABOUT,
        examples=_EXAMPLES,
        exits={2: "a mistake in what was given; validate: something is wrong"},
        takes=(),
    )
    parser.usage = "fp-tui settings [WHAT] [SETTING=VALUE …] [OPTION …]"
    parser.add_argument(
        "what",
        metavar="WHAT",
        nargs="?",
        choices=("show", "set", "path", "validate", "schema"),
        default="show",
        help="show (the default), set, path, validate or schema",
    )
    parser.add_argument("words", metavar="SETTING=VALUE", nargs="*", help="behind set: what to set")
    assigning.add_options(parser, "SETTING")
    parser.add_argument("--init", action="store_true", help="write a file with every default, commented out")


def settings(arguments: argparse.Namespace) -> int:
    """Print what was asked of the settings."""
    # Late: YAML and the models.
    from flowerpower_tui.errors import ConfigError, Problem
    from flowerpower_tui.settings import config_directory, initialise

    if arguments.what == "set" and not arguments.init:
        return _set(arguments)
    if arguments.words or arguments.unset or arguments.diff:
        raise ConfigError([Problem("settings are only changed by set", hint="Say fp-tui settings set KEY=VALUE.")])
    if arguments.init and arguments.what != "show":
        raise ConfigError([Problem("--init stands alone: it writes the file", hint="Say fp-tui settings --init.")])
    if arguments.init:
        _path(initialise(), arguments)
        return console.Exit.DONE
    if arguments.what == "path":
        from flowerpower_tui.settings import FILE

        _path(config_directory() / FILE, arguments)
        return console.Exit.DONE
    return {"show": _show, "validate": _validate, "schema": _schema}[arguments.what](arguments)


def _set(arguments: argparse.Namespace) -> int:
    """Change the file, and say so if a variable decides otherwise."""
    from flowerpower_tui import settings_edit
    from flowerpower_tui.settings import FILE, Settings, commented, config_directory, read_settings

    asked = assigning.wanted(arguments.words, arguments.unset)
    target = assigning.Target(
        config_directory() / FILE,
        Settings,
        put=lambda document, path, assignment: settings_edit.with_value(document, path, assignment.text or ""),
        take_out=settings_edit.without,
        beginning=commented(),
    )
    if arguments.diff and not target.path.exists():
        console.say(f"{target.path} is not there yet: it would be made, with every other default as a comment.")
    code = assigning.carry_out(target, asked, arguments)
    origins = read_settings().origins
    for key in dict.fromkeys(one.key for one in asked):
        if key in origins and (variable := origins[key].variable):
            console.say(f"{key}: {variable} is stronger than the file, and is set here.", "warning")
    return code


def _path(path: Path, arguments: argparse.Namespace) -> None:
    if arguments.json:
        console.json_document(path)
    else:
        console.data(str(path))


def _show(arguments: argparse.Namespace) -> int:
    from flowerpower_tui.config.secrets import masked
    from flowerpower_tui.settings import flat, read_settings
    from flowerpower_tui.yamldoc.dump import inline

    read = read_settings()
    values = {key: masked(value) for key, value in flat(read.settings).items()}
    for problem in read.problems:
        console.say(str(problem), "warning")

    def origin(key: str) -> str:
        return str(read.origins.get(key, "default"))

    if arguments.json:
        console.json_document([{"key": key, "value": value, "origin": origin(key)} for key, value in values.items()])
    else:
        rows = [(key, console.in_short(inline(value)), origin(key)) for key, value in values.items()]
        console.table(("SETTING", "VALUE", "ORIGIN"), rows)
    return console.Exit.DONE


def _validate(arguments: argparse.Namespace) -> int:
    from flowerpower_tui.settings import read_settings

    read = read_settings()
    problems = [str(problem) for problem in (*read.problems, *_sink_problems(read))]
    if arguments.json:
        console.json_document(problems)
    else:
        for problem in problems:
            console.data(problem)
    if problems:
        return console.Exit.MISTAKE
    if not arguments.json:
        console.say(f"{read.path} is fine." if read.path.exists() else f"There is no {read.path}: defaults hold.")
    return console.Exit.DONE


def _sink_problems(read: Read) -> Iterator[Problem]:
    """Yield a problem for each sink that no installed package brings."""
    from flowerpower_tui.errors import Problem, did_you_mean
    from flowerpower_tui.runs.sinks import installed

    for name in read.settings.sinks:
        if name not in installed():
            hint = did_you_mean(name, installed()) or f"There are {', '.join(installed())}."
            yield Problem(f"there is no sink '{name}'", read.origins["sinks"].location, hint)


def _schema(_arguments: argparse.Namespace) -> int:
    from flowerpower_tui.config.schema import schema
    from flowerpower_tui.settings import Settings

    console.json_document(schema(Settings))
    return console.Exit.DONE
