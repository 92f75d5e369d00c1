"""The entry of `fp-tui`: reads the command line, and imports what a command needs only when it is carried out."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from flowerpower_tui.cli import completion, console, place
from flowerpower_tui.cli.parser import CommandLine, Parser, add_common
from flowerpower_tui.errors import FlowerPowerError, ProjectError, did_you_mean

_DESCRIPTION = """\
Run FlowerPower pipelines, and watch them. Without a command: open the interface.

fp-tui COMMAND --help says all about a command."""
_USAGE = """fp-tui [PROJECT] [OPTION …]
       fp-tui COMMAND …"""
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "projects and pipelines": ("scaffold", "pipelines", "transfer"),
    "run": ("run", "loop"),
    "looking and changing": ("dag", "config", "edit", "check", "summary"),
    "runs, live and past": ("history", "again", "prune"),
    "fp-tui itself": ("settings", "keys", "serve", "completion", "doctor"),
}
"""The headings of commands, and below each the modules here that add some."""


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command line (that of this process); return the exit code."""
    console.prepare()
    try:
        code = _carry_out(list(sys.argv[1:] if argv is None else argv))
        console.finish()
    except FlowerPowerError as error:
        return console.report(error)
    except KeyboardInterrupt:
        return console.Exit.CANCELLED
    except BrokenPipeError:
        return console.nobody_reads()
    return code


def _carry_out(argv: list[str]) -> int:
    try:
        arguments = _read(argv)
        place.take_python(arguments)
        return int(arguments.command(arguments))
    except SystemExit as end:
        # From argparse: --help, --version, or a complaint that was made.
        return end.code if isinstance(end.code, int) else console.Exit.DONE


def command_line() -> CommandLine:
    """Return what reads a command line that begins with a command."""
    line = CommandLine(_DESCRIPTION, _USAGE)
    for heading, modules in _COMMANDS.items():
        line.below(heading)
        for name in modules:
            importlib.import_module(f"flowerpower_tui.cli.{name}").add_commands(line)
    return line


def _read(argv: list[str]) -> argparse.Namespace:
    word = _first_word(argv)
    about = [option for option in argv if option in ("-h", "--help", "--version")]
    if not about and completion.ASKED not in os.environ and (word is None or "/" in word or word in (".", "..")):
        # It names no command: the interface does not wait for what they are.
        return _opening().parse_args(argv)
    line = command_line()
    completion.answer(line.parser)
    if word in line.names:
        return line.parser.parse_args(argv)
    if about:
        return line.parser.parse_args(about)
    if word and "/" not in word and not Path(word).exists():
        # More often a slip in a command's name than a folder that is not there.
        hint = did_you_mean(word, line.names) or "See fp-tui --help."
        raise ProjectError(f"There is no command and no project '{word}'.", hint=hint)
    return _opening().parse_args(argv)


def _first_word(argv: list[str]) -> str | None:
    """Return the first argument that is neither an option nor an option's value."""
    words = iter(argv)
    for word in words:
        if word in ("-C", "--project", "--python", "--storage-option"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _opening() -> argparse.ArgumentParser:
    """Return what reads a command line without a command."""
    parser = Parser(prog="fp-tui")
    add_common(parser, default=None)
    parser.add_argument("path", nargs="?", metavar="PROJECT")
    parser.set_defaults(command=_open)
    return parser


def _open(arguments: argparse.Namespace) -> int:
    # By name, and late: no command needs Textual.
    opening = importlib.import_module("flowerpower_tui.tui.opening")
    named, options = arguments.path or arguments.project, place.storage_options(arguments)
    return int(opening.open_interface(named, options, trusted=arguments.trust))
