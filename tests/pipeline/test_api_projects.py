"""Projects and pipelines from Python: made, listed, summed up, deleted, as FlowerPower's users do it."""

from __future__ import annotations

import pytest

from flowerpower_tui.errors import AlreadyThereError, PipelineNotFoundError, RunFailedError
from flowerpower_tui.pipeline.manager import PipelineManager
from flowerpower_tui.pipeline.project import FlowerPowerProject, create_project, initialize_project
from flowerpower_tui.pipeline.registry import PipelineRegistry

MODULE = "def total(x: int, y: int) -> int:\n    return 10 * x + y\n"
CONF = "run: {inputs: {x: 1, y: 2}, retry: {max_retries: 0}}\n"


@pytest.fixture
def root(make_project):
    return make_project({"pipelines/sum.py": MODULE, "pipelines/helper.py": ""}, {"sum": CONF})


def test_a_new_project_gets_pipelines_and_runs_them(tmp_path):
    project = FlowerPowerProject.new("shop", tmp_path / "shop")
    manager = project.pipeline_manager
    manager.creator.create_pipeline("reports.daily-sales")
    manager.registry.new("other")

    assert project.name == "shop"
    assert manager.pipelines == ["other", "reports.daily-sales"]
    assert project.run("reports.daily-sales") == {"total": 55}


def test_a_project_lies_in_a_folder_of_its_name_if_no_other_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    initialize_project("shop")
    assert (tmp_path / "shop/conf/project.yml").read_text().endswith("name: shop\n")


def test_hooks_may_lie_elsewhere(tmp_path):
    assert PipelineManager.new_project("shop", tmp_path, hooks_dir="my/hooks").project_cfg.hooks_dir == "my/hooks"


def test_a_project_that_exists_is_made_again_only_if_that_is_asked(root):
    (root / "README.md").write_text("old")
    (root / "data.csv").write_text("kept")
    with pytest.raises(FileExistsError):
        FlowerPowerProject.new("shop", root)

    project = FlowerPowerProject.new("shop", root, overwrite=True)

    assert project.pipeline_manager.pipelines == []
    assert not (root / "pipelines/sum.py").exists()
    assert (root / "README.md").read_text().startswith("# shop")
    assert (root / "data.csv").read_text() == "kept"


def test_opening_what_is_no_project_can_raise_or_give_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no project"):
        create_project("shop", tmp_path)
    assert PipelineManager.load_existing(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_pipeline_that_exists_is_made_again_only_if_that_is_asked(root):
    creator = PipelineManager(root).creator
    with pytest.raises(ValueError, match="a pipeline 'sum' already"):
        creator.create_pipeline("sum")
    assert (root / "pipelines/sum.py").read_text() == MODULE

    creator.create_pipeline("sum", overwrite=True)

    assert (root / "pipelines/sum.py").read_text() != MODULE


def test_deleting_takes_the_configuration_and_if_asked_the_module(root):
    registry = PipelineManager(root).registry
    registry.delete("sum")
    assert registry.pipelines == []
    assert (root / "pipelines/sum.py").exists()

    registry.create_pipeline("other")
    registry.delete_pipeline("other", module=True)
    assert sorted(path.name for path in (root / "pipelines").glob("*.py")) == ["helper.py", "sum.py"]
    assert list((root / "conf/pipelines").iterdir()) == []


def test_deleting_what_is_not_there_is_an_error(root):
    with pytest.raises(PipelineNotFoundError, match="no pipeline 'smu'"):
        PipelineManager(root).creator.delete_pipeline("smu")


def test_configuration_that_a_stronger_file_hides_is_deleted_too(root):
    (root / "conf/pipelines/sum.yaml").write_text(CONF)
    PipelineManager(root).creator.delete_pipeline("sum")
    assert list((root / "conf/pipelines").iterdir()) == []


def test_pipelines_are_described_by_their_modules(root):
    (info,) = PipelineRegistry.from_filesystem(root).list_pipeline_info()
    assert (info["name"], info["path"], info["size"]) == ("sum", "pipelines/sum.py", "0.1 KB")
    assert len(info["mod_time"]) == 19


def test_the_summary_has_configuration_and_code(root):
    summary = PipelineManager(root).summary
    assert summary["project"]["name"] == "project"
    assert summary["pipelines"]["sum"]["cfg"]["run"]["inputs"] == {"x": 1, "y": 2}
    assert summary["pipelines"]["sum"]["module"] == MODULE


def test_the_summary_masks_secrets_and_survives_a_bad_file(root, monkeypatch):
    monkeypatch.setenv("KEY", "hush")
    (root / "conf/project.yml").write_text("adapter: {hamilton_tracker: {api_key: '${KEY}'}}\n")
    (root / "conf/pipelines/bad.yml").write_text("run: [\n")
    registry = PipelineManager(root).registry

    summary, page = registry.get_summary(), registry.show_summary(to_html=True)

    assert "hush" not in str(summary) + page
    (problem,) = summary["pipelines"]["bad"]["problems"]
    assert problem.startswith(f"{root}/conf/pipelines/bad.yml:")
    assert summary["pipelines"]["sum"]["cfg"]["run"]["inputs"] == {"x": 1, "y": 2}


def test_the_summary_is_printed_or_a_document(root, capsys):
    registry = PipelineManager(root).registry
    assert registry.show_summary("sum", project=False) is None
    printed = capsys.readouterr().out
    assert "def total(x: int, y: int) -> int:" in printed
    assert "max_retries: 0" in printed
    assert registry.show_summary("sum", to_svg=True).startswith("<svg")
    registry.show_pipelines()
    assert "pipelines/sum.py" in capsys.readouterr().out


def test_a_module_is_loaded_with_its_configuration(make_project):
    module = (
        "from pathlib import Path\nfrom flowerpower.cfg import Config\n"
        "PARAMS = Config.load(Path(__file__).parents[1], pipeline_name='main').pipeline.params\n"
    )
    root = make_project({"pipelines/main.py": module}, {"main": "params: {limit: 3}\n"})
    registry = PipelineManager(root).registry
    assert registry.load_module("main").PARAMS == {"limit": 3}
    assert registry.load_config("main").params == {"limit": 3}


def test_a_pipeline_is_built_without_running_it(root):
    pipeline = PipelineManager(root).registry.get_pipeline("sum")
    assert pipeline.final_vars == ("total",)


def test_a_project_raises_one_kind_of_error_and_keeps_the_cause(make_project):
    module = "def bad() -> int:\n    raise KeyError('gone')\n"
    conf = "run: {retry: {max_retries: 0}}\n"
    root = make_project({"pipelines/bad.py": module}, {"bad": conf})
    project = FlowerPowerProject.load(root)

    with pytest.raises(RuntimeError, match=r"Pipeline run failed for 'bad': KeyError: 'gone'") as failed:
        project.run("bad")
    assert isinstance(failed.value.__cause__, KeyError)
    with pytest.raises(KeyError):
        project.pipeline_manager.run("bad")
    with pytest.raises(RunFailedError, match="no pipeline 'badd'"):
        project.run("badd")
    with pytest.raises(TypeError, match=r"Did you mean 'inputs'\?"):
        project.run("bad", input={})


def test_kinds_of_errors_are_caught_as_the_builtin_ones_too():
    assert str(AlreadyThereError("It is there.", hint="Choose.")) == "It is there.\nChoose."
    assert issubclass(AlreadyThereError, FileExistsError)
    assert issubclass(PipelineNotFoundError, ValueError)
