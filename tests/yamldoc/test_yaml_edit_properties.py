"""Generated documents in generated styles: an edit is exact, means what was asked for, and ruamel.yaml agrees."""

from __future__ import annotations

import copy
import datetime as dt
import io
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.tree import is_same

Written = Callable[[Any, int], str]
Paths = Callable[[Any], list[tuple[Any, ...]]]

WORDS = "on 1e-3 a:b # it's \" 012 null ü - [ *a !c %d a,b 22:30 2024-01-01 ~ << 1_000 ? : | x: ${A} --- .inf y"
AWKWARD = st.sampled_from([*WORDS.split(), "a: b", "# c", "", "two\nlines\n", "\n", "- x", " x ", "\t", "a #b", "\x07"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | AWKWARD
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXT
    | st.dates(min_value=dt.date(1000, 1, 1))
)
KEYS = TEXT | st.integers(0, 3000)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
ROOTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4) | st.lists(VALUES, min_size=1, max_size=4)
SEEDS = st.integers(0, 2**32)

generated = settings(max_examples=200 if os.environ.get("CI") == "true" else 40, deadline=None)


@pytest.fixture(scope="session")
def document(written: Written) -> Callable[[Any, int], Document]:
    """Writes a value in some style, and reads it."""

    def read(value: Any, seed: int) -> Document:
        text = written(value, seed)
        found = Document.parse(text, "f.yml")
        assert is_same(found.value, value)
        return found

    return read


Read = Callable[[Any, int], Document]


@generated
@given(ROOTS, SEEDS, VALUES, st.data())
def test_a_value_is_set_and_nothing_else(
    document: Read, paths: Paths, root: Any, seed: int, value: Any, data: st.DataObject
) -> None:
    before = document(root, seed)
    path = data.draw(st.sampled_from(paths(root)))
    start, end = before.span(path)

    after = before.set(path, value)

    assert is_same(after.value, _with(root, path, lambda holder, key: holder.__setitem__(key, value)))
    if _is_scalar(value) and _is_scalar(before.get(path)) and "\n" not in before.text[start:end] and start < end:
        assert after.text.startswith(before.text[:start])
        assert after.text.endswith(before.text[end:]) or "\n" in str(value)
    assert _comments_are_kept(before.text, after.text, between=(start, end))
    _agree(after)


@generated
@given(ROOTS, SEEDS, st.data())
def test_a_key_is_deleted_and_nothing_else(
    document: Read, paths: Paths, root: Any, seed: int, data: st.DataObject
) -> None:
    before = document(root, seed)
    path = data.draw(st.sampled_from(paths(root)))

    after = before.delete(path)

    assert is_same(after.value, _with(root, path, lambda holder, key: holder.__delitem__(key)))
    if after.get(path[:-1]):
        assert _is_in(after.text, before.text)
    _agree(after)


@generated
@given(ROOTS, SEEDS, KEYS, VALUES, st.data())
def test_what_is_inserted_comes_between_what_was_there(
    document: Read, paths: Paths, root: Any, seed: int, key: Any, value: Any, data: st.DataObject
) -> None:
    before = document(root, seed)
    outer = data.draw(st.sampled_from([path for path in [(), *paths(root)] if _is_collection(before.get(path))]))
    holder = before.get(outer)
    if isinstance(holder, list):
        key = data.draw(st.integers(0, len(holder)))
    elif any(is_same(key, known) for known in holder):
        return

    after = before.insert((*outer, key), value)

    def put(found: Any, name: Any) -> None:
        found.insert(name, value) if isinstance(found, list) else found.__setitem__(name, value)

    assert is_same(after.value, _with(root, (*outer, key), put))
    if holder:
        assert _only_added(before.text, after.text) or "{" in after.text or "[" in after.text
        assert _is_in(before.text, after.text)
    _agree(after)


@generated
@given(ROOTS, SEEDS, KEYS, st.data())
def test_a_key_is_renamed_and_nothing_else(
    document: Read, paths: Paths, root: Any, seed: int, key: Any, data: st.DataObject
) -> None:
    before = document(root, seed)
    keyed = [path for path in paths(root) if isinstance(before.get(path[:-1]), dict)]
    if not keyed:
        return
    path = data.draw(st.sampled_from(keyed))
    if any(is_same(key, known) for known in before.get(path[:-1])):
        return
    start, end = before.key_span(path)

    after = before.rename(path, key)

    assert after.text.startswith(before.text[:start])
    assert after.text.endswith(before.text[end:])
    assert is_same(after.get((*path[:-1], key)), before.get(path))
    assert list(after.get(path[:-1])) == [key if is_same(name, path[-1]) else name for name in before.get(path[:-1])]
    _agree(after)


@generated
@given(st.lists(VALUES, min_size=2, max_size=5), SEEDS, st.data())
def test_an_item_is_moved_as_it_is_written(document: Read, root: Any, seed: int, data: st.DataObject) -> None:
    before = document(root, seed)
    old, new = (data.draw(st.integers(0, len(root) - 1)) for _ in range(2))

    after = before.move([old], [new])

    expected = copy.deepcopy(root)
    expected.insert(new, expected.pop(old))
    assert is_same(after.value, expected)
    assert sorted(_words(after)) == sorted(_words(before))


@generated
@given(ROOTS, SEEDS)
def test_what_is_not_edited_is_the_same_bytes(document: Read, paths: Paths, root: Any, seed: int) -> None:
    before = document(root, seed)
    assert before.data == before.text.encode()
    for path in paths(root)[:5]:
        assert before.set(path, before.get(path)) is before


def _with(root: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    expected = copy.deepcopy(root)
    holder = expected
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return expected


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _is_collection(value: Any) -> bool:
    return isinstance(value, dict | list)


def _is_in(part: str, whole: str) -> bool:
    """Return whether all of `part` is in `whole`, in this order."""
    rest = iter(whole)
    return all(character in rest for character in part)


def _only_added(before: str, after: str) -> bool:
    """Return whether `after` is `before` with text put in at one place."""
    return any(
        after.startswith(before[:place]) and after.endswith(before[place:]) for place in range(len(before), -1, -1)
    )


def _comments_are_kept(before: str, after: str, between: tuple[int, int]) -> bool:
    start, end = between
    outside = before[:start].splitlines()[:-1] + before[end:].splitlines()[1:]
    kept = after.splitlines()
    return all(line in kept for line in outside if line.lstrip().startswith("# what"))


def _words(document: Document) -> list[str]:
    return document.text.removeprefix("\ufeff").replace("\r", "").split()


def _agree(document: Document) -> None:
    """Ask ruamel.yaml, which reads YAML 1.2: it finds the same values.

    It is known to refuse what PyYAML takes: tabs before comments, and characters that it does not print.
    """
    reader = YAML(typ="safe", pure=True)
    try:
        theirs = reader.load(io.StringIO(document.text.removeprefix("\ufeff")))
    except YAMLError:
        assert "\t" in document.text or not document.text.replace("\n", "").replace("\r", "").isprintable()
    else:
        assert is_same(theirs, document.value)
