"""A pipeline's graph from Python: printed, shown, saved."""

from __future__ import annotations

import sys

import pytest

from flowerpower_tui.errors import OutputError
from flowerpower_tui.graph.export import from_json
from flowerpower_tui.pipeline.manager import PipelineManager

FILES = {
    "pipelines/main.py": "def total(x: int) -> int:\n    return x\n",
    "pipelines/more.py": "def double(total: int) -> int:\n    return 2 * total\n",
}


@pytest.fixture
def visualizer(make_project):
    return PipelineManager(make_project(FILES, {"main": "run: {inputs: {x: 1}}\n"})).visualizer


@pytest.mark.parametrize(("form", "name"), [("svg", "main.svg"), ("mermaid", "main.mmd"), ("text", "main.txt")])
def test_a_graph_is_saved_below_the_working_directory(visualizer, tmp_path, monkeypatch, form, name):
    monkeypatch.chdir(tmp_path)
    assert visualizer.save_dag("main", format=form) == f"graphs/{name}"
    assert "total" in (tmp_path / "graphs" / name).read_text()


def test_a_graph_is_saved_where_it_is_wanted(visualizer, tmp_path):
    path = tmp_path / "deep/er/dag.json"
    assert visualizer.save_dag("main", format="json", output_path=path) == str(path)
    assert from_json(path.read_text()).edges == (("x", "total"),)


def test_a_folder_that_cannot_be_written_is_told(visualizer, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        visualizer.save_dag("main", format="dot", output_path=tmp_path / "file/dag.dot")


def test_a_graph_is_printed(visualizer, capsys):
    visualizer.show_dag("main")
    assert "total" in capsys.readouterr().out
    visualizer.show_dag("main", format="dot")
    assert capsys.readouterr().out.startswith("digraph {")


def test_a_raw_graph_is_text_and_a_picture_in_a_notebook(visualizer):
    view = visualizer.show_dag("main", raw=True, additional_modules=["more"])
    assert "double" in str(view)
    assert view.source.startswith("digraph {")
    assert view._repr_svg_().startswith("<svg")


def test_a_picture_is_opened_with_what_the_system_opens_it_with(visualizer, tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    viewer = tmp_path / "viewer"
    viewer.write_text(f'#!{sys.executable}\nimport sys\nopen({str(seen)!r}, "w").write(sys.argv[1])\n')
    viewer.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    # `webbrowser` reads it when it is first imported.
    monkeypatch.setattr("webbrowser._tryorder", [])
    monkeypatch.setattr("webbrowser._browsers", {})
    import webbrowser

    webbrowser.register("viewer", None, webbrowser.GenericBrowser([str(viewer), "%s"]))

    visualizer.show_dag("main", format="svg")

    assert seen.read_text().startswith(f"file://{tmp_path}/main-")
    assert seen.read_text().endswith(".svg")
