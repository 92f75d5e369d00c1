"""What would fail in a run, found before it: each kind, with its place, all of them in one pass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import hamilton
import pytest

from flowerpower_tui.pipeline.check import check_pipeline

MODULE = "def total(x: int, y: int) -> int:\n    return x + y\n"


@pytest.fixture
def check(make_project):
    """Checks a pipeline of this YAML and module; tells problems and notices without the project's folder."""

    def run(conf: str, module: str = MODULE, **files: str) -> tuple[list[str], list[str]]:
        more = {f"pipelines/{name}.py": text for name, text in files.items()}
        root = make_project({"pipelines/main.py": module, **more}, {"main": conf})
        found = check_pipeline(root, "main")
        return tuple(
            [str(problem).replace(f"{root}/", "") for problem in part] for part in (found.problems, found.notices)
        )

    return run


def test_a_pipeline_that_runs_has_no_problems(check):
    assert check("run: {inputs: {x: 1, y: '2'}, final_vars: [total]}\n") == ([], [])


def test_every_input_that_is_missing_or_does_not_fit_is_told(check):
    conf = "run:\n  inputs:\n    y: two\n"
    problems, _ = check(conf, "def total(x: int, y: int, z: str) -> int:\n    return x + y\n")
    missing = "is missing; it is needed by total; Give it in run.inputs, or write a function of that name."
    assert sorted(problems) == [
        f"conf/pipelines/main.yml:3:8: The input 'x' (int) {missing}",
        "conf/pipelines/main.yml:3:8: The input 'y' wants int, and got 'two' (str); Change it in run.inputs.",
        f"conf/pipelines/main.yml:3:8: The input 'z' (str) {missing}",
    ]


def test_an_input_that_nothing_takes_is_a_notice_with_the_nearest(check):
    problems, notices = check("run:\n  inputs: {x: 1, y: 2, amout: 3}\n")
    assert problems == []
    assert notices == ["conf/pipelines/main.yml:2:31: no node takes the input 'amout' (run.inputs.amout)"]


def test_a_misspelt_input_is_told_with_the_missing_one(check):
    problems, notices = check("run:\n  inputs: {x: 1, yy: 2}\n")
    assert "Is it meant by 'yy', which nothing takes?" in problems[0]
    assert "Did you mean 'y'?" in notices[0]


def test_every_final_var_that_is_no_node_is_told_with_the_nearest(check):
    problems, _ = check("run:\n  inputs: {x: 1, y: 2}\n  final_vars: [totl, total, nothing]\n")
    assert problems == [
        "conf/pipelines/main.yml:3:15: There is no node 'totl' to compute (run.final_vars); Did you mean 'total'?",
        "conf/pipelines/main.yml:3:15: There is no node 'nothing' to compute (run.final_vars).",
    ]


def test_problems_of_every_kind_are_told_at_once(check):
    conf = """\
        run:
          final_vars: [totl]
          inputs: {x: 1, y: 2}
          executor: {type: thraedpool}
          retry: {max_retries: many}
          log_levle: INFO
        """
    problems, notices = check(conf, MODULE + "\n\ndef later() -> int:\n    import no_such_package\n    return 1\n")
    assert [problem.split(" ")[0] for problem in problems] == [
        "conf/pipelines/main.yml:2:15:",
        "conf/pipelines/main.yml:4:20:",
        "conf/pipelines/main.yml:5:24:",
    ]
    assert "Did you mean 'total'?" in problems[0]
    assert "Did you mean 'threadpool'?" in problems[1]
    assert "run.retry.max_retries" in problems[2]
    assert [notice.split(" ")[0] for notice in notices] == ["conf/pipelines/main.yml:6:3:", "pipelines/main.py:6:5:"]


def test_what_cannot_be_used_makes_no_problems_of_its_own(check):
    problems, _ = check("run:\n  inputs: 3\n")
    assert problems == ["conf/pipelines/main.yml:2:11: run.inputs must be a mapping of names to values, not 3"]


def test_imports_that_are_missing_are_told_with_what_to_install(check):
    module = "import quite_absent\nfrom absent_too.here import x\n" + MODULE
    problems, _ = check("run: {inputs: {x: 1, y: 2}}\n", module)
    assert problems[0].startswith("pipelines/main.py:1: Cannot import 'pipelines.main': ModuleNotFoundError: ")
    assert problems[0].endswith("Is it installed in this environment? pip install quite_absent")
    assert problems[1:] == [
        "pipelines/main.py:2:1: there is no module 'absent_too.here' in this environment; pip install absent_too",
    ]


def test_an_import_inside_a_node_that_runs_is_a_problem_and_elsewhere_a_notice(check):
    module = (
        "def total(x: int, y: int) -> int:\n    import munch_not_here\n    return x + y\n\n"
        "def unused() -> int:\n    import other_not_here\n    return 1\n"
    )
    problems, notices = check("run: {inputs: {x: 1, y: 2}, final_vars: [total]}\n", module)
    assert problems == [
        "pipelines/main.py:2:5: there is no module 'munch_not_here' in this environment; pip install munch_not_here"
    ]
    assert notices == [
        "pipelines/main.py:6:5: there is no module 'other_not_here' in this environment; pip install other_not_here"
    ]


def test_what_a_module_is_prepared_to_do_without_is_no_problem(check):
    module = "try:\n    import no_such_one\nexcept ImportError:\n    no_such_one = None\n" + MODULE
    assert check("run: {inputs: {x: 1, y: 2}}\n", module) == ([], [])


def test_modules_that_are_imported_are_looked_at_too(check):
    problems, _ = check(
        "run: {inputs: {x: 1, y: 2}, additional_modules: [more]}\n",
        "from pipelines import helper\n" + MODULE,
        helper="def broken(:\n",
        more="import also_not_here\n\ndef z() -> int:\n    return 1\n",
    )
    told = "\n".join(problems)
    assert "pipelines/helper.py:1:" in told
    assert "SyntaxError" in told
    assert "pipelines/more.py:1:" in told


@pytest.mark.parametrize(("mark", "encoding"), [("\ufeff", "utf-8"), ("# coding: latin-1\nNAME = 'é'\n", "latin-1")])
def test_a_module_may_be_encoded_as_python_lets_it(make_project, mark, encoding):
    root = make_project({"pipelines/broken.py": "def f(:\n"}, {"main": "run: {inputs: {x: 1, y: 2}}\n"})
    main = root / "pipelines/main.py"
    main.write_text(f"{mark}{MODULE}", encoding=encoding)
    assert check_pipeline(root, "main").problems == []

    main.write_text(f"{mark}def total() -> int:\n    import broken\n    return 1\n", encoding=encoding)
    (problem,) = check_pipeline(root, "main").problems
    assert problem.location.file == str(root / "pipelines/broken.py")


def test_code_is_looked_at_though_the_configuration_is_wrong(check):
    problems, _ = check("run:\n  final_vars: b\n", "def broken(:\n")
    assert [problem.split(":")[0] for problem in problems] == ["conf/pipelines/main.yml", "pipelines/main.py"]


def test_a_cycle_is_named(check):
    problems, _ = check("", "def a(b: int) -> int:\n    return b\n\ndef b(a: int) -> int:\n    return a\n")
    assert problems == ["pipelines/main.py:1: The graph has a cycle: a → b → a."]


def test_a_block_that_nothing_collects_is_told(check):
    module = (
        "from hamilton.htypes import Parallelizable\n\ndef item() -> Parallelizable[int]:\n    yield 1\n\n"
        "def double(item: int) -> int:\n    return 2 * item\n"
    )
    problems, _ = check("run: {final_vars: [double]}\n", module)
    assert len(problems) == 1
    assert problems[0].startswith("conf/pipelines/main.yml:1:")
    assert "no Collect gathers it" in problems[0]


def test_adapters_that_cannot_be_used_together_are_told(make_project):
    from hamilton.plugins.h_threadpool import FutureAdapter

    class Other(FutureAdapter):
        pass

    root = make_project({"pipelines/main.py": MODULE}, {"main": "run: {inputs: {x: 1, y: 2}}\n"})
    found = check_pipeline(root, "main", {"run": {"adapter": {"one": FutureAdapter(), "two": Other()}}})
    assert "The adapters 'one' (FutureAdapter) and 'two' (Other) both want to" in str(found.problems[0])


@pytest.mark.parametrize("executor", ["ray", "dask"])
def test_an_executor_that_needs_what_is_not_there_is_told_at_its_key(check, monkeypatch, executor):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    problems, _ = check(f"run:\n  inputs: {{x: 1, y: 2}}\n  executor:\n    type: {executor}\n")
    assert len(problems) == 1
    assert problems[0].startswith("conf/pipelines/main.yml:4:11: ")
    assert f"flowerpower-tui[{executor}]" in problems[0]


def test_settings_of_the_cache_are_looked_at(check, monkeypatch, tmp_path):
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    problems, _ = check("run:\n  inputs: {x: 1, y: 2}\n  cache: {recompute: [totl]}\n")
    assert len(problems) == 1
    assert problems[0].startswith("conf/pipelines/main.yml:3:")
    assert "'total'" in problems[0]


def test_an_adapter_whose_library_is_missing_is_a_notice(check, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    problems, notices = check("run:\n  inputs: {x: 1, y: 2}\n  with_adapter: {mlflow: true}\n")
    assert problems == []
    assert notices[0].startswith("conf/pipelines/main.yml:3:26: run.with_adapter.mlflow: MLflow is not installed")
    assert "flowerpower-tui[mlflow]" in notices[0]


def test_a_function_that_takes_the_place_of_another_is_a_notice(check):
    module = (
        "from hamilton.function_modifiers import config\n\n"
        "@config.when(fast=True)\ndef total(x: int) -> int:\n    return x\n\n"
        "@config.when(fast=False)\ndef total(x: int) -> int:\n    return 2 * x\n"
    )
    _, notices = check("run: {inputs: {x: 1}, config: {fast: false}}\n", module)
    (notice,) = notices
    assert notice.startswith("pipelines/main.py:8:1: 'total' takes the place of the one on line 4; ")
    assert "total__other" in notice


def test_a_name_that_is_not_the_files_is_a_notice(check):
    problems, notices = check("name: other\nrun: {inputs: {x: 1, y: 2}}\n")
    assert problems == []
    assert "this pipeline is run as 'main'" in notices[0]


def test_a_broken_hook_is_found(make_project):
    files = {"pipelines/main.py": MODULE, "hooks/main/hook.py": "def before_run(:\n"}
    root = make_project(files, {"main": "run: {inputs: {x: 1, y: 2}}\n"})
    assert str(check_pipeline(root, "main").problems[0]).startswith(f"{root}/hooks/main/hook.py:1:")


def test_a_module_that_is_not_there_is_told(make_project):
    root = make_project({}, {"main": "run: {}\n"})
    found = check_pipeline(root, "main")
    assert [str(problem) for problem in found.problems] == [
        f"{root}/conf/pipelines/main.yml: There is no module 'main'; It would be pipelines/main.py."
    ]


@pytest.fixture
def half_hamilton(tmp_path: Path) -> Path:
    """What an upgrade of sf-hamilton in place leaves: the package without `hamilton.version`."""
    folder = tmp_path / "half"
    shutil.copytree(Path(hamilton.__file__).parent, folder / "hamilton", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "hamilton/version.py").unlink()
    return folder


@pytest.mark.parametrize("command", [("check",), ("run", "main"), ("dag", "main")])
def test_a_broken_installation_of_hamilton_is_told_with_its_cure(make_project, half_hamilton, tmp_path, command):
    root = make_project({"pipelines/main.py": MODULE}, {"main": "run: {inputs: {x: 1, y: 2}}\n"})
    path = os.pathsep.join([str(half_hamilton), *filter(None, [os.environ.get("PYTHONPATH")])])
    environ = {**os.environ, "PYTHONPATH": path, "FP_TUI_STATE_DIR": str(tmp_path / "state")}
    done = subprocess.run(
        [sys.executable, "-m", "flowerpower_tui", command[0], "-C", root, *command[1:]],
        capture_output=True,
        text=True,
        env=environ,
    )
    assert done.returncode == 2
    assert "hamilton.version is missing" in done.stdout + done.stderr
    assert "pip install --force-reinstall --no-deps apache-hamilton" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
