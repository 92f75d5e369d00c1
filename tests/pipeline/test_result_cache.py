"""Results that are kept: used again while nothing changed, and never when something did."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError
from flowerpower_tui.pipeline.runner import PipelineRunner

MODULE = """
    import helpers
    from helpers import double
    from settings import LIMIT

    OFFSET = 10
    NAMES = {"a", "b", "c"}

    def _local(x):
        return x + OFFSET

    def raw(start: int) -> int:
        return _local(start)

    def doubled(raw: int) -> int:
        return double(raw)

    def capped(doubled: int) -> int:
        return min(doubled, LIMIT)

    def through_module(raw: int) -> int:
        return helpers.triple(raw) if "a" in NAMES else 0

    def late(raw: int) -> int:
        from deep import deeper
        return deeper.quadruple(raw)

    def all_of_it(capped: int, through_module: int, late: int) -> list[int]:
        return [capped, through_module, late]
"""
HELPERS = """
    from more import THREE

    def double(x):
        return 2 * x

    def triple(x):
        return THREE * x
"""
FILES = {
    "pipelines/main.py": MODULE,
    "pipelines/helpers.py": HELPERS,
    "pipelines/more.py": "THREE = 3\n",
    "pipelines/settings.py": "LIMIT = 1000\n",
    "pipelines/deep/__init__.py": "",
    "pipelines/deep/deeper.py": "def quadruple(x):\n    return 4 * x\n",
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def root(make_project, state) -> Path:
    return make_project(FILES)


class Told:
    """Which nodes ran, and which were reused, since the last time that it was asked."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.reused: list[str] = []

    def node_finished(self, node: str, task: str, duration: float, summary: Any, reused: bool = False) -> None:
        (self.reused if reused else self.ran).append(node)

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def run(root: Path, name: str = "main", **settings: Any) -> tuple[Any, set[str]]:
    told = Told()
    given: dict[str, Any] = {"cache": True, "retry": {"max_retries": 0}} | settings
    if name == "main":
        given.setdefault("inputs", {"start": 1})
    result = PipelineRunner(root, name, {"run": given}, told).run()
    assert not set(told.ran) & set(told.reused)
    return result, set(told.ran)


EVERYTHING = {"raw", "doubled", "capped", "through_module", "late", "all_of_it"}


def test_what_has_not_changed_is_not_computed_again(root):
    first, ran = run(root)
    assert (first, ran) == ({"all_of_it": [22, 33, 44]}, EVERYTHING)
    assert run(root) == (first, set())


def test_without_the_cache_everything_is_computed(root):
    run(root)
    assert run(root, cache=False)[1] == EVERYTHING


def test_an_event_tells_that_a_value_was_reused(root):
    run(root)
    told = Told()
    PipelineRunner(root, "main", {"run": {"cache": True, "inputs": {"start": 1}}}, told).run()
    assert set(told.reused) == EVERYTHING


@pytest.mark.parametrize(
    ("file", "old", "new", "ran", "result"),
    [
        # A helper in the same module, and a constant that only it uses.
        ("main.py", "return x + OFFSET", "return x + OFFSET + 1", EVERYTHING, [24, 36, 48]),
        ("main.py", "OFFSET = 10", "OFFSET = 20", EVERYTHING, [42, 63, 84]),
        # A function and a constant that were imported by name.
        (
            "helpers.py",
            "return 2 * x",
            "return 20 * x",
            {"doubled", "capped", "all_of_it"},
            [220, 33, 44],
        ),
        ("settings.py", "1000", "5", {"capped", "all_of_it"}, [5, 33, 44]),
        # What a function of a module uses that is used as a module.
        ("more.py", "THREE = 3", "THREE = 30", {"through_module", "all_of_it"}, [22, 330, 44]),
        # A module that is imported when the node runs.
        ("deep/deeper.py", "4 * x", "40 * x", {"late", "all_of_it"}, [22, 33, 440]),
    ],
)
def test_an_edit_computes_again_what_it_touches(root, file, old, new, ran, result):
    run(root)
    path = root / "pipelines" / file
    path.write_text(path.read_text().replace(old, new))
    assert run(root) == ({"all_of_it": result}, ran)
    assert run(root)[1] == set()


def test_an_edit_that_changes_no_value_stops_there(root):
    run(root)
    path = root / "pipelines" / "main.py"
    path.write_text(path.read_text().replace("return x + OFFSET", "return OFFSET + x"))
    assert run(root)[1] == {"raw"}


def test_a_comment_changes_nothing(root):
    run(root)
    path = root / "pipelines" / "main.py"
    path.write_text("# About this.\n\n" + path.read_text().replace("OFFSET = 10", "OFFSET = 10  # by experience"))
    assert run(root)[1] == set()


def test_other_inputs_have_other_results_and_both_are_kept(root):
    one, _ = run(root)
    two, ran = run(root, inputs={"start": 2})
    assert (two, ran) == ({"all_of_it": [24, 36, 48]}, EVERYTHING)
    assert run(root) == (one, set())


def test_results_are_found_by_another_process(root, state):
    run(root)
    code = (
        "import sys; from pathlib import Path; from flowerpower_tui.pipeline.runner import PipelineRunner\n"
        "class Told:\n"
        "    def node_finished(self, node, task, duration, summary, reused=False):\n"
        "        print(f'{node} {reused}\\n', end='')\n"
        "    def __getattr__(self, name): return lambda *_: None\n"
        "PipelineRunner(Path(sys.argv[1]), 'main', {'run': {'cache': True, 'inputs': {'start': 1}}}, Told()).run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == sorted(word for node in EVERYTHING for word in (node, "True"))


@pytest.mark.parametrize("executor", ["synchronous", "threadpool", "processpool"])
def test_every_executor_uses_the_same_results(root, executor):
    first, _ = run(root, executor={"type": "synchronous"})
    assert run(root, executor={"type": executor, "max_workers": 2}) == (first, set())


def test_results_of_processes_are_kept(root):
    first, _ = run(root, executor={"type": "processpool", "max_workers": 2})
    assert run(root) == (first, set())


BLOCK = """
    from hamilton.htypes import Collect, Parallelizable

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    def square(item: int) -> int:
        return item * item

    def total(square: Collect[int]) -> int:
        return sum(square)
"""


def test_items_are_kept_one_by_one(make_project, state):
    root = make_project({"pipelines/block.py": BLOCK})
    assert run(root, "block", inputs={"count": 3}) == ({"total": 5}, {"item", "square", "total"})
    assert run(root, "block", inputs={"count": 3}) == ({"total": 5}, set())
    told = Told()
    PipelineRunner(root, "block", {"run": {"cache": True, "inputs": {"count": 4}}}, told).run()
    assert told.ran.count("square") == 1
    assert told.reused.count("square") == 3


def test_results_lie_in_the_state_directory_for_this_user_only(root, state):
    run(root)
    files = [path for path in (state / "results").rglob("*") if path.is_file()]
    assert len(files) == len(EVERYTHING)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not [path for path in root.rglob("*") if "cache" in path.name and "__pycache__" not in str(path)]


def test_results_lie_where_the_configuration_says(root, state):
    run(root, cache={"path": "kept"})
    assert [path for path in (root / "kept").rglob("*") if path.is_file()]
    assert not (state / "results").exists()


def test_a_failed_run_keeps_what_it_had(root):
    path = root / "pipelines" / "main.py"
    whole = path.read_text()
    path.write_text(whole.replace("return min(doubled, LIMIT)", "raise ValueError('no')"))
    with pytest.raises(ValueError, match="no"):
        run(root, executor={"type": "synchronous"})
    path.write_text(whole)
    assert "raw" not in run(root)[1]


def test_a_second_attempt_computes_only_what_is_missing(make_project, state):
    module = """
        CALLS = []

        def first() -> int:
            print("first runs")
            return 1

        def second(first: int) -> int:
            CALLS.append(1)
            if len(CALLS) < 2:
                raise TimeoutError
            return first + 1
    """
    root = make_project({"pipelines/flaky.py": module})
    told = Told()
    settings = {"cache": True, "retry": {"max_retries": 1, "retry_delay": 0.0}}
    assert PipelineRunner(root, "flaky", {"run": settings}, told).run() == {"second": 2}
    assert (told.ran, told.reused) == (["first", "second"], ["first"])


def test_what_cannot_be_pickled_is_computed_again_and_so_is_what_comes_behind(make_project, state):
    module = """
        from typing import Callable

        def plain() -> int:
            return 2

        def function(plain: int) -> Callable:
            return lambda x: x * plain

        def behind(function: Callable) -> int:
            return function(21)
    """
    root = make_project({"pipelines/odd.py": module})
    assert run(root, "odd") == ({"behind": 42}, {"plain", "function", "behind"})
    assert run(root, "odd") == ({"behind": 42}, {"function", "behind"})


def test_what_pickles_and_does_not_come_back_is_computed_every_time(make_project, state):
    module = """
        class Refused(Exception):
            def __init__(self, order: int, why: str) -> None:
                super().__init__(f"{order}: {why}")

        def refused() -> object:
            return Refused(1, "too late")

        def told(refused: object) -> str:
            return str(refused)

        def beside() -> int:
            return 1
    """
    root = make_project({"pipelines/orders.py": module})
    for ran in ({"refused", "told", "beside"}, {"refused", "told"}, {"refused", "told"}):
        result = run(root, "orders", final_vars=["refused", "told", "beside"])
        assert (result[0]["told"], result[1]) == ("1: too late", ran)


@pytest.mark.parametrize("package", ["", "pipelines/__init__.py"])
@pytest.mark.parametrize(
    "use", ["pipelines.rates.of(2)", "getattr(pipelines, 'rates').of(2)", "pipelines.sub.deep.RATE * 2", "lib.of(2)"]
)
def test_what_is_used_by_its_whole_name_is_seen_in_folders_without_a_file_too(make_project, state, package, use):
    rates = "RATE = 10\n\ndef of(x):\n    return RATE * x\n"
    module = "import lib.rates\nimport pipelines.rates, pipelines.sub.deep\nfrom lib import rates as lib\n"
    files = {
        "pipelines/main.py": f"{module}\ndef price() -> int:\n    return {use}\n",
        "pipelines/rates.py": rates,
        "pipelines/sub/deep.py": rates,
        "lib/rates.py": rates,
    }
    root = make_project(files | ({package: ""} if package else {}))
    assert run(root, inputs={})[0] == {"price": 20}
    for path in (root / "pipelines/rates.py", root / "pipelines/sub/deep.py", root / "lib/rates.py"):
        path.write_text(rates.replace("10", "30"))
    assert run(root, inputs={})[0] == {"price": 60}


def test_an_edited_metaclass_is_seen(make_project, state):
    module = """
        class Counting(type):
            def __call__(cls):
                return 10

        class Price(metaclass=Counting):
            pass

        def price() -> int:
            return Price()
    """
    root = make_project({"pipelines/main.py": module})
    assert run(root, inputs={})[0] == {"price": 10}
    path = root / "pipelines/main.py"
    path.write_text(path.read_text().replace("return 10", "return 30"))
    assert run(root, inputs={})[0] == {"price": 30}


def test_an_edited_method_of_a_value_is_seen(make_project, state):
    module = """
        from dataclasses import dataclass

        @dataclass
        class Order:
            price: int

            def total(self) -> int:
                return self.price * 2

        def order() -> Order:
            return Order(5)

        def total(order: Order) -> int:
            return order.total()
    """
    root = make_project({"pipelines/orders.py": module})
    assert run(root, "orders")[0] == {"total": 10}
    path = root / "pipelines" / "orders.py"
    path.write_text(path.read_text().replace("self.price * 2", "self.price * 3"))
    assert run(root, "orders")[0] == {"total": 15}


DECORATED = """
    from hamilton.function_modifiers import config, extract_fields, parameterize, source, value
    from flowerpower.cfg import Config
    from pathlib import Path

    PARAMS = Config.load(Path(__file__).parents[1], pipeline_name="deco").pipeline.h_params

    def _times(x, factor):
        return x * factor

    @parameterize(**PARAMS["scaled"])
    def scaled(base: int, factor: int) -> int:
        return _times(base, factor)

    def base() -> int:
        return 3

    @extract_fields({"low": int, "high": int})
    def both(scaled: int) -> dict:
        return {"low": scaled - 1, "high": _times(scaled, 2)}

    def answer(low: int, high: int) -> list:
        return [low, high]
"""


def test_params_and_decorated_nodes_are_followed(make_project, state):
    conf = "params: {scaled: {factor: 2}}\n"
    root = make_project({"pipelines/deco.py": DECORATED}, {"deco": conf})
    assert run(root, "deco")[0] == {"answer": [5, 12]}
    assert run(root, "deco")[1] == set()
    (root / "conf/pipelines/deco.yml").write_text("params: {scaled: {factor: 4}}\n")
    assert run(root, "deco")[0] == {"answer": [11, 24]}
    path = root / "pipelines" / "deco.py"
    path.write_text(path.read_text().replace("return x * factor", "return x * factor + 100"))
    assert run(root, "deco")[0] == {"answer": [111, 324]}


def test_savers_and_what_is_marked_always_run(make_project, state):
    module = """
        from pathlib import Path
        from hamilton.function_modifiers import cache, datasaver

        @cache(behavior="recompute")
        def read(path: str) -> str:
            return Path(path).read_text()

        def upper(read: str) -> str:
            return read.upper()

        @datasaver()
        def written(upper: str, path: str) -> dict:
            Path(path + ".out").write_text(upper)
            return {"size": len(upper)}
    """
    root = make_project({"pipelines/files.py": module})
    file = root / "in.txt"
    file.write_text("one")
    inputs = {"path": str(file)}
    run(root, "files", inputs=inputs, final_vars=["written"])
    Path(f"{file}.out").unlink()
    _, ran = run(root, "files", inputs=inputs, final_vars=["written"])
    assert "read" in ran
    assert "upper" not in ran
    assert Path(f"{file}.out").read_text() == "ONE"
    file.write_text("two")
    _, ran = run(root, "files", inputs=inputs, final_vars=["written"])
    assert "upper" in ran


def test_nodes_are_named_in_the_configuration(root):
    run(root)
    assert run(root, cache={"recompute": ["doubled"]})[1] == {"doubled"}
    assert run(root, cache={"disable": ["doubled"]})[1] == {"doubled", "capped"}
    assert run(root, cache={"recompute": True, "default": ["raw"]})[1] == EVERYTHING - {"raw"}


@pytest.mark.parametrize(
    ("cache", "told"),
    [
        ({"pth": "x"}, "'pth'"),
        ({"path": 5}, "5 is no path"),
        ({"path": "a\0b"}, "is no path"),
        ({"recompute": ["doubeld"]}, "'doubeld'"),
        ({"ignore": [{"raw": 1}]}, "no node '{'raw': 1}'"),
        ({"disable": "raw"}, "'raw' is no list"),
    ],
)
def test_mistakes_in_the_settings_are_told(root, cache, told):
    with pytest.raises(ConfigError, match=told):
        run(root, cache=cache)


def test_a_broken_file_is_computed_again(root, state):
    run(root)
    for path in (state / "results").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00broken")
    assert run(root)[1] == EVERYTHING


def test_a_value_that_cannot_be_read_is_thrown_away_and_told(root, state):
    run(root)
    for path in (state / "results").rglob("*"):
        if path.is_file():
            head, _, data = path.read_bytes().partition(b"\n")
            path.write_bytes(head + b"\n" + data[: len(data) // 2])
    with pytest.raises(OSError, match="thrown away"):
        run(root)
    # A second attempt computes what is gone.
    settings = {"cache": True, "inputs": {"start": 1}, "retry": {"max_retries": 9, "retry_delay": 0.0}}
    assert PipelineRunner(root, "main", {"run": settings}).run() == {"all_of_it": [22, 33, 44]}


def test_a_full_or_forbidden_disk_does_not_fail_the_run(root, caplog):
    if os.geteuid() == 0:
        (root / "kept").write_text("a file where a folder should be")
    else:
        (root / "kept").mkdir(mode=0o500)
    assert run(root, cache={"path": "kept"})[0] == {"all_of_it": [22, 33, 44]}
    assert "cannot be kept" in caplog.text
