"""A clock that jumps: event times jump with it, durations do not, and every reader stands it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, NodeFinished, OutputWritten
from flowerpower_tui.runs.lines import LineReader
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.view import RunView

Start = Callable[..., RunDirectory]
Told = Callable[[RunDirectory], tuple[list[AnyEvent], object, bytes]]

JUMPING_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, now);
    const char *path = getenv("JUMP");
    if (id == CLOCK_REALTIME && path) {
        char text[32] = {0};
        int file = open(path, O_RDONLY);
        if (file >= 0) {
            if (read(file, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
            close(file);
        }
    }
    return result;
}
"""


@pytest.fixture
def jump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file; the seconds that are written into it are how wrong the clock of new processes is."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("only with a C compiler can the clock be made to jump")
    source, library, seconds = tmp_path / "clock.c", tmp_path / "clock.so", tmp_path / "seconds"
    source.write_text(JUMPING_CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    seconds.write_text("0")
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("JUMP", str(seconds))
    return seconds


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_jumps_changes_no_duration(
    start_script: Start, told: Told, jump: Path, state: Path, seconds: int
) -> None:
    run = start_script(
        f"""
        import time
        with node("before"):
            print("before")
        print("between", flush=True)
        open({str(jump)!r}, "w").write("{seconds}")
        with node("after"):
            print("after")
        """
    )

    events, end, output = told(run)

    first = events[0].time
    assert abs(events[-1].time - first - timedelta(seconds=seconds)) < timedelta(minutes=5), "the clock did jump"
    assert end.outcome == "succeeded"
    assert 0 < end.duration < 300
    assert output == b"before\nbetween\nafter\n"
    assert [event.node for event in events if isinstance(event, OutputWritten)] in (
        ["before", "", "after"],
        ["before", "after"],
    )
    assert all(0 <= event.duration < 300 for event in events if isinstance(event, NodeFinished))
    info = RunStore(state).runs()[0]
    assert (info.state, info.duration, info.started) == ("succeeded", end.duration, first)
    assert (RunView.of(events).elapsed() or 0) == end.duration
    assert len(LineReader(run).read()[1]) > 5


def test_a_run_that_began_in_the_future_has_run_for_no_time(start_script: Start, jump: Path, state: Path) -> None:
    jump.write_text("86400")
    run = start_script("import time; time.sleep(600)")

    info = RunStore(state).runs()[0]

    assert (info.id, info.state, info.duration) == (run.id, "running", 0.0)
