"""Nodes side by side in threads: what runs together, whose context it is, and how a failure ends it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.pipeline.runner import PipelineRunner


def run(root: Path, name: str, observer: Any = None, workers: int = 4, **settings: Any) -> dict[str, Any]:
    given = {"executor": {"type": "threadpool", "max_workers": workers}, "retry": {"max_retries": 0}} | settings
    return PipelineRunner(root, name, {"run": given}, *([observer] if observer else [])).run()


# Each waits until all three are there: run one after the other, they would never come to an end.
TOGETHER = """
    import threading

    MET = threading.Barrier(3, timeout=20)

    def a() -> int:
        return MET.wait()

    def b() -> int:
        return MET.wait()

    def c() -> int:
        return MET.wait()

    def met(a: int, b: int, c: int) -> list[int]:
        return sorted([a, b, c])
"""


def test_independent_nodes_run_side_by_side(make_project):
    root = make_project({"pipelines/meet.py": TOGETHER})
    assert run(root, "meet") == {"met": [0, 1, 2]}


def test_items_of_a_block_run_side_by_side(make_project):
    module = """
        import threading
        from hamilton.htypes import Collect, Parallelizable

        MET = threading.Barrier(3, timeout=20)

        def item() -> Parallelizable[int]:
            yield from range(3)

        def place(item: int) -> int:
            MET.wait()
            return item

        def places(place: Collect[int]) -> list[int]:
            return place
    """
    root = make_project({"pipelines/meet.py": module})
    assert run(root, "meet") == {"places": [0, 1, 2]}


def test_no_more_nodes_run_at_once_than_there_are_workers(make_project):
    nodes = "".join(
        f"""
    def n{index}() -> int:
        return _count()
"""
        for index in range(12)
    )
    module = f"""
    import threading, time

    LOCK = threading.Lock()
    NOW = []
    MOST = []

    def _count():
        with LOCK:
            NOW.append(1)
            MOST.append(len(NOW))
        time.sleep(0.01)
        with LOCK:
            NOW.pop()
        return 1
{nodes}
    def most({", ".join(f"n{index}: int" for index in range(12))}) -> int:
        return max(MOST)
    """
    root = make_project({"pipelines/many.py": module})
    assert run(root, "many", workers=3)["most"] <= 3
    assert run(root, "many", executor={"type": "synchronous"})["most"] == 1


def test_a_chain_never_leaves_the_calling_thread(make_project):
    lines = ["    import threading\n", "    def n0() -> list[int]:\n        return [threading.get_ident()]\n"]
    lines += [
        f"    def n{i}(n{i - 1}: list[int]) -> list[int]:\n        return [*n{i - 1}, threading.get_ident()]\n"
        for i in range(1, 20)
    ]
    root = make_project({"pipelines/chain.py": "\n".join(lines)})
    assert set(run(root, "chain")["n19"]) == {threading.get_ident()}


def test_no_thread_is_left(make_project):
    root = make_project({"pipelines/meet.py": TOGETHER})
    before = threading.active_count()
    run(root, "meet")
    for thread in threading.enumerate():
        if thread.name.startswith("nodes-"):
            thread.join(20)  # they go by themselves
    assert threading.active_count() == before


CONTEXT = """
    import contextvars, threading

    WHO = contextvars.ContextVar("who", default="nobody")
    MET = threading.Barrier(2, timeout=20)

    def a() -> str:
        WHO.set("a")
        MET.wait()
        return WHO.get()

    def b() -> str:
        WHO.set("b")
        MET.wait()
        return WHO.get()

    def behind(a: str, b: str) -> list[str]:
        return [a, b, WHO.get()]
"""


def test_each_node_has_a_context_of_its_own(make_project):
    root = make_project({"pipelines/context.py": CONTEXT})
    assert run(root, "context") == {"behind": ["a", "b", "nobody"]}


def test_the_callers_context_reaches_every_node(make_project):
    import contextvars
    import sys
    import types

    shared = types.ModuleType("shared_with_the_test")
    shared.TENANT = contextvars.ContextVar("tenant", default="none")  # type: ignore[attr-defined]
    sys.modules[shared.__name__] = shared
    module = TOGETHER.replace("return MET.wait()", "MET.wait(); return TENANT.get()").replace("-> int", "-> str")
    module = module.replace("a: int, b: int, c: int) -> list[int]", "a: str, b: str, c: str) -> list[str]")
    root = make_project({"pipelines/meet.py": "    from shared_with_the_test import TENANT\n" + module})
    token = shared.TENANT.set("acme")
    try:
        assert run(root, "meet") == {"met": ["acme"] * 3}
    finally:
        shared.TENANT.reset(token)
        del sys.modules[shared.__name__]


FAILING = """
    import threading

    STARTED = threading.Event()
    FAILED = threading.Event()

    def quick() -> int:
        assert STARTED.wait(20)
        raise ValueError("no")

    def slow() -> int:
        STARTED.set()
        assert FAILED.wait(20)
        return 1

    def behind_slow(slow: int) -> int:
        return slow

    def behind_quick(quick: int) -> int:
        return quick

    def end(behind_slow: int, behind_quick: int) -> int:
        return 0
"""


def test_after_a_failure_nothing_starts_and_what_runs_is_waited_for(make_project, recorder):
    import sys

    root = make_project({"pipelines/failing.py": FAILING})

    class Observer:
        def node_failed(self, *facts: Any) -> None:
            recorder.node_failed(*facts)
            sys.modules["pipelines.failing"].FAILED.set()

        def __getattr__(self, name: str) -> Any:
            return getattr(recorder, name)

    with pytest.raises(ValueError, match="no"):
        run(root, "failing", Observer())
    assert [node for node, *_ in recorder.of("node_finished")] == ["slow"]
    assert [node for node, *_ in recorder.of("node_failed")] == ["quick"]
    assert recorder.of("node_skipped") == [
        ("behind_slow", "the attempt ended before its turn"),
        ("behind_quick", "it needs 'quick', which failed"),
        ("end", "it needs 'quick', which failed"),
    ]
    ended = [call[0] for call in recorder.calls if call[0] in ("node_finished", "node_skipped", "attempt_failed")]
    assert ended == ["node_finished", *["node_skipped"] * 3, "attempt_failed"]


def test_two_that_fail_are_both_told_and_the_first_is_raised(make_project, recorder):
    module = """
        import threading

        MET = threading.Barrier(2, timeout=20)

        def a() -> int:
            MET.wait()
            raise ValueError("a")

        def b() -> int:
            MET.wait()
            raise ValueError("b")
    """
    root = make_project({"pipelines/both.py": module})
    with pytest.raises(ValueError, match=r"a|b") as raised:
        run(root, "both", recorder)
    failed = [node for node, *_ in recorder.of("node_failed")]
    assert sorted(failed) == ["a", "b"]
    assert str(raised.value) in failed


def test_log_records_know_their_node(make_project, caplog):
    """Through a context variable that the observer sets when a node begins, as `runs.reporter` does."""
    import contextvars

    node_here: contextvars.ContextVar[str] = contextvars.ContextVar("node_here", default="")

    class Observer:
        def node_started(self, node: str, task: str) -> None:
            node_here.set(node)

        def __getattr__(self, name: str) -> Any:
            return lambda *_: None

    seen: list[tuple[str, str]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((node_here.get(), record.getMessage()))

    module = TOGETHER.replace("return MET.wait()", "MET.wait(); log.warning('here'); return 1")
    root = make_project({"pipelines/meet.py": "    import logging\n    log = logging.getLogger(__name__)\n" + module})
    handler = Handler()
    logging.getLogger("pipelines.meet").addHandler(handler)
    try:
        run(root, "meet", Observer())
    finally:
        logging.getLogger("pipelines.meet").removeHandler(handler)
    assert sorted(seen) == [("a", "here"), ("b", "here"), ("c", "here")]


def test_an_exit_in_another_thread_ends_the_run(make_project, recorder):
    module = TOGETHER.replace("return MET.wait()", "raise SystemExit(MET.wait())")
    root = make_project({"pipelines/leave.py": module})
    with pytest.raises(SystemExit):
        run(root, "leave", recorder)
    assert len(recorder.of("node_failed")) == 3


def test_an_interrupt_is_raised_at_once_and_what_still_runs_is_not_told(make_project, recorder):
    module = """
        import _thread, threading

        MET = threading.Barrier(2, timeout=20)
        GO = threading.Event()
        MAIN = threading.main_thread()

        def _wait():
            MET.wait()
            if threading.current_thread() is MAIN:
                GO.wait(20)
            else:
                _thread.interrupt_main()
                GO.wait(20)
            return 1

        def a() -> int:
            return _wait()

        def b() -> int:
            return _wait()
    """
    import sys

    root = make_project({"pipelines/stop.py": module})
    with pytest.raises(KeyboardInterrupt):
        run(root, "stop", recorder)
    told = len(recorder.calls)
    sys.modules["pipelines.stop"].GO.set()
    for thread in threading.enumerate():
        if thread.name.startswith("nodes-"):
            thread.join(20)
    assert len(recorder.calls) == told
    assert recorder.of("node_finished") == recorder.of("node_failed") == recorder.of("node_skipped") == []
