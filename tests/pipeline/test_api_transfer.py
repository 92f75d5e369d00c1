"""Pipelines from project to project."""

from __future__ import annotations

import pytest

from flowerpower_tui.errors import NoProjectError, PipelineNotFoundError
from flowerpower_tui.pipeline.manager import PipelineManager
from flowerpower_tui.pipeline.project import FlowerPowerProject

FILES = {
    "pipelines/main.py": "from pipelines import helper\n\ndef one() -> int:\n    return helper.ONE\n",
    "pipelines/helper.py": "from lib.numbers import ONE\n",
    "lib/__init__.py": "",
    "lib/numbers.py": "ONE = 1\n",
    "pipelines/more.py": "def two(one: int) -> int:\n    return one + 1\n",
    "pipelines/grp/other_one.py": "def three() -> int:\n    return 3\n",
    "pipelines/unused.py": "",
}
CONF = {"main": "# mine\nrun: {additional_modules: [more], final_vars: [two]}\n", "grp/other-one": "params: {a: 1}\n"}


@pytest.fixture
def source(make_project):
    root = make_project({**FILES, "conf/pipelines/grp/other-one.yml": CONF["grp/other-one"]}, {"main": CONF["main"]})
    return PipelineManager(root)


def test_an_exported_pipeline_runs_where_it_went(source, tmp_path):
    there = tmp_path / "there"

    transfer = source.io.export_pipeline("main", there)

    assert FlowerPowerProject.load(there).run("main") == {"two": 2}
    copied = sorted(str(path.relative_to(there)) for path in transfer.copied)
    assert copied == [
        "conf/pipelines/main.yml",
        "conf/project.yml",
        "lib/__init__.py",
        "lib/numbers.py",
        "pipelines/helper.py",
        "pipelines/main.py",
        "pipelines/more.py",
    ]
    assert (there / "conf/pipelines/main.yml").read_text() == CONF["main"]


def test_all_pipelines_are_imported_and_their_names_stay(source, tmp_path):
    project = FlowerPowerProject.new("mine", tmp_path / "mine")

    project.pipeline_manager.io.import_all(source.root)

    assert project.pipeline_manager.pipelines == source.pipelines == ["grp.other-one", "main"]
    assert project.run("grp.other-one") == {"three": 3}
    assert project.name == "mine"


def test_some_pipelines_are_imported(source, tmp_path):
    manager = PipelineManager.new_project("mine", tmp_path / "mine")
    manager.io.import_many(["grp.other-one"], source.root)
    assert manager.pipelines == ["grp.other-one"]


def test_what_is_there_stays_unless_it_shall_be_overwritten(source, tmp_path):
    there = tmp_path / "there"
    source.io.export_all(there)
    (there / "pipelines/main.py").write_text("# edited\n")

    kept = source.io.export_all(there)
    assert ([path.name for path in kept.kept], kept.copied) == (["main.py"], ())
    assert (there / "pipelines/main.py").read_text() == "# edited\n"

    assert [path.name for path in source.io.export_all(there, overwrite=True).copied] == ["main.py"]
    assert (there / "pipelines/main.py").read_text() == FILES["pipelines/main.py"]


def test_a_name_that_is_not_there_changes_nothing(source, tmp_path):
    there = tmp_path / "there"
    with pytest.raises(PipelineNotFoundError, match=r"Did you mean 'main'\?"):
        source.io.export_many(["grp.other-one", "mian"], there)
    assert not there.exists()


def test_pipelines_come_only_from_projects(source, tmp_path):
    with pytest.raises(NoProjectError):
        source.io.import_pipeline("main", tmp_path)


def test_a_pipeline_goes_along_with_what_is_wrong_with_it(make_project, tmp_path):
    root = make_project({"pipelines/bad.py": "def (\n"}, {"bad": "run: [\n"})
    transfer = PipelineManager(root).io.export_pipeline("bad", tmp_path / "there")
    assert len(transfer.copied) == 3


@pytest.mark.parametrize(("mark", "encoding"), [("\ufeff", "utf-8"), ("# coding: latin-1\n# é\n", "latin-1")])
def test_what_a_module_imports_goes_along_however_it_is_encoded(source, tmp_path, mark, encoding):
    main = source.root / "pipelines/main.py"
    main.write_text(f"{mark}{FILES['pipelines/main.py']}", encoding=encoding)

    source.io.export_pipeline("main", tmp_path / "there")

    assert (tmp_path / "there/pipelines/main.py").read_bytes() == main.read_bytes()
    assert FlowerPowerProject.load(tmp_path / "there").run("main") == {"two": 2}
