"""A pipeline whose YAML says what is loaded and saved: as nodes of its DAG, in real runs with real files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import ConfigError, FlowerPowerError, GraphError, OutputError
from flowerpower_tui.pipeline.build import build, build_graph
from flowerpower_tui.pipeline.check import check_pipeline
from flowerpower_tui.pipeline.runner import PipelineRunner
from flowerpower_tui.pipeline.weigh import weigh

MakeProject = Callable[..., Path]

MODULE = """
    import pandas as pd


    def by_customer(orders: pd.DataFrame, names: dict[str, str]) -> pd.Series:
        return orders.groupby(orders["who"].map(names))["amount"].sum()


    def report(by_customer: pd.Series) -> str:
        return f"{by_customer.sum()} in all\\n"


    def days(orders: pd.DataFrame) -> list[str]:
        return [f"{day:%d %b}" for day in orders["day"]]
"""
CONF = """
    run:
      final_vars: [report]
      executor: {type: EXECUTOR}
      retry: {max_retries: 0}
    io:
      inputs:
        orders: {path: data/orders.csv, options: {parse_dates: [day]}}
        names: data/names.json
"""
ORDERS = "day,who,amount\n2026-01-01,a,3\n2026-01-02,b,4\n"


@pytest.fixture
def project(make_project: MakeProject) -> Callable[..., Path]:
    def make(outputs: str = "", executor: str = "synchronous", module: str = MODULE) -> Path:
        conf = CONF.replace("EXECUTOR", executor) + (f"      outputs:\n        {outputs}\n" if outputs else "")
        files = {"pipelines/main.py": module, "data/orders.csv": ORDERS, "data/names.json": '{"a": "Ann", "b": "Bob"}'}
        return make_project(files, {"main": conf})

    return make


def run(root: Path, observer: Any = None, **settings: Any) -> dict[str, Any]:
    return PipelineRunner(root, "main", {"run": settings}, *([observer] if observer else [])).run()


def refused(root: Path, **settings: Any) -> str:
    """What a run is refused with, before its first node."""
    with pytest.raises(FlowerPowerError) as raised:
        run(root, **settings)
    return str(raised.value)


@pytest.mark.parametrize("executor", ["synchronous", "threadpool", "processpool"])
def test_what_is_loaded_goes_through_the_nodes_and_what_they_give_is_saved(
    project: Callable[..., Path], executor: str
) -> None:
    root = project("{report: out/report.txt, by_customer: [out/totals.csv, out/totals.json]}", executor)
    result = run(root)
    assert result["report"] == "7 in all\n"
    assert (root / "out/report.txt").read_text() == "7 in all\n"
    assert (root / "out/totals.csv").read_text() == "who,amount\nAnn,3\nBob,4\n"
    assert json.loads((root / "out/totals.json").read_text()) == {"amount": {"Ann": 3, "Bob": 4}}
    assert result["save.report"] == {"path": "out/report.txt", "format": "text", "bytes": 9}
    assert result["save.by_customer"] == {"path": "out/totals.csv", "format": "csv", "bytes": 23, "rows": 2}
    assert sorted(path.name for path in (root / "out").iterdir()) == ["report.txt", "totals.csv", "totals.json"]


async def test_an_asynchronous_run_loads_and_saves_too(project: Callable[..., Path]) -> None:
    root = project("report: out/report.txt")
    await PipelineRunner(root, "main").run_async()
    assert (root / "out/report.txt").read_text() == "7 in all\n"


def test_loaders_and_savers_are_nodes_that_are_drawn_and_told(project: Callable[..., Path], recorder: Any) -> None:
    root = project("report: out/report.txt")
    graph, final_vars = build_graph(root, "main")
    assert {node.name: node.role for node in graph.nodes} == {
        **dict.fromkeys(("by_customer", "report", "days"), "function"),
        **dict.fromkeys(("orders", "names"), "load"),
        "save.report": "save",
    }
    assert ("report", "save.report") in graph.edges
    assert final_vars == ("report", "save.report")
    assert "data/orders.csv" in graph.by_name["orders"].doc
    run(root, recorder)
    assert [name for name in recorder.told if name.startswith("node_finished")] == [
        f"node_finished {name}" for name in ("orders", "names", "by_customer", "report", "save.report")
    ]


def test_without_final_vars_the_leaves_are_computed_and_everything_is_saved(project: Callable[..., Path]) -> None:
    root = project("report: out/report.txt")
    assert build_graph(root, "main", {"run": {"final_vars": []}})[1] == ("report", "days", "save.report")


def test_who_chooses_nodes_has_saved_what_they_need_and_no_more(project: Callable[..., Path]) -> None:
    root = project("{report: out/report.txt, by_customer: out/totals.csv}")
    assert set(run(root, final_vars=["by_customer"])) == {"by_customer", "save.by_customer"}
    assert not (root / "out/report.txt").exists()


def test_an_input_can_take_the_place_of_a_node_and_of_what_only_that_needs(make_project: MakeProject) -> None:
    module = """
        def secret_source(password: str) -> str:
            raise RuntimeError("nobody asked for it")


        def text(secret_source: str) -> str:
            return secret_source


        def length(text: str) -> int:
            return len(text)
    """
    conf = {"main": "io:\n  inputs:\n    text: data/text.txt\n"}
    root = make_project({"pipelines/main.py": module, "data/text.txt": "four"}, conf)
    assert run(root) == {"length": 4}
    assert {node.name for node in build_graph(root, "main")[0].nodes} == {"text", "length"}


def test_a_value_that_is_given_is_stronger_than_what_would_be_loaded(project: Callable[..., Path]) -> None:
    import pandas as pd

    root = project()
    (root / "data/orders.csv").unlink()
    orders = pd.DataFrame({"day": pd.to_datetime(["2026-01-01"]), "who": ["a"], "amount": [5]})
    assert run(root, inputs={"orders": orders})["report"] == "5 in all\n"
    found = check_pipeline(root, "main", {"run": {"inputs": {"orders": orders}}})
    assert not found.problems
    assert found.notices[0].message == "io.inputs.orders is not loaded: run.inputs.orders gives the value"


def test_templates_in_paths_become_the_run_and_its_moment(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FP_TUI_RUN", "20260228-120000-main-0001")
    root = project("report: 'out/{project}/{pipeline}/{date}/{time}/{run_id}.txt'")
    path = run(root)["save.report"]["path"]
    assert re.fullmatch(r"out/project/main/\d{4}-\d\d-\d\d/\d{6}/20260228-120000-main-0001\.txt", path)
    assert (root / path).read_text() == "7 in all\n"


def test_variables_stand_in_paths_as_everywhere(project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET", "somewhere")
    root = project("report: ${TARGET}/${NAME:-report}.txt")
    assert run(root)["save.report"]["path"] == "somewhere/report.txt"


def test_two_runs_of_one_pipeline_are_made_of_the_same(project: Callable[..., Path]) -> None:
    root = project("report: 'out/{run_id}.txt'")
    first, second = (weigh(root, build(root, "main")) for _ in range(2))
    assert first == second
    assert all(code.print for code in first.nodes.values())


def test_another_path_makes_another_node(project: Callable[..., Path]) -> None:
    root = project()
    before = weigh(root, build(root, "main")).nodes
    after = weigh(root, build(root, "main", {"io": {"inputs": {"names": "data/others.json"}}})).nodes
    assert {name for name in before if before[name] != after[name]} == {"names"}


def test_a_kept_result_never_stands_in_for_a_file(project: Callable[..., Path], state: Path, recorder: Any) -> None:
    root = project("report: out/report.txt")
    run(root, cache=True)
    (root / "data/orders.csv").write_text(ORDERS.replace("4", "5"))
    (root / "out/report.txt").unlink()
    assert run(root, recorder, cache=True)["report"] == "8 in all\n"
    assert (root / "out/report.txt").read_text() == "8 in all\n"
    assert "node_reused names" not in recorder.told


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ("reprot: out/x.txt", "There is no node 'reprot' to save (io.outputs.reprot); Did you mean 'report'?"),
        ("report: {path: x.txt, format: txet}", "there is no format 'txet' to save (io.outputs.report); Did you mean"),
        ("report: out/report", "'out/report' has no suffix that tells its format (io.outputs.report); Say it"),
        ("report: out/report.csv", "the format 'csv' takes no str (io.outputs.report); These do:"),
        ("report: {path: x.txt, options: {encodign: x}}", "has no option 'encodign' (io.outputs.report); Did you mean"),
        ("report: ftp://host/report.txt", "data is not read by 'ftp://'"),
        ("report: [x.txt, simplecache::s3://b/x.txt]", "'::' chains several storages (io.outputs.report.1)"),
        ("report: 'out/{runid}.txt'", "Did you mean 'run_id'?"),
        ("report: {pth: x.txt}", "Did you mean 'path'?"),
        ("report: 5", "must be a path, a mapping with one, or a list of them, not 5"),
        ("report: {format: text}", "the format 'text' needs a path"),
        ("by_customer: {format: csv, path: x, options: {path: y}}", "has no option 'path'"),
        ("report: x.txt.gz", "only pandas reads and writes that"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_runs(
    project: Callable[..., Path], outputs: str, message: str
) -> None:
    root = project(outputs)
    told = refused(root)
    assert message in told
    assert re.match(r".*conf/pipelines/main\.yml:\d+:\d+: ", told)
    assert message in "\n".join(map(str, check_pipeline(root, "main").problems))
    assert not (root / "out").exists()


def test_everything_that_is_wrong_is_told_at_once(project: Callable[..., Path]) -> None:
    problems = check_pipeline(project("{report: x.csv, days: x.parq, nothing: x}"), "main").problems
    assert [problem.message.rpartition("(")[2] for problem in problems] == [
        "io.outputs.report)",
        "io.outputs.days)",
        "io.outputs.nothing)",
    ]


def test_a_format_that_needs_a_library_names_it_and_how_to_install_it(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowerpower_tui.io import formats

    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    root = project("by_customer: [out/t.parquet, out/t.xlsx]")
    for told in (refused(root), "\n".join(map(str, check_pipeline(root, "main").problems))):
        assert "needs pyarrow, which is not installed (io.outputs.by_customer.0); pip install pyarrow" in told
        assert "needs openpyxl, which is not installed (io.outputs.by_customer.1); pip install openpyxl" in told
    assert build_graph(root, "main")[0].by_name["save.by_customer"].role == "save"  # the DAG can be looked at


def test_a_file_that_is_not_there_is_told_before_the_first_node(project: Callable[..., Path], recorder: Any) -> None:
    root = project()
    (root / "data/names.json").rename(root / "data/name.json")
    with pytest.raises(ConfigError, match=r"There is no file data/names\.json \(io\.inputs\.names\); Did you mean"):
        run(root, recorder)
    assert not recorder.of("node_started")
    assert [problem.location.line for problem in check_pipeline(root, "main").problems if problem.location] == [9]


def test_a_file_that_nothing_needs_may_be_missing(project: Callable[..., Path]) -> None:
    root = project()
    (root / "data/names.json").unlink()
    assert run(root, final_vars=["days"]) == {"days": ["01 Jan", "02 Jan"]}


def test_an_input_that_no_node_takes_is_a_notice(project: Callable[..., Path]) -> None:
    root = project(module=MODULE.replace("names: dict", "nams: dict").replace("(names)", "(nams)"))
    found = check_pipeline(root, "main")
    assert "no node takes 'names' (io.inputs.names); Did you mean 'nams'?" in "\n".join(map(str, found.notices))
    with pytest.raises(GraphError, match="The input 'nams'"):
        run(root)


def test_a_file_that_is_no_such_format_is_named_in_the_error(project: Callable[..., Path]) -> None:
    root = project()
    (root / "data/names.json").write_text("{")
    with pytest.raises(json.JSONDecodeError) as raised:
        run(root)
    assert raised.value.__notes__ == ["io.inputs.names: data/names.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told(project: Callable[..., Path]) -> None:
    root = project("report: out/report.txt")
    (root / "out").mkdir()
    (root / "out/report.txt").symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"out/report\.txt cannot be written: No space left on device.*") as raised:
        run(root)
    assert raised.value.hint == "Make room on that disk, or write to another."


def test_what_was_saved_before_stays_if_a_run_cannot_write_all_of_it(project: Callable[..., Path]) -> None:
    module = MODULE.replace('return f"{by_customer.sum()} in all\\n"', 'return f"{by_customer.sum()} \\ud800"')
    root = project("report: out/report.txt", module=module)
    (root / "out").mkdir()
    (root / "out/report.txt").write_text("before")
    with pytest.raises(UnicodeEncodeError):
        run(root)
    assert [(path.name, path.read_text()) for path in (root / "out").iterdir()] == [("report.txt", "before")]


def test_hamiltons_own_decorators_go_on_to_work(make_project: MakeProject) -> None:
    module = """
        from hamilton.function_modifiers import dataloader, datasaver, load_from, save_to


        @load_from.text(path="data/a.txt")
        @save_to.json(path="out.json", output_name_="saved")
        def words(text: str) -> list:
            return text.split()


        @dataloader()
        def number() -> tuple[int, dict]:
            return 5, {"from": "nowhere"}


        @datasaver()
        def written(number: int) -> dict:
            return {"number": number}
    """
    conf = {"main": "run: {final_vars: [words, saved, written]}\n"}
    root = make_project({"pipelines/main.py": module, "data/a.txt": "one two"}, conf)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        result = run(root)
    assert result["words"] == ["one", "two"]
    assert json.loads((root / "out.json").read_text()) == ["one", "two"]
    graph, final_vars = build_graph(root, "main")
    assert final_vars == ("words", "saved", "written")
    assert graph.by_name["saved"].role == "save"


def test_what_a_storage_is_opened_with_is_shown_nowhere(project: Callable[..., Path]) -> None:
    root = project("report: {path: 's3://b/x.txt', storage_options: {key: AKIA123, client_kwargs: {url: hidden9}}}")
    config = resolve_pipeline(root, "main")
    shown = json.dumps(config.masked()) + repr(config.entries)
    assert "AKIA123" not in shown
    assert "hidden9" not in shown


def test_a_pipeline_without_data_of_its_own_imports_nothing_for_it(make_project: MakeProject) -> None:
    root = make_project({"pipelines/main.py": "def answer() -> int:\n    return 42\n"}, {"main": "name: main\n"})
    script = f"""
        import sys
        from pathlib import Path
        from flowerpower_tui.pipeline.runner import PipelineRunner

        assert PipelineRunner(Path({str(root)!r}), "main").run() == {{"answer": 42}}
        print(sorted(name for name in sys.modules if name.startswith("flowerpower_tui.io")))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
