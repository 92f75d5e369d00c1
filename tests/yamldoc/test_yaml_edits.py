"""Each kind of edit, as its users see it: what changes, what stays, what is refused and why."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from difflib import SequenceMatcher
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from flowerpower_tui.errors import EditError
from flowerpower_tui.yamldoc import edits, tree
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.paths import parse_path, print_path

EXAMPLES = Path(__file__).parents[2] / "examples"


def edited(text: str, edit: str, path: str, *arguments: Any) -> str:
    document = Document.parse(text, "f.yml")
    return getattr(document, edit)(document.path(path) if path else (), *arguments).text


def refusal(text: str, edit: str, path: str, *arguments: Any) -> str:
    with pytest.raises(EditError) as caught:
        edited(text, edit, path, *arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        ("a: 1   # one\nb: 2\n", "a", 5, "a: 5   # one\nb: 2\n"),
        ("a: 'x'\n", "a", "y", "a: 'y'\n"),
        ('a: "x"\n', "a", "it's", 'a: "it\'s"\n'),
        ("a: x\n", "a", "on", "a: 'on'\n"),
        ("a: x\n", "a", "1e-3", "a: '1e-3'\n"),
        ('a: x\nb: "y"\n', "a", "22:30", 'a: "22:30"\nb: "y"\n'),
        ("a: x\n", "a", "two\nlines\n", "a: |\n  two\n  lines\n"),
        ("a: [x, y]\n", "a[1]", "p, q", "a: [x, 'p, q']\n"),
        ("a: True\n", "a", False, "a: False\n"),
        ("a: yes\n", "a", False, "a: false\n"),
        ("a:\nb: 1\n", "a", 1, "a: 1\nb: 1\n"),
        ("a:   # none\n", "a", 1, "a: 1   # none\n"),
        ("a: |\n  x\n\nb: 1\n", "a", 1, "a: 1\n\nb: 1\n"),
        ("a: |  # note\n  x\n", "a", "y\n", "a: |  # note\n  y\n"),
        ("a: &x 1\nb: *x\n", "a", 2, "a: &x 2\nb: *x\n"),
        ("a: !!str 1\n", "a", 2, "a: 2\n"),
        ('{"a": 1}', "a", "x", '{"a": "x"}'),
        ("a: 1\r\nb: 2", "b", [1], "a: 1\r\nb:\r\n  - 1"),
        ("a: 1\na: 2\n", "a", 3, "a: 1\na: 3\n"),
        ("? a\n: 1\n", "a", 2, "? a\n: 2\n"),
        ("on: 1\n2024: x\n", "2024", "z", "on: 1\n2024: z\n"),
        ("a: 1.0\n", "a", 1, "a: 1\n"),
        ("a: [1]\n", "a", (1, MappingProxyType({"x": (2,)})), "a: [1, {x: [2]}]\n"),
        ("a: 1\n", "a", 1e16, "a: 1.0e+16\n"),
        ('{"a":1,"b":[2]}', "b", {5: "x"}, '{"a":1,"b":{5: x}}'),
        ("a: [2, 1]\n", "a[0]", {5: "x"}, "a: [{5: x}, 1]\n"),
        ("a: |\n  x", "b", 1, "a: |-\n  x\nb: 1"),
        ("a:\n  - 1\n  - >+\n    x", "b", 1, "a:\n  - 1\n  - >-\n    x\nb: 1"),
        ('a: "x\u2028y"\nb: 1\n', "c", [1], 'a: "x\u2028y"\nb: 1\nc:\n  - 1\n'),
    ],
)
def test_a_value_is_set_in_the_spelling_of_the_place(text: str, path: str, value: Any, result: str) -> None:
    assert edited(text, "set", path, value) == result


@pytest.mark.parametrize("text", ["a: 0x10 # c\n", "a: 1_6\n", "a: 16\n", "a:    0b10000\n"])
def test_what_is_so_already_is_left_as_it_is_written(text: str) -> None:
    assert edited(text, "set", "a", 16) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", "run:\n  retry:\n    max_retries: 3\n"),
        ("# only this", "# only this\nrun:\n  retry:\n    max_retries: 3"),
        ("---\n", "---\nrun:\n  retry:\n    max_retries: 3\n"),
        ("run:\nb: 1\n", "run:\n  retry:\n    max_retries: 3\nb: 1\n"),
        ("run: {}  # none\n", "run:  # none\n  retry:\n    max_retries: 3\n"),
        ("run: {a: {}}\n", "run: {a: {}, retry: {max_retries: 3}}\n"),
        ("run: ~\n", "run:\n  retry:\n    max_retries: 3\n"),
        ("run:\n    a: 1\n", "run:\n    a: 1\n    retry:\n        max_retries: 3\n"),
        ("name: x\n", "name: x\nrun:\n  retry:\n    max_retries: 3\n"),
        ("name: x\n\nb: 1\n", "name: x\n\nb: 1\n\nrun:\n  retry:\n    max_retries: 3\n"),
        ("run:\n  a: 1\n  # b: 2\n\nc: 3\n", "run:\n  a: 1\n  # b: 2\n  retry:\n    max_retries: 3\n\nc: 3\n"),
        ("run:\n  retry: &r {}\nb: *r\n", "run:\n  retry: &r\n    max_retries: 3\nb: *r\n"),
    ],
)
def test_missing_parents_are_made(text: str, result: str) -> None:
    assert edited(text, "set", "run.retry.max_retries", 3) == result


def test_a_key_may_be_nothing() -> None:
    assert Document.parse("a: {x: 1,}\n", "f.yml").insert(["a", None], 2).text == "a: {x: 1, null: 2,}\n"


def test_a_merged_key_is_overridden_and_the_anchor_stays() -> None:
    text = "base: &b {low: 1, high: 2}\nwide:\n  <<: *b\n"
    assert edited(text, "set", "wide.low", 7) == text + "  low: 7\n"


def test_an_alias_is_replaced_and_the_anchor_stays() -> None:
    assert edited("a: &x [1]\nb: *x\n", "set", "b", 2) == "a: &x [1]\nb: 2\n"


@pytest.mark.parametrize(
    ("text", "edit", "path", "arguments", "message"),
    [
        (
            "a: &x {k: 1}\nb: *x\n",
            "set",
            "b.k",
            (2,),
            "f.yml:2:4: b is the alias '*x'; what is in it is written on line",
        ),
        ("a: &x {k: {}}\nb:\n  <<: *x\n", "set", "b.k.z", (2,), "f.yml:3:3: b.k comes from what is merged here"),
        ("a: &x 1\nb: *x\n", "delete", "a", (), "f.yml:1:4: the anchor '&x' in it is used on line 2"),
        ("a: [&x 1]\nb: *x\n", "set", "a", (1,), "f.yml:1:4: the anchor '&x' in it is used on line 2"),
        ("a: 1\n", "set", "a.b", (2,), "f.yml:1:4: a is a value, and has no keys"),
        ("a: [1]\n", "set", "a[3]", (2,), "f.yml:1:4: a is a list, and has no item 3"),
        ("a: 1\n", "delete", "b", (), "f.yml:1:1: there is no b"),
        ("a: 1\nb: 2\n", "rename", "a", ("b",), "f.yml:1:1: there is a key b already"),
        ("a: 1\na: 2\n", "move", "a", (("b",),), "f.yml:2:4: the key a stands twice"),
        ("a: 1\n", "insert", "a", (2,), "f.yml:1:1: a is there already"),
        (
            "a: &x [1]\nb: *x\n",
            "append",
            "b",
            (2,),
            "f.yml:2:4: b is the alias '*x'; what is in it is written on line 1",
        ),
        ("a: 1\n", "insert", "b", (2, 5), "f.yml:1:1: 5 is no place among 1 keys"),
        ("a: 1\n", "insert", "b", (2, -1), "f.yml:1:1: -1 is no place among 1 keys"),
        ("a: 1\n", "append", "a", (2,), "f.yml:1:4: a is no list"),
        ("a: {b: 1}\n", "move", "a", (("a", "b", "c"),), "f.yml:1:4: a cannot be moved into itself"),
        ("a: 1\n", "set", "a", ({1, 2},), "f.yml:1:4: A set cannot be written as YAML."),
        ("a: 1\n", "set", "a..b", (1,), "'a..b' is no path to a value."),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    text: str, edit: str, path: str, arguments: tuple[Any, ...], message: str
) -> None:
    assert refusal(text, edit, path, *arguments).startswith(message)


RUN = """\
run:
  # How often.
  retry: 3   # thrice

  # These belong together.
  start: 1
  end: 2
  vars:
    - a
    # about b
    - b   # b
    # - c
  last: |
    text

other: 1
"""


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("run.retry", "  # How often.\n  retry: 3   # thrice\n\n"),
        ("run.start", "  start: 1\n"),
        ("run.end", "  end: 2\n"),
        ("run.vars", "  vars:\n    - a\n    # about b\n    - b   # b\n    # - c\n"),
        ("run.vars[1]", "    # about b\n    - b   # b\n"),
        ("run.last", "  last: |\n    text\n"),
        ("other", "other: 1\n"),
    ],
)
def test_a_key_takes_its_own_comments_along(path: str, gone: str) -> None:
    assert edited(RUN, "delete", path) == RUN.replace(gone, "")


@pytest.mark.parametrize(
    ("text", "path", "result"),
    [
        ("# The file.\na: 1\nb: 2\n", "a", "# The file.\nb: 2\n"),
        ("a:\n  b: 1  # c\nd: 1\n", "a.b", "a: {}\nd: 1\n"),
        ("a:\n  # why\n\n  b: 1\n", "a.b", "a: {}\n  # why\n\n"),
        ("a: [1, 2, 3]\n", "a[0]", "a: [2, 3]\n"),
        ("a: [1, 2,]\n", "a[1]", "a: [1,]\n"),
        ("a: [\n  1, # x\n  2  # y\n]\n", "a[0]", "a: [\n  2  # y\n]\n"),
        ("- a: 1\n  b: 2\n", "[0].a", "- b: 2\n"),
        ("a: 1\n\nb: 2\n\nc: 3\n", "b", "a: 1\n\nc: 3\n"),
        ("a: 1\na: 2\nb: 3\n", "a", "b: 3\n"),
        ("a: 1\r\nb: 2", "b", "a: 1"),
        ("a: 1\n\n\nb: 2", "b", "a: 1"),
        ("a: |\n  x\nb: 2", "b", "a: |\n  x\n"),
        ("x: [{a: 1}]\n", "x[0].a", "x: [{}]\n"),
    ],
)
def test_what_is_deleted_leaves_no_trace(text: str, path: str, result: str) -> None:
    assert edited(text, "delete", path) == result


@pytest.mark.parametrize(
    ("text", "path", "to", "result"),
    [
        ("- a # A\n# b\n- b\n- c", "[2]", (0,), "- c\n- a # A\n# b\n- b"),
        ("a: [1, 2, 3]\n", "a[0]", ("a", 2), "a: [2, 3, 1]\n"),
        ("a:\n  b:\n    c: 1 # C\nd:\n    e: 1\n", "a.b", ("d", "b"), "a: {}\nd:\n    e: 1\n    b:\n      c: 1 # C\n"),
        ("a:\n  b: 1 # B\nd: {}\n", "a.b", ("d", "b"), None),
        (
            "a:\n  # x\n  b:\n    - 1\n\n  z: 1\nd:\n    e: 1\n",
            "a.b",
            ("d", "m"),
            "a:\n  z: 1\nd:\n    e: 1\n    # x\n    m:\n      - 1\n",
        ),
        ("a: 1\nb: 2\n", "a", ("c",), "c: 1\nb: 2\n"),
        ('{"a":1,"b":2}', "a", (5,), '{5: 1,"b":2}'),
        ("a: {x: 1, y: 2}\nb:\n  c: 1\n", "a.x", ("b", "x"), "a: {y: 2}\nb:\n  c: 1\n  x: 1\n"),
    ],
)
def test_what_is_moved_is_written_there_as_it_was_here(
    text: str, path: str, to: tuple[Any, ...], result: str | None
) -> None:
    if result is None:
        assert "has comments in it" in refusal(text, "move", path, to)
    else:
        assert edited(text, "move", path, to) == result


def test_of_a_list_or_mapping_only_what_differs_is_changed() -> None:
    text = "v:\n  - a # A\n  - b # B\n  - c # C\nm: {x: 1,  y: 2}\n"
    assert edited(text, "set", "v", ["a", "c", "d"]) == "v:\n  - a # A\n  - c # C\n  - d\nm: {x: 1,  y: 2}\n"
    assert edited(text, "set", "m", {"y": 2, "z": 3}) == text.replace("{x: 1,  y: 2}", "{y: 2, z: 3}")


def test_lists_are_written_as_the_others_in_the_file() -> None:
    assert edited("a: [1]\n", "set", "b", ["x"]) == "a: [1]\nb: [x]\n"
    assert edited("a:\n- 1\n", "set", "b", ["x"]) == "a:\n- 1\nb:\n- x\n"


def test_of_several_documents_one_is_edited() -> None:
    text = "a: 1\n---\na: 2\n---\na: 3\n"
    assert Document.parse(text, "f.yml", 0).set(["a"], 5).text == text.replace("1", "5")
    second = Document.parse(text, "f.yml", 1)
    assert second.value == {"a": 2}
    assert second.set(["b"], 5).text == "a: 1\n---\na: 2\nb: 5\n---\na: 3\n"


def test_bytes_stay_in_the_encoding_of_the_file(tmp_path: Path) -> None:
    for encoding, mark in (("utf-16-be", "\ufeff"), ("utf-16-le", "\ufeff"), ("utf-8", "\ufeff"), ("utf-8", "")):
        data = f"{mark}ü: 1\r\n".encode(encoding)
        document = Document.decode(data, "f.yml")
        assert document.data == data
        assert document.set(["ü"], "ö").data == f"{mark}ü: ö\r\n".encode(encoding)


def test_values_and_their_places_are_found_by_path() -> None:
    document = Document.parse("\ufeffa: &x {b: [1, 'two']}\nc: *x\n", "f.yml")
    path = document.path("a.b.1")
    assert path == ("a", "b", 1)
    assert document.get(path) == "two"
    assert document.text[slice(*document.span(path))] == "'two'"
    assert document.text[slice(*document.span(["a"]))] == "&x {b: [1, 'two']}"
    assert document.text[slice(*document.key_span(["a", "b"]))] == "b"
    assert document.get(["c", "b", 0]) == 1
    assert document.has(["c", "b"])
    assert not document.has(["c", "z"])
    assert document.get(["a", "z"], "none") == "none"


@pytest.mark.parametrize("key", ["a\nb", "a\tb", "\x07", 'a"b', "a\\b", "\\", "ü", ""])
def test_any_key_is_found_by_its_path(key: str) -> None:
    assert parse_path(print_path(["a", key])) == ("a", key)


@pytest.mark.parametrize("text", ["run.inputs.start", "list[0]", "[1][2].a", 'params."a.b"."say \\"x\\""', "a-b.c_d"])
def test_a_path_is_printed_as_it_is_read(text: str) -> None:
    assert print_path(parse_path(text)) == text


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/conf/**/*.yml")), ids=lambda path: path.stem)
def test_the_examples_can_be_edited_at_every_value(file: Path) -> None:
    document = Document.read(file)
    before = file.read_bytes()
    assert document.data == before
    for path in _scalars(document.value, ()):
        start, end = document.span(path)
        changed = document.set(path, "new")
        assert changed.text[:start] == document.text[:start]
        assert changed.text.endswith(document.text[end:])
        assert changed.get(path) == "new"
        assert changed.set(path, document.get(path)).value == document.value


def _scalars(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if isinstance(value, dict | list) and value:
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        return [found for key, item in entries for found in _scalars(item, (*path, key))]
    return [path]


def test_a_heading_over_several_keys_stays_with_the_others() -> None:
    text = textwrap.dedent(
        """\
        inputs:
          # Paths are relative.
          orders: a
          rates: b
        """
    )
    assert edited(text, "delete", "inputs.orders") == text.replace("  orders: a\n", "")


def test_a_plain_edit_does_not_wait_for_ruamel() -> None:
    script = "import sys; from flowerpower_tui.yamldoc.document import Document as D; D.parse('a: 1', '').set('a', 2)"
    check = "sys.exit(any(name.startswith('ruamel') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", f"{script}; {check}"]).returncode == 0


def test_a_mapping_is_set_without_comparing_each_key_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    def is_same(one: Any, other: Any) -> bool:
        nonlocal compared
        compared += 1
        return tree.is_same(one, other)

    value = dict.fromkeys(range(500), 0)
    document = Document.parse("", "f.yml").set(["a"], value)
    monkeypatch.setattr(edits, "is_same", is_same)

    after = document.set(["a"], value | {250: 1})

    assert after.value == {"a": value | {250: 1}}
    assert compared < 10 * len(value)


def test_of_a_list_that_is_set_only_what_differs_is_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []

    def matcher(junk: None, one: list[Any], other: list[Any], *, autojunk: bool) -> SequenceMatcher[Any]:
        sizes.append((len(one), len(other)))
        return SequenceMatcher(junk, one, other, autojunk)

    document = Document.parse("", "f.yml").set(["a"], [0] * 500)
    monkeypatch.setattr(edits, "SequenceMatcher", matcher)

    after = document.set(["a"], [*[0] * 250, 1, 2, *[0] * 249])

    assert after.value == {"a": [*[0] * 250, 1, 2, *[0] * 249]}
    assert sizes == [(1, 2)]


def test_any_number_of_byte_order_marks_shifts_nothing() -> None:
    document = Document.parse("\ufeff\ufeffa: 1\nb: [2]\n", "f.yml")
    assert document.set(["b"], 5).text == "\ufeff\ufeffa: 1\nb: 5\n"
    assert document.delete(["a"]).text == "\ufeff\ufeffb: [2]\n"
    assert document.delete(["b"]).text == "\ufeff\ufeffa: 1\n"
    start, end = document.span(["b"])
    assert document.text[start:end] == "[2]"
