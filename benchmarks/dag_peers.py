"""Other programs that draw DAGs as text, each run with a time limit, and a patient reader of what they drew."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NamedTuple

Edges = set[tuple[str, str]]
# A cell, and which of two wires that cross there.
Place = tuple[int, int, int]

PACKAGES = ("phart", "netext", "termaid", "asciinet", "networkx", "rich")
# Each gets the edges as lines of two names on its input, and prints its drawing.
_READ = "import sys\nedges = [tuple(line.split()) for line in sys.stdin]\n"
_GRAPH = _READ + "import networkx as nx\ngraph = nx.DiGraph(edges)\n"
SCRIPTS = {
    "phart": _GRAPH + "from phart import ASCIIRenderer\nprint(ASCIIRenderer(graph).render())\n",
    "netext": _GRAPH
    + "from netext import ConsoleGraph\nfrom rich.console import Console\n"
    + "Console(width=100_000, no_color=True).print(ConsoleGraph.from_networkx(graph))\n",
    "termaid": _READ
    + "import termaid\nprint(termaid.render('graph TD\\n' + '\\n'.join(f'{a} --> {b}' for a, b in edges)))\n",
    "asciinet": _GRAPH + "from asciinet import graph_to_ascii\nprint(graph_to_ascii(graph))\n",
}


class Drawn(NamedTuple):
    """What a program made of a graph: its text, in how many seconds; or why there is none."""

    text: str
    seconds: float
    why: str = ""


class Score(NamedTuple):
    """How much of a graph can be read from a drawing: edges that are right, and edges that are not there."""

    right: int
    wrong: int


def install() -> Path:
    """Make a temporary environment with the peers that come from the package index; return its Python."""
    where = Path(tempfile.mkdtemp(prefix="dag-peers-"))
    venv.create(where, with_pip=True)
    for package in PACKAGES:
        subprocess.run([where / "bin/pip", "install", "--quiet", package], check=False, stderr=subprocess.DEVNULL)
    return where / "bin/python"


def draw(peer: str, python: Path | None, edges: list[tuple[str, str]], limit: float) -> Drawn:
    """Let a peer draw; never raises."""
    lines = "".join(f"{a} {b}\n" for a, b in edges)
    if peer == "graph-easy":
        if not shutil.which("graph-easy"):
            return Drawn("", 0, "not installed")
        command = ["graph-easy", "--from=dot", "--as=boxart", f"--timeout={limit:g}"]
        lines = "digraph {\n" + "".join(f'"{a}" -> "{b}";\n' for a, b in edges) + "}\n"
    elif python is None:
        return Drawn("", 0, "not installed (say --peers)")
    else:
        command = [str(python), "-c", SCRIPTS[peer]]
    try:
        done, seconds = measured(command, lines, limit)
    except subprocess.TimeoutExpired:
        return Drawn("", limit, f"not within {limit:g} s")
    if done.returncode or not done.stdout.strip():
        return Drawn("", seconds, (done.stderr.strip().splitlines() or ["nothing drawn"])[-1][:60])
    return Drawn(re.sub(r"\x1b\[[0-9;]*m", "", done.stdout), seconds)


def measured(command: list[str], given: str, limit: float) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run a command; return what came of it, and the seconds of the processor that it took.

    Raises:
        subprocess.TimeoutExpired: it did not end in time.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=limit, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def extent(text: str) -> str:
    """Columns and rows of a drawing."""
    lines = text.rstrip().splitlines()
    return f"{max(map(len, lines), default=0)}×{len(lines)}"


_N, _E, _S, _W = 1, 2, 4, 8
_ARMS: dict[str, int] = {}
for _glyphs, _arms in (
    ("│┃║|╎╏┆┇┊┋╽╿", _N | _S),
    ("─━═-╌╍┄┅┈┉", _E | _W),
    ("┌╭┏╔", _E | _S),
    ("┐╮┓╗", _S | _W),
    ("└╰┗╚", _N | _E),
    ("┘╯┛╝", _N | _W),
    ("├┣╠┝", _N | _E | _S),
    ("┤┫╣┥", _N | _S | _W),
    ("┬┳╦┯", _E | _S | _W),
    ("┴┻╩┷", _N | _E | _W),
    ("┼╋╬+*", _N | _E | _S | _W),
):
    _ARMS.update(dict.fromkeys(_glyphs, _arms))
_ARROWS = {"▼": _N, "v": _N, "▾": _N, "↓": _N, "∨": _N, "▲": _S, "^": _S, "↑": _S, "▶": _W, ">": _W, "►": _W, "→": _W}
_ARROWS |= {"◀": _E, "<": _E, "◄": _E, "←": _E}
_STEPS = {_N: (0, -1), _E: (1, 0), _S: (0, 1), _W: (-1, 0)}
_BACK = {_N: _S, _S: _N, _E: _W, _W: _E}


def score(text: str, nodes: list[str], edges: list[tuple[str, str]]) -> Score:
    """Read a drawing in the ways one may read it, and return the best of them.

    What is read as an edge is a wire from a box to a box; at an arrowhead it ends, and where there is none, above is
    before below. A crossing either joins all four of its arms or only the opposite ones.
    """
    wanted = set(edges)
    found = [_Reader(text, nodes, joins=joins).edges() for joins in (False, True)]
    return max((Score(len(read & wanted), len(read - wanted)) for read in found), key=lambda one: one.right - one.wrong)


class _Reader:
    """Follows the wires of a drawing over its cells; of a crossing, the two wires are two places."""

    def __init__(self, text: str, nodes: list[str], *, joins: bool) -> None:
        rows = text.splitlines()
        self.width = max(map(len, rows), default=0)
        self.grid = [row.ljust(self.width) for row in rows]
        self.owner = _boxes(self.grid, nodes)
        self.joins = joins

    def edges(self) -> Edges:
        """Every pair of boxes that a wire leads from and to."""
        seen: set[Place] = set()
        found: Edges = set()
        for y, row in enumerate(self.grid):
            for x in range(len(row)):
                if (x, y) in self.owner or not self.arms(x, y):
                    continue
                for axis in (0, 1) if self.crosses(x, y) else (0,):
                    if (x, y, axis) not in seen:
                        found |= self.wire((x, y, axis), seen)
        return found

    def wire(self, start: Place, seen: set[Place]) -> Edges:
        """The edges that one wire shows."""
        takers: set[str] = set()
        plain: set[tuple[int, str]] = set()
        waiting = [start]
        seen.add(start)
        while waiting:
            x, y, axis = waiting.pop()
            reach = (_N | _S, _E | _W)[axis] if self.crosses(x, y) else self.arms(x, y)
            for arm in _STEPS:
                if not reach & arm:
                    continue
                box = self.box(x, y, arm)
                if box is not None:
                    headed, row, name = box
                    takers |= {name} if headed else set()
                    plain |= set() if headed else {(row, name)}
                    continue
                u, v = x + _STEPS[arm][0], y + _STEPS[arm][1]
                if not self.arms(u, v) & _BACK[arm]:
                    continue
                place = (u, v, int(arm in (_E, _W)) if self.crosses(u, v) else 0)
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)
        if takers:
            givers = {name for _, name in plain} - takers
        else:
            top = min((row for row, _ in plain), default=0)
            givers = {name for row, name in plain if row == top}
            takers = {name for _, name in plain} - givers
        return {(giver, taker) for giver in givers for taker in takers}

    def arms(self, x: int, y: int) -> int:
        """Where the wire in a cell leads."""
        if not (0 <= y < len(self.grid) and 0 <= x < self.width) or (x, y) in self.owner:
            return 0
        glyph = self.grid[y][x]
        return _ARROWS[glyph] | _BACK[_ARROWS[glyph]] if glyph in _ARROWS else _ARMS.get(glyph, 0)

    def crosses(self, x: int, y: int) -> bool:
        """Whether a cell holds two wires."""
        return not self.joins and self.grid[y][x] in "┼+╪╫"

    def box(self, x: int, y: int, arm: int) -> tuple[bool, int, str] | None:
        """The box that a wire reaches from a cell, with its row and whether the wire has its arrowhead there."""
        i, j = _STEPS[arm]
        # Some programs leave a blank between a wire and what it leads to.
        for u, v in ((x + i, y + j), (x + 2 * i, y + 2 * j)):
            if (u, v) in self.owner:
                heads = (self.grid[y][x], self.grid[v][u])
                return any(_ARROWS.get(glyph) == _BACK[arm] for glyph in heads), v, self.owner[u, v]
            if not (0 <= v < len(self.grid) and 0 <= u < self.width) or self.grid[v][u] != " ":
                return None
        return None


def _boxes(grid: list[str], nodes: list[str]) -> dict[tuple[int, int], str]:
    """The cells of each name, with the borders around it if it has any."""
    owner: dict[tuple[int, int], str] = {}
    known = set(nodes)
    for y, row in enumerate(grid):
        for match in re.finditer(r"[\w.]+", row):
            name = match.group()
            if name not in known:
                continue
            left, right = match.start() - 1, match.end()
            while left >= 0 and row[left] == " " and match.start() - left < 40:
                left -= 1
            while right < len(row) and row[right] == " " and right - match.end() < 40:
                right += 1
            sides = "│┃║|[]▶►├┤>"
            framed = left >= 0 and right < len(row) and row[left] in sides and row[right] in sides
            tops = [y - up for up in (1, 2) if framed and y >= up and _ARMS.get(grid[y - up][left], 0) & _E]
            if tops:
                low = next(
                    (y + down for down in (1, 2) if y + down < len(grid) and _ARMS.get(grid[y + down][left], 0) & _E), y
                )
                area = [(x, v) for v in range(tops[0], low + 1) for x in range(left, right + 1)]
            elif row[match.start() - 1 : match.start()] in ("[", "(", "<"):
                area = [(x, y) for x in range(match.start() - 1, match.end() + 1)]
            else:
                area = [(x, y) for x in range(match.start(), match.end())]
            owner |= dict.fromkeys(area, name)
    return owner


if __name__ == "__main__":
    sys.exit("this is a part of bench_dag.py")
