"""Processes in waiting: what they start is what a new process would have started, only sooner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from flowerpower_tui.runs import preloads, seedbed
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.environment import stamp
from flowerpower_tui.runs.events import AnyEvent, LogEmitted, NodeFinished, OutputWritten, RunFinished, RunStarted
from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.runs.journal import JournalReader, follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.lines import LineReader
from flowerpower_tui.runs.preloads import Preloads
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import SEED, SPARE, Seedbed

Eventually = Callable[[Callable[[], object]], None]
IsAlive = Callable[[int], bool]
LOOKS_AROUND = """
import json, os, signal, sys, threading
import numpy
def total() -> str:
    numpy.ones((500, 500)) @ numpy.ones((500, 500))
    return json.dumps({
        "threads of numpy": len(os.listdir("/proc/self/task")),
        "run": os.environ.get("FP_TUI_RUN"),
        "asked": os.environ.get("FP_ASKED"),
        "folder": os.getcwd(),
        "environment": len(os.environ),
        "unbuffered": os.environ.get("PYTHONUNBUFFERED"),
        "files": sorted(os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) > 2
                        and os.path.exists(f"/proc/self/fd/{n}")),
        "signals": [str(signal.getsignal(n)) for n in (1, 2, 13, 15, 17)],
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "threads": threading.active_count(),
        "group": os.getpgid(0) == os.getpid(),
        "parent": os.getppid(),
        "stdin": os.readlink("/proc/self/fd/0"),
        "random": float(numpy.random.random()),
        "modules": len(sys.modules),
    })
"""


@pytest.fixture
def bed(project: Path) -> Iterator[Seedbed]:
    """A process in waiting of the test's own."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    with Seedbed(project) as bed:
        yield bed


def write(project: Path, module: str) -> None:
    (project / "pipelines" / "etl.py").write_text(module)


def run(bed: Seedbed, project: Path) -> tuple[RunDirectory, list[AnyEvent]]:
    started = start(RunRequest(str(project), "etl"), warm=bed.own)
    return started, list(follow(started))


def end(events: list[AnyEvent]) -> RunFinished:
    assert isinstance(events[-1], RunFinished)
    return events[-1]


def notes(events: list[AnyEvent]) -> list[str]:
    return [event.message for event in events if isinstance(event, LogEmitted) and event.level == "DEBUG"]


def value(events: list[AnyEvent]) -> dict[str, object]:
    shown = next(event.summary.preview for event in events if isinstance(event, NodeFinished) and event.node == "total")
    found: dict[str, object] = json.loads(shown.strip("'"))
    return found


def seed_of(bed: Seedbed) -> int:
    assert bed._waiting is not None
    return bed._waiting.process.pid


def test_a_warm_run_is_told_like_any_other(warm: Seedbed, project: Path) -> None:
    _, events = run(warm, project)

    assert (end(events).outcome, end(events).exit_code) == ("succeeded", 0)
    assert notes(events) == []
    assert [event.node for event in events if isinstance(event, NodeFinished)] == ["orders", "total"]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def test_a_warm_worker_finds_what_a_cold_one_finds(
    bed: Seedbed, project: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    write(project, LOOKS_AROUND)
    monkeypatch.setenv("FP_ASKED", "by this test")
    started, events = run(bed, project)
    warm, (_, again) = value(events), run(bed, project)
    bed.close()
    _, events = run(bed, project)
    cold = value(events)

    assert notes(events) == ["Started cold: no process is in waiting."]
    assert warm.pop("run") == started.id
    own_files = [file for file in warm.pop("files") if not file.startswith("pipe:")]  # type: ignore[attr-defined]
    assert own_files == [file for file in cold.pop("files") if not file.startswith("pipe:")]  # type: ignore[attr-defined]
    assert warm.pop("random") != value(again)["random"], "every run has random numbers of its own"
    for varying in ("run", "random"):
        cold.pop(varying)
    assert warm.pop("parent") != cold.pop("parent")
    assert abs(int(str(warm.pop("modules"))) - int(str(cold.pop("modules")))) < 50
    assert warm == cold


def test_a_seed_has_no_terminal_no_threads_and_no_file_of_its_asker(bed: Seedbed, project: Path) -> None:
    wait_until_grown(bed)
    seed = Path(f"/proc/{seed_of(bed)}")

    assert len(list((seed / "task").iterdir())) == 1
    assert int((seed / "stat").read_text().rpartition(")")[2].split()[4]) == 0, "a controlling terminal"
    targets = [str(entry.readlink()) for entry in (seed / "fd").iterdir()]
    assert len(targets) < 10
    assert all(
        target.startswith(("socket:", "pipe:", "/dev/null", "/tmp/#")) or "(deleted)" in target for target in targets
    )


def test_a_saved_module_is_run_as_it_is_now(warm: Seedbed, project: Path) -> None:
    outcomes = []
    for number in (1, 2):
        write(project, f"import helper\ndef total() -> int: return helper.number + {number}\n")
        (project / "pipelines" / "helper.py").write_text(f"number = {number * 10}\n")
        _, events = run(warm, project)
        outcomes += [event.summary.preview for event in events if isinstance(event, NodeFinished)]
        assert notes(events) == []

    assert outcomes == ["11", "22"]


def test_pipelines_are_looked_at_warm(warm: Seedbed, project: Path) -> None:
    look = partial(inspect, project, ask=warm.look)
    assert look("etl").final_vars == ("total",)
    seed = seed_of(warm)
    for module, told in (
        ("import os; os._exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("def total(:", "SyntaxError"),
    ):
        write(project, module)
        assert told in str(look("etl").problems[0])
    write(project, "import time; time.sleep(600)")
    assert "longer than 1 seconds" in look("etl", timeout=1).problems[0].message
    write(project, "def other() -> int: return 1")

    assert look("etl", {"run": {"final_vars": ["other"]}}).final_vars == ("other",)
    assert seed_of(warm) == seed


def test_threads_may_ask_at_once(warm: Seedbed, project: Path) -> None:
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(inspect(project, "etl", ask=warm.look).final_vars))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    ends = [end(run(warm, project)[1]).outcome for _ in range(2)]
    for thread in threads:
        thread.join()

    assert found == [("total",)] * 4
    assert ends == ["succeeded"] * 2


def test_a_run_needs_neither_seed_nor_seedbed(bed: Seedbed, project: Path, is_alive: IsAlive) -> None:
    write(project, "import time\ndef total() -> int:\n    time.sleep(0.5)\n    return 1\n")
    started = bed.start(RunRequest(str(project), "etl"))
    seed = seed_of(bed)

    bed.close()

    assert not is_alive(seed)
    assert end(list(follow(started))).outcome == "succeeded"


def test_a_supervisor_from_a_seed_holds_nothing_of_it(warm: Seedbed, project: Path) -> None:
    write(project, "import time\ndef total() -> int:\n    time.sleep(0.5)\n    return 1\n")
    started = start(RunRequest(str(project), "etl"), warm=warm.own)

    supervisor = started.supervisor()
    targets = [str(entry.readlink()) for entry in Path(f"/proc/{supervisor}/fd").iterdir()]
    assert all(target.startswith(("pipe:", "/dev/null", str(started.path))) for target in targets), targets
    assert os.getsid(supervisor or 0) != os.getsid(seed_of(warm)) != os.getsid(0)
    list(follow(started))


ASKER = """
import sys, time
from pathlib import Path
from flowerpower_tui.runs.journal import JournalReader, follow
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed
bed = Seedbed(Path(sys.argv[1]), module=sys.argv[2])
if sys.argv[3]:
    list(follow(bed.start(RunRequest(sys.argv[1], "etl"))))
print(bed._waiting.process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("module", [SEED, SPARE])
@pytest.mark.parametrize("grown", [True, False])
def test_who_waits_is_gone_with_its_asker(
    project: Path, state: Path, module: str, grown: bool, eventually: Eventually, is_alive: IsAlive
) -> None:
    command = [sys.executable, "-P", "-c", ASKER, str(project), module, "yes" if grown else ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as asker:
        assert asker.stdout is not None
        waiting = int(asker.stdout.readline())
        eventually(lambda: waiting in those_with(str(state)))
        others = those_with(str(state))
        asker.kill()

    eventually(lambda: not any(map(is_alive, others)))


def those_with(word: str) -> set[int]:
    """The processes that have the word on their command line."""
    found = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and word.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    return found


def test_a_dead_seed_is_done_without_and_replaced(bed: Seedbed, project: Path) -> None:
    os.kill(seed_of(bed), signal.SIGKILL)
    _, cold = run(bed, project)
    _, warm = run(bed, project)

    assert end(cold).outcome == end(warm).outcome == "succeeded"
    assert "has ended" in notes(cold)[0] or "does not answer" in notes(cold)[0] or "does not listen" in notes(cold)[0]
    assert notes(warm) == []


def test_a_seed_that_does_not_answer_is_done_without(
    bed: Seedbed, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seedbed, "PATIENCE", 0.3)
    os.kill(seed_of(bed), signal.SIGSTOP)

    _, events = run(bed, project)

    assert end(events).outcome == "succeeded"
    assert "does not answer" in notes(events)[0]


def test_a_seed_that_is_at_work_is_waited_for(
    project: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    gate = tmp_path / "gate"
    (site / "slow_library.py").write_text(f"import os\nwhile not os.path.exists({str(gate)!r}): pass\n")
    preloads_of_a_run(state, project, ["slow_library"])
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    monkeypatch.setenv("PYTHONPATH", str(site))
    with Seedbed(project) as bed:
        seed = seed_of(bed)
        monkeypatch.setattr(seedbed, "PATIENCE", 1.0)
        opener = threading.Timer(2.5, gate.touch)
        opener.start()
        _, events = run(bed, project)
        opener.join()

        assert (end(events).outcome, seed_of(bed)) == ("succeeded", seed)


def test_who_asks_a_seed_that_still_imports_is_told_before_it_is_through(
    project: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    told, in_time, too_late = (tmp_path / name for name in ("told", "in time", "too late"))
    names = [f"slow_{number}" for number in range(80)]
    for number, name in enumerate(names):
        wait = f"if not os.path.exists({str(told)!r}): time.sleep(0.02 * {number})\n"
        (site / f"{name}.py").write_text(f"import os, time\n{wait}")
    end = f"{str(in_time)!r} if os.path.exists({str(told)!r}) else {str(too_late)!r}"
    (site / "last.py").write_text(f"import os\nopen({end}, 'w').close()\n")
    preloads_of_a_run(state, project, [*names, "last"])
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    monkeypatch.setenv("PYTHONPATH", str(site))
    with Seedbed(project) as bed:
        assert bed.inspect("etl").problems == ()
        told.touch()
        eventually(lambda: in_time.exists() or too_late.exists())

    assert in_time.exists()


def test_a_seed_is_replaced_when_the_environment_changes(
    bed: Seedbed, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = seed_of(bed)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    _, cold = run(bed, project)

    assert notes(cold) == ["Started cold: the environment or what is installed has changed."]
    assert seed_of(bed) != seed


def test_the_stamp_tells_what_imports_see(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = stamp()
    monkeypatch.setenv("FP_TUI_ANYTHING", "1")
    assert stamp() == before
    monkeypatch.setenv("LD_LIBRARY_PATH", "/x")
    assert stamp() != before


def test_a_run_teaches_what_to_import(warm: Seedbed, project: Path, state: Path) -> None:
    (project / "pipelines" / "helper.py").write_text("import os\nos.environ['COLOURS'] = 'few'\n")
    write(project, "import helper, xml.dom.minidom, colorsys\ndef total() -> int: return 1\n")
    run(warm, project)
    learnt = preloads.recall(state, project)

    assert {"colorsys", "xml.dom.minidom", "hamilton.driver", "pandas"} <= set(learnt.modules)
    assert not {"helper", "etl", "pipelines.etl", "__main__"} & set(learnt.modules)
    assert "COLOURS" in learnt.variables
    assert [path.stat().st_mode & 0o777 for path in (state / "preloads").iterdir()] == [0o600]


TELLS_WHETHER_EARLY = """
import sys
early = 'colorsys' in sys.modules
import colorsys
def total() -> bool: return early
"""


@pytest.mark.parametrize(("variables", "early"), [([], "True"), (["COLOURS"], "False")])
def test_what_was_learnt_is_imported_in_advance_unless_it_may_depend_on_variables_of_the_run(
    project: Path, state: Path, variables: list[str], early: str
) -> None:
    preloads_of_a_run(state, project, ["colorsys"], variables)
    write(project, TELLS_WHETHER_EARLY)

    with Seedbed(project) as bed:
        wait_until_grown(bed)
        _, events = run(bed, project)

    assert [event.summary.preview for event in events if isinstance(event, NodeFinished)] == [early]
    assert notes(events) == []


def test_a_module_of_the_project_is_never_hidden_by_one_that_was_imported_in_advance(
    project: Path, state: Path
) -> None:
    preloads_of_a_run(state, project, ["colorsys"])
    write(project, "import colorsys\ndef total() -> bool: return hasattr(colorsys, 'mine')\n")
    with Seedbed(project) as bed:
        wait_until_grown(bed)
        (project / "pipelines" / "colorsys.py").write_text("mine = True\n")

        _, events = run(bed, project)

    assert [event.summary.preview for event in events if isinstance(event, NodeFinished)] == ["True"]
    assert notes(events) == ["Started cold: the project has a module 'colorsys' of its own."]


def wait_until_grown(bed: Seedbed) -> None:
    # Asked while it still imports, it would answer with what is there. It sleeps when it has nothing to do.
    asleep = 0
    while asleep < 5:
        state = Path(f"/proc/{seed_of(bed)}/stat").read_text().rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0
        time.sleep(0.02)


def test_where_forking_is_not_safe_a_spare_waits(project: Path, eventually: Eventually) -> None:
    write(project, LOOKS_AROUND)
    with Seedbed(project, module=SPARE) as bed:
        ran = [run(bed, project) for _ in range(2)]

        for started, events in ran:
            assert end(events).outcome == "succeeded"
            assert notes(events) == []
            told = value(events)
            assert (told["run"], told["group"], told["threads"]) == (started.id, True, 1)
        assert bed.inspect("etl").final_vars == ("total",)


def test_threads_that_do_not_survive_a_fork_make_a_seed_give_way(
    project: Path, state: Path, tmp_path: Path, eventually: Eventually
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "stubborn.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=[600], daemon=True).start()\n"
    )
    preloads_of_a_run(state, project, ["stubborn"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site))
        with Seedbed(project) as bed:
            seed = seed_of(bed)
            eventually(lambda: SPARE.encode() in Path(f"/proc/{seed}/cmdline").read_bytes())
            _, events = run(bed, project)

    assert end(events).outcome == "succeeded"
    assert notes(events) == []


def preloads_of_a_run(state: Path, project: Path, modules: list[str], variables: list[str] = []) -> None:  # noqa: B006
    path = preloads._path(state, project)
    path.write_bytes(preloads.msgspec.json.encode({"etl": Preloads(tuple(modules), tuple(variables))}))


def test_output_of_imports_is_not_the_runs(project: Path, state: Path, tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "chatty.py").write_text("import sys\nsys.stdout.write('unflushed words')\n")
    preloads_of_a_run(state, project, ["chatty"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site))
        with Seedbed(project) as bed:
            wait_until_grown(bed)
            started, events = run(bed, project)

    printed = b"".join(started.output(event) for event in events if isinstance(event, OutputWritten))
    assert b"unflushed" not in printed
    assert b"adding up" in printed


def test_a_stream_that_a_module_keeps_when_it_is_imported_becomes_the_runs(
    project: Path, state: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "keeper.py").write_text("import sys\nkept = sys.stderr\n")
    preloads_of_a_run(state, project, ["keeper"])
    lines = "".join(f"    print('out {n}')\n    keeper.kept.write('err {n}\\n')\n" for n in range(20))
    write(project, f"import keeper\ndef total() -> int:\n{lines}    return 1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site))
        with Seedbed(project) as bed:
            wait_until_grown(bed)
            started, events = run(bed, project)

    assert notes(events) == []
    printed = [line.text for line in LineReader(started).read()[1] if line.source in ("stdout", "stderr")]
    assert printed == [f"{stream} {number}" for number in range(20) for stream in ("out", "err")]


def test_the_worker_of_a_warm_run_can_be_cancelled(warm: Seedbed, project: Path, eventually: Eventually) -> None:
    from flowerpower_tui.runs.cancel import cancel

    write(project, "import time\ndef total() -> int:\n    time.sleep(60)\n    return 1\n")
    started = start(RunRequest(str(project), "etl"), warm=warm.own)
    time.sleep(0.05)

    cancel(started)

    events = list(follow(started))
    assert end(events).outcome == "cancelled"
    assert isinstance(events[0], RunStarted)


def test_a_killed_supervisor_of_a_warm_run_leaves_nobody(
    warm: Seedbed, project: Path, eventually: Eventually, is_alive: IsAlive
) -> None:
    children = "subprocess.Popen(['sleep', '600']), subprocess.Popen(['setsid', 'sleep', '600'])"
    write(
        project, f"import subprocess, time\ndef total() -> int:\n    {children}\n    print('up')\n    time.sleep(600)\n"
    )
    started = start(RunRequest(str(project), "etl"), warm=warm.own)
    eventually(lambda: any(isinstance(event, OutputWritten) for event in JournalReader(started.path).read()))
    first = JournalReader(started.path).read()[0]
    assert isinstance(first, RunStarted)
    tasks = Path(f"/proc/{first.worker}/task/{first.worker}/children").read_text().split()
    assert len(tasks) == 2

    os.kill(first.supervisor, signal.SIGKILL)

    eventually(lambda: not any(map(is_alive, [first.worker, *map(int, tasks)])))
    assert not started.is_locked
