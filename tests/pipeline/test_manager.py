"""The Python interface: what FlowerPower's users call."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from flowerpower_tui.config.models import ExecutorConfig, RetryConfig, RunConfig
from flowerpower_tui.errors import ProjectError
from flowerpower_tui.pipeline.manager import PipelineManager
from flowerpower_tui.pipeline.project import FlowerPowerProject

MODULE = (
    "def total(x: int, y: int) -> int:\n    return 10 * x + y\n\ndef text(total: int) -> str:\n    return str(total)\n"
)
CONF = "run: {inputs: {x: 1, y: 2}, final_vars: [total], retry: {max_retries: 0}}\n"


@pytest.fixture
def root(make_project):
    return make_project({"pipelines/sum.py": MODULE, "pipelines/helper.py": ""}, {"sum": CONF})


def test_a_project_is_loaded_and_runs_its_pipelines(root):
    project = FlowerPowerProject.load(str(root))
    assert project.name == "project"
    assert project.run("sum") == {"total": 12}
    assert project.pipeline_manager.run("sum", final_vars=["text"]) == {"text": "12"}


def test_space_around_a_pipelines_name_says_nothing(root):
    assert PipelineManager(root).run(" sum\n") == {"total": 12}


def test_loading_what_is_no_project_gives_none_and_says_so(tmp_path, caplog):
    with caplog.at_level(logging.ERROR):
        assert FlowerPowerProject.load(tmp_path) is None
    assert "There is no project at" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_manager_of_what_is_no_project_is_an_error(tmp_path):
    with pytest.raises(ProjectError, match=r"conf/ and pipelines/"):
        PipelineManager(tmp_path)


def test_a_project_by_a_protocol_that_is_not_allowed_is_refused_clearly():
    with pytest.raises(ProjectError, match="'ftp://'"):
        PipelineManager("ftp://host/project")


def test_pipelines_are_those_with_a_configuration(root):
    with PipelineManager(root) as manager:
        assert manager.list_pipelines() == ["sum"]
        assert manager.load_pipeline("sum").run.inputs == {"x": 1, "y": 2}
        assert manager.project_cfg.name == "project"


def test_inputs_are_merged_and_final_vars_replaced(root):
    assert PipelineManager(root).run("sum", inputs={"y": 7}, final_vars=["text"]) == {"text": "17"}


def test_keyword_arguments_are_stronger_than_a_run_config(root):
    config = RunConfig(inputs={"x": 5, "y": 5}, final_vars=["text"])
    assert PipelineManager(root).run("sum", config, inputs={"y": 6}) == {"text": "56"}
    assert config.inputs == {"x": 5, "y": 5}


@pytest.mark.parametrize("executor", ["synchronous", {"type": "synchronous"}, ExecutorConfig(type="synchronous")])
def test_an_executor_is_named_or_configured(root, executor):
    assert PipelineManager(root).run("sum", executor_cfg=executor) == {"total": 12}


@pytest.mark.parametrize(
    "settings", [{"max_retries": 2}, {"retry": {"max_retries": 2}}, {"retry": RetryConfig(max_retries=2)}]
)
def test_retries_are_given_flat_or_nested(root, recorder, settings):
    PipelineManager(root).run("sum", observer=recorder, **settings)
    assert recorder.of("attempt_started") == [(1, 3)]


def test_additional_modules_are_added_to_those_of_the_configuration(make_project):
    files = {
        "pipelines/main.py": "def all_of(a: int, b: int) -> int:\n    return a + b\n",
        "pipelines/one.py": "def a() -> int:\n    return 1\n",
        "pipelines/two.py": "def b() -> int:\n    return 2\n",
    }
    root = make_project(files, {"main": "run: {additional_modules: [one]}\n"})
    assert PipelineManager(root).run("main", additional_modules=["two"]) == {"all_of": 3}


def test_an_unknown_keyword_argument_is_an_error(root):
    with pytest.raises(TypeError, match=r"'final_varz'\. Did you mean 'final_vars'\?"):
        PipelineManager(root).run("sum", final_varz=["total"])


def test_other_folders_are_used_when_they_are_named(make_project):
    root = make_project(
        {
            "settings/pipelines/sum.yml": CONF,
            "flows/sum.py": "from flowerpower.cfg import Config\nfrom pathlib import Path\n"
            "X = Config.load(Path(__file__).parents[1], pipeline_name='sum').pipeline.run.inputs['x']\n" + MODULE,
        }
    )
    manager = PipelineManager(root, cfg_dir="settings", pipelines_dir="flows")
    assert manager.list_pipelines() == ["sum"]
    assert manager.run("sum") == {"total": 12}


async def test_a_pipeline_is_awaited(root):
    project = FlowerPowerProject.load(root)
    assert await project.run_async("sum", inputs={"y": 3}) == {"total": 13}
    assert await project.pipeline_manager.run_async("sum", final_vars=["text"]) == {"text": "12"}


async def test_failures_of_an_awaited_run_are_those_of_run(root):
    project = FlowerPowerProject.load(root)
    with pytest.raises(RuntimeError, match="no pipeline 'smu'"):
        await project.run_async("smu")
    with pytest.raises(TypeError, match=r"Did you mean 'inputs'\?"):
        await project.run_async("sum", input={})


def test_a_mistake_in_the_arguments_is_told_without_importing_hamilton(root):
    script = (
        "import sys\nfrom flowerpower_tui import PipelineManager\n"
        f"try:\n    PipelineManager({str(root)!r}).run('sum', inptus=1)\n"
        "except TypeError as error:\n    print(error)\nprint('hamilton' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "run() got an unexpected keyword argument 'inptus'. Did you mean 'inputs'?",
        "False",
    ]
