"""What the contributor's page says to write is written, registered as it says, and used."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from flowerpower_tui.cli.main import command_line
from flowerpower_tui.config.known import EXECUTORS
from flowerpower_tui.config.models import ExecutorConfig
from flowerpower_tui.errors import ProjectError
from flowerpower_tui.graph import forms
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.picture import picture
from flowerpower_tui.pipeline.execution import ExecutionContextBuilder
from flowerpower_tui.runs.events import Event
from flowerpower_tui.tui.places import PlaceKind
from flowerpower_tui.tui.screens.place import Place

PAGE = (Path(__file__).parents[2] / "docs" / "contributing.md").read_text("utf-8")


def written(heading: str) -> str:
    """The Python below a heading."""
    (block,) = re.findall(rf"^### {heading}\n.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return block


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Imports what stands below a heading as a module of a name."""

    def save(heading: str, name: str) -> ModuleType:
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile(written(heading), name, "exec"), vars(module))
        return module

    return save


def test_a_command(saved: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = command_line()
    saved("A command", "flowerpower_tui.cli.size").add_commands(line)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/project.yml").write_bytes(b"name: work\n")
    (tmp_path / "pipelines").mkdir()
    arguments = line.parser.parse_args(["-C", str(tmp_path), "size", "--json"])
    assert arguments.command(arguments) == 0
    assert capsys.readouterr().out == '{\n  "bytes": 11\n}\n'
    arguments = line.parser.parse_args(["-C", str(tmp_path / "nothing"), "size"])
    with pytest.raises(ProjectError):
        arguments.command(arguments)


def test_a_form_of_the_dag(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    saved("A format of the DAG", "flowerpower_tui.graph.csv")
    assert '"csv": "flowerpower_tui.graph.csv:to_csv",' in PAGE
    monkeypatch.setitem(forms.FORMS, "csv", "flowerpower_tui.graph.csv:to_csv")  # type: ignore[arg-type]
    graph = Graph(nodes=(Node("a", "int"), Node("b", "int")), edges=(("a", "b"),))
    assert picture(graph, "csv") == b"a,b\n"


def test_an_executor(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = saved("An executor", "flowerpower_tui.pipeline.engine.aloud")
    assert '"aloud": "flowerpower_tui.pipeline.engine.aloud:make",' in PAGE
    monkeypatch.setitem(EXECUTORS, "aloud", "flowerpower_tui.pipeline.engine.aloud:make")
    builder = ExecutionContextBuilder(ExecutorConfig(type="aloud"))
    with builder.executor(lambda: pytest.fail("nothing is built elsewhere")) as executor:
        assert isinstance(executor, module.Aloud)


def test_an_event(saved: Any) -> None:
    event = saved("An event", "flowerpower_tui.runs.retried").NodeRetried
    assert issubclass(event, Event)
    assert [field.name for field in msgspec.structs.fields(event)][2:] == ["node"]


def test_a_place(saved: Any) -> None:
    module = saved("A place", "flowerpower_tui.tui.screens.notes")
    (entry,) = re.findall(r"^(PlaceKind\(.*\)),$", PAGE, re.MULTILINE)
    kind = eval(entry, {"PlaceKind": PlaceKind})
    assert issubclass(module.Notes, Place)
    assert (kind.name, kind.screen) == (module.Notes.PLACE, "notes:Notes")
