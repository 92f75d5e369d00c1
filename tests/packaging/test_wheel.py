"""What is in the wheel, and what it says of itself."""

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "flowerpower_tui"], cwd=ROOT, capture_output=True, text=True).stdout
    wanted = set(tracked.split()) or {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "flowerpower_tui").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert wanted - held == set()
    assert {name.partition("/")[0] for name in held} == {"flowerpower_tui"}
    assert {Path(name).suffix for name in held} >= {".py", ".tcss", ".yaml", ".typed"}


def test_the_wheel_says_what_it_needs(metadata: Message) -> None:
    assert metadata["Name"] == "flowerpower-tui"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert {"serve", "ray", "dask", "otel", "mlflow", "tracker", "dev"} <= set(metadata.get_all("Provides-Extra"))
    always = [text for text in metadata.get_all("Requires-Dist") if "extra ==" not in text]
    assert any(text.startswith("textual") for text in always)
    assert not any(text.startswith("textual-serve") for text in always)


def test_its_entry_points_can_be_loaded(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        lines = archive.read(name).decode().split("\n")
    points = [EntryPoint(*map(str.strip, line.split("=")), group="") for line in lines if "=" in line]
    assert {point.name for point in points} >= {"fp-tui", "file", "command"}
    assert all(point.load() is not None for point in points)


def test_it_says_which_pythons_it_was_tried_with(metadata: Message) -> None:
    tried = {text.rpartition(" ")[2] for text in metadata.get_all("Classifier") if "Python :: 3." in text}
    assert tried == {"3.11", "3.12", "3.13"}
    assert f"3.{sys.version_info.minor}" in tried
