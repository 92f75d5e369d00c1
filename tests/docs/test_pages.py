"""What the documentation names is there: files, commands with their options, actions, keys; and pages that are written
by a script are what it writes.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flowerpower_tui.cli.main import command_line
from flowerpower_tui.cli.parser import CommandLine, Parser
from flowerpower_tui.config.known import EXECUTORS
from flowerpower_tui.tui.actions import actions

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted((*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("examples/*/README.md")))
READERS = [page for page in PAGES if page.name not in ("architecture.md", "CHANGELOG.md")]

_LINK = re.compile(r"!?\[[^\]]*\]\((?!\w+:)([^)#\s]+)(?:#([\w-]+))?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```.*?^```$|^ {4}.*?$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"\bfp-tui +((?:[^\s`#|,;)]+ *)+)")
_OPTION = re.compile(r"--[a-z][a-z-]+")
_KEY_HEAD = re.compile(r"^\| keys? \|")


def ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def commands() -> dict[str, set[str]]:
    """The commands, each with its options; under no name those of `fp-tui` itself."""
    line = command_line()
    parsers: dict[str, Parser] = {"": line.parser} | dict(_subparsers(line))
    return {name: set(parser._option_string_actions) for name, parser in parsers.items()}


def _subparsers(line: CommandLine) -> Iterator[tuple[str, Parser]]:
    for action in line.parser._actions:
        if isinstance(action.choices, dict):
            yield from action.choices.items()


@cache
def keys() -> set[str]:
    """All keys that do something, as the documentation writes them."""
    spelt = runpy.run_path(str(DOCS / "make_keys.py"))["spelt"]
    return {spelt(key) for action in actions().values() for key in action.keys} | {"ctrl+p"}


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_lead_to_files(page: Path) -> None:
    text = page.read_text("utf-8")
    lost = [target for target, _ in _LINK.findall(text) if not (page.parent / target).exists()]
    assert not lost


@pytest.mark.parametrize("page", READERS, ids=ids)
def test_commands_and_their_options_are_there(page: Path) -> None:
    wrong = []
    text = page.read_text("utf-8")
    code = "\n".join((*_BLOCK.findall(text), *_CODE.findall(_BLOCK.sub("", text))))
    for said in _COMMAND.findall(code):
        name, *rest = said.split()
        options = _OPTION.findall(said)
        if re.fullmatch(r"[a-z]+", name) and name not in commands() and f'line.add("{name}"' not in text:
            wrong.append(said)
        known = commands().get(name, commands()[""])
        wrong += [f"{name} {option}" for option in options if option not in known and rest]
    assert not wrong


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "places.md"], ids=ids)
def test_keys_in_tables_do_something(page: Path) -> None:
    found = [key for cell in key_cells(page.read_text("utf-8")) for code in _CODE.findall(cell) for key in code.split()]
    arrows = {"←": "left", "→": "right", "↑": "up", "↓": "down"}
    assert not [key for key in found if key not in keys() and arrows.get(key) not in keys()]


def test_the_keys_of_tables_are_found() -> None:
    """Were no table recognised, the test above would hold of anything."""
    assert len(list(key_cells((DOCS / "places.md").read_text("utf-8")))) > 20


def key_cells(text: str) -> Iterator[str]:
    """The first column of the tables whose head says `key`."""
    in_table = False
    for line in text.splitlines():
        if _KEY_HEAD.match(line):
            in_table = True
        elif not line.startswith("|"):
            in_table = False
        elif in_table and not line.startswith("|---"):
            yield line.split(" | ")[0]


def test_the_index_names_every_page() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    assert not [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index]


def test_the_page_of_keys_is_up_to_date() -> None:
    page = runpy.run_path(str(DOCS / "make_keys.py"))["page"]
    assert (DOCS / "keys.md").read_text(encoding="utf-8") == page(), "python docs/make_keys.py"


def test_every_picture_is_used_and_tells_nothing_of_the_machine_that_took_it() -> None:
    texts = "".join(page.read_text("utf-8") for page in PAGES)
    for picture in (DOCS / "pictures").glob("*.svg"):
        assert f"pictures/{picture.name}" in texts
        assert not re.findall(r"/(?:tmp|home|root|work|Users)\b", picture.read_text("utf-8"))


def test_executors_are_told_of_to_those_who_come_from_flowerpower() -> None:
    text = (DOCS / "coming-from-flowerpower.md").read_text("utf-8")
    assert not [name for name in EXECUTORS if f"`{name}`" not in text]
