"""The page about `--json` tells the keys that the commands print, all of them and no others."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from flowerpower_tui.cli.loop import _JsonPrinter
from flowerpower_tui.cli.main import command_line, main
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import Column, ValueSummary
from flowerpower_tui.runs.events import AnyEvent, Event
from flowerpower_tui.runs.loop import Refused
from flowerpower_tui.runs.store import RunStore

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
QUICK = "--set=params.exchange_rates.seconds_per_month=0"
# What each heading's command is tried with.
TRIED = {
    "ls": (),
    "runs": (),
    "run": ("sales_etl", "--detach", QUICK),
    "compare": ("latest", "latest"),
    "prune": ("--keep=0", "--dry-run"),
    "check": (),
    "config": ("sales_etl",),
    "set": ("sales_etl", "run.log_level=DEBUG", "--diff"),
    "dag": ("sales_etl",),
    "summary": ("--no-code",),
    "import": ("{other}",),
    "settings": (),
    "keys": ("log",),
    "doctor": (),
}
_KEY = re.compile(r"`([a-z_]+\??)`")
_ASIDE = re.compile(r"\([^)]*\)")


@cache
def documented() -> dict[str, set[str]]:
    """The keys below each heading, by its command."""
    sections = re.split(r"^### `fp-tui (\w+)[^`\n]*`$", PAGE.partition("## An event a line")[0], flags=re.MULTILINE)[1:]
    return {name: set(keys_of(text)) for name, text in zip(sections[::2], sections[1::2], strict=True)}


def keys_of(text: str) -> Iterator[str]:
    for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE):
        yield from _KEY.findall(row)


@cache
def events() -> dict[str, set[str]]:
    """The keys of each event in the tables."""
    rows = re.findall(r"^\| `([A-Z]\w+)` \| [^|]* \| (.*)\|$", PAGE, re.MULTILINE)
    return {name: set(_KEY.findall(_ASIDE.sub("", keys))) for name, keys in rows}


def fits(found: dict[str, Any], keys: set[str]) -> bool:
    return {key for key in keys if not key.endswith("?")} <= found.keys() <= {key.rstrip("?") for key in keys}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An example that has run, and has a problem."""
    root = tmp_path_factory.mktemp("json") / "sales-etl"
    shutil.copytree(ROOT / "examples" / "sales-etl", root, ignore=shutil.ignore_patterns("output", "__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FP_TUI_STATE_DIR", str(root.parent / "state"))
        assert main(["-C", str(root), "run", "sales_etl", QUICK]) == 0
        with (root / "conf" / "pipelines" / "sales_etl.yml").open("a") as file:
            file.write("unheard_of: 1\n")
        yield root
        while any(run.directory.is_locked for run in RunStore().runs()):
            time.sleep(0.02)


def test_every_command_with_json_is_on_the_page() -> None:
    parsers = next(action.choices for action in command_line().parser._actions if isinstance(action.choices, dict))
    with_json = {name for name, parser in parsers.items() if "--json" in parser._option_string_actions}
    assert [name for name in with_json if not re.search(rf"`fp-tui {name}\b|, `{name}`", PAGE)] == []
    assert documented().keys() == TRIED.keys()


@pytest.mark.parametrize("command", TRIED)
def test_a_command_prints_the_keys_that_the_page_tells(
    command: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(other=ROOT / "examples" / "hello-world") for word in TRIED[command]]
    capsys.readouterr()
    main(["-C", str(project), command, *words, "--json"])
    printed = json.loads(capsys.readouterr().out)
    items = printed if isinstance(printed, list) else [printed]
    assert items
    assert [item for item in items if not fits(item, documented()[command])] == []


def test_the_events_of_a_run_are_those_of_the_page(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["-C", str(project), "logs", "sales_etl", "--json"])
    told = json.loads(capsys.readouterr().out)
    always = {"type", "seq", "time"}
    assert [event for event in told if not fits(event, events()[event["type"]] | always)] == []
    main(["-C", str(project), "logs", "sales_etl", "--json", "--follow"])
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == told


@pytest.mark.parametrize("event", get_args(AnyEvent), ids=lambda event: event.__name__)
def test_the_page_tells_every_key_of_an_event(event: type[Event]) -> None:
    common = {field.name for field in msgspec.structs.fields(Event)}
    own = {shown(field) for field in msgspec.structs.fields(event) if field.name not in common}
    assert events()[event.__name__] == own | ({"text"} if event.__name__ == "OutputWritten" else set())


@pytest.mark.parametrize("part", [ValueSummary, Column, Failure, Frame], ids=lambda part: part.__name__)
def test_the_page_tells_what_is_in_an_event(part: type[msgspec.Struct]) -> None:
    (about,) = re.findall(r"^A `summary` has.*?(?=\n\n)", PAGE, re.MULTILINE | re.DOTALL)
    assert [shown(field) for field in msgspec.structs.fields(part) if f"`{shown(field)}`" not in about] == []


def shown(field: msgspec.structs.FieldInfo) -> str:
    return field.name if field.required else f"{field.name}?"


def test_a_refusal_of_the_loop_has_the_keys_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    _JsonPrinter().show(Refused(time=datetime.now(UTC), problems=()))
    assert fits(json.loads(capsys.readouterr().out), events()["Refused"] | {"type", "time"})
