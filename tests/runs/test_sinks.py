"""Sinks are told what happens in a run, and whatever they do, the run goes its way."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import RunFinished
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.sinks import start_sinks, troubles

PLUGIN = """
import json, os, time
from pathlib import Path

class Seen:
    def __init__(self, run, options):
        self.path, self.seen = Path(options["into"]), []

    def __call__(self, event):
        self.seen.append(type(event).__name__)

    def close(self):
        self.path.write_text(json.dumps(self.seen))

def raises(run, options):
    def sink(event):
        raise RuntimeError(f"no {type(event).__name__} for me")
    return sink

def hangs(run, options):
    return lambda event: time.sleep(3600)

def dies(run, options):
    def sink(event):
        raise SystemExit("enough")
    return sink
"""

Start = Callable[[str], RunDirectory]
Eventually = Callable[[Callable[[], object]], None]
Configure = Callable[..., None]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Installs a package with sinks, as an installer leaves it, and writes which of them are wanted."""
    site = tmp_path / "site"
    info = site / "onlookers-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "onlookers.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: onlookers\nVersion: 1.0\n")
    points = "".join(f"{name} = onlookers:{what}\n" for name, what in (
        ("seen", "Seen"), ("raises", "raises"), ("hangs", "hangs"), ("dies", "dies"), ("broken", "nothing_here"),
    ))  # fmt: skip
    (info / "entry_points.txt").write_text(f"[flowerpower_tui.sinks]\n{points}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path))

    def write(**sinks: dict[str, object]) -> None:
        (tmp_path / "settings.yml").write_text(json.dumps({"sinks": sinks}))

    return write


def test_a_plugin_sees_every_event_to_the_end(
    configure: Configure, start_script: Start, eventually: Eventually, tmp_path: Path
) -> None:
    into = tmp_path / "seen.json"
    configure(seen={"into": str(into)})

    run = start_script("print('hello')")
    start_sinks(run)

    eventually(lambda: into.exists() and into.read_text())
    assert json.loads(into.read_text()) == [type(event).__name__ for event in follow(run)]
    assert list(troubles(run)) == []


def test_a_sink_that_raises_dies_or_is_not_there_hurts_nobody(
    configure: Configure, start_script: Start, eventually: Eventually, tmp_path: Path
) -> None:
    into = tmp_path / "seen.json"
    configure(raises={}, dies={}, broken={}, missing={}, file={}, seen={"into": str(into)})

    run = start_script("print('hello')")
    start_sinks(run)

    eventually(into.exists)
    eventually(lambda: len(list(troubles(run))) == 5)
    told = sorted(event.message for event in troubles(run))
    assert told[0].startswith("The sink 'broken': AttributeError")
    assert told[1:] == [
        "The sink 'dies': SystemExit: enough",
        "The sink 'file': needs the option 'path', which is text.",
        "The sink 'missing': there is no such sink.",
        "The sink 'raises': RuntimeError: no RunStarted for me",
    ]
    (end,) = (event for event in follow(run) if isinstance(event, RunFinished))
    assert end.outcome == "succeeded"


def test_a_sink_that_hangs_is_left_and_named(
    configure: Configure,
    start_script: Start,
    eventually: Eventually,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    into = tmp_path / "seen.json"
    monkeypatch.setenv("FP_TUI_SINK_PATIENCE", "0.5")
    configure(hangs={}, seen={"into": str(into)})

    run = start_script("print('hello')")
    start_sinks(run)

    eventually(lambda: list(troubles(run)))
    assert "The sink 'hangs': is still busy 0.5 seconds after" in next(troubles(run)).message
    eventually(into.exists)


def test_the_file_sink_appends_the_wanted_events_of_every_run(
    configure: Configure, start_script: Start, eventually: Eventually, tmp_path: Path
) -> None:
    into = tmp_path / "deep" / "all.jsonl"
    configure(file={"path": str(into), "events": ["RunStarted", "RunFinished"]})

    runs = [start_script("print('hello')") for _ in range(2)]
    for run in runs:
        start_sinks(run)

    eventually(lambda: into.exists() and into.read_bytes().count(b"\n") == 4)
    told = [json.loads(line) for line in into.read_text().splitlines()]
    for run in runs:
        assert [event["type"] for event in told if event["run"] == run.id] == ["RunStarted", "RunFinished"]
    assert into.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ("RunFinished", "The sink 'file': needs a list as its option 'events', such as [RunStarted, RunFinished]."),
        (["RunFinnished"], "The sink 'file': there is no event 'RunFinnished'. Did you mean 'RunFinished'?"),
    ],
)
def test_what_is_no_event_is_told_and_not_waited_for(
    configure: Configure, start_script: Start, eventually: Eventually, tmp_path: Path, events: object, told: str
) -> None:
    configure(file={"path": str(tmp_path / "all.jsonl"), "events": events})

    run = start_script("print('hello')")
    start_sinks(run)

    eventually(lambda: list(troubles(run)))
    assert [event.message for event in troubles(run)] == [told]


def test_the_command_sink_runs_a_command_at_the_end(
    configure: Configure, start_script: Start, eventually: Eventually, tmp_path: Path
) -> None:
    into = tmp_path / "end.json"
    words = tmp_path / "words.txt"
    configure(
        command={
            "command": f"cat > {shlex.quote(str(into))}; echo $FP_TUI_PIPELINE $FP_TUI_OUTCOME > {words}; "
            "echo no network >&2; exit 3"
        }
    )

    run = start_script("print('hello')")
    start_sinks(run)

    eventually(lambda: list(troubles(run)))
    event = json.loads(into.read_text())
    assert (event["type"], event["run"], event["outcome"]) == ("RunFinished", run.id, "succeeded")
    assert words.read_text() == "script succeeded\n"
    assert [event.message for event in troubles(run)] == ["The sink 'command': its command ended with 3: no network"]
