"""How the command line is read: every command has the same manners, and says what it does when it is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from flowerpower_tui import __version__
from flowerpower_tui.cli import console

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are two lines, and which guesses at no abbreviation.

    Attributes:
        intermixed: options may stand between the words that belong together.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)
        self.intermixed = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read what is known of the arguments."""
        if not self.intermixed:
            return super().parse_known_args(args, namespace)
        # It calls this method again, for the options and for the words.
        self.intermixed = False
        return self.parse_known_intermixed_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        console.say(f"{self.prog}: {message}\nSee {self.prog} --help.")
        raise SystemExit(console.Exit.MISTAKE)

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse would say nothing of a disk that is full.
        if message:
            (console.say if file is sys.stderr else console.data)(message.rstrip("\n"))


class CommandLine:
    """The commands of `fp-tui`, as each group adds them.

    Attributes:
        parser: reads a whole command line that begins with a command.
        names: of the commands.
    """

    def __init__(self, description: str, epilog: str) -> None:
        self.parser = Parser(
            prog="fp-tui", description=description, epilog=epilog, usage="fp-tui [-C PROJECT] [PROJECT | COMMAND …]"
        )
        self.names: list[str] = []
        add_common(self.parser, default=None)
        self._commands = self.parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)

    def add(self, name: str, command: Command, summary: str, *, epilog: str = "") -> Parser:
        """Add a command that `command` carries out; return its parser, for its own options."""
        parser: Parser = self._commands.add_parser(
            name, prog=f"fp-tui {name}", help=summary, description=summary[0].upper() + summary[1:] + ".", epilog=epilog
        )
        parser.set_defaults(command=command)
        # Given before the command and not after it, it still stands.
        add_common(parser, default=argparse.SUPPRESS)
        self.names.append(name)
        return parser


def add_common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add what every command takes."""
    parser.add_argument(
        "-C", "--project", metavar="PROJECT", default=default, help="work in this project, not the one around here"
    )
    parser.add_argument(
        "--python", metavar="PATH", default=default, help="run the project's code in this interpreter or environment"
    )
    parser.add_argument("--version", action="version", version=f"fp-tui {__version__}")
    # Without a command there is nothing given yet; with one, what was given before it still stands.
    elsewhere = parser.add_argument_group("projects in a storage, such as s3://bucket/project")
    elsewhere.add_argument(
        "--storage-option",
        metavar="KEY=VALUE",
        action="append",
        default=[] if default is None else default,
        help="how the storage is reached, for fsspec: endpoint_url=https://…, anon=true",
    )
    elsewhere.add_argument(
        "--trust",
        action="store_true",
        default=False if default is None else default,
        help="run the project's code here without asking",
    )


def add_json(parser: argparse.ArgumentParser, what: str = "print JSON") -> None:
    """Add `--json` to a command that prints data."""
    parser.add_argument("--json", action="store_true", help=what)
