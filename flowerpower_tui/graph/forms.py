"""The forms that a graph can be given to others in; light, since the command line names them in its help."""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, str] = {
    "text": "flowerpower_tui.graph.picture:to_text",
    "json": "flowerpower_tui.graph.export:to_json",
    "mermaid": "flowerpower_tui.graph.export:to_mermaid",
    "dot": "flowerpower_tui.graph.export:to_dot",
    "svg": "flowerpower_tui.graph.svg:to_svg",
}
"""What we make ourselves, and the function from a graph to a text that makes it; imported when it is needed."""

PICTURES = ("png", "pdf")
"""What Graphviz makes."""

SUFFIXES = {"text": "txt", "mermaid": "mmd"}
"""How the files of a form end, where that is not its name."""
