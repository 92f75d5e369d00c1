"""Pipelines on an event loop: the same as elsewhere, with coroutines side by side."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError, GraphError
from flowerpower_tui.pipeline.runner import PipelineRunner


def runner(root: Path, name: str, observer: Any = None, **settings: Any) -> PipelineRunner:
    given = {"retry": {"max_retries": 0}} | settings
    return PipelineRunner(root, name, {"run": given}, *([observer] if observer else []))


MIXED = """
    import asyncio

    MET = []

    async def _meet(value):
        MET.append(asyncio.get_running_loop().create_future())
        if len(MET) == 2:
            for future in MET:
                future.set_result(None)
        await MET[-1]
        return value

    async def a(start: int) -> int:
        return await _meet(start + 1)

    async def b(start: int) -> int:
        return await _meet(start + 2)

    def both(a: int, b: int) -> list[int]:
        return [a, b]

    async def end(both: list[int]) -> int:
        await asyncio.sleep(0)
        return sum(both)
"""


async def test_coroutines_run_side_by_side_and_others_as_they_are(make_project, recorder):
    root = make_project({"pipelines/mixed.py": MIXED})
    assert await runner(root, "mixed", recorder, inputs={"start": 1}).run_async() == {"end": 5}
    told = [line for line in recorder.told if line.startswith("node_")]
    assert told == [
        *("node_started a", "node_started b", "node_finished b", "node_finished a"),
        *("node_started both", "node_finished both", "node_started end", "node_finished end"),
    ]
    assert [summary.preview for *_, summary in recorder.of("node_finished")] == ["3", "2", "[2, 3]", "5"]


def test_run_awaits_coroutines_on_a_loop_of_its_own(make_project):
    root = make_project({"pipelines/mixed.py": MIXED})
    assert runner(root, "mixed", inputs={"start": 1}).run() == {"end": 5}


DECORATED = """
    import functools
    from hamilton.function_modifiers import check_output, extract_fields, parameterize, value

    @extract_fields({"base": int})
    async def bases(start: int) -> dict:
        return {"base": start}

    @parameterize(twice={"by": value(2)}, thrice={"by": value(3)})
    async def times(base: int, by: int) -> int:
        return base * by

    @check_output(range=(0, 100))
    async def checked(twice: int, thrice: int) -> int:
        return twice + thrice

    def _hiding(function):
        @functools.wraps(function)
        def hiding(start: int) -> int:
            return function(start)
        return hiding

    @_hiding
    async def hidden(start: int) -> int:
        return start
"""


def test_decorated_coroutines_are_awaited_too(make_project):
    root = make_project({"pipelines/decorated.py": DECORATED})
    asked = runner(root, "decorated", inputs={"start": 2}, final_vars=["checked", "thrice"])
    assert asked.run() == asyncio.run(asked.run_async()) == {"checked": 10, "thrice": 6}


def test_a_coroutine_that_a_decorator_hides_is_told_with_the_way_out(make_project):
    root = make_project({"pipelines/decorated.py": DECORATED})
    asked = runner(root, "decorated", inputs={"start": 2}, final_vars=["hidden"])
    for run in (asked.run, lambda: asyncio.run(asked.run_async())):
        with pytest.raises(GraphError, match="'hidden' gives a coroutine that nobody awaits") as caught:
            run()
        assert "async def" in caught.value.hint


async def test_run_on_a_running_loop_says_what_to_call(make_project, recorder):
    root = make_project({"pipelines/mixed.py": MIXED})
    with pytest.raises(GraphError) as caught:
        runner(root, "mixed", recorder, inputs={"start": 1}).run()
    assert "run_async" in caught.value.hint
    assert recorder.of("attempt_started") == []


async def test_a_pipeline_without_coroutines_runs_too(make_project):
    module = "def a() -> int:\n    return 1\n\ndef b(a: int) -> int:\n    return a + 1\n"
    root = make_project({"pipelines/plain.py": module})
    assert await runner(root, "plain").run_async() == {"b": 2}


async def test_a_pipeline_that_is_not_to_be_run_asynchronously_is_refused(make_project):
    root = make_project({"pipelines/mixed.py": MIXED})
    with pytest.raises(ConfigError, match="async_driver"):
        await runner(root, "mixed", inputs={"start": 1}, async_driver=False).run_async()


BLOCK = """
    import asyncio
    from hamilton.htypes import Collect, Parallelizable

    NOW = []
    MOST = []

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    async def square(item: int) -> int:
        NOW.append(item)
        MOST.append(len(NOW))
        await asyncio.sleep(0.001)
        NOW.remove(item)
        return item * item

    def total(square: Collect[int]) -> list[int]:
        return [sum(square), max(MOST)]
"""


@pytest.mark.parametrize(("executor", "most"), [("synchronous", 1), ("threadpool", 3)])
async def test_items_run_side_by_side_as_many_as_there_are_workers(make_project, recorder, executor, most):
    root = make_project({"pipelines/block.py": BLOCK})
    settings = {"inputs": {"count": 7}, "executor": {"type": executor, "max_workers": 3}}
    assert await runner(root, "block", recorder, **settings).run_async() == {"total": [91, most]}
    assert recorder.of("progress") == [("item", done, 7) for done in range(8)]


async def test_an_asynchronous_generator_gives_items(make_project):
    module = BLOCK.replace("def item(", "async def item(").replace(
        "yield from range(count)", "for index in range(count):\n            yield index"
    )
    root = make_project({"pipelines/block.py": module})
    assert (await runner(root, "block", inputs={"count": 3}).run_async())["total"][0] == 5


FAILING = """
    import asyncio

    CLEANED = []

    async def slow() -> int:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            CLEANED.append("slow")
        return 1

    async def quick() -> int:
        await asyncio.sleep(0.01)
        raise ValueError("no")

    def end(slow: int, quick: int) -> int:
        return 0
"""


async def test_after_a_failure_the_others_are_cancelled_and_awaited(make_project, recorder):
    import sys

    root = make_project({"pipelines/failing.py": FAILING})
    with pytest.raises(ValueError, match="no"):
        await runner(root, "failing", recorder).run_async()
    assert sys.modules["pipelines.failing"].CLEANED == ["slow"]
    assert [node for node, *_ in recorder.of("node_failed")] == ["quick"]
    assert recorder.of("node_finished") == []
    assert recorder.of("node_skipped") == [
        ("slow", "it was stopped when 'quick' failed"),
        ("end", "it needs 'quick', which failed"),
    ]
    assert len(asyncio.all_tasks()) == 1


async def test_a_cancelled_run_cancels_its_nodes_which_neither_finish_nor_fail(make_project, recorder):
    root = make_project({"pipelines/failing.py": FAILING.replace("sleep(0.01)", "sleep(3600)")})
    task = asyncio.create_task(runner(root, "failing", recorder).run_async())
    while len(recorder.of("node_started")) < 2:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert recorder.of("node_failed") == recorder.of("node_finished") == recorder.of("node_skipped") == []
    assert recorder.of("attempt_failed") == []
    assert len(asyncio.all_tasks()) == 1


async def test_each_attempt_is_told_and_the_wait_leaves_the_loop_free(make_project, recorder):
    module = """
        CALLS = []

        async def wobbly() -> int:
            CALLS.append(1)
            if len(CALLS) < 3:
                raise TimeoutError(f"call {len(CALLS)}")
            return 7
    """
    root = make_project({"pipelines/flaky.py": module})
    retry = {"max_retries": 5, "retry_delay": 0.001}
    assert await runner(root, "flaky", recorder, retry=retry).run_async() == {"wobbly": 7}
    assert recorder.told[1:] == [
        *("attempt_started 1", "node_started wobbly", "node_failed wobbly", "attempt_failed 1"),
        *("attempt_started 2", "node_started wobbly", "node_failed wobbly", "attempt_failed 2"),
        *("attempt_started 3", "node_started wobbly", "node_finished wobbly"),
    ]


async def test_the_callbacks_hear_the_outcome(make_project):
    heard: list[Any] = []
    root = make_project({"pipelines/mixed.py": MIXED})
    await runner(root, "mixed", inputs={"start": 1}, on_success=lambda *facts: heard.append(facts)).run_async()
    assert heard == [({"end": 5}, None)]


async def test_asynchronous_and_other_hooks_are_both_called(make_project):
    from hamilton.lifecycle import base

    class Both(base.BasePreNodeExecute, base.BasePostNodeExecuteAsync):
        def __init__(self) -> None:
            self.heard: list[tuple[str, str]] = []

        def pre_node_execute(self, *, run_id: str, node_: Any, kwargs: dict[str, Any], task_id: Any = None):
            self.heard.append(("pre", node_.name))

        async def post_node_execute(
            self,
            *,
            run_id: str,
            node_: Any,
            kwargs: dict[str, Any],
            success: bool,
            error: Any,
            result: Any,
            task_id: Any = None,
        ):
            await asyncio.sleep(0)
            self.heard.append(("post", node_.name))

    both = Both()
    root = make_project({"pipelines/mixed.py": MIXED})
    await runner(root, "mixed", inputs={"start": 1}, adapter={"both": both}).run_async()
    assert sorted(both.heard) == sorted((kind, node) for kind in ("pre", "post") for node in ("a", "b", "both", "end"))


async def test_a_coroutine_that_fails_gracefully_is_told_as_failed(make_project, recorder):
    from hamilton.lifecycle.default import GracefulErrorAdapter

    root = make_project({"pipelines/failing.py": FAILING.replace("sleep(3600)", "sleep(0)")})
    adapter = GracefulErrorAdapter(ValueError, sentinel_value=None)
    result = await runner(root, "failing", recorder, adapter={"graceful": adapter}).run_async()
    assert result == {"end": None}
    assert [node for node, *_ in recorder.of("node_failed")] == ["quick"]
    assert [node for node, *_ in recorder.of("node_finished")] == ["slow"]
    assert [node for node, _ in recorder.of("node_skipped")] == ["end"]


async def test_results_are_kept_for_coroutines_too(make_project, monkeypatch, tmp_path, recorder):
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    root = make_project({"pipelines/mixed.py": MIXED})
    settings = {"inputs": {"start": 1}, "cache": True}
    first = await runner(root, "mixed", **settings).run_async()
    assert await runner(root, "mixed", recorder, **settings).run_async() == first
    assert all(call[4:] == (True,) for call in recorder.of("node_finished"))
    assert len(recorder.of("node_finished")) == 4


@pytest.mark.parametrize("asked", [{"executor": {"type": "dask"}}, {"with_adapter": {"ray": True}}])
async def test_a_cluster_is_refused_for_what_is_awaited(
    make_project: Any, recorder: Any, asked: dict[str, Any]
) -> None:
    root = make_project({"pipelines/mixed.py": MIXED})
    settings = {"inputs": {"start": 1}, "retry": {"max_retries": 2}, **asked}
    with pytest.raises(ConfigError, match="cannot be executed on Ray or Dask"):
        await runner(root, "mixed", recorder, **settings).run_async()
    with pytest.raises(ConfigError, match="cannot be executed on Ray or Dask"):
        await asyncio.to_thread(runner(root, "mixed", **settings).run)
    assert len(recorder.of("attempt_started")) == 1
    assert recorder.of("node_started") == []
