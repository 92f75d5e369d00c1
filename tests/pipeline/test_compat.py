"""`flowerpower` as users' modules import it, where it is not installed."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.pipeline import compat
from flowerpower_tui.pipeline.compat import Config

CONF = """
    params:
      limit: 5
      clean: {threshold: 3, base: limit}
    run:
      inputs: {x: 1}
    """


@pytest.fixture
def root(make_project):
    return make_project({"pipelines/main.py": ""}, {"main": CONF})


def test_config_has_what_pipelines_read_of_it(root):
    config = Config.load(root, pipeline_name="main")
    assert config.pipeline.name == "main"
    assert config.pipeline.params["limit"] == 5
    assert config.pipeline.run.inputs == {"x": 1}
    assert config.project.name == "project"
    assert config.base_dir == str(root)


def test_h_params_hold_hamiltons_values_and_sources(root):
    from hamilton.function_modifiers import source, value

    params = Config.load(str(root), pipeline_name="main").pipeline.h_params
    assert params["clean"]["clean"] == {"threshold": value(3), "base": source("limit")}
    assert params.clean.clean.threshold == value(3)


def test_without_a_pipeline_there_are_the_projects_settings(root):
    config = Config.load(root, "called")
    assert config.pipeline.params == {}
    assert config.project.name == "project"


def test_nothing_is_made_on_reading(tmp_path):
    Config.load(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_the_configuration_of_the_run_answers_only_for_its_own_project_and_pipeline(make_project, root):
    from flowerpower_tui.config.resolve import resolve_pipeline

    other = make_project({"pipelines/main.py": ""}, {"main": "params: {limit: 9}"}, name="other")
    config = resolve_pipeline(root, "main", {"params": {"limit": 6}})
    with compat.answering_with(root, "main", config):
        assert Config.load(root, pipeline_name="main").pipeline.params["limit"] == 6
        assert Config.load(other, pipeline_name="main").pipeline.params["limit"] == 9
    assert Config.load(root, pipeline_name="main").pipeline.params["limit"] == 5


def test_the_import_paths_of_flowerpower_answer():
    compat.install()
    from flowerpower import FlowerPowerProject, PipelineManager
    from flowerpower.cfg import Config as TheirConfig
    from flowerpower.cfg.pipeline.run import RunConfig as TheirRunConfig
    from flowerpower.pipeline.manager import PipelineManager as SameManager

    assert TheirConfig is Config
    assert TheirRunConfig is RunConfig
    assert SameManager is PipelineManager
    assert FlowerPowerProject.__module__ == "flowerpower_tui.pipeline.project"


def test_a_name_that_is_not_here_says_so():
    compat.install()
    with pytest.raises(ImportError, match="MQTTManager"):
        from flowerpower.cfg import MQTTManager  # noqa: F401


def test_an_installed_flowerpower_answers_for_itself(tmp_path):
    package = tmp_path / "flowerpower/cfg"
    package.mkdir(parents=True)
    (tmp_path / "flowerpower/__init__.py").touch()
    (package / "__init__.py").write_text("Config = 'theirs'\n")
    script = """
        from flowerpower_tui.pipeline import compat
        compat.install()
        from flowerpower.cfg import Config
        assert Config == "theirs"
        try:
            import flowerpower.pipeline
        except ModuleNotFoundError:
            print("not mixed")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "not mixed\n", done.stderr
