"""What each executor does where a pipeline runs on an event loop: processes, threads, and who is refused."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError
from flowerpower_tui.pipeline.runner import PipelineRunner


def runner(root: Path, name: str, kind: str, observer: Any = None, **settings: Any) -> PipelineRunner:
    given = {"executor": {"type": kind, "max_workers": 2}, "retry": {"max_retries": 0}} | settings
    return PipelineRunner(root, name, {"run": given}, *([observer] if observer else []))


BLOCK = """
    import os
    from hamilton.htypes import Collect, Parallelizable

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    def square(item: int) -> tuple:
        return item * item, os.getpid()

    def squares(square: Collect[tuple]) -> list:
        return [*square, os.getpid()]
"""


async def test_items_run_in_processes(make_project, recorder):
    root = make_project({"pipelines/block.py": BLOCK})
    *pairs, here = (await runner(root, "block", "processpool", recorder, inputs={"count": 5}).run_async())["squares"]
    assert [square for square, _ in pairs] == [0, 1, 4, 9, 16]
    assert here == os.getpid()
    assert here not in {where for _, where in pairs}
    assert recorder.of("progress") == [("item", done, 5) for done in range(6)]


# The item waits for the coroutine, which a loop that waited for the item would never come to.
MEETING = """
    import asyncio
    import os
    import time
    from pathlib import Path
    from hamilton.htypes import Collect, Parallelizable

    def item() -> Parallelizable[int]:
        yield from range(2)

    def patient(item: int, place: str) -> int:
        deadline = time.monotonic() + 60
        while not Path(place).exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        return os.getpid() if Path(place).exists() else 0

    def patients(patient: Collect[int]) -> list:
        return patient

    async def opened(place: str) -> int:
        await asyncio.sleep(0)
        Path(place).touch()
        return os.getpid()

    def met(patients: list, opened: int) -> list:
        asyncio.get_running_loop()
        return [opened, *patients]
"""


@pytest.mark.parametrize("way", ["run", "run_async"])
def test_the_loop_goes_on_beside_processes(make_project, tmp_path, way):
    root = make_project({"pipelines/meeting.py": MEETING})
    settings = {"inputs": {"place": str(tmp_path / "open")}, "executor": {"type": "processpool", "max_workers": 3}}
    pipeline = runner(root, "meeting", "", **settings)
    here, *there = (pipeline.run() if way == "run" else asyncio.run(pipeline.run_async()))["met"]
    assert here == os.getpid()
    assert 0 not in there
    assert here not in there


THREADS = """
    import threading

    GATE = threading.Event()
    BARRIER = threading.Barrier(2, timeout=60)

    def a() -> str:
        BARRIER.wait()
        return threading.current_thread().name

    def b() -> str:
        assert GATE.wait(60)
        BARRIER.wait()
        return threading.current_thread().name

    def both(a: str, b: str) -> list:
        return [a, b]
"""


async def test_threads_run_what_is_not_asynchronous_while_the_loop_goes_on(make_project, recorder):
    root = make_project({"pipelines/threads.py": THREADS})
    running = asyncio.create_task(runner(root, "threads", "threadpool", recorder).run_async())
    while len(recorder.of("node_started")) < 2 and not running.done():
        await asyncio.sleep(0.001)
    sys.modules["pipelines.threads"].GATE.set()
    first, second = (await running)["both"]
    assert threading.current_thread().name not in {first, second}
    assert first != second


@pytest.mark.parametrize("kind", ["synchronous", "threadpool"])
async def test_beside_coroutines_the_others_run_where_the_loop_does(make_project, kind):
    module = """
        import asyncio

        def plain() -> object:
            return asyncio.get_running_loop()

        async def same(plain: object) -> bool:
            return plain is asyncio.get_running_loop()
    """
    root = make_project({"pipelines/mixed.py": module})
    assert await runner(root, "mixed", kind).run_async() == {"same": True}


async def test_after_a_failure_nothing_starts_and_what_a_thread_does_is_waited_for(make_project, recorder):
    module = """
        import threading

        BEGUN, FAILED = threading.Event(), threading.Event()

        def failing() -> int:
            assert BEGUN.wait(60)
            raise ValueError("no")

        def slow() -> int:
            BEGUN.set()
            assert FAILED.wait(60)
            return 1

        def next(slow: int) -> int:
            return slow

        def end(failing: int, next: int) -> int:
            return 0
    """
    root = make_project({"pipelines/failing.py": module})
    running = asyncio.create_task(runner(root, "failing", "threadpool", recorder).run_async())
    while not recorder.of("node_failed") and not running.done():
        await asyncio.sleep(0.001)
    sys.modules["pipelines.failing"].FAILED.set()
    with pytest.raises(ValueError, match="no"):
        await running
    assert [node for node, *_ in recorder.of("node_finished")] == ["slow"]
    assert dict(recorder.of("node_skipped")) == {
        "next": "the attempt ended before its turn",
        "end": "it needs 'failing', which failed",
    }


async def test_what_fails_in_a_process_fails_the_run_once(make_project, recorder):
    module = BLOCK.replace("return item * item, os.getpid()", "raise ValueError(f'no {item}')")
    root = make_project({"pipelines/block.py": module})
    with pytest.raises(ValueError, match="no 0") as caught:
        await runner(root, "block", "processpool", recorder, inputs={"count": 1}).run_async()
    assert "It was raised in another process" in caught.value.__notes__[0]
    assert [node for node, *_ in recorder.of("node_failed")] == ["square"]


async def test_a_cancelled_run_ends_its_processes_at_once(make_project, recorder, tmp_path):
    module = """
        import os
        import time
        from pathlib import Path
        from hamilton.htypes import Collect, Parallelizable

        def item() -> Parallelizable[int]:
            yield from range(2)

        def endless(item: int, place: str) -> int:
            Path(place, str(os.getpid())).touch()
            time.sleep(3600)

        def all(endless: Collect[int]) -> list:
            return endless
    """
    place = tmp_path / "processes"
    place.mkdir()
    root = make_project({"pipelines/endless.py": module})
    pipeline = runner(root, "endless", "processpool", recorder, inputs={"place": str(place)})
    task = asyncio.create_task(pipeline.run_async())
    while len(list(place.iterdir())) < 2 and not task.done():
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for process in place.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(process.name), 0)
    assert recorder.of("node_failed") == []
    assert [node for node, *_ in recorder.of("node_finished")] == ["item"]


async def test_what_a_thread_cannot_raise_in_a_coroutine_ends_the_run_all_the_same(make_project, recorder):
    root = make_project({"pipelines/stopping.py": "def a() -> int:\n    return next(iter([]))\n"})
    with pytest.raises(RuntimeError, match="StopIteration") as caught:
        await runner(root, "stopping", "threadpool", recorder).run_async()
    assert isinstance(caught.value.__cause__, StopIteration)
    assert [node for node, *_ in recorder.of("node_failed")] == ["a"]


async def test_processes_are_refused_where_an_adapter_is_awaited(make_project, recorder):
    from hamilton.lifecycle import base

    class Awaited(base.BasePostNodeExecuteAsync):
        async def post_node_execute(self, **facts: Any) -> None:
            del facts

    root = make_project({"pipelines/block.py": BLOCK})
    settings = {"inputs": {"count": 2}, "adapter": {"awaited": Awaited()}}
    with pytest.raises(ConfigError, match="awaited for every node") as caught:
        await runner(root, "block", "processpool", recorder, **settings).run_async()
    assert "threadpool" in str(caught.value)
    assert recorder.of("node_started") == []


async def test_a_plugins_executor_that_says_nothing_of_loops_is_refused_by_its_name(make_project, monkeypatch):
    from flowerpower_tui.pipeline import execution
    from flowerpower_tui.pipeline.engine.executors import InTurn

    class Announced(InTurn):
        def work(self, schedule: Any, performer: Any) -> None:
            super().work(schedule, performer)

    made: dict[str, Any] = {
        "announced": lambda config, recipe: Announced(),
        "inherited": lambda config, recipe: InTurn(),
    }
    monkeypatch.setattr(execution, "_plugin", made.__getitem__)
    monkeypatch.setattr("flowerpower_tui.config.fit.executors", lambda: tuple(made))
    root = make_project({"pipelines/block.py": BLOCK})
    with pytest.raises(ConfigError, match=r"cannot be executed by 'announced' \(run.executor.type\)"):
        await runner(root, "block", "announced", inputs={"count": 2}).run_async()
    assert len((await runner(root, "block", "inherited", inputs={"count": 2}).run_async())["squares"]) == 3
