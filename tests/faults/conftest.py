"""What can happen to a run, done for real: signals, small disks, wrong clocks; and a look at what is left of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, OutputWritten, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalReader, follow


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FP_TUI_CANCEL_GRACE", "0.3,0.3")


def processes_of(run: RunDirectory) -> set[int]:
    """Every process that is marked as the run's in its environment, and the supervisor."""
    mark = f"FP_TUI_RUN={run.id}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    return found


@pytest.fixture
def nobody_is_left(eventually: Callable[[Callable[[], object]], None], is_alive: Callable[[int], bool]) -> Callable:
    """Waits until no process of a run remains: none with its mark, no supervisor, no worker."""

    def wait(run: RunDirectory) -> None:
        started = JournalReader(run.path).read()[:1]
        known = {
            process
            for event in started
            if isinstance(event, RunStarted)
            for process in (event.supervisor, event.worker)
        }
        eventually(lambda: not any(map(is_alive, known | processes_of(run))))
        assert not run.is_locked

    return wait


@pytest.fixture
def has_printed(eventually: Callable[[Callable[[], object]], None]) -> Callable[[RunDirectory], None]:
    """Waits until a run has printed something."""

    def wait(run: RunDirectory) -> None:
        eventually(lambda: any(isinstance(event, OutputWritten) for event in JournalReader(run.path).read()))

    return wait


@pytest.fixture
def told() -> Callable[[RunDirectory], tuple[list[AnyEvent], RunFinished, bytes]]:
    """Follows a run to its end; returns its events, the last of them, and all output that they tell of."""

    def read(run: RunDirectory) -> tuple[list[AnyEvent], RunFinished, bytes]:
        events = list(follow(run))
        end = events[-1]
        assert isinstance(end, RunFinished)
        assert [event.seq for event in events] == sorted({event.seq for event in events})
        return events, end, b"".join(run.output(event) for event in events if isinstance(event, OutputWritten))

    return read


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(place)]
    if os.geteuid() or not mount or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("only who may mount can make a small file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def memory_group(tmp_path: Path) -> Iterator[Path]:
    """A control group whose processes have 100 MB together; its `cgroup.procs` takes them in."""
    name = f"fp-tui-test-{os.getpid()}"
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = Path(root, name)
        with suppress(OSError):
            group.mkdir()
            if (group / limit).exists():
                (group / limit).write_text("100M")
                break
            group.rmdir()
    else:
        pytest.skip("only who may make control groups can have a worker run out of memory")
    yield group
    with suppress(OSError):
        group.rmdir()
