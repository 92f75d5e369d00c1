"""Nodes in processes of their own: what goes there, what comes back, and how they end."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import GraphError
from flowerpower_tui.pipeline.runner import PipelineRunner


def run(root: Path, name: str, observer: Any = None, workers: int = 1, **settings: Any) -> dict[str, Any]:
    given = {"executor": {"type": "processpool", "max_workers": workers}, "retry": {"max_retries": 0}} | settings
    return PipelineRunner(root, name, {"run": given}, *([observer] if observer else [])).run()


BLOCK = """
    import logging
    import os
    from hamilton.function_modifiers import extract_fields
    from hamilton.htypes import Collect, Parallelizable

    log = logging.getLogger(__name__)

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    @extract_fields({"square": int, "where": int})
    def computed(item: int, offset: int) -> dict:
        print("printed for", item)
        log.info("logged for %s", item)
        return {"square": item * item + offset, "where": os.getpid()}

    def pair(square: int, where: int) -> tuple:
        return square, where

    def pairs(pair: Collect[tuple]) -> list:
        return [*pair, os.getpid()]
"""


def test_items_run_elsewhere_decorated_or_not_and_come_back_in_order(make_project, recorder, capfd, caplog):
    # Other tests may have left some: multiprocessing keeps its own helpers.
    before = set(_children())
    root = make_project({"pipelines/block.py": BLOCK})
    with caplog.at_level(logging.INFO):
        *pairs, here = run(root, "block", recorder, workers=2, inputs={"count": 5, "offset": 1})["pairs"]
    assert [square for square, _ in pairs] == [1, 2, 5, 10, 17]
    assert here == os.getpid()
    assert here not in {where for _, where in pairs}
    # What was printed went to this process's own descriptors, and what was logged is logged here.
    printed = capfd.readouterr().out.splitlines()
    assert sorted(printed) == [f"printed for {index}" for index in range(5)]
    logged = [record.getMessage() for record in caplog.records if record.name == "pipelines.block"]
    assert sorted(logged) == [f"logged for {index}" for index in range(5)]
    # And every instance of every node was told, in its order.
    for index in range(5):
        told = [
            (call[0], call[1]) for call in recorder.calls if call[0].startswith("node_") and call[2] == f"item[{index}]"
        ]
        nodes = ["computed", "square", "where", "pair"]
        assert told == [(kind, node) for node in nodes for kind in ("node_started", "node_finished")]
    assert recorder.of("progress") == [("item", done, 5) for done in range(6)]
    # Nobody is left.
    assert set(_children()) <= before


def test_independent_nodes_of_plain_data_run_elsewhere_and_others_here(make_project):
    module = """
        import os, threading
        from typing import Any

        def first() -> int:
            return os.getpid()

        def heavy(first: int) -> int:
            return os.getpid()

        def also_heavy(first: int) -> int:
            return os.getpid()

        def handle(first: int) -> Any:
            return threading.Lock(), os.getpid()

        def last(first: int, heavy: int, also_heavy: int, handle: Any) -> list[int]:
            return [first, heavy, also_heavy, handle[1], os.getpid()]
    """
    root = make_project({"pipelines/wide.py": module})
    first, heavy, also_heavy, handle, last = run(root, "wide")["last"]
    assert first == handle == last == os.getpid()
    assert os.getpid() not in (heavy, also_heavy)


def test_a_chain_runs_here_without_any_process(make_project):
    module = """
        import os

        def a() -> int:
            return os.getpid()

        def b(a: int) -> list[int]:
            return [a, os.getpid()]
    """
    root = make_project({"pipelines/chain.py": module})
    assert run(root, "chain") == {"b": [os.getpid()] * 2}


def test_values_that_cannot_be_sent_are_named_with_the_way_out(make_project, recorder):
    module = BLOCK.replace("def computed(item: int, offset: int)", "def computed(item: int, offset: object)")
    module = module.replace("+ offset", "").replace("log.info(", "print(offset); log.info(")
    module += "\n    def offset() -> object:\n        return lambda: 1\n"
    root = make_project({"pipelines/block.py": module})
    with pytest.raises(GraphError) as caught:
        run(root, "block", recorder, inputs={"count": 1})
    assert "'computed' cannot run in another process: 'offset' (function)" in caught.value.message
    assert "threadpool" in caught.value.hint
    assert [node for node, *_ in recorder.of("node_failed")] == ["computed"]


def test_a_value_that_cannot_come_back_is_named_with_the_way_out(make_project, recorder):
    module = BLOCK.replace("-> tuple:\n        return square, where", "-> object:\n        return lambda: 1")
    root = make_project({"pipelines/block.py": module.replace("Collect[tuple]", "Collect[object]")})
    with pytest.raises(GraphError) as caught:
        run(root, "block", recorder, inputs={"count": 1, "offset": 0})
    assert "The value of 'pair' (function) cannot leave its process" in caught.value.message
    assert [(node, task) for node, task, *_ in recorder.of("node_failed")] == [("pair", "item[0]")]


def test_a_failure_comes_back_as_it_was_raised_with_its_traceback(make_project, recorder):
    module = BLOCK.replace("log.info(", "_fail(item); log.info(")
    module += """
    class OwnError(Exception):
        def __init__(self, item, reason):
            super().__init__(f"{item}: {reason}")
            self.item = item

    def _fail(item):
        raise KeyError(item)
"""
    root = make_project({"pipelines/block.py": module})
    with pytest.raises(KeyError) as caught:
        run(root, "block", recorder, inputs={"count": 1, "offset": 0})
    assert "in _fail" in caught.value.__notes__[0]
    ((_, _, _, failure),) = recorder.of("node_failed")
    assert [frame.function for frame in failure.frames] == ["computed", "_fail"]
    ((_, of_attempt, _),) = recorder.of("attempt_failed")
    assert of_attempt == failure
    # One that does not survive the way is told all the same.
    path = root / "pipelines" / "block.py"
    path.write_text(path.read_text().replace("raise KeyError(item)", "raise OwnError(item, 'bad')"))
    with pytest.raises(RuntimeError, match="OwnError: 0: bad"):
        run(root, "block", inputs={"count": 1, "offset": 0})


def test_a_process_that_dies_fails_its_node_and_the_next_attempt_has_another(make_project, recorder, tmp_path):
    module = BLOCK.replace("log.info(", "_die(); log.info(")
    module += f"""
    MARK = {str(tmp_path / "died")!r}

    def _die():
        if not os.path.exists(MARK):
            open(MARK, "w").close()
            os.kill(os.getpid(), 9)
"""
    root = make_project({"pipelines/block.py": module})
    retry = {"max_retries": 1, "retry_delay": 0.0}
    result = run(root, "block", recorder, inputs={"count": 1, "offset": 0}, retry=retry)
    assert [square for square, _ in result["pairs"][:-1]] == [0]
    ((node, task, _, failure),) = recorder.of("node_failed")
    assert (node, task, failure.type) == ("computed", "item[0]", "ChildProcessError")
    assert failure.message == "The process that ran 'computed' ended: SIGKILL."


def test_processes_run_what_the_run_has_imported_whatever_is_on_disk_by_then(make_project):
    module = BLOCK.replace("yield from range(count)", "_edit(); yield from range(count)")
    module += """
    def _edit():
        with open(__file__) as file:
            text = file.read()
        with open(__file__, "w") as file:
            file.write(text.replace("item * item + offset", "item * item - 1000"))
"""
    root = make_project({"pipelines/block.py": module})
    pairs = run(root, "block", inputs={"count": 2, "offset": 1})["pairs"]
    assert [square for square, _ in pairs[:-1]] == [1, 2]


def test_adapters_stay_here_and_see_what_runs_elsewhere(make_project, recorder):
    from hamilton.lifecycle import NodeExecutionHook
    from hamilton.lifecycle.default import GracefulErrorAdapter

    class Hook(NodeExecutionHook):
        def __init__(self) -> None:
            self.results: dict[str, Any] = {}

        def run_before_node_execution(self, **_: Any) -> None: ...

        def run_after_node_execution(self, *, node_name: str, result: Any, **_: Any) -> None:
            self.results[node_name] = result

    module = BLOCK.replace("log.info(", "1 // item; log.info(")
    root = make_project({"pipelines/block.py": module})
    hook = Hook()
    adapters = {"hook": hook, "graceful": GracefulErrorAdapter(ZeroDivisionError, sentinel_value=None)}
    result = run(root, "block", recorder, inputs={"count": 2, "offset": 0}, adapter=adapters, workers=1)
    (none, (square, where), here) = result["pairs"]
    assert none is None
    assert square == 1
    assert where != here
    assert hook.results["pair"] == (square, where)
    assert [(node, task) for node, task, *_ in recorder.of("node_failed")] == [("computed", "item[0]")]


def test_params_of_the_caller_reach_the_modules_over_there(make_project):
    module = """
        from pathlib import Path
        from flowerpower.cfg import Config
        from hamilton.htypes import Collect, Parallelizable

        LIMIT = Config.load(Path(__file__).parents[1], pipeline_name="params").pipeline.params["limit"]

        def item() -> Parallelizable[int]:
            yield 1

        def limit(item: int) -> int:
            return LIMIT

        def limits(limit: Collect[int]) -> list[int]:
            return limit
    """
    root = make_project({"pipelines/params.py": module}, {"params": "params: {limit: 1}\n"})
    overrides = {"params": {"limit": 7}, "run": {"executor": {"type": "processpool", "max_workers": 1}}}
    assert PipelineRunner(root, "params", overrides).run() == {"limits": [7]}


SLEEPER = """
    import os, time
    from pathlib import Path
    from hamilton.htypes import Collect, Parallelizable

    def item() -> Parallelizable[int]:
        yield from range(2)

    def slept(item: int, folder: str) -> int:
        Path(folder, str(os.getpid())).touch()
        time.sleep(3600)
        return item

    def all_slept(slept: Collect[int]) -> list[int]:
        return slept
"""


def test_an_interrupt_ends_the_processes(make_project, tmp_path):
    root = make_project({"pipelines/sleeper.py": SLEEPER})
    folder = tmp_path / "pids"
    folder.mkdir()
    script = """
        import sys
        from pathlib import Path
        from flowerpower_tui.pipeline.runner import PipelineRunner

        class Told:
            def __getattr__(self, name):
                return lambda *facts: print(name, *facts[:1], flush=True) if name.startswith("node") else None

        settings = {"executor": {"type": "processpool", "max_workers": 2}, "inputs": {"folder": sys.argv[2]}}
        try:
            PipelineRunner(Path(sys.argv[1]), "sleeper", {"run": settings}, Told()).run()
        except KeyboardInterrupt:
            print("interrupted")
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(root), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        while len(pids := [int(path.name) for path in folder.iterdir()]) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert out.splitlines()[-1] == "interrupted"
    assert "node_failed" not in out
    assert err == ""
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def _children() -> list[str]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return path.read_text().split() if path.exists() else []


SCRIPT = """
    import sys
    from dataclasses import dataclass
    from pathlib import Path

    from flowerpower_tui.errors import FlowerPowerError
    from flowerpower_tui.pipeline.manager import PipelineManager

    @dataclass
    class Offset:
        amount: int

    class OwnError(Exception):
        pass

    def of_script():
        return 1

    def told(**asked):
        settings = {"executor_cfg": {"type": "processpool", "max_workers": 2}, "retry": {"max_retries": 0}}
        try:
            return manager.run("taking", log_level="WARNING", **settings | asked)
        except FlowerPowerError as error:
            return f"{type(error).__name__}: {error.message}"

    manager = PipelineManager(sys.argv[1])
    given = {"count": 2, "offset": Offset(5)}
    own = {"max_retries": 0, "retry_exceptions": [OwnError]}
    print(told(inputs=given, final_vars=["alone", "beside"], retry=own))
    print(told(inputs=given, final_vars=["sums"]))
    print(told(inputs=given, final_vars=["alone", "beside"], config={"by": of_script}))
"""


def test_a_value_that_cannot_be_read_over_there_is_named_with_the_way_out(make_project):
    root = make_project(
        {
            "pipelines/odd.py": """
                from hamilton.htypes import Collect, Parallelizable

                class Odd(Exception):
                    def __init__(self, first: int, second: int) -> None:
                        super().__init__(f"{first} and {second}")

                def item() -> Parallelizable[object]:
                    return [Odd(1, 2)]

                def text(item: object) -> str:
                    return str(item)

                def texts(text: Collect[str]) -> list:
                    return list(text)
            """
        }
    )
    with pytest.raises(
        GraphError, match="'text' cannot run in another process: what it takes cannot be read"
    ) as raised:
        run(root, "odd")
    assert "threadpool" in raised.value.hint


def test_what_only_the_calling_script_has_hangs_no_process(make_project):
    root = make_project(
        {
            "pipelines/taking.py": """
                from hamilton.htypes import Collect, Parallelizable

                def item(count: int) -> Parallelizable[int]:
                    yield from range(count)

                def summed(item: int, offset: object) -> int:
                    return item + offset.amount

                def sums(summed: Collect[int]) -> list:
                    return list(summed)

                def alone(offset: object) -> int:
                    return offset.amount

                def beside(count: int) -> int:
                    return count
            """,
            "script.py": SCRIPT,
        }
    )
    command = [sys.executable, root / "script.py", root]
    script = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert script.returncode == 0, script.stderr
    alone, sums, by_config = script.stdout.splitlines()
    assert alone == "{'alone': 5, 'beside': 2}"
    assert sums == (
        "GraphError: 'summed' cannot run in another process: 'offset' (Offset) cannot be sent: "
        "'Offset' is of the script itself, and not of a module"
    )
    assert by_config.startswith("GraphError: The graph cannot be built in another process, since run.config cannot be")
