"""Comments: each edit keeps those that are not clearly of what goes, in a place that makes sense."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError, EditError
from flowerpower_tui.yamldoc.comments import comments
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.tree import MERGE, NO_NAME, Collection, Node, Scalar

NEWS = (7, "two\nlines\n", [], [1, {"a": "x"}])


def edited(text: str, edit: str, path: str, *arguments: Any) -> str:
    document = Document.parse(text, "f.yml")
    return getattr(document, edit)(document.path(path) if path else (), *arguments).text


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        ("-\n  # c\n  a: 1\n- z\n", "[0]", 5, "- 5\n  # c\n- z\n"),
        ("- # b\n  # c\n\n  # d\n  - 1\n", "[0]", 5, "- 5 # b\n  # c\n\n  # d\n"),
        ("- -\n    # c\n    a: 1\n  - 2\n", "[0][0]", None, "- - null\n    # c\n  - 2\n"),
        ("k:\n  # c\n  a: 1\nz: 1\n", "k", 5, "k: 5\n  # c\nz: 1\n"),
        ("k: # b\n  # c\n  a: 1\n", "k", [], "k: [] # b\n  # c\n"),
        ("k:\n# c\n- 1\nz: 1\n", "k", 5, "k: 5\n# c\nz: 1\n"),
        ("k:\n# c\n- 1\n", "k", {"n": 8}, "k:\n# c\n  'n': 8\n"),
        ("k:\n  # c\n  a: 1\n", "k", "two\nlines\n", "k:\n  # c\n  |\n  two\n  lines\n"),
        ("-\n  # c\n  a: 1\n", "[0]", [7], "-\n  # c\n  - 7\n"),
        ("k:\n  # c\n  a: 1", "k", 5, "k: 5\n  # c"),
        ("k:\r\n  # c\r\n  a: 1\r\n", "k", 5, "k: 5\r\n  # c\r\n"),
        ("o:\n  k:\n    # c\n    a: 1\n  z: 1\n", "o.k", 5, "o:\n  k: 5\n    # c\n  z: 1\n"),
        ("k:\n  # c\n  a: 1\n  # d\nz: 1\n", "k", 5, "k: 5\n  # c\n  # d\nz: 1\n"),
        ("k: &x\n  # c\n  a: 1\nz: *x\n", "k", 5, "k: &x 5\n  # c\nz: *x\n"),
        ("k:\n  # c\n  &x\n  # d\n  a: 1\nz: *x\n", "k", [7], "k: &x\n  # c\n  # d\n  - 7\nz: *x\n"),
        ("k: !!map\n  # c\n  a: 1\n", "k", 5, "k: 5\n  # c\n"),
        ("? k\n# b\n: # c\n  # d\n  a: 1\n", "k", 5, "? k\n# b\n: 5 # c\n  # d\n"),
        ("k:\n  # c\n  plain # d\n", "k", 5, "k:\n  # c\n  5 # d\n"),
        ("k:\n  # c\n  plain # d\n", "k", {"n": 8}, "k:\n  # c\n  # d\n  'n': 8\n"),
        ("k:\n  # c\n  |  # d\n  text\n", "k", [7], "k:\n  # c\n  # d\n  - 7\n"),
        ("--- &x\n# c\na: 1\n", "", 5, "--- &x\n# c\n5\n"),
        ("text # c\n", "", {"n": "two\nlines\n"}, "# c\n'n': |\n  two\n  lines\n"),
        ("a: |\t# c\n  x\n", "a", 5, "a: 5\t# c\n"),
        ("k:\n  # c\n  a: 1\n  b: 2\n", "k", {"n": 8}, "k:\n  # c\n  'n': 8\n"),
    ],
)
def test_what_stands_between_a_key_and_its_value_stays(text: str, path: str, value: Any, result: str) -> None:
    assert edited(text, "set", path, value) == result


@pytest.mark.parametrize(
    ("text", "path", "result"),
    [
        ("-\n  # c\n\n  a: 1\n- z\n", "[0].a", "- {}\n  # c\n\n- z\n"),
        ("k:\n  # of both\n  a: 1\n  b: 2\n", "k.a", "k:\n  # of both\n  b: 2\n"),
        ("- a: 1\n  # of b\n  b: 2\n", "[0].a", "-\n  # of b\n  b: 2\n"),
        ("k: [1, 2, # of both\n  3]\n", "k[1]", "k: [1, # of both\n  3]\n"),
        ("k: [\n  # why\n  1, # one\n  # 2,\n]\n", "k[0]", "k: [\n  # why\n  # 2,\n]\n"),
        ("k:\n  # c\n  a: 1\nz: 1\n", "k", "z: 1\n"),
    ],
)
def test_only_its_own_comments_go_with_what_is_deleted(text: str, path: str, result: str) -> None:
    assert edited(text, "delete", path) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("k: [\n  # none yet\n  # 2,\n]\n", "k: [\n  # none yet\n  # 2,\n  1\n]\n"),
        ("k: [ # none yet\n]\nz: 1\n", "k: [ # none yet\n     1\n]\nz: 1\n"),
        ("k: []   # none yet\n", "k:   # none yet\n  - 1\n"),
    ],
)
def test_what_is_appended_leaves_the_comments_in_an_empty_list(text: str, result: str) -> None:
    assert edited(text, "append", "k", 1) == result


def test_what_is_set_leaves_the_comments_in_empty_braces() -> None:
    assert edited("k: {\n  # none yet\n}\n", "set", "k.a", 1) == "k: {\n  # none yet\n  a: 1\n}\n"


def test_comments_move_along() -> None:
    text = "k:\n  # c\n  a: 1\nz:\n  # of y\n  y: 1\n"
    assert edited(text, "move", "k", ("z", "k")) == "z:\n  # of y\n  y: 1\n  k:\n    # c\n    a: 1\n"
    assert edited("-\n  # c\n  a: 1\n- z\n", "move", "[0]", (1,)) == "- z\n-\n  # c\n  a: 1\n"
    assert edited("k:\n  # c\n  a: 1\n", "rename", "k", "l") == "l:\n  # c\n  a: 1\n"


@pytest.mark.parametrize(
    ("text", "path", "to"),
    [
        ("- # b\n  # c\n  a: 1\n", "[0].a", (1,)),
        ("a: [\n  1, # one\n  2\n]\nb:\n  c: 1\n", "a[0]", ("b", "d")),
    ],
)
def test_what_would_lose_its_comment_on_the_way_is_not_moved(text: str, path: str, to: tuple[Any, ...]) -> None:
    with pytest.raises(EditError, match="has comments in it, which would be lost"):
        edited(text, "move", path, to)


def test_a_comment_is_known_from_what_looks_like_one() -> None:
    text = 'a: "#1"\nb: x#2 # c1\n# c2\nc: |  # c3\n  # 3\nd: [1,#c4\n  "#4"]\ne: &x # c5\n  - 1\n'
    document = Document.parse(text, "f.yml")
    assert [comment for _, comment in comments(document.draft)] == ["# c1", "# c2", "# c3", "#c4", "# c5"]


FILES = sorted((Path(__file__).parent / "corpus").glob("*comment*.yml"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_whatever_is_set_the_comments_around_it_stay(file: Path) -> None:
    try:
        document = Document.read(file)
    except ConfigError:
        document = Document.parse(file.read_text(), file.name, 0)
    refusals = []
    for path, node in places(document.draft.tree, ()):
        for value in NEWS:
            try:
                changed = document.set(path, value)
            except EditError as refused:
                refusals.append(str(refused))
                continue
            kept = outside(document, node)
            assert not Counter(kept) - Counter(text for _, text in comments(changed.draft))
            assert changed.get(path) == value
    assert all("is used on line" in refusal for refusal in refusals)


def outside(document: Document, node: Node) -> list[str]:
    """The comments that are not inside a value: before it, behind it, or behind the sign that it begins with."""
    draft = document.draft
    begin, end = node.body, node.end
    if isinstance(node, Collection) and not node.flow:
        # And what is behind its last line, or below it and further in than its last key, may be of that.
        end = draft.lines.end(end)
        below = [place for place, _ in comments(draft) if place > end]
        while below and not draft.text[end : below[0]].strip() and draft.lines.column(below[0]):
            end = draft.lines.end(below.pop(0))
    elif isinstance(node, Scalar) and node.style in ("|", ">"):
        begin = draft.lines.next(begin)
    return [text for place, text in comments(draft) if not begin <= place <= end]


def places(node: Node | None, path: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], Node]]:
    """Every value that is written in a document, with its path."""
    if node is None:
        return []
    entries = node.entries if isinstance(node, Collection) else ()
    found = [(path, node)]
    for entry in entries:
        if entry.name not in (MERGE, NO_NAME):
            found += places(entry.value, (*path, entry.name))
    return found
