"""Running real pipelines: results, overrides, events in order, failures."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError, FlowerPowerError, GraphError, PipelineNotFoundError
from flowerpower_tui.pipeline.runner import PipelineRunner

CHAIN = """
    def a(start: int) -> int:
        return start + 1

    def b(a: int) -> int:
        print("b prints")
        return a * 2

    def c(a: int, b: int) -> int:
        return a + b
"""

BLOCK = """
    from hamilton.htypes import Collect, Parallelizable

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    def square(item: int) -> int:
        return item * item

    def total(square: Collect[int]) -> int:
        return sum(square)

    def doubled(total: int) -> int:
        return total * 2
"""

NO_RETRY = "run: {retry: {max_retries: 0}}\n"


def run(root: Path, name: str = "chain", observer: Any = None, **settings: Any) -> dict[str, Any]:
    return PipelineRunner(root, name, {"run": settings}, *([observer] if observer else [])).run()


def test_the_final_variables_come_back_in_a_plain_dictionary(make_project):
    root = make_project({"pipelines/chain.py": CHAIN}, {"chain": "run: {inputs: {start: 1}, final_vars: [b, c]}"})
    assert run(root) == {"b": 4, "c": 6}


def test_without_final_vars_the_leaves_are_computed(make_project):
    root = make_project({"pipelines/chain.py": CHAIN}, {"chain": "run: {inputs: {start: 1}}"})
    assert run(root) == {"c": 6}


def test_a_module_without_a_configuration_runs_by_its_name(make_project):
    root = make_project({"pipelines/chain.py": CHAIN})
    assert run(root, inputs={"start": 2}) == {"c": 9}


def test_inputs_of_the_caller_are_laid_over_those_of_the_configuration(make_project):
    module = "def total(x: int, y: int) -> int:\n    return 10 * x + y\n"
    root = make_project({"pipelines/sum.py": module}, {"sum": "run: {inputs: {x: 1, y: 2}}"})
    assert run(root, "sum", inputs={"y": 5}) == {"total": 15}


PARAMETERIZED = """
    from pathlib import Path
    from flowerpower.cfg import Config
    from hamilton.function_modifiers import parameterize

    PARAMS = Config.load(Path(__file__).parents[1], pipeline_name="greet").pipeline.h_params

    @parameterize(**PARAMS["greeting"])
    def greeting(word: str, times: int) -> str:
        return word * times
"""
GREET = """
    params:
      greeting: {word: hi, times: 2}
    """


def test_params_of_the_configuration_parameterize_nodes(make_project):
    root = make_project({"pipelines/greet.py": PARAMETERIZED}, {"greet": GREET})
    assert run(root, "greet") == {"greeting": "hihi"}


def test_params_of_the_caller_reach_the_module_level_config(make_project):
    root = make_project({"pipelines/greet.py": PARAMETERIZED}, {"greet": GREET})
    overrides = {"params": {"greeting": {"times": 3}}}
    assert PipelineRunner(root, "greet", overrides).run() == {"greeting": "hihihi"}


def test_the_pipeline_wins_over_its_additional_modules(make_project):
    files = {
        "pipelines/main.py": "def a() -> str:\n    return 'main'\n\ndef b(a: str, h: str) -> str:\n    return a + h\n",
        "pipelines/extra.py": "def a() -> str:\n    return 'extra'\n\ndef h() -> str:\n    return '!'\n",
    }
    root = make_project(files, {"main": "run: {additional_modules: [extra], final_vars: [b]}"})
    assert run(root, "main") == {"b": "main!"}


WHEN = """
    from hamilton.function_modifiers import config

    @config.when(mode="fast")
    def speed__fast() -> str:
        return "hare"

    @config.when(mode="slow")
    def speed__slow() -> str:
        return "tortoise"
"""


@pytest.mark.parametrize(("mode", "animal"), [("fast", "hare"), ("slow", "tortoise")])
def test_config_when_follows_the_configuration(make_project, mode, animal):
    root = make_project({"pipelines/when.py": WHEN}, {"when": "run: {config: {mode: fast}}"})
    assert run(root, "when", config={"mode": mode}) == {"speed": animal}


@pytest.mark.parametrize("executor", ["synchronous", "local", "threadpool"])
def test_a_parallelizable_block_runs_under_every_local_executor(make_project, executor):
    root = make_project({"pipelines/block.py": BLOCK})
    assert run(root, "block", inputs={"count": 5}, executor={"type": executor}) == {"doubled": 60}


def test_a_block_without_items_collects_nothing(make_project):
    root = make_project({"pipelines/block.py": BLOCK})
    assert run(root, "block", inputs={"count": 0}) == {"doubled": 0}


def test_the_events_of_a_run_come_in_order(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN})
    run(root, observer=recorder, inputs={"start": 1})
    assert recorder.told == [
        "graph_built",
        "attempt_started 1",
        "node_started a",
        "node_finished a",
        "node_started b",
        "node_finished b",
        "node_started c",
        "node_finished c",
    ]
    ((_, final_vars, _),) = recorder.of("graph_built")
    assert final_vars == ("c",)
    assert recorder.of("attempt_started") == [(1, 4)]
    (_, task, duration, summary), *_ = recorder.of("node_finished")
    assert (task, summary.type, summary.preview) == ("", "int", "2")
    assert duration >= 0


def test_a_block_tells_its_items_and_its_progress(make_project, recorder):
    root = make_project({"pipelines/block.py": BLOCK})
    run(root, "block", recorder, inputs={"count": 3}, executor={"type": "synchronous"})
    assert [call for call in recorder.calls if call[0] in ("progress", "node_started")] == [
        ("node_started", "item", ""),
        ("progress", "item", 0, 3),
        ("node_started", "square", "item[0]"),
        ("progress", "item", 1, 3),
        ("node_started", "square", "item[1]"),
        ("progress", "item", 2, 3),
        ("node_started", "square", "item[2]"),
        ("progress", "item", 3, 3),
        ("node_started", "total", ""),
        ("node_started", "doubled", ""),
    ]


def test_a_block_in_threads_tells_every_item_once(make_project, recorder):
    root = make_project({"pipelines/block.py": BLOCK})
    run(root, "block", recorder, inputs={"count": 20}, executor={"type": "threadpool", "max_workers": 4})
    finished = [task for node, task, *_ in recorder.of("node_finished") if node == "square"]
    assert sorted(finished) == sorted(f"item[{index}]" for index in range(20))
    assert recorder.of("progress") == [("item", done, 20) for done in range(21)]


def test_what_a_node_prints_is_left_alone(make_project, capsys):
    root = make_project({"pipelines/chain.py": CHAIN})
    run(root, inputs={"start": 1})
    assert capsys.readouterr() == ("b prints\n", "")


FLAKY = """
    CALLS = []

    def wobbly() -> int:
        CALLS.append(1)
        if len(CALLS) < 3:
            raise TimeoutError(f"call {len(CALLS)}")
        return 7

    def after(wobbly: int) -> int:
        return wobbly + 1
"""


def test_a_node_that_fails_twice_succeeds_at_the_third_attempt(make_project, recorder):
    root = make_project({"pipelines/flaky.py": FLAKY})
    result = run(root, "flaky", recorder, retry={"max_retries": 5, "retry_delay": 0.001})
    assert result == {"after": 8}
    assert recorder.told == [
        "graph_built",
        *("attempt_started 1", "node_started wobbly", "node_failed wobbly", "node_skipped after", "attempt_failed 1"),
        *("attempt_started 2", "node_started wobbly", "node_failed wobbly", "node_skipped after", "attempt_failed 2"),
        *("attempt_started 3", "node_started wobbly", "node_finished wobbly"),
        *("node_started after", "node_finished after"),
    ]
    (_, failure, delay), _ = recorder.of("attempt_failed")
    assert failure.message == "call 1"
    assert 0.001 <= delay <= 0.0011


def test_the_last_attempt_raises_what_the_node_raised(make_project, recorder):
    root = make_project({"pipelines/flaky.py": FLAKY})
    with pytest.raises(TimeoutError, match="call 2"):
        run(root, "flaky", recorder, retry={"max_retries": 1, "retry_delay": 0.001})
    assert [retry_in for _, _, retry_in in recorder.of("attempt_failed")][-1] is None


def test_an_exception_that_is_not_listed_is_not_tried_again(make_project, recorder):
    root = make_project({"pipelines/flaky.py": FLAKY})
    with pytest.raises(TimeoutError):
        run(root, "flaky", recorder, retry={"retry_exceptions": ["ValueError"]})
    assert len(recorder.of("attempt_started")) == 1


FAILING = """
    def source() -> list[int]:
        return []

    def left(source: list[int]) -> int:
        return helper(source)

    def right(source: list[int], left: int) -> int:
        return len(source)

    def helper_unused(source: list[int]) -> int:
        return 0

    def helper(values):
        return values[0]
"""


def test_a_failing_node_is_reported_once_and_nothing_is_logged(make_project, recorder, caplog):
    failing = FAILING.replace("def helper(", "def _helper(").replace("helper(source)", "_helper(source)")
    root = make_project({"pipelines/failing.py": failing}, {"failing": NO_RETRY + "  # none\n"})
    with caplog.at_level(logging.WARNING), pytest.raises(IndexError):
        run(root, "failing", recorder, final_vars=["right"])
    assert [node for node, *_ in recorder.of("node_failed")] == ["left"]
    assert recorder.of("node_skipped") == [("right", "it needs 'left', which failed")]
    assert caplog.records == []


def test_a_failure_starts_at_the_users_code(make_project, recorder):
    module = "def a() -> int:\n    return _deep()\n\ndef _deep():\n    raise ValueError('no')\n"
    root = make_project({"pipelines/deep.py": module}, {"deep": NO_RETRY})
    with pytest.raises(ValueError, match="no"):
        run(root, "deep", recorder)
    ((_, _, _, failure),) = recorder.of("node_failed")
    assert [(Path(frame.file).name, frame.line, frame.function) for frame in failure.frames] == [
        ("deep.py", 2, "a"),
        ("deep.py", 5, "_deep"),
    ]
    assert failure.frames[-1].source == "raise ValueError('no')"


@pytest.mark.parametrize("executor", ["synchronous", "threadpool"])
def test_a_failing_item_is_not_logged_either(make_project, caplog, executor):
    module = BLOCK.replace("return item * item", "return 1 // item")
    root = make_project({"pipelines/block.py": module}, {"block": NO_RETRY})
    with caplog.at_level(logging.WARNING), pytest.raises(ZeroDivisionError):
        run(root, "block", inputs={"count": 1}, executor={"type": executor})
    assert caplog.records == []


def test_a_block_inside_a_block_is_refused(make_project, recorder):
    module = """
        from hamilton.htypes import Collect, Parallelizable

        def outer() -> Parallelizable[int]:
            yield from range(2)

        def inner(outer: int) -> Parallelizable[int]:
            yield from range(outer)

        def squares(inner: int) -> int:
            return inner * inner

        def sums(squares: Collect[int]) -> int:
            return sum(squares)

        def total(sums: Collect[int]) -> int:
            return sum(sums)
    """
    error = mistake(make_project({"pipelines/nested.py": module}), "nested", recorder)
    assert error.message.startswith("'inner' would be expanded for each item of 'outer'")


def test_a_failing_item_of_a_block_ends_the_run(make_project, recorder):
    module = BLOCK.replace("return item * item", "return 1 // (item - 2)")
    root = make_project({"pipelines/block.py": module}, {"block": NO_RETRY})
    with pytest.raises(ZeroDivisionError):
        run(root, "block", recorder, inputs={"count": 4})
    assert [(node, task) for node, task, *_ in recorder.of("node_failed")] == [("square", "item[2]")]
    assert [node for node, _ in recorder.of("node_skipped")] == ["total", "doubled"]


@pytest.mark.parametrize("executor", ["synchronous", "threadpool"])
def test_an_interrupted_node_has_neither_finished_nor_failed(make_project, recorder, executor):
    module = "def a() -> int:\n    return 1\n\ndef b(a: int) -> int:\n    raise KeyboardInterrupt\n"
    root = make_project({"pipelines/stop.py": module})
    with pytest.raises(KeyboardInterrupt):
        run(root, "stop", recorder, executor={"type": executor})
    assert recorder.told[-2:] == ["node_finished a", "node_started b"]


def test_an_interrupt_ends_a_block_that_runs_in_threads(make_project, recorder):
    module = BLOCK.replace("return item * item", "_thread.interrupt_main(); time.sleep(0.2); return item")
    root = make_project({"pipelines/block.py": module.replace("from ham", "import _thread, time\n    from ham", 1)})
    with pytest.raises(KeyboardInterrupt):
        run(root, "block", recorder, inputs={"count": 3}, executor={"type": "threadpool", "max_workers": 2})
    assert recorder.of("node_failed") == []
    assert "attempt_failed 1" not in recorder.told


def test_a_node_that_exits_has_failed(make_project, recorder):
    root = make_project({"pipelines/leave.py": "import sys\n\ndef a() -> int:\n    sys.exit(3)\n"})
    with pytest.raises(SystemExit):
        run(root, "leave", recorder)
    assert [failure.type for *_, failure in recorder.of("node_failed")] == ["SystemExit"]


@pytest.mark.parametrize("executor", ["synchronous", "threadpool"])
def test_a_node_may_raise_what_means_something_to_generators(make_project, recorder, executor):
    root = make_project({"pipelines/stop.py": "def a() -> int:\n    return next(iter([]))\n"}, {"stop": NO_RETRY})
    with pytest.raises(StopIteration):
        run(root, "stop", recorder, executor={"type": executor})
    assert [failure.type for *_, failure in recorder.of("node_failed")] == ["StopIteration"]


def test_what_python_makes_of_that_in_a_generator_stays_what_it_is(make_project):
    module = "def _items():\n    yield next(iter([]))\n\ndef a() -> list:\n    return list(_items())\n"
    root = make_project({"pipelines/stop.py": module}, {"stop": NO_RETRY})
    with pytest.raises(RuntimeError, match="generator raised StopIteration"):
        run(root, "stop")


def test_a_run_inside_an_except_block_is_told_as_it_went(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN})
    try:
        raise RuntimeError("handled by the caller")
    except RuntimeError:
        run(root, observer=recorder, inputs={"start": 1})
    assert len(recorder.of("node_finished")) == 3


def test_an_observer_that_fails_does_not_fail_the_run(make_project, caplog):
    class Broken:
        def __getattr__(self, name: str) -> Any:
            def call(*_: object) -> None:
                if name.startswith("node_"):
                    raise OSError("the pipe is gone")

            return call

    root = make_project({"pipelines/chain.py": CHAIN})
    assert run(root, observer=Broken(), inputs={"start": 1}) == {"c": 6}


def test_a_chain_of_two_thousand_nodes_runs(make_project):
    lines = ["def n0() -> int:\n    return 0\n"]
    lines += [f"def n{i}(n{i - 1}: int) -> int:\n    return n{i - 1} + 1\n" for i in range(1, 2000)]
    root = make_project({"pipelines/long.py": "\n".join(lines)})
    limit = sys.getrecursionlimit()
    assert run(root, "long") == {"n1999": 1999}
    assert sys.getrecursionlimit() == limit


def test_the_callbacks_hear_the_outcome(make_project):
    heard: list[Any] = []
    root = make_project({"pipelines/chain.py": CHAIN})
    on_success = (lambda result, error, tag: heard.append((result, error, tag)), ("x",), {})
    run(root, inputs={"start": 1}, on_success=on_success, on_failure=lambda *_: heard.append("failure"))
    assert heard == [({"c": 6}, None, "x")]


@pytest.mark.parametrize("settings", [{"final_vars": ["d"]}, {"inputs": {}}, {"additional_modules": ["nowhere"]}])
def test_a_mistake_that_is_found_before_the_first_attempt_is_a_failure_too(make_project, settings):
    heard: list[Any] = []
    root = make_project({"pipelines/chain.py": CHAIN})
    given = {"inputs": {"start": 1}, "on_failure": lambda *told: heard.append(told)} | settings
    with pytest.raises(FlowerPowerError) as caught:
        run(root, **given)
    assert heard == [(None, caught.value)]


def test_an_adapter_of_the_caller_reaches_hamilton(make_project):
    from hamilton.lifecycle import NodeExecutionHook

    class Names(NodeExecutionHook):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def run_before_node_execution(self, *, node_name: str, **_: Any) -> None:
            self.seen.append(node_name)

        def run_after_node_execution(self, **_: Any) -> None: ...

    names = Names()
    root = make_project({"pipelines/chain.py": CHAIN})
    run(root, inputs={"start": 1}, adapter={"names": names})
    assert names.seen == ["a", "b", "c"]


# Mistakes in input: told once, before anything runs, and never tried again.


def mistake(root: Path, name: str, recorder: Any, **settings: Any) -> FlowerPowerError:
    with pytest.raises(FlowerPowerError) as caught:
        run(root, name, recorder, **settings)
    assert recorder.of("attempt_started") == []
    return caught.value


def test_an_unknown_pipeline_is_told_with_the_nearest_name(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN}, {"chain": "run: {}"})
    error = mistake(root, "chian", recorder)
    assert isinstance(error, PipelineNotFoundError)
    assert error.hint == "Did you mean 'chain'?"


def test_an_unknown_final_variable_is_told_with_the_nearest_name(make_project, recorder):
    module = "def revenue() -> int:\n    return 1\n"
    root = make_project({"pipelines/sales.py": module}, {"sales": "run:\n  final_vars: [revenu]\n"})
    error = mistake(root, "sales", recorder)
    assert isinstance(error, GraphError)
    assert "'revenu'" in error.message
    assert error.hint == "Did you mean 'revenue'?"


def test_a_missing_input_names_who_needs_it(make_project, recorder):
    error = mistake(make_project({"pipelines/chain.py": CHAIN}), "chain", recorder)
    assert isinstance(error, GraphError)
    assert error.message == "The input 'start' (int) is missing; it is needed by a."


def test_a_misspelt_input_is_found(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN})
    error = mistake(root, "chain", recorder, inputs={"strat": 1})
    assert error.hint == "Is it meant by 'strat', which nothing takes?"


def test_an_input_that_only_other_nodes_need_is_not_missed(make_project):
    module = "def a(x: int) -> int:\n    return x\n\ndef b() -> int:\n    return 2\n"
    root = make_project({"pipelines/part.py": module})
    assert run(root, "part", final_vars=["b"]) == {"b": 2}


def test_an_optional_input_may_be_missing(make_project):
    root = make_project({"pipelines/opt.py": "def a(x: int = 4) -> int:\n    return x\n"})
    assert run(root, "opt") == {"a": 4}


def test_an_input_of_another_type_is_refused(make_project, recorder):
    error = mistake(make_project({"pipelines/chain.py": CHAIN}), "chain", recorder, inputs={"start": "soon"})
    assert error.message == "The input 'start' wants int, and got 'soon' (str)."


def test_a_scalar_that_means_the_same_is_taken(make_project):
    root = make_project({"pipelines/chain.py": CHAIN})
    assert run(root, inputs={"start": "1"}) == {"c": 6}


def test_a_value_of_the_configuration_is_taken_like_an_input(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN})
    assert run(root, config={"start": "1"}) == {"c": 6}
    error = mistake(root, "chain", recorder, config={"start": "soon"})
    assert error.hint == "Change it in run.config."


def test_a_key_in_both_inputs_and_config_is_refused(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN})
    error = mistake(root, "chain", recorder, inputs={"start": 1}, config={"start": 2})
    assert "'start'" in error.message


def test_a_cycle_is_named(make_project, recorder):
    module = "def a(c: int) -> int: ...\n\ndef b(a: int) -> int: ...\n\ndef c(b: int) -> int: ...\n"
    error = mistake(make_project({"pipelines/round.py": module}), "round", recorder)
    assert error.message == "The graph has a cycle: a → b → c → a."
    assert error.location is not None
    assert error.location.line == 1


def test_functions_that_make_no_graph_are_told_with_their_place(make_project, recorder):
    module = "def a() -> int:\n    return 1\n\ndef b(a: str) -> str:\n    return a\n"
    error = mistake(make_project({"pipelines/types.py": module}), "types", recorder)
    assert isinstance(error, GraphError)
    assert error.location is not None
    assert error.location.line in (1, 4)


def test_a_function_without_a_return_type_is_told_with_its_place(make_project, recorder):
    module = "def a() -> int:\n    return 1\n\ndef b(a: int):\n    return a\n"
    error = mistake(make_project({"pipelines/bare.py": module}), "bare", recorder)
    assert isinstance(error, GraphError)
    assert str(error.location).endswith("bare.py:4")


def test_a_module_without_functions_makes_no_graph(make_project, recorder):
    error = mistake(make_project({"pipelines/empty.py": "X = 1\n"}), "empty", recorder)
    assert isinstance(error, GraphError)


def test_an_unknown_executor_is_refused(make_project, recorder):
    root = make_project({"pipelines/chain.py": CHAIN})
    error = mistake(root, "chain", recorder, inputs={"start": 1}, executor={"type": "threadpol"})
    assert isinstance(error, ConfigError)
    assert error.hint == "Did you mean 'threadpool'?"


def test_values_of_a_block_that_nothing_collects_are_refused(make_project, recorder):
    root = make_project({"pipelines/block.py": BLOCK})
    error = mistake(root, "block", recorder, inputs={"count": 2}, final_vars=["square"])
    assert error.message == "'square' is computed for each item of 'item', and no Collect gathers it."


def test_a_block_may_be_gathered_twice(make_project):
    module = BLOCK + "\n    def most(square: Collect[int]) -> int:\n        return max(square)\n"
    root = make_project({"pipelines/block.py": module})
    assert run(root, "block", inputs={"count": 4}) == {"doubled": 28, "most": 9}


def test_an_item_and_what_gathers_it_are_not_asked_for_together(make_project, recorder):
    root = make_project({"pipelines/block.py": BLOCK})
    error = mistake(root, "block", recorder, inputs={"count": 2}, final_vars=["square", "total"])
    assert error.message == "'square' is computed for each item of 'item', and no Collect gathers it."


@pytest.mark.parametrize("kind", ["ray", "dask"])
def test_an_executor_whose_library_is_missing_names_its_extra(make_project, recorder, monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    root = make_project({"pipelines/chain.py": CHAIN})
    error = mistake(root, "chain", recorder, inputs={"start": 1}, executor={"type": kind})
    assert f"flowerpower-tui[{kind}]" in error.hint
