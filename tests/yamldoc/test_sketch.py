"""Where a cursor stands, also in a text that is broken."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.yamldoc.sketch import Spot, find_spot


def spot(marked: str) -> Spot | None:
    before, _, behind = marked.partition("|")
    return find_spot((before + behind).split("\n"), before.count("\n") + 1, len(before) - before.rfind("\n"))


@pytest.mark.parametrize(
    ("marked", "role", "path", "word", "taken"),
    [
        ("|", "key", (), "", ""),
        ("na|", "key", (), "na", ""),
        ("name: x\nrun:\n|", "key", (), "", "name run"),
        ("run:\n  |", "key", ("run",), "", ""),
        ("run:\n  re|\n  log_level: INFO\nparams:\n", "key", ("run",), "re", "log_level"),
        ("run:\n  lo|g_level: INFO\n  reload: true", "key", ("run",), "log_level", "reload"),
        ("run:\n  retry:\n    a: 3\n    |\n  x: 1", "key", ("run", "retry"), "", "a"),
        ("run:\n  retry: {a: 3}\n  |", "key", ("run",), "", "retry"),
        ("run:\n  log_level: IN|FO # x", "value", ("run", "log_level"), "INFO", ""),
        ("run:\n  log_level: |", "value", ("run", "log_level"), "", ""),
        ("run:\n  log_level:|", "value", ("run", "log_level"), "", ""),
        ("run:\n  log_level: 'IN|'", "value", ("run", "log_level"), "'IN'", ""),
        ("'r un': &a !t IN|", "value", ("r un",), "IN", ""),
        ("run:\n  names:\n    - a\n    - b|\n    - 'c'", "item", ("run", "names"), "b", "a c"),
        ("run:\n  names:\n  - a\n  - |\n  inputs: {}", "item", ("run", "names"), "", "a"),
        ("names:\n  -|", "item", ("names",), "", ""),
        ("- a: 1\n  b|", "key", (0,), "b", "a"),
        ("- a\n- - b\n  - c|", "item", (1,), "c", "b"),
        ("names: [a, |, c]", "item", ("names",), "", "a c"),
        ("names: [a,|", "item", ("names",), "", "a"),
        ("names: [a,\n  b, c|\nretry:\n  x: 1", "item", ("names",), "c", "a b"),
        ("names: [a, 'b c|', d # e, f\n  , g]", "item", ("names",), "'b c'", "a d g"),
        ("retry: {max|, a: 1}", "key", ("retry",), "max", "a"),
        ("retry: {a: 3, |}", "key", ("retry",), "", "a"),
        ("retry: {a: |", "value", ("retry", "a"), "", ""),
        ("retry: {a: {b: [1, c|]}}", "item", ("retry", "a", "b"), "c", "1"),
        ("run:\n  - x: {a: 1,\n     b|: 2}\n  - y", "key", ("run", 0, "x"), "b", "a"),
        ("run: {a: ${HO|}", "value", ("run", "a"), "${HO}", ""),
        ("a: &b\n  |\n  c: 1", "key", ("a",), "", "c"),
        ("- x\n- a: 1\n  b|", "key", (1,), "b", "a"),
        ("x: [a, b\ny: |", "value", ("y",), "", ""),
        ("a: 'open\nb: c|", "value", ("b",), "c", ""),
    ],
)
def test_the_cursor_is_found(marked: str, role: str, path: tuple[object, ...], word: str, taken: str) -> None:
    found = spot(marked)
    assert found is not None
    assert (found.role, found.path, found.word, " ".join(sorted(found.taken))) == (role, path, word, taken)


@pytest.mark.parametrize(
    "marked", ["a: b # c|", "# c|", "a: b |", "a: [b] # |", "a: b\n  c|", "a: [b]\n  |", "- a\n  b|", "a: [b # |\n]"]
)
def test_in_a_comment_or_behind_a_value_there_is_nothing(marked: str) -> None:
    assert spot(marked) is None


@pytest.mark.parametrize("style", ["|", ">-", "|2", "> # why"])
def test_in_text_of_several_lines_there_is_nothing(style: str) -> None:
    lines = [f"a: {style}", "  not: here", "", "  [nor here", "b: c"]
    assert find_spot(lines, 2, 5) is None
    assert find_spot(lines, 4, 5) is None
    found = find_spot(lines, 5, 2)
    assert found is not None
    assert found.path == ()


def test_what_must_stand_around_an_insertion_is_told() -> None:
    behind_colon, in_brackets, before_colon = spot("a:|"), spot("a: {b|}"), spot("a|: 1")
    assert behind_colon is not None
    assert behind_colon.needs_space
    assert in_brackets is not None
    assert in_brackets.in_brackets
    assert before_colon is not None
    assert before_colon.has_colon


PLAIN = st.text("abc", min_size=1, max_size=3)
TREES = st.recursive(
    PLAIN,
    lambda inner: st.dictionaries(PLAIN, inner, min_size=1, max_size=3) | st.lists(inner, min_size=1, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(PLAIN, TREES, min_size=1, max_size=3), st.sampled_from([None, True, False]))
def test_every_value_is_found_where_it_is_written(tree: dict[str, object], flow: bool | None) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, width=20)
    lines = text.split("\n")
    node = yaml.compose(text)
    for path, scalar in leaves(node, ()):
        found = find_spot(lines, scalar.start_mark.line + 1, scalar.start_mark.column + 1)
        assert found is not None
        assert (found.path if found.role == "value" else (*found.path, path[-1])) == path
        assert found.word == scalar.value


def leaves(node: yaml.Node | None, path: tuple[object, ...]) -> list[tuple[tuple[object, ...], yaml.ScalarNode]]:
    match node:
        case yaml.MappingNode():
            return [leaf for key, value in node.value for leaf in leaves(value, (*path, key.value))]
        case yaml.SequenceNode():
            return [leaf for index, value in enumerate(node.value) for leaf in leaves(value, (*path, index))]
        case yaml.ScalarNode():
            return [(path, node)]
    return []


@given(st.text("ab:-[]{}'\"#&*!|>$ \n\t,", max_size=60), st.integers(0, 70))
def test_a_spot_is_inside_the_text_and_at_the_cursor(text: str, offset: int) -> None:
    before = text[: min(offset, len(text))]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    lines = text.split("\n")
    found = find_spot(lines, line, column)
    if found is not None:
        assert found.line == line
        assert 1 <= found.start <= column <= found.end <= len(lines[line - 1]) + 1
        assert lines[line - 1][found.start - 1 : found.end - 1] == found.word
