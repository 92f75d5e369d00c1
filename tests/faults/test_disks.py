"""A full disk, a torn journal, and what killed launchers leave behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import AnyEvent, NodeFinished, OutputWritten, RunStarted
from flowerpower_tui.runs.journal import JOURNAL, RESERVE, RESERVE_SIZE, JournalReader, from_the_end
from flowerpower_tui.runs.lines import LineReader
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.view import RunView

Start = Callable[..., RunDirectory]
Wait = Callable[[RunDirectory], None]
Told = Callable[[RunDirectory], tuple[list[AnyEvent], object, bytes]]


@pytest.fixture
def on_small_disk(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory lies on a small disk."""
    return small_disk / "state"


def test_a_full_disk_ends_the_run_with_all_that_was_written(
    on_small_disk: Path, start_script: Start, told: Told, nobody_is_left: Wait
) -> None:
    run = start_script(
        "with node('a'):\n    print('first')\nwhile True: os.write(1, b'x' * 9_999 + b'\\n')", state=on_small_disk
    )

    events, end, output = told(run)

    assert end.outcome == "crashed"
    assert end.failure is not None
    assert "No space left on device" in end.failure.message
    assert isinstance(next(event for event in events if isinstance(event, NodeFinished)), NodeFinished)
    assert output.startswith(b"first\n")
    assert output == (run.path / OUTPUT).read_bytes(), "every byte that is on the disk is told of"
    assert len(output) > 500_000
    assert RunStore(on_small_disk).runs()[0].state == "crashed"
    nobody_is_left(run)


def test_a_disk_that_the_run_itself_fills_tells_its_failure(
    on_small_disk: Path, start_script: Start, told: Told, nobody_is_left: Wait
) -> None:
    file = on_small_disk / "data"
    fill = f"with open({str(file)!r}, 'wb', buffering=0) as file:\n    while file.write(b'x' * 50_000): pass"
    run = start_script(f"print('up')\n{fill}", state=on_small_disk)

    _, end, output = told(run)

    assert end.outcome in ("failed", "crashed")
    assert end.failure is not None
    assert "No space left" in end.failure.message
    assert output == b"up\n"
    nobody_is_left(run)


def test_no_run_is_begun_on_a_disk_that_is_full(on_small_disk: Path, start_script: Start) -> None:
    on_small_disk.mkdir()
    with (on_small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            try:
                filler.write(b"x" * 4096)
            except OSError:
                break

    with pytest.raises(RunStoreError) as raised:
        start_script("pass", state=on_small_disk)

    assert "No space left on device" in str(raised.value)
    assert RunStore(on_small_disk).runs() == []


def test_the_reserve_is_there_while_it_may_be_needed(start_script: Start, has_printed: Wait, told: Told) -> None:
    run = start_script("import time; print('up', flush=True); time.sleep(0.3)")
    has_printed(run)

    assert (run.path / RESERVE).stat().st_size == RESERVE_SIZE
    told(run)
    assert not (run.path / RESERVE).exists() or run.is_locked


@pytest.mark.parametrize(
    "damage", [b'{"type":"NodeFini', b"\0" * 4096, b"\xff\xfe\n\n\n", b'{"type":"NodeStarted"}\n', b"x" * 300_000]
)
def test_a_torn_journal_tells_all_that_is_whole(
    start_script: Start, told: Told, state: Path, damage: bytes, has_printed: Wait, nobody_is_left: Wait
) -> None:
    run = start_script("print('up'); import time; time.sleep(600)")
    has_printed(run)
    first = JournalReader(run.path).read()[0]
    assert isinstance(first, RunStarted)
    os.kill(first.supervisor, 9)
    nobody_is_left(run)
    whole = JournalReader(run.path).read()

    with (run.path / JOURNAL).open("ab") as journal:
        journal.write(damage)

    assert JournalReader(run.path).read() == whole
    assert [info.state for info in RunStore(state).runs()] == ["lost"]
    assert [line.text for line in LineReader(run).read()[1]][-1] == "up"
    assert RunView.of(JournalReader(run.path).read()).started == first.time
    assert len(damage) > 1 << 18 or list(from_the_end(run.path))[-1] == first


def test_output_that_is_gone_is_no_trouble(start_script: Start, told: Told) -> None:
    run = start_script("print('up')")
    told(run)
    (run.path / OUTPUT).unlink()

    assert isinstance(told(run)[0][1], OutputWritten)
    assert told(run)[2] == b""
    LineReader(run).read()
