"""Versions of libraries, as fingerprints have them."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from flowerpower_tui.pipeline.engine.fingerprint import Fingerprinter
from flowerpower_tui.pipeline.engine.libraries import version_of


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    version_of.cache_clear()
    yield
    version_of.cache_clear()


def test_a_library_is_as_old_as_what_was_installed() -> None:
    assert version_of("msgspec") == metadata.version("msgspec")
    # Under another name than it is imported by, and one that has no `__version__`.
    assert version_of("yaml") == metadata.version("pyyaml")
    assert version_of("rich") == metadata.version("rich")
    assert version_of("json") == ""
    assert version_of("no_such_library") == ""


def test_of_a_library_that_came_under_an_unknown_name_all_that_is_installed_beside_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "oddly").mkdir()
    (tmp_path / "named-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert version_of("oddly") == "named-1.0.dist-info"
    (tmp_path / "named-1.0.dist-info").rename(tmp_path / "named-1.1.dist-info")
    version_of.cache_clear()
    assert version_of("oddly") == "named-1.1.dist-info"


def test_a_node_that_imports_a_library_itself_has_one_fingerprint_before_and_after(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from flowerpower_tui.pipeline.engine.fingerprint import Fingerprinter

scope = {{"__file__": {str(tmp_path / "main.py")!r}, "__name__": "main"}}
exec("def uses():\\n    import sqlite3, textual\\n    return textual", scope)
assert "textual" not in sys.modules
before = Fingerprinter(Path({str(tmp_path)!r}), {{}}).of_code(scope["uses"])
import textual
print(before == Fingerprinter(Path({str(tmp_path)!r}), {{}}).of_code(scope["uses"]))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert told.stdout == "True\n", told.stderr


def test_another_version_is_another_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = {"__file__": str(tmp_path / "main.py"), "__name__": "main"}
    exec("def uses():\n    import rich\n    return rich", scope)
    before = Fingerprinter(tmp_path, {}).of_code(scope["uses"])
    monkeypatch.setattr(metadata, "version", lambda name: "99")
    version_of.cache_clear()
    assert Fingerprinter(tmp_path, {}).of_code(scope["uses"]) != before
