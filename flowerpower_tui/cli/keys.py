"""`fp-tui keys`: every action, its keys, and what is wrong with one's own."""

from __future__ import annotations

import argparse
from importlib import import_module

from flowerpower_tui.cli import console
from flowerpower_tui.cli.parser import CommandLine, add_json

_ABOUT = """\
To change keys, write an action's name and its keys into keymap.yml beside the settings
(fp-tui settings path tells where that is):

    run.start: [r, f6]
    log.filter: ctrl+l

keys: vim in the settings takes a preset first."""
_EXAMPLES = {
    "fp-tui keys": "all of them",
    "fp-tui keys log": "only those with this in them",
}


def add_commands(line: CommandLine) -> None:
    """Add `keys`."""
    parser = line.add(
        "keys",
        keys,
        "list every action with its keys",
        about=_ABOUT,
        examples=_EXAMPLES,
        exits={2: "keys of your own cannot be used"},
        takes=(),
    )
    parser.add_argument("letters", metavar="TEXT", nargs="?", default="", help="only those with this in them")
    add_json(parser)


def keys(arguments: argparse.Namespace) -> int:
    """Print the actions; say what cannot be used of the user's own keys."""
    from flowerpower_tui.settings import config_directory, read_settings

    # By name: the command line knows nothing of the interface's library.
    actions = import_module("flowerpower_tui.tui.actions").actions()
    keymap = import_module("flowerpower_tui.tui.keymap").read_keymap(config_directory(), read_settings().settings.keys)
    wanted = arguments.letters.casefold()
    rows = [
        {"action": action.id, "keys": list(keymap.keys.get(action.id, action.keys)), "does": action.what}
        for action in actions.values()
        if wanted in f"{action.id} {action.what}".casefold()
    ]
    if arguments.json:
        console.json_document(rows)
    else:
        console.table(("ACTION", "KEYS", "DOES"), [(row["action"], " ".join(row["keys"]), row["does"]) for row in rows])
    for problem in keymap.problems:
        console.say(str(problem))
    return console.Exit.MISTAKE if keymap.problems else console.Exit.DONE
