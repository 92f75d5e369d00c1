"""A graph in every form it can be given to others in: text, data, SVG; pixels and pages where Graphviz is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping

from flowerpower_tui.errors import OutputError, did_you_mean
from flowerpower_tui.graph.export import to_dot, to_json, to_mermaid
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.svg import to_svg
from flowerpower_tui.graph.view import fit

# Columns of a drawing that is not made for a terminal.
PAGE = 120
# Seconds; a graph that Graphviz cannot lay out in this time would be no picture either.
_PATIENCE = 60.0

TEXTS: Mapping[str, Callable[[Graph], str]] = {
    "text": lambda graph: fit(graph, PAGE, marks=False).text,
    "json": to_json,
    "mermaid": to_mermaid,
    "dot": to_dot,
    "svg": to_svg,
}
"""What we make ourselves."""

PICTURES = ("png", "pdf")
"""What Graphviz makes."""

SUFFIXES = {"text": "txt", "mermaid": "mmd"}
"""How the files of a form end, where that is not its name."""

_ALIASES = {"txt": "text", "gv": "dot", "mmd": "mermaid"}


def picture(graph: Graph, form: str) -> bytes:
    """Return the graph as the contents of a file.

    Args:
        graph: what to show.
        form: one of `TEXTS` or `PICTURES`.

    Raises:
        OutputError: there is no such form, or Graphviz is not installed or cannot do it.
    """
    form = check_form(form)
    if form in TEXTS:
        return f"{TEXTS[form](graph)}\n".encode()
    dot = shutil.which("dot")
    if dot is None:
        raise OutputError(
            f"A {form.upper()} is made by Graphviz, and there is no 'dot' on the PATH.",
            hint="Install Graphviz, or ask for svg, which needs nothing.",
        )
    try:
        source = to_dot(graph).encode()
        done = subprocess.run([dot, f"-T{form}"], input=source, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise OutputError(f"Graphviz took longer than {_PATIENCE:g} seconds.", hint="Ask for svg.") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise OutputError(f"Graphviz cannot make it: {last}")
    return done.stdout


def check_form(form: str) -> str:
    """Return the form by the name that it has here.

    Raises:
        OutputError: there is none of that name.
    """
    form = _ALIASES.get(form.lower(), form.lower())
    forms = (*TEXTS, *PICTURES)
    if form not in forms:
        raise OutputError(
            f"There is no format '{form}'.", hint=did_you_mean(form, forms) or f"There are {', '.join(forms)}."
        )
    return form
