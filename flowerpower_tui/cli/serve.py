"""`fp-tui serve`: the interface in a browser."""

from __future__ import annotations

import argparse
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CODE, CommandLine, at_least
from flowerpower_tui.errors import FlowerPowerError, InstallationError

if TYPE_CHECKING:
    from flowerpower_tui.cli.gate import Gate

_ABOUT = """\
The address that is printed has a token in it. Whoever has that can run code as you, from this machine; nobody else
gets in. From another machine, forward the port: ssh -L 8000:localhost:8000 HOST

Each visitor has an interface of their own, which ends with the page; runs go on. Ctrl+C ends the server."""
_EXAMPLES = {
    "fp-tui serve": "the project around here",
    "fp-tui serve ~/shop --port 0 --open": "another, at any port, in the browser",
}
_PORT = 8000
_MOST = 8
# The browser is the terminal; what this one is, or stands in, does not matter there.
_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
_AROUND = ("TMUX", "STY", "NO_COLOR")


def add_commands(line: CommandLine) -> None:
    """Add `serve`."""
    parser = line.add(
        "serve",
        serve,
        "show the interface in a browser, on this machine only",
        about=_ABOUT,
        examples=_EXAMPLES,
        takes=CODE,
    )
    parser.add_argument("path", nargs="?", metavar="PROJECT", help="default: the project around here")
    parser.add_argument("--port", metavar="N", type=int, default=_PORT, help=f"0 for any; default: {_PORT}")
    parser.add_argument("--open", action="store_true", help="open it in the browser of this machine")
    parser.add_argument("--visitors", metavar="N", type=at_least(1), default=_MOST, help=f"at a time; default: {_MOST}")
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="where to listen; default: 127.0.0.1")
    parser.add_argument("--allow-network", action="store_true", help="let --host be one that others can reach")


def serve(arguments: argparse.Namespace) -> int:
    """Serve the interface until Ctrl+C.

    Raises:
        InstallationError: textual-serve is not installed.
        FlowerPowerError: it cannot, or should not, listen there.
    """
    if find_spec("textual_serve") is None:
        raise InstallationError("fp-tui serve needs textual-serve.", hint="pip install 'flowerpower-tui[serve]'")
    import asyncio

    from flowerpower_tui.cli.visitors import Visitors

    given = arguments.path or arguments.project
    project = [given if "://" in given else str(Path(given).absolute())] if given else []
    _hand_on_storage_options(arguments)
    visitors = Visitors([*project, *(["--trust"] if arguments.trust else [])], _gate(arguments), arguments.visitors)
    for name in _AROUND:
        os.environ.pop(name, None)
    os.environ.update(_TERMINAL)

    def tell(address: str) -> None:
        console.data(address)
        console.say("Whoever has this address can run code as you. Ctrl+C ends it.")
        if arguments.open:
            import webbrowser

            webbrowser.open(address)

    try:
        asyncio.run(visitors.serve_until_signalled(arguments.host, arguments.port, tell))
    except (OSError, OverflowError) as error:
        raise FlowerPowerError(
            f"Nobody can listen at {arguments.host}, port {arguments.port}: {str(error).rstrip('.')}.",
            hint="--port 0 takes any.",
        ) from error
    return console.Exit.DONE


def _hand_on_storage_options(arguments: argparse.Namespace) -> None:
    """Let visitors reach storages as this command line says: by the environment, which other users cannot see."""
    if given := place.storage_options(arguments):
        from flowerpower_tui.project.options import VARIABLE, from_environment, merged

        os.environ[VARIABLE] = json.dumps(merged(from_environment(), given))


def _gate(arguments: argparse.Namespace) -> Gate:
    from flowerpower_tui.cli.gate import LOOPBACK, Gate, is_loopback

    if is_loopback(arguments.host):
        return Gate((*LOOPBACK, arguments.host))
    if not arguments.allow_network:
        raise FlowerPowerError(
            f"At {arguments.host} others could reach it.",
            hint="Forward a port instead (ssh -L), or say --allow-network if that is meant.",
        )
    import socket

    console.say(
        "Others on the network can reach this, and read what is sent: there is no encryption. Who has the address runs "
        "code as you.",
        "warning",
    )
    return Gate((*LOOPBACK, arguments.host, socket.gethostname(), socket.getfqdn()), any_address=True)
