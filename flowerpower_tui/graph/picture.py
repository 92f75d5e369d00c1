"""A graph in every form it can be given to others in: text, data, SVG; pixels and pages where Graphviz is installed."""

from __future__ import annotations

import shutil
import subprocess
from pkgutil import resolve_name

from flowerpower_tui.errors import OutputError, did_you_mean
from flowerpower_tui.graph.export import to_dot
from flowerpower_tui.graph.forms import FORMS, PICTURES
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.view import fit

# Columns of a drawing that is not made for a terminal.
PAGE = 120
# Seconds; a graph that Graphviz cannot lay out in this time would be no picture either.
_PATIENCE = 60.0

_ALIASES = {"txt": "text", "gv": "dot", "mmd": "mermaid"}


def to_text(graph: Graph) -> str:
    """A drawing as a terminal shows it, on a page."""
    return fit(graph, PAGE, marks=False).text


def text(graph: Graph, form: str) -> str:
    """Return the graph in one of `FORMS`."""
    made: str = resolve_name(FORMS[form])(graph)
    return made


def picture(graph: Graph, form: str) -> bytes:
    """Return the graph as the contents of a file.

    Args:
        graph: what to show.
        form: one of `FORMS` or `PICTURES`.

    Raises:
        OutputError: there is no such form, or Graphviz is not installed or cannot do it.
    """
    form = check_form(form)
    if form in FORMS:
        return f"{text(graph, form)}\n".encode()
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
    forms = (*FORMS, *PICTURES)
    if form not in forms:
        raise OutputError(
            f"There is no format '{form}'.", hint=did_you_mean(form, forms) or f"There are {', '.join(forms)}."
        )
    return form
