"""Which files are a project's, and what its pipelines are called."""

import os
from pathlib import Path

import pytest

from flowerpower_tui.errors import PipelineNotFoundError, ProjectError
from flowerpower_tui.project.layout import ProjectLayout, find_root, validate_name


def make(root: Path, *files: str) -> ProjectLayout:
    for folder in ("conf/pipelines", "pipelines"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return ProjectLayout.of(root, {})


def names(layout: ProjectLayout) -> list[str]:
    return [entry.name for entry in layout.pipelines()]


def test_the_project_around_a_folder_is_found(tmp_path: Path) -> None:
    make(tmp_path / "shop", "data/raw/orders.csv")
    assert find_root(tmp_path / "shop/data/raw", {}) == tmp_path / "shop"
    assert find_root(tmp_path / "shop/data/raw/orders.csv", {}) == tmp_path / "shop"


def test_the_nearest_project_is_found(tmp_path: Path) -> None:
    make(tmp_path)
    make(tmp_path / "inner")
    assert find_root(tmp_path / "inner/conf", {}) == tmp_path / "inner"


def test_no_project_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"There is no project here(.|\n)*fp-tui init"):
        find_root(tmp_path, {})


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no folder"):
        find_root(tmp_path / "typo", {})
    assert ProjectLayout.of(tmp_path / "typo", {}).pipelines() == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["my project", "o'neill & sons", 'say "hi"', "日本語", "a;b|c$d"])
def test_any_folder_can_be_a_project(tmp_path: Path, name: str) -> None:
    layout = make(tmp_path / name, "conf/pipelines/etl.yml", "pipelines/etl.py")
    assert find_root(tmp_path / name / "conf", {}) == tmp_path / name
    assert names(layout) == ["etl"]


def test_the_environment_names_the_folders(tmp_path: Path) -> None:
    environ = {"FP_CONFIG_DIR": "settings", "FP_PIPELINES_DIR": "src/flows", "FP_HOOKS_DIR": "hooks2"}
    for file in ("settings/project.yml", "settings/pipelines/etl.yml", "src/flows/etl.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    layout = ProjectLayout.of(find_root(tmp_path / "src", environ), environ)
    assert layout.project_file() == tmp_path / "settings/project.yml"
    assert layout.find("etl").module == tmp_path / "src/flows/etl.py"
    assert layout.hooks_folder == tmp_path / "hooks2"


def test_an_empty_variable_names_the_root(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text("")
    assert ProjectLayout.of(tmp_path, {"FP_PIPELINES_DIR": ""}).module_file("etl") == tmp_path / "etl.py"


@pytest.mark.parametrize("folder", ["/etc", "../conf", "a/../../b", "..\\b"])
def test_a_variable_cannot_name_a_folder_outside(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ProjectError, match=r"FP_CONFIG_DIR is .* not inside the project"):
        ProjectLayout.of(tmp_path, {"FP_CONFIG_DIR": folder})


def test_the_first_candidate_is_a_pipelines_configuration(tmp_path: Path) -> None:
    files = ["conf/pipelines/etl.yml", "conf/pipelines/etl.yaml", "conf/etl.yml", "conf/etl.yaml"]
    layout = make(tmp_path, *files)
    for file in files:
        assert layout.pipeline_file("etl") == tmp_path / file
        (tmp_path / file).unlink()
    assert layout.pipeline_file("etl") is None


def test_project_yml_comes_before_project_yaml_and_is_no_pipeline(tmp_path: Path) -> None:
    layout = make(tmp_path, "conf/project.yml", "conf/project.yaml", "pipelines/project.py")
    assert layout.project_file() == tmp_path / "conf/project.yml"
    assert layout.pipeline_file("project") is None
    assert names(layout) == []


def test_a_pipeline_is_a_configuration(tmp_path: Path) -> None:
    layout = make(
        tmp_path,
        "conf/pipelines/etl.yml",
        "conf/pipelines/lonely.yaml",
        "conf/beside.yml",
        "conf/logging.yml",
        "pipelines/etl.py",
        "pipelines/beside.py",
        "pipelines/helpers.py",
    )
    assert names(layout) == ["beside", "etl", "lonely"]
    assert layout.find("lonely").module is None
    assert [entry.name for entry in layout.modules()] == ["helpers"]


def test_folders_are_dots_in_a_name(tmp_path: Path) -> None:
    layout = make(tmp_path, "conf/pipelines/reports/daily.yml", "pipelines/reports/daily.py", "pipelines/reports/x.py")
    assert names(layout) == ["reports.daily"]
    assert layout.find("reports.daily").module == tmp_path / "pipelines/reports/daily.py"
    assert [entry.name for entry in layout.modules()] == ["reports.x"]


def test_a_hyphen_is_an_underscore_in_a_module(tmp_path: Path) -> None:
    layout = make(tmp_path, "conf/pipelines/sales-etl.yml", "pipelines/sales_etl.py")
    assert names(layout) == ["sales-etl"]
    for name in ("sales-etl", "sales_etl"):
        entry = layout.find(name)
        assert (entry.module, entry.config) == (
            tmp_path / "pipelines/sales_etl.py",
            tmp_path / "conf/pipelines/sales-etl.yml",
        )


def test_a_module_without_configuration_can_be_asked_for(tmp_path: Path) -> None:
    entry = make(tmp_path, "pipelines/helpers.py").find("helpers")
    assert entry.config is None
    assert entry.module == tmp_path / "pipelines/helpers.py"


def test_an_unknown_pipeline_is_told_with_the_nearest(tmp_path: Path) -> None:
    layout = make(tmp_path, "conf/pipelines/sales_etl.yml")
    with pytest.raises(PipelineNotFoundError, match=r"no pipeline 'sale_etl'.\nDid you mean 'sales_etl'\?"):
        layout.find("sale_etl")


def test_what_tools_make_is_no_module(tmp_path: Path) -> None:
    layout = make(tmp_path, "pipelines/__pycache__/etl.py", "pipelines/.hidden/x.py", "pipelines/__init__.py")
    assert layout.modules() == ()


def test_a_loop_of_links_is_not_followed(tmp_path: Path) -> None:
    layout = make(tmp_path, "pipelines/etl.py")
    (tmp_path / "pipelines/loop").symlink_to(tmp_path / "pipelines")
    assert [entry.name for entry in layout.modules()] == ["etl"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    layout = make(tmp_path, "pipelines/etl.py", "pipelines/locked/x.py")
    (tmp_path / "pipelines/locked").chmod(0)
    try:
        assert [entry.name for entry in layout.modules()] == ["etl"]
    finally:
        (tmp_path / "pipelines/locked").chmod(0o700)


@pytest.mark.parametrize("name", ["etl", " etl ", "a.b.c", "a-b_c9", "9", "x" * 100])
def test_names_that_a_pipeline_can_have(name: str) -> None:
    assert validate_name(name) == name.strip()


@pytest.mark.parametrize("name", ["", "  ", "../x", "a/b", "a b;rm", "a..b", ".a", "a.", "ä", "x" * 101, "a\nb", "$x"])
def test_names_that_no_pipeline_can_have(name: str) -> None:
    with pytest.raises(ProjectError):
        validate_name(name)
