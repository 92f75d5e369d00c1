"""What an editor of a pipeline's module asks: where the text is no Python, and which node a line belongs to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from flowerpower_tui.assist.diagnostic import Diagnostic, Span
from flowerpower_tui.terminal import one_line

Function = ast.FunctionDef | ast.AsyncFunctionDef

_BREAK = re.compile("\r\n|[\n\r]")
_DEFINITION = re.compile(r"(?:async[ \t]+)?def[ \t]+(?P<name>\w+)")
# What stands in the first column, and ends no function.
_GOES_ON = re.compile(r"[ \t#)\]}]|$")
# What Python's parser cannot take is no mistake of its writer alone, and has no place.
_TOO_MUCH = (RecursionError, MemoryError)


def syntax_problem(text: str) -> Diagnostic | None:
    """Return why `text` is no Python, with the place; None if it is."""
    lines = _BREAK.split(text)
    try:
        ast.parse(text)
    except SyntaxError as error:
        return Diagnostic("error", one_line(f"{type(error).__name__}: {error.msg}"), _span(error, lines), "syntax")
    except ValueError as error:
        return Diagnostic("error", one_line(str(error)), Span(1, 1, 1, 1), "syntax")
    except _TOO_MUCH:
        return Diagnostic("error", "this is nested too deep", Span(1, 1, 1, 1), "syntax")
    return None


def node_at(text: str, line: int) -> str | None:
    """Return the node whose function, with its decorators, contains a line, counted from 1; None if none does.

    A text that is no Python is read by its indentation. Of a function that `config.when` chooses, `name__variant`, the
    node is `name`.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, *_TOO_MUCH):
        return _by_indentation(_BREAK.split(text), line)
    for function in _functions(tree.body):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        if first <= line <= (function.end_lineno or first):
            chosen = any("config" in ast.unparse(decorator) for decorator in function.decorator_list)
            return _node(function.name, chosen=chosen)
    return None


def _functions(statements: Iterable[ast.stmt]) -> Iterator[Function]:
    """Yield the functions of a module, those under an `if` or `try` too."""
    for statement in statements:
        if isinstance(statement, Function):
            yield statement
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            yield from _functions(statement.body)
            yield from _functions(getattr(statement, "orelse", ()))
            for handler in getattr(statement, "handlers", ()):
                yield from _functions(handler.body)


def _node(function: str, *, chosen: bool) -> str | None:
    if function.startswith("_"):
        return None
    return function.rpartition("__")[0] or function if chosen else function


def _by_indentation(lines: Sequence[str], line: int) -> str | None:
    if not 1 <= line <= len(lines):
        return None
    index = line - 1
    while index > 0 and _GOES_ON.match(lines[index]):
        index -= 1
    first = index
    while lines[index].startswith("@") or (index > first and _GOES_ON.match(lines[index])):
        index += 1
        if index == len(lines):
            return None
    # The decorators above this one, too.
    while first > 0 and (lines[first - 1].startswith("@") or (_GOES_ON.match(lines[first - 1]) and lines[first - 1])):
        first -= 1
    chosen = any(text.startswith("@config") for text in lines[first:index])
    definition = _DEFINITION.match(lines[index])
    return _node(definition["name"], chosen=chosen) if definition else None


def _span(error: SyntaxError, lines: Sequence[str]) -> Span:
    """Return the place of an error, inside the text whatever the parser says."""
    line = min(max(error.lineno or 1, 1), len(lines))
    width = len(lines[line - 1])
    column = min(max(error.offset or 1, 1), width + 1)
    if error.end_lineno == error.lineno and (error.end_offset or 0) > column:
        return Span(line, column, line, min(error.end_offset or 0, width + 1))
    return Span(line, column, line, min(column + 1, width + 1))
