"""Files with traps, and every YAML file of the installed packages: unchanged if not edited, exact if they are."""

from __future__ import annotations

import copy
import os
import sysconfig
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowerpower_tui.errors import ConfigError, EditError
from flowerpower_tui.yamldoc.document import MAX_SIZE, Document
from flowerpower_tui.yamldoc.tree import MERGE, NO_NAME, Alias, Collection, Node, inner, is_same

FILES = sorted((Path(__file__).parent / "corpus").glob("*.yml"))
# A file is large or many are there: some of each are looked at.
MOST_FILES = 300
MOST_PLACES = 12
NEWS = (7, "plain", "it's: 'so' # here", "two\nlines\n", None)

# What PyYAML cannot read, and so FlowerPower neither.
UNREADABLE = {"anchor-defined-twice", "tab-after-a-dash"}
CORPUS = [file for file in FILES if file.stem not in UNREADABLE]


def shipped() -> list[Path]:
    """Every YAML file in the folders of installed packages."""
    folders = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    found = (
        Path(folder, name)
        for root in folders
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith((".yml", ".yaml"))
    )
    return sorted(islice(found, MOST_FILES))


def documents(file: Path) -> list[Document]:
    """Every document of a file."""
    data = file.read_bytes()
    try:
        return [Document.decode(data, file.name)]
    except ConfigError as error:
        if "a second document" not in error.message:
            raise
    text = data.decode()
    count = sum(isinstance(event, yaml.DocumentStartEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader))
    return [Document.parse(text, file.name, number) for number in range(count)]


def test_there_are_many_traps() -> None:
    assert len(CORPUS) >= 60


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_cannot_be_read_is_told_with_its_place(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Document.read(Path(__file__).parent / f"corpus/{name}.yml")
    assert caught.value.location is not None
    assert caught.value.location.line


@pytest.mark.parametrize("file", CORPUS, ids=lambda path: path.stem)
def test_a_file_that_is_not_edited_is_the_same_bytes(file: Path) -> None:
    for document in documents(file):
        assert document.data == file.read_bytes()
        for path in scalars(document):
            assert document.set(path, document.get(path)).data == file.read_bytes()


@pytest.mark.parametrize("file", CORPUS, ids=lambda path: path.stem)
def test_an_edit_of_a_value_is_exact_or_refused_with_a_reason(file: Path) -> None:
    for document in documents(file):
        for path in scalars(document):
            for value in NEWS:
                is_exact(document, path, value)


@pytest.mark.parametrize("file", CORPUS, ids=lambda path: path.stem)
def test_a_key_can_be_added_and_taken_out_again(file: Path) -> None:
    for document in documents(file):
        for path in mappings(document):
            try:
                added = document.set((*path, "news"), [1, {"a": "x"}])
            except EditError:
                continue
            assert added.get((*path, "news")) == [1, {"a": "x"}]
            if document.get(path):
                assert is_same(added.delete((*path, "news")).value, document.value)


@pytest.mark.parametrize("file", CORPUS, ids=lambda path: path.stem)
def test_each_kind_of_edit_does_what_it_says_or_is_refused(file: Path) -> None:
    for document in documents(file):
        for path, _ in list(_walk(document.draft.tree, ()))[1:]:
            *outer, last = path
            for edit, argument, change in (
                ("delete", (), lambda holder, key: holder.pop(key)),
                ("rename", ("new",), lambda holder, key: holder.update(new=holder.pop(key))),
                ("insert", ("X",), lambda holder, key: holder.insert(key, "X")),
                ("append", ("X",), lambda holder, key: holder.__setitem__(key, [*(holder[key] or ()), "X"])),
                ("move", ((*outer, 0),), _move_to_begin),
            ):
                try:
                    changed = getattr(document, edit)(path, *argument)
                except EditError as refused:
                    reason(refused)
                    continue
                if not has_aliases(document):
                    expected = copy.deepcopy(document.value)
                    holder = expected
                    for key in outer:
                        holder = holder[key]
                    change(holder, last)
                    assert is_same(changed.value, expected)


def _move_to_begin(holder: Any, key: Any) -> None:
    if isinstance(holder, list):
        holder.insert(0, holder.pop(key))
    else:
        holder[0] = holder.pop(key)


def test_the_files_of_installed_packages_are_edited_exactly() -> None:
    read_files = edits = refused = 0
    for file in shipped():
        if file.stat().st_size > MAX_SIZE // 10:
            continue
        try:
            found = documents(file)
        except (ConfigError, UnicodeDecodeError):
            # Not YAML that FlowerPower could read either.
            continue
        read_files += 1
        for document in found[:3]:
            assert document.data == file.read_bytes()
            places = scalars(document)
            for path in places[:: max(1, len(places) // MOST_PLACES)]:
                done = is_exact(document, path, "it's: new")
                edits, refused = edits + done, refused + (not done)
    assert read_files > 5
    assert edits > 50
    assert refused <= edits // 100


def is_exact(document: Document, path: tuple[Any, ...], value: Any) -> bool:
    """Set a value: nothing else may have changed, in bytes or in meaning. Return whether it was done."""
    start, end = document.span(path)
    try:
        changed = document.set(path, value)
    except EditError as refused:
        return not reason(refused)
    assert is_same(changed.get(path), value)
    if changed is document:
        return True
    lines = value is not None and "\n" in str(value)
    assert changed.text.startswith(document.text[:start].rstrip(" \t"))
    assert lines or changed.text.endswith(document.text[end:].lstrip(" \t"))
    if not has_aliases(document):
        assert is_same(_put(document.value, path, value), changed.value)
    return True


def reason(refused: EditError) -> str:
    """What an edit is refused with; every refusal has one, and a place."""
    assert refused.location is not None
    assert refused.message
    return refused.message


def scalars(document: Document) -> list[tuple[Any, ...]]:
    """The paths of all values that are written in the document and are no collections."""
    return [path for path, node in _walk(document.draft.tree, ()) if not isinstance(node, Collection | Alias)]


def mappings(document: Document) -> list[tuple[Any, ...]]:
    found = _walk(document.draft.tree, ())
    return [path for path, node in found if isinstance(node, Collection) and not node.is_list]


def has_aliases(document: Document) -> bool:
    root = document.draft.tree
    return root is not None and any(isinstance(node, Alias) for node in inner(root))


def _walk(node: Node | None, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Node]]:
    if node is None:
        return
    yield path, node
    if isinstance(node, Collection) and not node.special:
        for place, entry in enumerate(node.entries):
            if node.find(entry.name) == place and entry.name not in (MERGE, NO_NAME):
                yield from _walk(entry.value, (*path, entry.name))


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, list):
        return [_put(item, path[1:], new) if place == path[0] else item for place, item in enumerate(value)]
    return {key: _put(item, path[1:], new) if key == path[0] else item for key, item in value.items()}
