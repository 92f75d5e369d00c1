"""An installed package can bring loaders and savers, which are registered as ours are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from hamilton import registry

from flowerpower_tui.io.registry import PLUGINS, formats, load_plugins
from flowerpower_tui.pipeline.build import build_graph
from flowerpower_tui.pipeline.check import check_pipeline
from flowerpower_tui.pipeline.runner import PipelineRunner

PLUGIN = """
from dataclasses import dataclass
from pathlib import Path

from hamilton import registry
from hamilton.io.data_adapters import DataLoader, DataSaver


@dataclass
class Shouted(DataLoader, DataSaver):
    path: str
    mark: str = "!"

    @classmethod
    def applicable_types(cls):
        return [str]

    @classmethod
    def name(cls):
        return "shouted"

    def load_data(self, type_):
        return Path(self.path).read_text().rstrip(self.mark).lower(), {}

    def save_data(self, data):
        Path(self.path).write_text(data.upper() + self.mark)
        return {}


registry.register_adapter(Shouted)
"""
MODULE = """
from hamilton.function_modifiers import load_from


def greeting(name: str) -> str:
    return f"hello {name}"
"""
CONF = """
run:
  final_vars: [greeting]
  retry: {max_retries: 0}
io:
  inputs:
    name: {path: name.txt, format: shouted}
  outputs:
    greeting: {path: out.txt, format: shouted, options: {mark: "?"}}
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with an entry point that registers, and one that cannot be loaded."""
    site = tmp_path / "site"
    info = site / "loud-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "loud.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{PLUGINS}]\nloud = loud\nbroken = loud.nothing\n")
    monkeypatch.syspath_prepend(str(site))
    load_plugins.cache_clear()
    yield
    load_plugins.cache_clear()
    sys.modules.pop("loud", None)
    registry.LOADER_REGISTRY.pop("shouted", None)
    registry.SAVER_REGISTRY.pop("shouted", None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {"conf/pipelines/main.yml": CONF, "pipelines/main.py": MODULE, "name.txt": "ANN!"}
    for path, text in files.items():
        (tmp_path / "project" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / path).write_text(text)
    return tmp_path / "project"


@pytest.mark.usefixtures("installed")
def test_a_plugins_format_is_loaded_and_saved(root: Path) -> None:
    result = PipelineRunner(root, "main").run()
    assert result["greeting"] == "hello ann"
    assert (root / "out.txt").read_text() == "HELLO ANN?"


@pytest.mark.usefixtures("installed")
def test_a_plugins_format_serves_decorators_without_an_io_section(root: Path) -> None:
    (root / "conf/pipelines/main.yml").write_text("name: main\n")
    decorated = MODULE.replace("def greeting", "@load_from.shouted(path='name.txt')\ndef greeting")
    (root / "pipelines/main.py").write_text(decorated)
    assert build_graph(root, "main")[1] == ("greeting",)


@pytest.mark.usefixtures("installed")
def test_a_plugin_that_cannot_be_loaded_is_a_warning(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    message = "the plugin 'broken' for io cannot be loaded from loud.nothing: ModuleNotFoundError"
    found = check_pipeline(root, "main")
    assert not found.problems
    assert message in str(found.notices[0])
    PipelineRunner(root, "main").run()
    assert message in caplog.text


def test_what_we_ship_is_registered_as_plugins_are() -> None:
    assert "flowerpower_tui.io.builtin" in {entry.value for entry in metadata.entry_points(group=PLUGINS)}
    assert load_plugins() == ()
    assert {"text", "bytes"} <= set(formats("load"))
