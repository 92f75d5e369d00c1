"""What the terminal shows, cell by cell: of a picture only what is another is sent, in as few bytes as it can be said.

Textual sends every line that a change touches, whole, and with colours for every space: over SSH, a multiple of this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip
from typing_extensions import override

if TYPE_CHECKING:
    from rich.console import Console
    from textual.geometry import Size

Look = tuple[str, str, str]
"""How a cell looks, as a terminal is told: attributes, the letter's colour, the background."""

_PLAIN: Look = ("", "", "")

# Bold, dim, italic, and those together: a space has no letter to show them.
_SEEN_ON_LETTERS = frozenset({"", "1", "2", "3", "1;2", "1;3", "2;3", "1;2;3"})

# As many cells as it takes bytes to say where to go on: they are cheaper sent once more.
_LEAP = 8

# A picture of so few characters is sent in the order in which it is read: there is little to spare.
_SMALL = 300


class Cells:
    """The cells of a terminal, as they were written last."""

    def __init__(self) -> None:
        self._texts: list[list[str]] = []
        self._looks: list[list[Look]] = []

    def forget(self) -> None:
        """Nothing is known of the terminal any more: the next picture is sent whole."""
        self._texts = []
        self._looks = []

    def differences(self, update: CompositorUpdate, size: Size, console: Console) -> Differences | None:
        """Return what of a picture the terminal does not show yet, and take it for shown.

        Args:
            update: all of the screen, or parts of it.
            size: of the terminal.
            console: knows the terminal's colours.

        Returns:
            What is to be sent: nothing, an empty text. None for a picture that is not understood.
        """
        pieces = _pieces(update)
        if pieces is None:
            self.forget()
            return None
        if len(self._texts) != size.height or len(self._texts[0]) != size.width:
            # What is in no cell is like nothing that can be.
            self._texts = [["\0"] * size.width for _ in range(size.height)]
            self._looks = [[_PLAIN] * size.width for _ in range(size.height)]
        colours = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - as Textual does it
        runs: list[_Run] = []
        for x, y, strip in pieces:
            if y < size.height and x < size.width:
                runs += self._take(x, y, strip.crop(0, size.width - x), colours)
        text = _in_reading_order(runs)
        return Differences(text if len(text) < _SMALL else min(text, _look_by_look(runs), key=len))

    def _take(self, x: int, y: int, strip: Strip, colours: ColorSystem) -> Iterator[_Run]:
        """Take a piece of a line for shown; return what of it was not."""
        texts, looks, is_even = _cells(strip, colours)
        end = x + len(texts)
        old_texts, old_looks = self._texts[y][x:end], self._looks[y][x:end]
        if texts == old_texts and looks == old_looks:
            return
        self._texts[y][x:end], self._looks[y][x:end] = texts, looks
        # Terminals do not agree on how wide some letters are: where there are such, a line is sent as a whole.
        is_even = is_even and all(len(text) == 1 for text in old_texts)
        for first, behind in _runs(texts, looks, old_texts, old_looks) if is_even else [(0, len(texts))]:
            yield _Run(x + first, y, is_even, [*_strokes(texts[first:behind], looks[first:behind])])


@dataclass(frozen=True, slots=True)
class _Run:
    """Cells of a line that are sent.

    Attributes:
        x: of the first of them.
        y: of the line.
        is_even: whether all terminals agree on where each cell is.
        strokes: what is in the cells, in parts of one look each, and that look.
    """

    x: int
    y: int
    is_even: bool
    strokes: list[tuple[str, Look]]


class Differences(CompositorUpdate):
    """What is to be sent to the terminal."""

    def __init__(self, text: str) -> None:
        self.text = text

    @override
    def render_segments(self, console: Console) -> str:
        """It is said already."""
        return self.text


class _Pen:
    """Writes cells, with no more words about colours than it takes."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._look = _PLAIN
        self._line = -1

    def go(self, x: int, y: int) -> None:
        self._said.append(f"\x1b[{x + 1}G" if y == self._line else f"\x1b[{y + 1};{x + 1}H")
        self._line = y

    def put(self, text: str, look: Look) -> None:
        if look != self._look:
            self._said.append(f"\x1b[{_change(self._look, look)}m")
            self._look = look
        self._said.append(text)

    def run(self, run: _Run) -> None:
        self.go(run.x, run.y)
        for text, look in run.strokes:
            # A blank takes any colour of letters.
            self.put(text, self._look if not text.strip(" ") and _is_blank_in(self._look, look) else look)
        if not run.is_even:
            # Where on the line it ended is not known.
            self._line = -1

    def text(self) -> str:
        if self._look != _PLAIN:
            self._said.append("\x1b[0m")
        return "".join(self._said)


def _in_reading_order(runs: Iterable[_Run]) -> str:
    """What draws runs one after the other."""
    pen = _Pen()
    for run in runs:
        pen.run(run)
    return pen.text()


def _look_by_look(runs: Iterable[_Run]) -> str:
    """What draws the same, all cells of a look before those of the next: a place takes fewer bytes than a colour.

    Runs whose cells may be elsewhere in some terminal come first, each as a whole.
    """
    pen = _Pen()
    strokes: defaultdict[Look, list[tuple[int, int, str]]] = defaultdict(list)
    for run in runs:
        if not run.is_even:
            pen.run(run)
            continue
        x = run.x
        for text, look in run.strokes:
            strokes[look].append((x, run.y, text))
            x += len(text)
    for look in sorted(strokes):
        for x, y, text in strokes[look]:
            pen.go(x, y)
            pen.put(text, look)
    return pen.text()


def _strokes(texts: list[str], looks: list[Look]) -> Iterator[tuple[str, Look]]:
    """The parts of a line that can be drawn in one look each, blanks with their neighbours."""
    first, look, is_blank = 0, looks[0], True
    for place, (text, own) in enumerate(zip(texts, looks, strict=True)):
        if own != look and not (text == " " and _is_blank_in(look, own)):
            if not (is_blank and _is_blank_in(own, look)):
                yield "".join(texts[first:place]), look
                first, is_blank = place, True
            look = own
        is_blank = is_blank and text == " "
    yield "".join(texts[first:]), look


def _change(before: Look, after: Look) -> str:
    """What a terminal is told that writes in the one look and shall write in the other."""
    if before[0] != after[0] or after == _PLAIN:
        return ";".join(("0", *filter(None, after)))
    told = []
    if before[1] != after[1]:
        told.append(after[1] or "39")
    if before[2] != after[2]:
        told.append(after[2] or "49")
    return ";".join(told)


def _is_blank_in(look: Look, blank: Look) -> bool:
    """Whether a space is the same in a look as in that of a blank."""
    return look[2] == blank[2] and not blank[0] and look[0] in _SEEN_ON_LETTERS


def _pieces(update: CompositorUpdate) -> list[tuple[int, int, Strip]] | None:
    """What a picture is made of: from which cell on, and what."""
    found: list[tuple[int, int, Strip]] = []
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            found.append((update.region.x, y, Strip.join(line)))
        return found
    if not isinstance(update, ChopsUpdate):
        return None
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                found.append((x, y, strip.crop(0, min(end, right) - x)))
    return found


def _cells(strip: Strip, colours: ColorSystem) -> tuple[list[str], list[Look], bool]:
    """The letters and the looks of a strip's cells, and whether each letter is one cell wide.

    The second cell of a wide letter has an empty text; marks that take no cell stand with the letter before them.
    """
    texts: list[str] = []
    looks: list[Look] = []
    is_even = True
    for text, style, control in strip:
        if control or not text:
            continue
        look, blank = _look(style, colours) if style is not None else (_PLAIN, _PLAIN)
        if text.isascii() and text.isprintable():
            texts += text
            looks += [blank if letter == " " else look for letter in text]
            continue
        for letter in text:
            width = get_character_cell_size(letter)
            is_even = is_even and width == 1
            if width:
                texts += (letter, *[""] * (width - 1))
                looks += [blank if letter == " " else look] * width
            elif texts:
                texts[-1] += letter
    return texts, looks, is_even


def _runs(
    texts: list[str], looks: list[Look], old_texts: list[str], old_looks: list[Look]
) -> Iterator[tuple[int, int]]:
    """Where cells differ: from which on, and the one behind; those close to each other as one."""
    first = behind = -1
    for place, (text, look, old_text, old_look) in enumerate(zip(texts, looks, old_texts, old_looks, strict=True)):
        if text == old_text and look == old_look:
            continue
        if first < 0:
            first = place
        elif place - behind > _LEAP:
            yield _with_words(texts, first, behind)
            first = place
        behind = place + 1
    if first >= 0:
        yield _with_words(texts, first, behind)


def _with_words(texts: list[str], first: int, behind: int) -> tuple[int, int]:
    """Take in all of the words that a run begins and ends in: who reads along, as screen readers do, reads words."""
    while first and texts[first].isalnum() and texts[first - 1].isalnum():
        first -= 1
    while behind < len(texts) and texts[behind].isalnum() and texts[behind - 1].isalnum():
        behind += 1
    return first, behind


@lru_cache(4096)
def _look(style: Style, colours: ColorSystem) -> tuple[Look, Look]:
    """How a style is said to a terminal; and how for a space, where the colour of letters does not matter."""
    attributes = Strip.render_ansi(style.without_color, colours)
    ground = Strip.render_ansi(Style(bgcolor=style.bgcolor), colours)
    look = (attributes, Strip.render_ansi(Style(color=style.color), colours), ground)
    return look, ("", "", ground) if attributes in _SEEN_ON_LETTERS else look
