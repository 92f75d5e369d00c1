"""Links do not lead out of a project: nothing is read by them, and nothing written or deleted through them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowerpower_tui.errors import InvalidNameError
from flowerpower_tui.project.hooks import HookType, add_hook
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.project.removal import delete_pipeline
from flowerpower_tui.project.scaffold import init_project, new_pipeline


@pytest.fixture
def project(tmp_path: Path) -> ProjectLayout:
    """A project with a pipeline, reached through a link; and beside it a folder with what is not its own."""
    init_project(tmp_path / "real")
    new_pipeline(tmp_path / "real", "etl", environ={})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/other.py").write_text("SECRET = 1\n")
    (tmp_path / "project").symlink_to("real")
    return ProjectLayout.of(tmp_path / "project", {})


def test_links_within_a_project_and_to_it_are_followed(project: ProjectLayout) -> None:
    (project.modules_folder / "again.py").symlink_to("etl.py")
    assert project.find("again").module == project.modules_folder / "again.py"
    assert inside(project.root, project.root / "not/there") == project.root / "not/there"


def test_a_pipeline_whose_file_is_elsewhere_is_refused(project: ProjectLayout, tmp_path: Path) -> None:
    (project.modules_folder / "spy.py").symlink_to(tmp_path / "outside/other.py")
    with pytest.raises(InvalidNameError, match="Leads out of the project"):
        project.find("spy")
    assert [entry.name for entry in project.pipelines()] == ["etl"], "the others go on"


def test_nothing_is_made_through_a_link(project: ProjectLayout, tmp_path: Path) -> None:
    (project.modules_folder / "reports").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(InvalidNameError):
        new_pipeline(project.root, "reports.daily", environ={})
    (project.hooks_folder / "etl").parent.mkdir()
    (project.hooks_folder / "etl").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(InvalidNameError):
        add_hook(project.hooks_folder, "etl", HookType.BEFORE_RUN)
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["other.py"]


def test_nothing_is_deleted_through_a_link(project: ProjectLayout, tmp_path: Path) -> None:
    (project.modules_folder / "reports").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(InvalidNameError):
        delete_pipeline(project, "reports.other")
    assert (tmp_path / "outside/other.py").exists()


def test_a_link_in_a_circle_is_in_the_project_that_it_is_in(project: ProjectLayout) -> None:
    circle = project.modules_folder / "circle.py"
    circle.symlink_to("circle.py")

    assert inside(project.root, circle) == circle


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../outside"])
def test_no_path_leads_out(project: ProjectLayout, path: str) -> None:
    with pytest.raises(InvalidNameError):
        inside(project.root, project.root / path)
