"""New projects and pipelines: what is made, what is refused, and that nothing is ever written over."""

from pathlib import Path

import pytest
import yaml

from flowerpower_tui.errors import ProjectError
from flowerpower_tui.project.layout import ProjectLayout, find_root
from flowerpower_tui.project.scaffold import init_project, new_pipeline


def test_a_new_project_is_one(tmp_path: Path) -> None:
    root = tmp_path / "new" / "shop"
    made = init_project(root, "Shop of Jörg")
    assert find_root(root, {}) == root
    assert [str(path.relative_to(tmp_path)) for path in made] == [
        "new",
        "new/shop",
        "new/shop/conf",
        "new/shop/conf/pipelines",
        "new/shop/pipelines",
        "new/shop/conf/project.yml",
        "new/shop/README.md",
    ]
    assert yaml.safe_load((root / "conf/project.yml").read_text()) == {"name": "Shop of Jörg"}


@pytest.mark.parametrize("name", ["on", "null", "12", 'a "b"', "it's: # so", "back`tick"])
def test_a_projects_name_reads_back_as_it_was_given(tmp_path: Path, name: str) -> None:
    init_project(tmp_path, name)
    assert yaml.safe_load((tmp_path / "conf/project.yml").read_text()) == {"name": name}


def test_a_project_without_a_name_is_called_like_its_folder(tmp_path: Path) -> None:
    init_project(tmp_path / "shop")
    assert yaml.safe_load((tmp_path / "shop/conf/project.yml").read_text()) == {"name": "shop"}


@pytest.mark.parametrize("name", ["a/b", "..", "a\\b", "a\nb"])
def test_a_name_that_no_project_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProjectError, match="no name for a project"):
        init_project(tmp_path / "shop", name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    init_project(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_project_is_not_made_twice(tmp_path: Path) -> None:
    init_project(tmp_path, "one")
    with pytest.raises(ProjectError, match="There is a project here already"):
        init_project(tmp_path, "two")
    assert yaml.safe_load((tmp_path / "conf/project.yml").read_text()) == {"name": "one"}


def test_what_was_made_is_taken_back_if_the_rest_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "pipelines").write_text("a file in the way")
    with pytest.raises(ProjectError, match="Cannot be made"):
        init_project(tmp_path, "shop")
    assert [path.name for path in tmp_path.iterdir()] == ["pipelines"]


def test_a_new_pipeline_is_listed_and_its_files_are_sound(tmp_path: Path) -> None:
    init_project(tmp_path)
    module, config = new_pipeline(tmp_path, "sales-etl")
    assert module == tmp_path / "pipelines/sales_etl.py"
    assert config == tmp_path / "conf/pipelines/sales-etl.yml"
    assert [entry.name for entry in ProjectLayout.of(tmp_path, {}).pipelines()] == ["sales-etl"]
    compile(module.read_text(), str(module), "exec")
    settings = yaml.safe_load(config.read_text())
    assert settings["run"]["final_vars"] == ["total"]
    assert settings["params"] == {"squares": {"count": 5}}


@pytest.mark.parametrize(("name", "depth"), [("etl", 1), ("reports.daily", 2)])
def test_a_new_module_finds_its_project(tmp_path: Path, name: str, depth: int) -> None:
    init_project(tmp_path)
    module = next(path for path in new_pipeline(tmp_path, name) if path.suffix == ".py")
    assert f'Config.load(Path(__file__).parents[{depth}], pipeline_name="{name}")' in module.read_text()
    assert module.parents[depth] == tmp_path


@pytest.mark.parametrize("file", ["pipelines/etl.py", "conf/pipelines/etl.yml", "conf/etl.yaml"])
def test_a_pipeline_is_not_written_over(tmp_path: Path, file: str) -> None:
    init_project(tmp_path)
    (tmp_path / file).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ProjectError, match=rf"{file}: There is a pipeline 'etl' already"):
        new_pipeline(tmp_path, "etl")
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / file).read_text() == "mine"


@pytest.mark.parametrize("name", ["9lives", "class", "reports.def", "json", "hamilton", "../x", "a b"])
def test_a_name_that_no_module_can_have_is_refused(tmp_path: Path, name: str) -> None:
    init_project(tmp_path)
    with pytest.raises(ProjectError):
        new_pipeline(tmp_path, name)
    assert list((tmp_path / "pipelines").iterdir()) == []
