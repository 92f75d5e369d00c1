"""Byte code of modules outside the project: kept, used for the text that it was made of, and for no other."""

from __future__ import annotations

import importlib.util
import marshal
import os
import py_compile
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from flowerpower_tui.pipeline import modules


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module on the path, in a folder that people edit; the project lies beside it."""
    (tmp_path / "project/pipelines").mkdir(parents=True)
    folder = tmp_path / "src"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    modules.open_project(tmp_path / "project")
    yield folder / "edited_elsewhere.py"
    modules.close()
    sys.modules.pop("edited_elsewhere", None)


def value(module: Path) -> object:
    sys.modules.pop(module.stem, None)
    return import_module(module.stem).VALUE


def save(module: Path, text: str) -> None:
    module.write_text(text)
    os.utime(module, (1_700_000_000, 1_700_000_000))


def test_byte_code_of_another_text_of_the_same_size_and_second_is_not_used(module: Path) -> None:
    save(module, "VALUE = 1\n")
    py_compile.compile(str(module), doraise=True)
    save(module, "VALUE = 2\n")
    assert value(module) == 2
    save(module, "VALUE = 3\n")
    assert value(module) == 3


def test_byte_code_of_the_same_text_is_used_and_python_reads_it_too(module: Path) -> None:
    save(module, "VALUE = 1\n")
    assert value(module) == 1
    cached = Path(importlib.util.cache_from_source(str(module)))
    data = cached.read_bytes()
    other = compile("VALUE = 'kept'", str(module), "exec")
    cached.write_bytes(data[:16] + marshal.dumps(other))

    assert value(module) == "kept"
    modules.close()
    importlib.invalidate_caches()
    assert value(module) == "kept"


@pytest.mark.parametrize("broken", [b"", b"x" * 20, None])
def test_broken_byte_code_is_made_anew(module: Path, broken: bytes | None) -> None:
    save(module, "VALUE = 1\n")
    value(module)
    cached = Path(importlib.util.cache_from_source(str(module)))
    whole = cached.read_bytes()
    cached.write_bytes(whole[:-3] if broken is None else broken)

    assert value(module) == 1
    assert cached.read_bytes() == whole
