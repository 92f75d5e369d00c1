"""What is wrong with a file as YAML, as one clear message with its place."""

from __future__ import annotations

from typing import Any

import yaml

from flowerpower_tui.errors import ConfigError, Location, Problem

_TOO_DEEP = "The key stands deeper than the line above, which has a value already: check the indentation."
_HINTS = (
    ("mapping values are not allowed", "Quote a value that contains ': ', as in key: 'a: b'."),
    ("cannot start any token", "Indent with spaces, not tabs; quote a value that begins with @, ` or %."),
    ("could not find expected ':'", "A key needs a colon, then a space: key: value"),
    ("did not find expected key", "Check the indentation: keys of one mapping stand in one column."),
    ("did not find expected '-' indicator", "Check the indentation: the items of one list stand in one column."),
    ("found unexpected end of stream", "A quote, bracket or brace is never closed."),
    ("did not find expected ',' or ']'", "A bracket is never closed, or a comma is missing."),
    ("did not find expected ',' or '}'", "A brace is never closed, or a comma is missing."),
    ("the tag 'tag:yaml.org,2002:value'", "Quote it if it is text: '='"),
    ("the tag 'tag:yaml.org,2002:merge'", "Quote it if it is text: '<<'"),
    ("could not determine a constructor for the tag", "Tags are not used here: write a plain value."),
    ("found unhashable key", "A key is a name, not a list or a mapping; quote it if it contains { or [."),
)


def syntax_error(
    error: yaml.MarkedYAMLError, text: str, file: str, bracket: tuple[int, int] | None = None
) -> ConfigError:
    """Return what PyYAML found wrong with `text`, at the place where it is mended.

    `bracket` is where the innermost bracket or brace opens that was not closed by then.
    """
    problem = str(error.problem or error.context or "this is no YAML")
    found, began = _place(error.problem_mark), _place(error.context_mark)
    place = found or began or (0, 0)
    if _is_at_end(error.problem_mark, text) or "',' or" in problem:
        # What is never closed is mended where it opens, not where the file ends.
        problem = problem.replace("did not find expected node content", "found unexpected end of stream")
        place = began if began and began != found else bracket or place
    elif "could not find expected ':'" in problem:
        # It is missed on the next line, and missing behind the key.
        place = began or place
    hint = next((hint for part, hint in _HINTS if part in problem), "")
    if "mapping values are not allowed" in problem and not _is_in_a_value(error.problem_mark, text):
        hint = _TOO_DEEP
    return refusal(problem, Location(file, *place), hint, "syntax")


def _place(mark: Any) -> tuple[int, int] | None:
    return (mark.line + 1, mark.column + 1) if mark else None


def _is_in_a_value(mark: Any, text: str) -> bool:
    """Whether another key stands before the colon at `mark`, on its line."""
    return mark is not None and ": " in text[mark.index - mark.column : mark.index]


def _is_at_end(mark: Any, text: str) -> bool:
    return mark is not None and not text[mark.index :].strip()


def missing_colon(location: Location) -> ConfigError:
    """Return the error of a key that has no colon, at `location`."""
    message = "could not find expected ':'"
    return refusal(message, location, dict(_HINTS)[message], "syntax")


def refusal(message: str, location: Location, hint: str = "", code: str = "refused") -> ConfigError:
    """Return the error of a file that is not taken, for one reason."""
    return ConfigError([Problem(message, location, hint, code)])
