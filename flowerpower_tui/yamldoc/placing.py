"""Where the text of a new value goes: behind its key, on the lines below, in place of what was there.

Comments between a key, or a dash, and a value below it stay: in doubt they are not the value's alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flowerpower_tui.yamldoc.comments import BEFORE_VALUE
from flowerpower_tui.yamldoc.draft import Draft, Place, Splice
from flowerpower_tui.yamldoc.spelling import spellings
from flowerpower_tui.yamldoc.tree import Collection, Node, Scalar

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]*)*")
_BLANKS = re.compile(r"[ \t]*")
_HEADER = re.compile(r"[|>][-+\d]*")


def renderings(draft: Draft, place: Place, value: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield what `value` can be written as at `place`: what stands behind the key or dash, and the lines below.

    The lines are indented as if the key stood in the first column.
    """
    node = place.node
    if not isinstance(value, dict | list | tuple):
        quoted = node.style if isinstance(node, Scalar) and node.style in ("'", '"') else ""
        if isinstance(value, str) and "\n" in value and not place.in_flow:
            yield _below(draft, place, value)
        quote = quoted or draft.style.quote
        for text in spellings(value, quote, flow=place.in_flow, plain=not (quoted or draft.style.is_json)):
            yield _as_before(node, value, text), []
        return
    # Late: it takes longer to load ruamel.yaml than to make an edit.
    from flowerpower_tui.yamldoc.nested import in_braces

    if place.in_flow or not value or (isinstance(node, Collection) and node.flow and node.entries):
        yield in_braces(value, draft.style), []
    if not place.in_flow:
        yield _below(draft, place, value)
        yield in_braces(value, draft.style), []


def _below(draft: Draft, place: Place, value: Any) -> tuple[str, list[str]]:
    from flowerpower_tui.yamldoc.nested import below_dash, below_key

    if place.around and not place.parent.is_list:
        return below_key(value, draft.style)
    head, lines = below_dash(value, draft.style)
    if not place.around:
        return "", [head, *(line[2:] for line in lines)]
    if isinstance(value, dict | list | tuple) and _has_comment_behind(draft, place):
        # It is about the item, not about the first thing in it.
        return "", [f"  {head}", *lines]
    return head, lines


def _has_comment_behind(draft: Draft, place: Place) -> bool:
    if place.node and has_comments_above(draft, place.entry.mark, place.node):
        return True
    end = place.node.end if place.node and place.node.end > place.entry.mark else place.entry.mark
    return draft.text[end : draft.lines.end(end)].lstrip().startswith("#")


def _as_before(node: Node | None, value: Any, text: str) -> str:
    """Return `true` and `false` with the capitals of what stood there."""
    if isinstance(value, bool) and isinstance(node, Scalar) and isinstance(node.value, bool) and not node.style:
        return text.capitalize() if node.text.istitle() else text.upper() if node.text.isupper() else text
    return text


def placements(draft: Draft, place: Place, head: str, lines: list[str]) -> Iterator[list[Splice]]:
    """Yield the splices that put a rendering in the place of the value at `place`."""
    node = place.node
    assert node is not None
    if not place.around:
        yield from _at_root(draft, node, head, lines)
        return
    entry = place.entry
    column = " " * draft.lines.column(entry.start)
    below = [column + line if line else line for line in lines]
    if has_comments_above(draft, entry.mark, node):
        yield from _below_comments(draft, place, node, head, below)
        return
    if isinstance(node, Collection) and not node.flow:
        if lines and not head:
            yield _same_column(draft, node, below)
        yield _over_block(draft, place, node, head, below)
        return
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        header, end = draft.lines.end(node.body), _end_of_header(draft, node)
        begin, text = _behind(node, place, head)
        yield [Splice(begin, end, text), Splice(header, draft.lines.end(node.end), _joined(draft, below))]
        return
    begin, text = _behind(node, place, head)
    end = node.end
    if node.start == node.end:
        # Blanks behind an empty value are only in the way.
        blank = behind_blanks(draft.text, end)
        if blank == draft.lines.end(end):
            end = blank
    if not text and draft.text[end : end + 1] == "\t":
        # A tab may stand behind a value, but not behind a dash.
        end = behind_blanks(draft.text, end)
        text = " "
    last = draft.lines.end(end)
    splices = [Splice(begin, end, text)]
    if below:
        splices.append(Splice(last, last, _joined(draft, below)))
    yield splices


def _end_of_header(draft: Draft, node: Scalar) -> int:
    """Return where a `|` or `>` ends: before a comment there, or with its line."""
    header, line_end = _HEADER.match(draft.text, node.body), draft.lines.end(node.body)
    return header.end() if header and "#" in draft.text[header.end() : line_end] else line_end


def closed_text(draft: Draft, node: Node) -> list[Splice]:
    """Return what keeps a `|` or `>` at the very end of a file without a line break as it is, if lines follow."""
    while isinstance(node, Collection) and node.entries:
        node = node.entries[-1].value
    header = _HEADER.match(draft.text, node.body)
    if not isinstance(node, Scalar) or header is None or node.style not in ("|", ">") or node.end < len(draft.text):
        return []
    return [Splice(*header.span(), header.group().replace("+", "").replace("-", "") + "-")]


def _behind(node: Node, place: Place, head: str) -> tuple[int, str]:
    """Return where what is behind the key begins to change, and the text for there. An anchor stays, a tag goes."""
    mark = place.entry.mark
    colon = ":" if place.entry.key is not None and place.entry.explicit and mark == place.entry.key.end else ""
    text = " ".join(filter(None, (f"&{node.anchor}" * bool(node.anchor), head)))
    if node.start == node.end or not text:
        return mark, f"{colon} {text}" if text else colon
    return node.start, text


def _over_block(draft: Draft, place: Place, node: Collection, head: str, below: list[str]) -> list[Splice]:
    """Replace a block that begins on a line of its own, or behind a dash."""
    begin, text = _behind(node, place, head)
    end = draft.lines.end(node.end)
    if draft.lines.start(node.body) == draft.lines.start(place.entry.mark):
        if draft.lines.start(node.end) == draft.lines.start(node.body):
            end = node.end
        return [Splice(begin, end, text + _joined(draft, below))]
    properties = _PROPERTIES.match(draft.text, node.start) if node.start != node.body else None
    mark = place.entry.mark
    if properties:
        first = node.start + len(properties.group().rstrip())
    else:
        first = mark
        begin, text = mark, f" {head}" if head else ""
    key_line = draft.lines.end(first)
    return [Splice(begin, first, text), Splice(key_line, end, _joined(draft, below))]


def has_comments_above(draft: Draft, mark: int, node: Node) -> bool:
    """Return whether comments are between the place behind a key, or a dash, and the value below it."""
    return any(match["comment"] for match in BEFORE_VALUE.finditer(draft.text, mark, node.body))


def behind_key(draft: Draft, place: Place, head: str) -> list[Splice]:
    """Return the splices that put `head` behind a key, before the comments there, if its value stands below them.

    The anchor comes along, a tag goes. What stands on the value's first line is left to who replaces that.
    """
    node, text, lines = place.node, draft.text, draft.lines
    assert node is not None
    put, lead = place.entry.mark, f" &{node.anchor}" * bool(node.anchor)
    key_line, value_line = lines.end(put), lines.start(node.body)
    cuts: dict[Splice, None] = {}
    for match in BEFORE_VALUE.finditer(text, node.start, node.body):
        begin, end = match.span()
        if match["comment"] or begin >= value_line:
            continue
        if begin > key_line:
            cuts[Splice(lines.start(begin), lines.next(begin), "")] = None
        elif match.group() == f"&{node.anchor}":
            put, lead = end, ""
        else:
            cuts[Splice(len(text[:begin].rstrip(" \t")), end, "")] = None
    return [*cuts, Splice(put, put, lead + f" {head}" * bool(head))]


def _below_comments(draft: Draft, place: Place, node: Node, head: str, below: list[str]) -> Iterator[list[Splice]]:
    """Replace a value that stands below comments, in its place, or else behind the key."""
    text, lines = draft.text, draft.lines
    line = lines.start(node.body)
    begin = line + len(text[line : node.body]) - len(text[line : node.body].lstrip(" "))
    end = node.end
    last = stop = lines.end(end)
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        last = lines.end(node.body)
        end = _end_of_header(draft, node)
    elif isinstance(node, Collection) and not node.flow:
        end = last
        if not below:
            yield [*behind_key(draft, place, head), without_lines(draft, line, end)]
    anchored = behind_key(draft, place, "")
    natural = len(below[0]) - len(below[0].lstrip(" ")) if below else 0
    if head:
        # A list may stand in the column of its key, nothing else.
        lead = " " * natural if lines.column(begin) <= lines.column(place.entry.start) else ""
        yield [*anchored, Splice(begin, end, lead + head), Splice(last, stop, _joined(draft, below))]
        return
    columns = dict.fromkeys((lines.column(begin), natural))
    for column in columns:
        block = _in_column(below, column)
        if text[end:last].strip():
            # The comment behind the value gets a line of its own.
            yield [
                *anchored,
                Splice(begin, behind_blanks(text, end), ""),
                Splice(last, stop, _joined(draft, block)),
            ]
        else:
            yield [*anchored, Splice(line, stop, lines.newline.join(block))]


def without_lines(draft: Draft, begin: int, end: int) -> Splice:
    """Return what takes out the lines from `begin`, where one begins, to that of `end`, with one line break."""
    behind = draft.lines.next(end)
    if behind == draft.lines.end(end) and begin:
        # The last line of a file that does not end in a line break: the one before it goes.
        begin = len(draft.text[:begin].rstrip())
    return Splice(begin, behind, "")


def _in_column(lines: list[str], column: int) -> list[str]:
    """Return lines with the first of them in `column`, the others moved along."""
    lead = len(lines[0]) - len(lines[0].lstrip(" "))
    return [" " * column + line[lead:] if line else line for line in lines]


def _same_column(draft: Draft, node: Collection, below: list[str]) -> list[Splice]:
    """Replace the lines of a block, in the column where it stands."""
    column = draft.lines.column(node.body)
    lines = _in_column(below, column)
    return [Splice(node.body, draft.lines.end(node.end), draft.lines.newline.join(lines)[column:])]


def _at_root(draft: Draft, node: Node, head: str, lines: list[str]) -> Iterator[list[Splice]]:
    text = draft.lines.newline.join(filter(None, (head, *lines))) if not lines else draft.lines.newline.join(lines)
    if node.start == node.end and node.start:
        # Behind a `---`.
        end = draft.lines.end(node.end)
        yield [Splice(end, end, draft.lines.newline + text)]
    if has_comments_above(draft, node.start, node):
        cuts = [match for match in BEFORE_VALUE.finditer(draft.text, node.start, node.body) if match.group()[0] == "!"]
        yield [*(Splice(*cut.span(), "") for cut in cuts), Splice(node.body, node.end, text)]
        return
    anchor = f"&{node.anchor}{draft.lines.newline if lines else ' '}" if node.anchor else ""
    yield [Splice(node.start, node.end, anchor + text)]
    last = draft.lines.end(node.end)
    if lines and draft.text[node.end : last].strip():
        # The comment behind the value gets a line of its own.
        behind = behind_blanks(draft.text, node.end)
        yield [Splice(node.start, behind, ""), Splice(last, last, draft.lines.newline + anchor + text)]
    yield [Splice(node.start, draft.lines.end(node.end), anchor + text)]


def _joined(draft: Draft, lines: list[str]) -> str:
    return "".join(draft.lines.newline + line for line in lines)


def behind_blanks(text: str, place: int) -> int:
    """Return where the blanks at `place` end."""
    blanks = _BLANKS.match(text, place)
    return blanks.end() if blanks else place
