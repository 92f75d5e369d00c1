"""Finding nodes by their names: every word that is typed has to stand in the name, in whatever order and case."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.graph.excerpt import Excerpt


def find(excerpt: Excerpt, text: str) -> dict[str, tuple[str, ...]]:
    """Return the shown nodes that are meant, in the order of the graph, each with the words of `text`.

    A fold is found by its own name, and by that of each node inside it. No words find nothing.
    """
    words = tuple(dict.fromkeys(text.casefold().split()))
    if not words:
        return {}

    def is_meant(name: str) -> bool:
        return all(word in name.casefold() for word in words)

    return {
        shown: words for shown in excerpt.graph.by_name if is_meant(shown) or any(map(is_meant, excerpt.members(shown)))
    }
