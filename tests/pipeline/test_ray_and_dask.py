"""Nodes on a real Ray and a real Dask cluster, by address: as everywhere else, only elsewhere."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest

from flowerpower_tui.errors import ConfigError, GraphError
from flowerpower_tui.pipeline.runner import PipelineRunner

Run = Callable[..., dict[str, Any]]


TOKEN = secrets.token_hex(32)
RAY_ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": TOKEN,
    "RAY_USAGE_STATS_ENABLED": "0",
    # Each client has a server of its own, which imports for half a minute where others use the processors.
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "120",
    # Ray forks that server out of one that talks gRPC, whose own care for forks kills it now and then.
    "GRPC_ENABLE_FORK_SUPPORT": "0",
}


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server, in a session of its own; all of it is ended."""
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def ray_addresses() -> Iterator[tuple[str, str]]:
    """A Ray that wants a token: its address for its own machines, and that for clients elsewhere."""
    from ray._private.authentication_test_utils import reset_auth_token_state  # it reads the environment only once

    port, for_clients = free_ports()
    address = f"127.0.0.1:{port}"
    # Paths of sockets are short.
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as folder:
        for name, value in RAY_ENVIRONMENT.items():
            patch.setenv(name, value)
        reset_auth_token_state()
        options = [f"--port={port}", f"--temp-dir={folder}", "--num-cpus=2", f"--ray-client-server-port={for_clients}"]
        options += ["--node-ip-address=127.0.0.1", "--include-dashboard=false", "--disable-usage-stats", "--block"]
        with started(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", *options) as process:
            wait_for(process, port)
            wait_for(process, for_clients)
            wait_for_a_node(address)
            yield address, f"ray://127.0.0.1:{for_clients}"
    reset_auth_token_state()


@pytest.fixture(scope="module")
def ray_address(ray_addresses: tuple[str, str]) -> str:
    """A Ray that wants a token."""
    return ray_addresses[0]


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), 1).close()
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_a_node(address: str) -> None:
    """Wait until the cluster has one: its ports are open before, and clients are turned away."""
    from ray._raylet import GcsClient

    cluster = GcsClient(address=address)
    deadline = time.monotonic() + 60
    while not any(node.resources_total.get("CPU") for node in cluster.get_all_node_info().values()):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def ray_connected(ray_address: str) -> Iterator[str]:
    """This process is connected already: its runs share Ray's workers, which take seconds to import everything."""
    import ray

    ray.init(ray_address, logging_level=logging.ERROR)
    yield ray_address
    assert ray.is_initialized()  # no run has let go of what it did not start
    ray.shutdown()


@pytest.fixture(scope="module")
def dask_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Dask cluster of two worker processes."""
    folder = tmp_path_factory.mktemp("dask")
    port, _ = free_ports()
    address = f"tcp://127.0.0.1:{port}"
    dask = (sys.executable, "-m", "dask")
    with started(*dask, "scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard") as scheduler:
        options = ("--nworkers=2", "--nthreads=1", "--no-dashboard", "--host=127.0.0.1", f"--local-directory={folder}")
        with started(*dask, "worker", address, *options):
            wait_for(scheduler, port)
            yield address


@pytest.mark.parametrize(
    ("kind", "address"), [("ray", "127.0.0.1:9"), ("ray", "ray://127.0.0.1:9"), ("dask", "tcp://127.0.0.1:9")]
)
def test_an_address_where_nobody_answers_is_told_and_not_tried_again(
    make_project: Any, recorder: Any, kind: str, address: str
) -> None:
    root = make_project({"pipelines/main.py": BLOCK})
    executor = {"type": kind, "address": address}
    with pytest.raises(ConfigError) as caught:
        run_here(root, "main", recorder, executor=executor, inputs={"count": 1, "offset": 0}, retry={"max_retries": 3})
    (problem,) = caught.value.problems
    assert f"at {address} (run.executor.address)" in problem.message
    assert problem.hint
    assert len(recorder.of("attempt_started")) == 1


def test_a_ray_by_address_is_let_go_of_and_goes_on(make_project: Any, ray_address: str, recorder: Any) -> None:
    import ray

    root = make_project({"pipelines/main.py": BLOCK})
    settings = {"inputs": {"count": 2, "offset": 0}, "final_vars": ["squares", "places"]}
    before = signal.getsignal(signal.SIGTERM), dict(os.environ)
    for _ in range(2):
        found = run_here(root, "main", recorder, executor={"type": "ray", "address": ray_address}, **settings)
        assert found["squares"] == [0, 1]
        assert os.getpid() not in found["places"]
        assert not ray.is_initialized()
    assert (signal.getsignal(signal.SIGTERM), dict(os.environ)) == before


@pytest.mark.skipif(
    os.environ.get("FP_TUI_TEST_RAY_CLIENT") != "1",
    reason="FP_TUI_TEST_RAY_CLIENT is not 1: on a busy machine Ray's own proxy for clients loses one now and then",
)
@pytest.mark.timeout(400)
def test_a_ray_that_is_only_reached_as_a_client_gives_and_tells_the_same_later(
    make_project: Any, ray_addresses: tuple[str, str], recorder: Any, capsys: Any
) -> None:
    import ray

    root = make_project({"pipelines/main.py": FAILING})
    settings = {"executor": {"type": "ray", "address": ray_addresses[1]}, "final_vars": ["squares"]}
    assert run_here(root, "main", recorder, inputs={"count": 2, "offset": 1}, **settings) == {"squares": [1, 2]}
    assert not ray.is_initialized()
    assert sorted(capsys.readouterr().out.splitlines()) == ["printed for 0", "printed for 1"]
    other = type(recorder)()
    run_here(root, "main", other, inputs={"count": 2, "offset": 1}, final_vars=["squares"])
    assert sorted(_told(recorder)) == sorted(_told(other))
    assert_in_order(recorder)
    failed = type(recorder)()
    with pytest.raises(ZeroDivisionError) as caught:
        run_here(root, "main", failed, inputs={"count": 3, "offset": 0}, **settings)
    assert "in computed" in caught.value.__notes__[0]
    assert [(node, task) for node, task, *_ in failed.of("node_failed")] == [("computed", "item[2]")]


def test_a_ray_that_wants_another_token_is_told_without_telling_it(make_project: Any, ray_address: str) -> None:
    root = make_project({"pipelines/main.py": BLOCK})
    script = """
        import sys
        from pathlib import Path
        from flowerpower_tui.pipeline.runner import PipelineRunner

        run = {"executor": {"type": "ray", "address": sys.argv[2]}, "inputs": {"count": 1, "offset": 0}}
        PipelineRunner(Path(sys.argv[1]), "main", {"run": run}).run()
    """
    wrong = secrets.token_hex(32)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(root), ray_address],
        env={**os.environ, "RAY_AUTH_TOKEN": wrong},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "wants another token than it was given, or any" in done.stderr
    assert "RAY_AUTH_TOKEN" in done.stderr
    assert wrong not in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr


@pytest.fixture(params=["ray", "dask"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(kind: str, request: pytest.FixtureRequest) -> Run:
    """Runs a pipeline on the cluster."""
    address = request.getfixturevalue("ray_connected" if kind == "ray" else "dask_address")

    def start(root: Path, name: str, observer: Any = None, **settings: Any) -> dict[str, Any]:
        given = {"executor": {"type": kind, "address": address, "num_cpus": 2}, "retry": {"max_retries": 0}}
        return PipelineRunner(root, name, {"run": given | settings}, *([observer] if observer else [])).run()

    return start


def run_here(root: Path, name: str, observer: Any = None, **settings: Any) -> dict[str, Any]:
    given = {"executor": {"type": "threadpool", "max_workers": 2}, "retry": {"max_retries": 0}} | settings
    return PipelineRunner(root, name, {"run": given}, *([observer] if observer else [])).run()


BLOCK = """
    import logging
    import os
    from dataclasses import dataclass
    from hamilton.function_modifiers import extract_fields
    from hamilton.htypes import Collect, Parallelizable

    log = logging.getLogger(__name__)

    @dataclass
    class Row:
        number: int

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    def row(item: int) -> Row:
        return Row(item)

    @extract_fields({"square": int, "where": int})
    def computed(row: Row, offset: int) -> dict:
        print("printed for", row.number)
        log.info("logged for %s", row.number)
        return {"square": row.number ** 2 + offset, "where": os.getpid()}

    def pair(square: int, where: int) -> tuple:
        return square, where

    def rows(row: Collect[Row]) -> list[Row]:
        return row

    def squares(pair: Collect[tuple]) -> list[int]:
        return [square for square, _ in pair]

    def places(pair: Collect[tuple]) -> list[int]:
        return [where for _, where in pair]
"""
WIDE = """
    from hamilton.function_modifiers import config, parameterize, value
    import pandas as pd

    def start(count: int) -> int:
        return count

    @parameterize(left={"by": value(2)}, right={"by": value(3)})
    def times(start: int, by: int) -> int:
        return start * by

    @config.when(how="sum")
    def joined__sum(left: int, right: int) -> int:
        return left + right

    @config.when(how="product")
    def joined__product(left: int, right: int) -> int:
        return left * right

    def table(left: int, joined: int) -> pd.DataFrame:
        return pd.DataFrame({"left": [left] * 20_000, "joined": joined})

    def total(table: pd.DataFrame) -> int:
        return int(table["joined"].sum())

    def rows(table: pd.DataFrame) -> int:
        return len(table)
"""
FAILING = BLOCK.replace("log.info(", "1 // (2 - row.number); log.info(")


@pytest.mark.parametrize(
    ("module", "settings"),
    [
        (BLOCK, {"inputs": {"count": 5, "offset": 1}, "final_vars": ["squares", "rows"]}),
        (BLOCK, {"inputs": {"count": 0, "offset": 1}, "final_vars": ["squares"]}),
        (WIDE, {"inputs": {"count": 4}, "config": {"how": "sum"}, "final_vars": ["total", "rows"]}),
        (WIDE, {"inputs": {"count": 4}, "config": {"how": "product"}, "final_vars": ["left", "joined"]}),
    ],
    ids=["block", "empty block", "tables", "parameterized"],
)
def test_a_cluster_gives_and_tells_what_threads_do(
    make_project: Any, recorder: Any, run: Run, module: str, settings: dict[str, Any]
) -> None:
    root = make_project({"pipelines/main.py": module})
    there = run(root, "main", recorder, **settings)
    other = type(recorder)()
    here = run_here(root, "main", other, **settings)
    assert repr(there) == repr(here)  # classes of the module are imported afresh
    assert sorted(_told(recorder)) == sorted(_told(other))
    # Every instance began before it ended, and after all that it takes had ended.
    assert_in_order(recorder)


def test_a_failure_is_told_as_here_and_tried_again_as_here(make_project: Any, recorder: Any, run: Run) -> None:
    root = make_project({"pipelines/main.py": FAILING})
    settings = {
        "inputs": {"count": 3, "offset": 0},
        "final_vars": ["squares"],
        "retry": {"max_retries": 1, "retry_delay": 0.0},
    }
    with pytest.raises(ZeroDivisionError) as caught:
        run(root, "main", recorder, **settings)
    assert "in computed" in caught.value.__notes__[0]
    assert [(node, task) for node, task, *_ in recorder.of("node_failed")] == [("computed", "item[2]")] * 2
    other = type(recorder)()
    with pytest.raises(ZeroDivisionError):
        run_here(root, "main", other, **settings)
    for kind in ("node_failed", "attempt_failed"):
        assert [_failure(call) for call in recorder.of(kind)] == [_failure(call) for call in other.of(kind)]
    for kind in ("node_skipped", "attempt_started"):
        assert recorder.of(kind) == other.of(kind)


def test_what_items_print_and_log_is_printed_and_logged_here(
    make_project: Any, recorder: Any, run: Run, capsys: Any, caplog: Any
) -> None:
    root = make_project({"pipelines/main.py": BLOCK})
    with caplog.at_level(logging.INFO):
        result = run(root, "main", recorder, inputs={"count": 4, "offset": 0}, final_vars=["places"])
    assert os.getpid() not in result["places"]
    assert sorted(capsys.readouterr().out.splitlines()) == [f"printed for {index}" for index in range(4)]
    logged = [record.getMessage() for record in caplog.records if record.name == "pipelines.main"]
    assert sorted(logged) == [f"logged for {index}" for index in range(4)]


def test_events_and_output_arrive_while_a_node_runs(make_project: Any, run: Run, tmp_path: Path) -> None:
    module = """
        import os, time
        from hamilton.htypes import Collect, Parallelizable

        def item(mark: str) -> Parallelizable[str]:
            yield mark

        def waited(item: str) -> bool:
            print("I wait")
            for _ in range(3000):
                if os.path.exists(item):
                    return True
                time.sleep(0.01)
            return False

        def all_waited(waited: Collect[bool]) -> bool:
            return all(waited)
    """
    mark = tmp_path / "mark"
    heard: list[str] = []

    class Observer:
        def node_started(self, node: str, task: str) -> None:
            heard.append(node)

        def __getattr__(self, name: str) -> Any:
            return lambda *_: None

    class Out:
        """Lets the node end when it is known that it has begun, and what it has printed."""

        def write(self, text: str) -> int:
            if "I wait" in text and "waited" in heard:
                mark.touch()
            return len(text)

        def flush(self) -> None: ...

    root = make_project({"pipelines/main.py": module})
    before, sys.stdout = sys.stdout, Out()  # type: ignore[assignment]
    try:
        result = run(root, "main", Observer(), inputs={"mark": str(mark)}, final_vars=["all_waited"])
    finally:
        sys.stdout = before
    assert result == {"all_waited": True}


def test_a_worker_that_is_killed_fails_its_node_and_the_next_attempt_has_another(
    make_project: Any, recorder: Any, run: Run, kind: str, tmp_path: Path
) -> None:
    mark = tmp_path / "begun"
    module = BLOCK.replace("log.info(", "_die(); log.info(")
    module += f"""
    import time

    MARK = {str(mark)!r}

    def _die():
        with open(MARK, "a") as file:
            file.write("x")
        if os.path.getsize(MARK) == 1:
            time.sleep(0.5)  # long enough for the cluster to hear that it began
            os.kill(os.getpid(), 9)
"""
    root = make_project({"pipelines/main.py": module})
    retry = {"max_retries": 1, "retry_delay": 0.0}
    settings = {"inputs": {"count": 1, "offset": 0}, "final_vars": ["squares"], "retry": retry}
    assert run(root, "main", recorder, **settings) == {"squares": [0]}
    ((node, task, _, failure),) = recorder.of("node_failed")
    assert (node, task, failure.type) == ("computed", "item[0]", "ChildProcessError")
    assert failure.message.startswith(f"The {kind.title()} worker that ran 'computed' died: ")
    # Once in each attempt: no cluster ran it again by itself.
    assert mark.read_text() == "xx"


def test_the_adapter_runs_every_node_there_and_others_see_them(
    make_project: Any, recorder: Any, run: Run, kind: str
) -> None:
    from hamilton.lifecycle import NodeExecutionHook

    class Hook(NodeExecutionHook):
        results: ClassVar[dict[str, Any]] = {}

        def run_before_node_execution(self, **_: Any) -> None: ...

        def run_after_node_execution(self, *, node_name: str, result: Any, **_: Any) -> None:
            self.results[node_name] = result

    module = """
        import os

        def first() -> int:
            return os.getpid()

        def second(first: int) -> list[int]:
            return [first, os.getpid()]
    """
    root = make_project({"pipelines/main.py": module})
    # A chain, which the executor alone would leave here.
    assert run(root, "main", recorder) == {"second": [os.getpid()] * 2}
    result = run(root, "main", recorder, with_adapter={kind: True}, adapter={"hook": Hook()})
    assert os.getpid() not in result["second"]
    assert Hook.results["second"] == result["second"]


def test_a_value_that_cannot_come_back_is_named_with_the_way_out(make_project: Any, recorder: Any, run: Run) -> None:
    module = BLOCK.replace(
        "return row\n\n    def squares",
        "return row\n\n    def handle(row: Row) -> object:\n"
        "        return lambda: 1\n\n    def handles(handle: Collect[object]) -> int:\n"
        "        return 1\n\n    def squares",
    )
    root = make_project({"pipelines/main.py": module})
    with pytest.raises(GraphError) as caught:
        run(root, "main", recorder, inputs={"count": 1}, final_vars=["handles"])
    assert "The value of 'handle' (function) cannot leave its process" in caught.value.message
    assert [(node, task) for node, task, *_ in recorder.of("node_failed")] == [("handle", "item[0]")]


def test_two_pipelines_of_one_name_never_see_each_others_code(make_project: Any, run: Run) -> None:
    settings = {"inputs": {"count": 3, "offset": 0}, "final_vars": ["squares", "rows"]}
    one = make_project({"pipelines/main.py": BLOCK}, name="one")
    other = make_project({"pipelines/main.py": BLOCK.replace("number ** 2", "number ** 3")}, name="other")
    for _ in range(2):
        assert run(one, "main", **settings)["squares"] == [0, 1, 4]
        assert run(other, "main", **settings)["squares"] == [0, 1, 8]


def test_a_worker_that_has_no_such_folder_runs_what_was_imported_here(
    make_project: Any, recorder: Any, run: Run
) -> None:
    module = """
        import os
        from pathlib import Path
        from hamilton.htypes import Collect, Parallelizable
        from helper import halved

        ROOT = Path(__file__).parents[1]

        def item(count: int) -> Parallelizable[int]:
            os.rename(ROOT, f"{ROOT}-gone")
            yield from range(count)

        def half(item: int) -> float:
            return halved(item)

        def root(half: float) -> str:
            return ROOT.name

        def halves(half: Collect[float], root: Collect[str]) -> list:
            return [*half, *root]
    """
    helper = "def halved(number):\n    assert number < 2, 'too large'\n    return number / 2\n"
    root = make_project({"pipelines/main.py": module, "pipelines/helper.py": helper})
    assert run(root, "main", inputs={"count": 2}) == {"halves": [0.0, 0.5, "project", "project"]}
    root.with_name("project-gone").rename(root)
    with pytest.raises(AssertionError, match="too large"):
        run(root, "main", recorder, inputs={"count": 3})
    ((_, _, _, failure),) = recorder.of("node_failed")
    assert [frame.file for frame in failure.frames] == [f"{root}/pipelines/{name}.py" for name in ("main", "helper")]


def test_a_library_that_is_missing_is_named_with_the_command(
    make_project: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    root = make_project({"pipelines/main.py": WIDE})
    for settings in ({"executor": {"type": kind}}, {"with_adapter": {kind: True}}):
        with pytest.raises(ConfigError) as caught:
            run_here(root, "main", **settings)
        (problem,) = caught.value.problems
        assert f"{kind.title()} is not installed" in problem.message
        assert problem.hint == f"pip install 'flowerpower-tui[{kind}]'"


def test_two_clusters_at_once_are_refused(make_project: Any, kind: str) -> None:
    root = make_project({"pipelines/main.py": WIDE})
    other = {"ray": "dask", "dask": "ray"}[kind]
    with pytest.raises(ConfigError, match="on Ray and on Dask at once"):
        run_here(root, "main", executor={"type": kind}, with_adapter={other: True})
    with pytest.raises(ConfigError, match="both want to send the nodes elsewhere"):
        run_here(root, "main", executor={"type": "local"}, with_adapter={kind: True, "future": True})


def _told(recorder: Any) -> list[tuple[Any, ...]]:
    """What was told of nodes, without durations."""
    return [
        (call[0], call[1], call[2], getattr(call[4], "preview", "") if len(call) > 4 else "")
        for call in recorder.calls
        if call[0].startswith("node_") and call[1] not in ("where", "pair", "computed")
    ]


def _failure(call: tuple[Any, ...]) -> tuple[Any, ...]:
    failure = next(part for part in call if hasattr(part, "frames"))
    message = failure.message.splitlines()[0]
    return failure.type, message, [frame.function for frame in failure.frames if frame.function == "computed"]


def assert_in_order(recorder: Any) -> None:
    running: set[tuple[str, str]] = set()
    for kind, node, task, *_ in (call for call in recorder.calls if call[0] in ("node_started", "node_finished")):
        if kind == "node_started":
            assert (node, task) not in running
            running.add((node, task))
        else:
            running.remove((node, task))
    assert not running
