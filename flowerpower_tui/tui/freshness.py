"""What is stale in a pipeline, in the marks and words of the interface."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from flowerpower_tui.runs.staleness import DOWNSTREAM, NEVER_RUN, NEW, causes
from flowerpower_tui.terminal import one_line

if TYPE_CHECKING:
    from flowerpower_tui.runs.lookout import Picture
    from flowerpower_tui.tui.widgets.dag_paint import Mark

_CODE = "code changed"


class Reason(NamedTuple):
    """Why a node is not what it was.

    Attributes:
        mark: how it is marked in the DAG; None if it is not, or not there.
        node: its name.
        why: the reason, in words.
    """

    mark: Mark | None
    node: str
    why: str


def marks(picture: Picture, done: Collection[str] = ()) -> dict[str, Mark]:
    """Return the marks of the nodes that a run would give another value; without those that are `done` by now.

    What never ran has none: that shows in its state.
    """
    found = {name: mark for name, why in picture.stale.items() if name not in done and (mark := _mark(why))}
    # What no run computes is not stale, however new it is.
    return {**{name: "added" for name in picture.since_run.added if name not in picture.stale}, **found}


def in_short(picture: Picture) -> str:
    """Say how much is stale and, of the first of it, why: `3 stale: helper _parse_date changed`."""
    stale = {name: why for name, why in picture.stale.items() if why != NEVER_RUN}
    if not stale:
        return ""
    nodes, _ = causes(stale)
    said = ""
    for why, names in nodes.items():
        said = why
        if why == NEW:
            said = f"{names[0]} is new" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more are new"
        elif why == _CODE:
            said = f"{names[0]} changed" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more changed"
        break
    others = f", and {len(nodes) - 1} more" if len(nodes) > 1 else ""
    return one_line(f"{len(stale)} stale{': ' if said else ''}{said}{others}")


def reasons(picture: Picture) -> Iterator[Reason]:
    """Yield what is not what it was in the last run: what changed, what comes behind that, what came, what is gone."""
    for name, why in sorted(picture.stale.items(), key=lambda item: item[1].startswith(DOWNSTREAM)):
        yield Reason(_mark(why), name, why)
    for name in picture.since_run.added:
        if name not in picture.stale:
            yield Reason("added", name, "new; no run computes it")
    for old, new in picture.since_run.renamed.items():
        yield Reason(None, old, f"is now called {new}")
    for name in picture.since_run.removed:
        yield Reason(None, name, "removed")


def _mark(why: str) -> Mark | None:
    if why == NEVER_RUN:
        return None
    if why == NEW:
        return "added"
    return "stale" if why.startswith(DOWNSTREAM) else "changed"
