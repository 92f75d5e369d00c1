"""Source text as coloured lines: Pygments' tokens named by the theme variable that colours them."""

from __future__ import annotations

from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

Run = tuple[str, str]
"""A piece of text and the name of its style, empty for plain text."""

# Nearest ancestor wins. The names are component classes of the source view.
_STYLES: dict[_TokenType, str] = {
    Token.Comment: "comment",
    Token.Keyword: "keyword",
    Token.Operator.Word: "keyword",
    Token.Name.Tag: "name",
    Token.Name.Function: "name",
    Token.Name.Class: "name",
    Token.Name.Decorator: "decorator",
    Token.Name.Builtin: "builtin",
    Token.Literal.String: "string",
    Token.Literal.Scalar: "string",
    Token.Literal.Number: "number",
    Token.Keyword.Constant: "number",
    Token.Generic.Heading: "keyword",
    Token.Generic.Subheading: "keyword",
    Token.Generic.Strong: "name",
}

HIGHLIGHT_LIMIT = 400_000
"""Characters beyond which a file is shown plain: colouring it would take longer than people wait."""


def highlight(text: str, filename: str) -> list[list[Run]]:
    """Return the lines of `text` as coloured runs, by the language that `filename` tells.

    A file of no known language, or one longer than `HIGHLIGHT_LIMIT`, has plain lines.
    """
    if len(text) > HIGHLIGHT_LIMIT:
        return _plain(text)
    try:
        lexer = get_lexer_for_filename(filename, stripnl=False, ensurenl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False, ensurenl=False)
    lines: list[list[Run]] = [[]]
    for kind, piece in lexer.get_tokens(text):
        style = _style_of(kind)
        for index, part in enumerate(piece.split("\n")):
            if index:
                lines.append([])
            if part:
                lines[-1].append((part, style))
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return lines


def _plain(text: str) -> list[list[Run]]:
    return [[(line, "")] if line else [] for line in text.splitlines()]


def _style_of(kind: _TokenType) -> str:
    for ancestor in reversed(kind.split()):
        style = _STYLES.get(ancestor)
        if style is not None:
            return style
    return ""
