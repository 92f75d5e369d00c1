"""When code is the same, and when it is not; for modules that have a file, and for those that have none."""

from __future__ import annotations

import sys
import textwrap
import types
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.pipeline.engine.fingerprint import CannotTellError, Fingerprinter

BASE = """
    import functools, json, re
    from dataclasses import dataclass
    from enum import Enum

    LIMIT = 3
    WORDS = {"one", "two"}
    PATTERN = re.compile("a+")
    TABLE = {"double": lambda x: 2 * x}

    class Colour(Enum):
        RED = 1

    @dataclass
    class Point:
        x: int = 0

        def moved(self):
            return Point(self.x + LIMIT)

    @functools.lru_cache
    def cached(x):
        return x + 1

    def even(x):
        return x == 0 or odd(x - 1)

    def odd(x):
        return x != 0 and even(x - 1)

    def adder(by):
        def add(x):
            return x + by
        return add

    add_two = adder(2)

    def uses_constant(x): return x + LIMIT
    def uses_set(x): return x in WORDS
    def uses_pattern(x): return PATTERN.match(x)
    def uses_table(x): return TABLE["double"](x)
    def uses_enum(x): return Colour.RED
    def uses_class(x): return Point().moved()
    def uses_cached(x): return cached(x)
    def uses_cycle(x): return even(x)
    def uses_closure(x): return add_two(x)
    def uses_library(x): return json.dumps(x)
    def uses_comprehension(x): return [LIMIT for _ in range(x)]
    def uses_default(x, y=LIMIT): return x + y
    partial = functools.partial(uses_default, y=5)
"""
NAMES = [
    *("constant", "set", "pattern", "table", "enum", "class", "cached", "cycle", "closure", "library"),
    *("comprehension", "default"),
]


def prints(source: str, root: Path, file: str | None) -> dict[str, str]:
    module = types.ModuleType("printed")
    if file is not None:
        module.__file__ = file
    sys.modules["printed"] = module
    try:
        exec(compile(textwrap.dedent(source), file or "<string>", "exec"), module.__dict__)
        printer = Fingerprinter(root, {} if file is None else {file: textwrap.dedent(source).encode()})
        found = {name: printer.of_code(getattr(module, f"uses_{name}")) for name in NAMES}
        return found | {"partial": printer.of_code(module.partial)}
    finally:
        del sys.modules["printed"]


@pytest.mark.parametrize("file", ["printed.py", None])
@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("LIMIT = 3", "LIMIT = 4", {"constant", "class", "comprehension", "default", "partial"}),
        ('"two"}', '"three"}', {"set"}),
        ('"a+"', '"b+"', {"pattern"}),
        ("lambda x: 2 * x", "lambda x: 3 * x", {"table"}),
        ("RED = 1", "RED = 2", {"enum"}),
        ("self.x + LIMIT", "self.x - LIMIT", {"class"}),
        ("return x + 1", "return x + 11", {"cached"}),
        ("x != 0 and", "x > 0 and", {"cycle"}),
        ("adder(2)", "adder(3)", {"closure"}),
        ("x + by", "by + x", {"closure"}),
        ("y=5", "y=6", {"partial"}),
        ("json.dumps(x)", "json.loads(x)", {"library"}),
    ],
)
def test_what_uses_an_edit_changes_and_nothing_else(
    tmp_path: Path, file: str | None, old: str, new: str, changed: Any
) -> None:
    path = None if file is None else str(tmp_path / file)
    assert BASE.count(old) == 1
    before, after = (prints(source, tmp_path, path) for source in (BASE, BASE.replace(old, new)))
    assert {name for name in before if before[name] != after[name]} == changed


def test_the_same_code_has_the_same_fingerprint_on_another_line(tmp_path: Path) -> None:
    path = str(tmp_path / "printed.py")
    assert prints(BASE, tmp_path, path) == prints("# A comment.\n\n" + textwrap.dedent(BASE), tmp_path, path)


def test_a_value_tells_of_the_code_that_it_names(tmp_path: Path) -> None:
    def version(source: str) -> str:
        module = types.ModuleType("printed")
        module.__file__ = str(tmp_path / "printed.py")
        sys.modules["printed"] = module
        try:
            exec(textwrap.dedent(source), module.__dict__)
            return Fingerprinter(tmp_path, {}).of_value([module.Point(1), module.even])[0]
        finally:
            del sys.modules["printed"]

    assert version(BASE) == version(BASE)
    assert version(BASE) != version(BASE.replace("self.x + LIMIT", "self.x - LIMIT"))
    assert version(BASE) != version(BASE.replace("x == 0 or", "x < 1 or"))


def test_the_order_in_a_set_says_nothing_wherever_the_set_lies(tmp_path: Path) -> None:
    rule = "class Rule:\n    def __init__(self, words): self.words = words\n"
    assert list({0, 8}) != list({8, 0})

    def printed(words: str) -> str:
        module = types.ModuleType("printed")
        module.__file__ = str(tmp_path / "printed.py")
        sys.modules["printed"] = module
        try:
            exec(f"{rule}RULE = Rule({words})\ndef uses(x): return RULE", module.__dict__)
            return Fingerprinter(tmp_path, {}).of_code(module.uses)
        finally:
            del sys.modules["printed"]

    assert printed("{0, 8}") == printed("{8, 0}") != printed("{0, 9}")


def test_of_an_extension_of_the_project_every_byte_counts(tmp_path: Path) -> None:
    def printed(content: bytes) -> str:
        extension = types.ModuleType("extension")
        extension.__file__ = str(tmp_path / "extension.so")
        Path(extension.__file__).write_bytes(content)
        scope = {"__file__": str(tmp_path / "main.py"), "__name__": "main", "extension": extension}
        exec("def uses(): return extension", scope)
        return Fingerprinter(tmp_path, {}).of_code(scope["uses"])

    assert printed(b"\x7fELF\0one") != printed(b"\x7fELF\0two")


def test_what_cannot_be_pickled_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(CannotTellError):
        Fingerprinter(tmp_path, {}).of_value(lambda: 1)
