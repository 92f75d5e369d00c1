"""How the command line is read: every command has the same manners, and a manual of the same shape."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Literal, NoReturn

from flowerpower_tui import __version__
from flowerpower_tui.cli import console, place

Command = Callable[[argparse.Namespace], int]

Given = Literal["project", "python", "trust"]
"""What a command may be given to work on: a project, the interpreter for its code, the leave to run that code."""

CODE: tuple[Given, ...] = ("project", "python", "trust")
"""What a command takes that runs a project's code."""

RUN_EXITS: Mapping[int, str] = {1: "the run failed", 3: "it crashed, or is lost"}
"""What a command that watches a run exits with, beside what every command does."""

_EXITS: Mapping[int, str] = {0: "done", 2: "a mistake in what was given", 130: "cancelled"}
_RUN = "its id, a part of that, a pipeline's name (its latest run), or latest"
_EVERYWHERE, _STORAGES = "in most commands", "projects in a storage, such as s3://bucket/project"
_WITHOUT: Mapping[Given, str] = {
    "project": "this command is about no project",
    "python": "this command uses nothing that is installed for a project's code",
    "trust": "this command runs no code of a project",
}
# Prose in longer lines is hard to read, however wide the terminal is.
_WIDEST = 100


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are a few lines, and which guesses at no abbreviation.

    Attributes:
        intermixed: options may stand between the words that belong together.
        offers: what to say where an argument is missing, by what the argument is called.
        above: the parser of which this one reads a command.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=_Manual, **options)
        # From 3.14 on it has colours of its own.
        self.color = False
        self._positionals.title = "arguments"
        self.intermixed = False
        self.offers: dict[str, Callable[[argparse.Namespace], str]] = {}
        self.above: Parser | None = None
        self._seen = argparse.Namespace()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read what is known of the arguments."""
        namespace = self._seen = argparse.Namespace() if namespace is None else namespace
        if not self.intermixed:
            return super().parse_known_args(args, namespace)
        # It calls this method again, for the options and for the words.
        self.intermixed = False
        return self.parse_known_intermixed_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        missing = message.rpartition(": ")[2].split(", ")
        said = [offer(self._all_seen) for name, offer in self.offers.items() if name in missing]
        console.say("\n".join((f"{self.prog}: {message}", *filter(None, said), f"See {self.prog} --help.")))
        raise SystemExit(console.Exit.MISTAKE)

    def format_help(self) -> str:
        """Return the manual: what is the command's own comes before what all have."""
        self._action_groups.sort(key=lambda group: (group.title == _STORAGES, group.title == _EVERYWHERE))
        if self.usage is None:
            words = [_called(action) for action in self._get_positional_actions()]
            self.usage = " ".join((self.prog, *words, "[OPTION …]"))
        return super().format_help()

    @property
    def _all_seen(self) -> argparse.Namespace:
        """What was read so far, before the command and after it."""
        above = vars(self.above._seen) if self.above else {}  # noqa: SLF001 - of its own kind
        return argparse.Namespace(**above | vars(self._seen))

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse would say nothing of a disk that is full.
        if message:
            (console.say if file is sys.stderr else console.data)(message.rstrip("\n"))


class _Refused(argparse.Action):
    """An option that a command does not take, though most do: its `const` says why."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        del namespace, values
        parser.error(f"{option} has no effect here: {self.const}")


class _Manual(argparse.HelpFormatter):
    """Fills paragraphs to the width of the terminal; those that are indented stay as they are."""

    def __init__(self, prog: str, **options: Any) -> None:
        columns = min(shutil.get_terminal_size().columns, _WIDEST)
        super().__init__(prog, **{"max_help_position": 28, "width": columns - 2, **options})

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n\n")
        return "\n\n".join(
            paragraph if "\n  " in f"\n{paragraph}" else textwrap.fill(paragraph, width, initial_indent=indent)
            for paragraph in paragraphs
        )


class CommandLine:
    """The commands of `fp-tui`, as each group adds them.

    Attributes:
        parser: reads a whole command line that begins with a command.
        names: of the commands.
        examples: of each command, by its name: command lines.
    """

    def __init__(self, description: str, usage: str) -> None:
        self.parser = Parser(prog="fp-tui", description=description, epilog=_exits(RUN_EXITS), usage=usage)
        self.names: list[str] = []
        self.examples: dict[str, tuple[str, ...]] = {}
        mention(self.parser.add_argument_group("arguments"), "PROJECT", "a path or a URL; default: that around here")
        add_common(self.parser, default=None)
        # They are listed below their headings, where each is mentioned.
        self._commands = self.parser.add_subparsers(metavar="COMMAND", parser_class=Parser, help=argparse.SUPPRESS)
        self._heading = self.parser.add_argument_group("commands")

    def below(self, heading: str) -> None:
        """List the commands that are added from now on below a heading."""
        self._heading = self.parser.add_argument_group(heading)

    def add(
        self,
        name: str,
        command: Command,
        summary: str,
        *,
        about: str = "",
        examples: Mapping[str, str],
        exits: Mapping[int, str] | None = None,
        takes: tuple[Given, ...] = ("project",),
    ) -> Parser:
        """Add a command; return its parser, for its own arguments.

        Args:
            name: what it is called.
            command: carries it out.
            summary: what it does, in a line without a capital and without a stop.
            about: paragraphs about it; an indented one keeps its lines.
            examples: command lines, and what each does.
            exits: what its exit codes mean, beside or instead of what they mean everywhere.
            takes: what it is given to work on; the options for the rest are refused behind its name.
        """
        parser: Parser = self._commands.add_parser(
            name,
            prog=f"fp-tui {name}",
            help=summary,
            description="\n\n".join(filter(None, (f"{summary[0].upper()}{summary[1:]}.", about))),
            epilog=f"{_listed('examples', examples)}\n\n{_exits(exits or {})}",
        )
        parser.above = self.parser
        parser.set_defaults(command=command)
        # Given before the command and not after it, it still stands.
        add_common(parser, default=argparse.SUPPRESS, takes=takes)
        mention(self._heading, name, summary)
        self.names.append(name)
        self.examples[name] = tuple(examples)
        return parser


def mention(group: argparse._ArgumentGroup, name: str, what: str) -> None:
    """Have a group tell of something that is read elsewhere."""
    told = argparse.Action([], dest=argparse.SUPPRESS, metavar=name, help=what)
    group._group_actions.append(told)  # noqa: SLF001 - adding it in the usual way would have it read here, too


def add_common(parser: argparse.ArgumentParser, default: str | None, takes: tuple[Given, ...] = CODE) -> None:
    """Add what every command takes, and of what most take that which has an effect."""
    everywhere = parser.add_argument_group(_EVERYWHERE)

    def add(group: argparse._ArgumentGroup, given: Given, *names: str, **about: Any) -> None:
        if given not in takes:
            about = {"action": _Refused, "nargs": 0 if "action" in about else None, "const": _WITHOUT[given]}
            about |= {"default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
        group.add_argument(*names, **about)

    add(
        everywhere,
        "project",
        "-C",
        "--project",
        metavar="PROJECT",
        default=default,
        help="work in this project, not in the one around here",
    )
    add(
        everywhere,
        "python",
        "--python",
        metavar="PATH",
        default=default,
        help="run the project's code in this interpreter or environment"
        if "trust" in takes
        else "the interpreter or environment that the project's code runs in",
    )
    everywhere.add_argument("-h", "--help", action="help", help="show this")
    version = f"fp-tui {__version__}"
    everywhere.add_argument("--version", action="version", version=version, help="print which fp-tui this is")
    # Without a command there is nothing given yet; with one, what was given before it still stands.
    elsewhere = parser.add_argument_group(_STORAGES)
    add(
        elsewhere,
        "project",
        "--storage-option",
        metavar="KEY=VALUE",
        action="append",
        default=[] if default is None else default,
        help="how the storage is reached, for fsspec: endpoint_url=https://…, anon=true",
    )
    add(
        elsewhere,
        "trust",
        "--trust",
        action="store_true",
        default=False if default is None else default,
        help="run the project's code here without asking",
    )


def add_json(parser: argparse.ArgumentParser, what: str = "print JSON") -> None:
    """Add `--json` to a command that prints data."""
    parser.add_argument("--json", action="store_true", help=what)


def add_pipeline(parser: Parser) -> None:
    """Add the pipeline that a command is about: one that there is."""
    parser.add_argument("pipeline", metavar="PIPELINE", help="its name, as fp-tui ls prints it")
    parser.offers["PIPELINE"] = place.pipelines_here


def add_run(parser: Parser, name: str = "run", what: str = _RUN) -> None:
    """Add a run that a command is about."""
    parser.add_argument(name, metavar="RUN", help=what)
    parser.offers["RUN"] = lambda _: f"RUN is {_RUN}."


def at_least(least: int) -> Callable[[str], int]:
    """Return what reads a number that must not be smaller."""

    def number(text: str) -> int:
        found = int(text)
        if found < least:
            raise argparse.ArgumentTypeError(f"at least {least}, not {text}")
        return found

    return number


def _called(action: argparse.Action) -> str:
    """An argument as a line of usage has it."""
    name = action.metavar if isinstance(action.metavar, str) else "|".join(action.choices or (action.dest,))
    return {"?": f"[{name}]", "*": f"[{name} …]", argparse.PARSER: f"{name} …"}.get(str(action.nargs), name)


def _exits(own: Mapping[int, str]) -> str:
    return _listed("exit codes", {str(code): what for code, what in sorted({**_EXITS, **own}.items())})


def _listed(heading: str, lines: Mapping[str, str]) -> str:
    widest = max(map(len, lines))
    return "\n".join((f"{heading}:", *(f"  {line:<{widest}}  {what}" for line, what in lines.items())))
