"""What an editor of a module asks: its syntax, and the node of a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.assist.python import node_at, syntax_problem

MODULE = '''\
import x

@tag(a=1,
     b=2)
@config.when(x=1)
def report__fast(
    a: int,
) -> int:
    """Doc."""

    return 1
def _private(): pass
if x:
    def inner(): return 1
class Box:
    def method(self): pass
async def last__one(a: int) -> int:
    return a
'''
NODES = [None, None, *["report"] * 9, None, None, "inner", None, None, "last__one", "last__one"]


def test_the_node_of_each_line_is_found() -> None:
    assert [node_at(MODULE, line) for line in range(1, len(NODES) + 1)] == NODES
    assert node_at(MODULE, 0) is None
    assert node_at(MODULE, 99) is None


def test_the_node_is_found_while_the_text_is_broken() -> None:
    found = [node_at(f"{MODULE}\nx = (", line) for line in range(1, len(NODES) + 1)]
    assert found == [node if line != 14 else None for line, node in enumerate(NODES, 1)]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a = 1\nx = (\n", "SyntaxError: '(' was never closed", (2, 5)),
        ("def f(:\n", "SyntaxError: invalid syntax", (1, 7)),
        ("x = 1\n  y = 2\n", "IndentationError: unexpected indent", (2, 2)),
        ("é = 'x\n", "SyntaxError: unterminated string literal (detected at line 1)", (1, 5)),
    ],
)
def test_what_is_no_python_is_told_with_its_place(text: str, message: str, place: tuple[int, int]) -> None:
    found = syntax_problem(text)
    assert found is not None
    assert (found.message, (found.span.line, found.span.column)) == (message, place)


def test_python_is_fine() -> None:
    assert syntax_problem(MODULE) is None
    assert syntax_problem("") is None


@given(st.text("def f(a):@\n \t'\"x=1\x00\\é[]{}#\ud800", max_size=60), st.integers(-1, 12))
def test_any_text_is_looked_at(text: str, line: int) -> None:
    found = syntax_problem(text)
    if found is not None:
        lines = text.replace("\r", "\n").split("\n")
        assert 1 <= found.span.line <= len(lines)
        assert 1 <= found.span.column <= found.span.end_column <= len(lines[found.span.line - 1]) + 1
    node_at(text, line)
