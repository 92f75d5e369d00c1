"""One edit of a document on its way: what was found, what is tried, and the proof that nothing else has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from msgspec.structs import replace

from flowerpower_tui.errors import ConfigError, EditError, Location, did_you_mean
from flowerpower_tui.yamldoc.comments import Region, all_kept
from flowerpower_tui.yamldoc.paths import print_path
from flowerpower_tui.yamldoc.style import Style, style_of
from flowerpower_tui.yamldoc.tree import MERGE, Alias, Collection, Entry, Lines, Node, Scalar, inner, is_same, read

if TYPE_CHECKING:
    from flowerpower_tui.yamldoc.document import Document

BYTE_ORDER_MARK = "\ufeff"

Path = Sequence[Hashable]

_BY_HAND = "Edit it by hand."


@dataclass(frozen=True, slots=True)
class Splice:
    """Characters `begin` to `end` are replaced by `text`."""

    begin: int
    end: int
    text: str


Candidate = Iterable[Splice]


class Wanted(Node, frozen=True, kw_only=True, eq=False, gc=False):
    """In a tree that is expected: whatever means `value`."""

    value: Any


def wanted(value: Any, anchor: str = "") -> Wanted:
    """Return what `value` must be found at, with the anchor that was there."""
    return Wanted(start=0, body=0, end=0, anchor=anchor, value=value)


@dataclass(frozen=True)
class Place:
    """Where a path leads.

    Attributes:
        steps: which entry it takes in each collection on the way.
        around: the collections on the way.
        node: the last value that is there; None in a document that says nothing.
        rest: the keys that are not there.
    """

    steps: tuple[int, ...]
    around: tuple[Collection, ...]
    node: Node | None
    rest: tuple[Hashable, ...]

    @property
    def entry(self) -> Entry:
        """The key or dash that the value belongs to."""
        return self.parent.entries[self.steps[-1]]

    @property
    def parent(self) -> Collection:
        """The list or mapping that the value is in."""
        return self.around[-1]

    @property
    def in_flow(self) -> bool:
        """Whether it stands in brackets or braces."""
        return any(collection.flow for collection in self.around)


class Draft:
    """A document that is being edited.

    Attributes:
        document: as it is.
        text: what it says, without byte order marks.
        tree: what is written there.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text.lstrip(BYTE_ORDER_MARK)

    @cached_property
    def lines(self) -> Lines:
        """Where its lines are."""
        return Lines(self.text)

    @cached_property
    def tree(self) -> Node | None:
        """What is written; None if there is nothing, not even a `---`."""
        return read(self.text, self.document.number or 0)

    @cached_property
    def _aliases(self) -> tuple[Alias, ...]:
        return tuple(node for node in inner(self.tree) if isinstance(node, Alias)) if self.tree else ()

    @cached_property
    def style(self) -> Style:
        """How it is written."""
        return style_of(self.tree, self.lines)

    def find(self, path: Path) -> Place:
        """Return where `path` leads.

        Raises:
            EditError: it leads through an alias: what is there is written elsewhere.
        """
        node = self.tree
        steps: list[int] = []
        around: list[Collection] = []
        for depth, key in enumerate(path):
            if isinstance(node, Alias):
                self.refuse_alias(node, path[:depth])
            if isinstance(node, Collection) and node.special:
                self.refuse(f"{print_path(path[:depth]) or 'this'} is a set, or ordered by its tag", node, _BY_HAND)
            index = node.find(key) if isinstance(node, Collection) else None
            if not isinstance(node, Collection) or index is None:
                return Place(tuple(steps), tuple(around), node, tuple(path[depth:]))
            steps.append(index)
            around.append(node)
            node = node.entries[index].value
        return Place(tuple(steps), tuple(around), node, ())

    def existing(self, path: Path) -> Place:
        """Return where `path` leads, all the way.

        Raises:
            EditError: there is nothing, or it is not written here.
        """
        place = self.find(path)
        if place.rest:
            gone = print_path(path[: len(path) - len(place.rest) + 1])
            if self.is_merged(place):
                self.refuse(f"{gone} comes from what is merged here by '<<'", place.node, "Change it there.")
            self.refuse(f"there is no {gone}", place.node, _instead(place))
        return place

    def is_merged(self, place: Place) -> bool:
        """Return whether the first key that is not written is there all the same, by a merge."""
        node = place.node
        return (
            isinstance(node, Collection)
            and any(entry.name is MERGE for entry in node.entries)
            and place.rest[0] in meaning(node)
        )

    def attempt(
        self,
        candidates: Iterable[Candidate],
        expected: Node,
        what: str,
        at: Node | None,
        gone: Sequence[Region] = (),
        *,
        in_order: bool = True,
    ) -> Document:
        """Return the document with the first candidate that changes nothing but what is expected.

        No comment goes but those in the regions that are `gone`, and they stay in their order if they are to.

        Raises:
            EditError: there is none.
        """
        reason = ""
        for candidate in self._made(candidates, at):
            try:
                changed = self.document.with_text(self.spliced(candidate))
            except ConfigError as error:
                reason = reason or f": {error.message}"
                continue
            found = changed.draft.tree
            if found is None or not agrees(expected, found):
                continue
            if all_kept(self, changed.draft, gone, in_order=in_order):
                return changed
            reason = ": a comment would be lost"
        return self.refuse(f"{what} cannot be done without changing more than that{reason}", at, _BY_HAND)

    def _made(self, candidates: Iterable[Candidate], at: Node | None) -> Iterator[Candidate]:
        try:
            yield from candidates
        except EditError as error:
            # What YAML has no value for is told at the place where it was to go.
            raise EditError(error.message, location=error.location or self.location(at), hint=error.hint) from error

    def spliced(self, splices: Candidate) -> str:
        """Return the whole text with these splices."""
        pieces: list[str] = []
        place = 0
        for splice in sorted(splices, key=lambda splice: (splice.begin, splice.end)):
            pieces += [self.text[place : splice.begin], splice.text]
            place = splice.end
        marks = self.document.text[: len(self.document.text) - len(self.text)]
        return "".join([marks, *pieces, self.text[place:]])

    def expected(self, steps: Sequence[int], change: Callable[[Node], Node]) -> Node:
        """Return the tree with `change` made to the node that `steps` lead to."""
        assert self.tree is not None
        return changed_at(self.tree, steps, change)

    def keep_anchors(self, going: Node) -> None:
        """Refuse to take `going` away if what is in it is used elsewhere; its own anchor stays where it is."""
        self._refuse_orphans({id(node) for node in inner(going) if node is not going}, going)

    def lose_anchors(self, going: Node) -> None:
        """Refuse to take `going` away if it, or what is in it, is used elsewhere."""
        self._refuse_orphans({id(node) for node in inner(going)}, going)

    def _refuse_orphans(self, targets: set[int], going: Node) -> None:
        inside = {id(node) for node in inner(going)}
        for node in self._aliases:
            if id(node) not in inside and id(node.target) in targets:
                line = self.location(node).line
                self.refuse(f"the anchor '&{node.name}' in it is used on line {line}", going, "Change that first.")

    def refuse_alias(self, node: Alias, path: Path) -> NoReturn:
        """Refuse to change what is in an alias, which stands at `path`."""
        here, line = print_path(path), self.location(node.target).line
        message = f"{here} is the alias '*{node.name}'; what is in it is written on line {line}, and not only for here"
        self.refuse(message, node, f"Change it there, or set {here} as a whole.")

    def refuse(self, message: str, node: Node | None, hint: str = "") -> NoReturn:
        """Raise the reason why an edit is not made, with the place."""
        raise EditError(message, location=self.location(node), hint=hint)

    def location(self, node: Node | None) -> Location:
        """Return where a node stands, for people."""
        if node is None:
            return Location(self.document.file)
        start = self.lines.start(node.start)
        return Location(self.document.file, self.lines.number(start), node.start - start + 1)


def _instead(place: Place) -> str:
    """Say what there is where the first key of the rest is not."""
    node, missing = place.node, place.rest[0]
    if not isinstance(node, Collection):
        return ""
    if node.is_list:
        count = len(node.entries)
        return f"It has {count} item{'' if count == 1 else 's'}." if count else "It is empty."
    return did_you_mean(str(missing), [entry.name for entry in node.entries if isinstance(entry.name, str)])


def changed_at(tree: Node, steps: Sequence[int], change: Callable[[Node], Node]) -> Node:
    """Return the tree with `change` made to the node that `steps` lead to."""
    if not steps:
        return change(tree)
    assert isinstance(tree, Collection)
    entries = list(tree.entries)
    entry = entries[steps[0]]
    entries[steps[0]] = replace(entry, value=changed_at(entry.value, steps[1:], change))
    return replace(tree, entries=tuple(entries))


def meaning(node: Node) -> Any:
    """Return the value of a node, merges and aliases included."""
    if isinstance(node, Alias):
        return meaning(node.target)
    if not isinstance(node, Collection):
        return node.value if isinstance(node, Scalar | Wanted) else None
    if node.is_list:
        return [meaning(entry.value) for entry in node.entries]
    own = {entry.name: meaning(entry.value) for entry in node.entries if entry.name is not MERGE}
    merged: dict[Hashable, Any] = {}
    for entry in node.entries:
        if entry.name is MERGE:
            source = meaning(entry.value)
            for mapping in reversed(source) if isinstance(source, list) else [source]:
                merged |= mapping
    return {**merged, **own}


def agrees(expected: Node, found: Node) -> bool:
    """Return whether `found` is written as `expected`, and means what is wanted where something is.

    All else must be as it was: every text, style, tag, anchor and alias, in the same order.
    """
    if expected.anchor != found.anchor:
        return False
    if isinstance(expected, Wanted):
        aliased = any(isinstance(node, Alias) or (node.anchor and node is not found) for node in inner(found))
        return not aliased and is_same(expected.value, meaning(found))
    if expected.tagged != found.tagged:
        return False
    if isinstance(expected, Scalar) and isinstance(found, Scalar):
        return (expected.tag, expected.style, expected.text) == (found.tag, found.style, found.text)
    if isinstance(expected, Alias) and isinstance(found, Alias):
        return expected.name == found.name
    if not (isinstance(expected, Collection) and isinstance(found, Collection)):
        return False
    return (
        (expected.is_list, expected.flow, len(expected.entries)) == (found.is_list, found.flow, len(found.entries))
        and all(map(_keys_agree, expected.entries, found.entries))
        and all(agrees(one.value, other.value) for one, other in zip(expected.entries, found.entries, strict=True))
    )


def _keys_agree(expected: Entry, found: Entry) -> bool:
    if expected.key is None or found.key is None:
        return expected.key is found.key
    return agrees(expected.key, found.key)
