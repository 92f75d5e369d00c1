"""Where the text of a new value goes: behind its key, on the lines below, in place of what was there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flowerpower_tui.yamldoc.draft import Draft, Place, Splice
from flowerpower_tui.yamldoc.spelling import spellings
from flowerpower_tui.yamldoc.tree import Collection, Node, Scalar

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]*)*")
_BLANKS = re.compile(r"[ \t]*")


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
    if isinstance(value, dict | list) and _has_comment_behind(draft, place):
        # It is about the item, not about the first thing in it.
        return "", [f"  {head}", *lines]
    return head, lines


def _has_comment_behind(draft: Draft, place: Place) -> bool:
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
    if isinstance(node, Collection) and not node.flow:
        if lines and not head:
            yield _same_column(draft, node, below)
        yield _over_block(draft, place, node, head, below)
        return
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        header = draft.lines.end(node.body)
        comment = draft.text.find(" #", node.body, header)
        end = node.body + len(draft.text[node.body : comment].rstrip()) if comment >= 0 else header
        begin, text = _behind(node, place, head)
        yield [Splice(begin, end, text), Splice(header, draft.lines.end(node.end), _joined(draft, below))]
        return
    begin, text = _behind(node, place, head)
    end = node.end
    if node.start == node.end:
        # Blanks behind an empty value are only in the way.
        blank = _behind_blanks(draft.text, end)
        if blank == draft.lines.end(end):
            end = blank
    if not text and draft.text[end : end + 1] == "\t":
        # A tab may stand behind a value, but not behind a dash.
        end = _behind_blanks(draft.text, end)
        text = " "
    last = draft.lines.end(end)
    splices = [Splice(begin, end, text)]
    if below:
        splices.append(Splice(last, last, _joined(draft, below)))
    yield splices


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


def _same_column(draft: Draft, node: Collection, below: list[str]) -> list[Splice]:
    """Replace the lines of a block, in the column where it stands."""
    lead = len(below[0]) - len(below[0].lstrip(" "))
    column = " " * draft.lines.column(node.body)
    lines = [column + line[lead:] if line else line for line in below]
    return [Splice(node.body, draft.lines.end(node.end), draft.lines.newline.join(lines)[len(column) :])]


def _at_root(draft: Draft, node: Node, head: str, lines: list[str]) -> Iterator[list[Splice]]:
    text = draft.lines.newline.join(filter(None, (head, *lines))) if not lines else draft.lines.newline.join(lines)
    if node.start == node.end and node.start:
        # Behind a `---`.
        end = draft.lines.end(node.end)
        yield [Splice(end, end, draft.lines.newline + text)]
    anchor = f"&{node.anchor}{draft.lines.newline if lines else ' '}" if node.anchor else ""
    yield [Splice(node.start, node.end, anchor + text)]
    yield [Splice(node.start, draft.lines.end(node.end), anchor + text)]


def _joined(draft: Draft, lines: list[str]) -> str:
    return "".join(draft.lines.newline + line for line in lines)


def _behind_blanks(text: str, place: int) -> int:
    blanks = _BLANKS.match(text, place)
    return blanks.end() if blanks else place
