"""How a state looks: a shape and a colour, never a colour alone. The same everywhere in the interface."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """A state's one-cell glyph, and the theme variable of its colour."""

    glyph: str
    variable: str


_UNKNOWN = Look("?", "text-muted")

LOOKS: dict[str, Look] = {
    "": Look(" ", "text-muted"),
    "never": Look("·", "text-muted"),
    "waiting": Look("○", "text-muted"),
    "starting": Look("▶", "text-accent"),
    "running": Look("▶", "text-accent"),
    "cancelling": Look("■", "text-warning"),
    "succeeded": Look("✓", "text-success"),
    "failed": Look("✗", "text-error"),
    "crashed": Look("‼", "text-error"),
    "lost": Look("?", "text-error"),
    "cancelled": Look("■", "text-warning"),
    "skipped": Look("-", "text-muted"),
}


def look(state: str) -> Look:
    """Return how `state` looks; a state of a newer version gets a question mark."""
    return LOOKS.get(state, _UNKNOWN)
