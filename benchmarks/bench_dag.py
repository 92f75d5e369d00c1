"""How well and how fast DAGs are drawn, beside Graphviz and other programs for terminals, on the same graphs.

A crossing is a pair of wires that cross between two layers, as the program draws them: we draw one wire for each value,
dot one for each edge; `one line an edge` counts ours as dot's are counted. `edges` are those that can be read back from
the drawing's text. Aims: fewer crossings than 1.1 times dot's on each graph; 300 nodes in 0.3 s, 1,000 in 1.5 s. Times
are the processor's, so that a busy machine does not spoil them.

    bench_dag.py [--peers [PYTHON]] [--limit SECONDS] [--only GRAPH]

`--peers` compares with phart, netext, termaid, asciinet and Graph::Easy too; without a PYTHON that has them they are
installed into a temporary environment.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import time
from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import dag_peers

from flowerpower_tui.graph.component import Component, arranged
from flowerpower_tui.graph.decode import decode
from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.export import to_dot
from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layers import Levels
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.order import Effort
from flowerpower_tui.graph.shapes import Lanes, Layout
from flowerpower_tui.graph.view import fit

GRAPHS = Path(__file__).parent / "graphs" / "dag_graphs.json"
# Larger graphs are not laid out with care: it takes minutes.
CAREFUL = 1500
# Seconds for dot, whose crossings are the measure.
PATIENCE = 180.0
Found = TypeVar("Found")


def modular(count: int = 5000, modules: int = 50, seed: int = 5) -> Graph:
    """A graph as large projects have them: modules that take most of what they need from themselves."""
    chance = random.Random(seed)
    members: list[list[str]] = [[] for _ in range(modules)]
    edges: dict[tuple[str, str], None] = {}
    for index in range(count):
        module = index * modules // count
        name = f"m{module:02}_node_{index:04}"
        near, far = members[module][-20:], members[chance.randrange(max(module, 1))]
        for _ in range(chance.randint(1, 3)):
            source = near if near and chance.random() < 0.95 else far
            if source:
                edges[chance.choice(source), name] = None
        members[module].append(name)
    return Graph(tuple(Node(name) for names in members for name in names), tuple(edges))


def graphs() -> Iterator[tuple[str, Graph]]:
    for name, found in json.loads(GRAPHS.read_text("utf-8")).items():
        edges = tuple((source, target) for source, target in found["edges"])
        yield name, Graph(tuple(map(Node, found["nodes"])), edges)
    yield "modular_5000", modular()


def timed(work: Callable[[], Found]) -> tuple[float, Found]:
    """The best of a few times on the processor, and the result; what takes long is done once."""
    best, total = float("inf"), 0.0
    for _ in range(3):
        started = time.process_time()
        found = work()
        best = min(best, time.process_time() - started)
        total += time.process_time() - started
        if total > 1:
            break
    return best, found


def crossings(graph: Graph, effort: Effort) -> tuple[int, int]:
    """How often our wires cross, and how often they would if every edge had a line of its own."""
    wires = lines = 0
    drawn = labels(graph.by_name)
    waiting = dict.fromkeys(graph.topological)
    while waiting:
        start = next(iter(waiting))
        names = {start}
        edge = [start]
        while edge:
            name = edge.pop()
            more = {*graph.parents[name], *graph.children[name]} - names
            names |= more
            edge += more
        part = Component.of(graph, [name for name in graph.topological if name in names], drawn, {})
        found, _, levels = arranged(part, effort)
        wires += found
        lines += edgewise(levels, part)
        for name in names:
            del waiting[name]
    return wires, lines


def edgewise(levels: Levels, part: Component) -> int:
    """The crossings if each edge were a line from its source to its target through its net's dummies."""
    place = {item: index for row in levels.rows for index, item in enumerate(row)}
    rank = {item: index for index, row in enumerate(levels.rows) for item in row}
    carrier = {(levels.net(item), rank[item]): item for row in levels.rows for item in row if item >= levels.count}
    lines: list[list[tuple[int, int]]] = [[] for _ in levels.rows]
    for source, targets in enumerate(part.children):
        for target in targets:
            at = source
            for layer in range(rank[source] + 1, rank[target] + 1):
                following = target if layer == rank[target] else carrier[levels.net(source), layer]
                lines[layer - 1].append((place[at], place[following]))
                at = following
    total = 0
    for channel in lines:
        seen: list[int] = []
        by_start: dict[int, list[int]] = {}
        for start, end in channel:
            by_start.setdefault(start, []).append(end)
        for start in sorted(by_start):
            total += sum(len(seen) - bisect_right(seen, end) for end in by_start[start])
            for end in by_start[start]:
                insort(seen, end)
    return total


def print_row(who: str, seconds: float | None, size: str, crossed: str, edges: str) -> None:
    shown = "" if seconds is None else f"{seconds:9.3f} s"
    print(f"  {who:<22}{shown:>12}  {size:>13}  {crossed:>32}  {edges:>16}".rstrip(), flush=True)


def ours(graph: Graph) -> dict[Effort, int]:
    """Measure us; return our crossings."""
    wanted = set(graph.edges)
    found: dict[Effort, int] = {}

    def told(made: Layout | Lanes) -> str:
        read = set(decode(draw(made).text).edges)
        return f"{len(read & wanted)}/{len(wanted)}" + (f" +{len(read - wanted)}" if read - wanted else "")

    efforts: tuple[Effort, ...] = ("quick", "good") if len(graph.nodes) <= CAREFUL else ("quick",)
    for effort in efforts:
        seconds, boxes = timed(lambda effort=effort: layout(graph, marks=False, effort=effort))
        found[effort], lines = crossings(graph, effort)
        crossed = f"{found[effort]} (one line an edge {lines})" if lines != found[effort] else f"{lines}"
        print_row(f"boxes, {effort}", seconds, f"{boxes.width}×{boxes.height}", crossed, told(boxes))
    if len(graph.nodes) <= CAREFUL:
        seconds, right = timed(lambda: layout(graph, marks=False, direction="right"))
        print_row("boxes to the right", seconds, f"{right.width}×{right.height}", "", told(right))
        seconds, chips = timed(lambda: layout(graph, marks=False, chips=True, width=120))
        print_row("chips for 120 columns", seconds, f"{chips.width}×{chips.height}", "", told(chips))
    seconds, rows = timed(lambda: lanes(graph))
    picture = draw(rows)
    print_row("lanes", seconds, f"{picture.width}×{picture.height}", "", told(rows))
    seconds, fitted = timed(lambda: fit(graph, 80))
    print_row("what fits 80 columns", seconds, f"{fitted.width}×{fitted.height}", "", "")
    return found


def dot(graph: Graph, limit: float) -> int | None:
    """Measure Graphviz; return its crossings, if it can be asked."""
    if not shutil.which("dot"):
        print_row("Graphviz dot", None, "not installed", "", "")
        return None
    try:
        done, seconds = dag_peers.measured(["dot", "-v", "-Tplain"], to_dot(graph), limit)
    except subprocess.TimeoutExpired:
        print_row("Graphviz dot", None, f"not within {limit:g} s", "", "")
        return None
    told = re.findall(r"mincross.*: (\d+) crossings", done.stderr)
    found = int(told[-1]) if told else 0
    print_row("Graphviz dot", seconds, "", str(found), "")
    return found


def peers(graph: Graph, python: Path | None, limit: float) -> None:
    nodes, edges = list(graph.by_name), list(graph.edges)
    for peer in (*dag_peers.SCRIPTS, "graph-easy"):
        drawn = dag_peers.draw(peer, python, edges, limit)
        if drawn.why:
            print_row(peer, None, drawn.why, "", "")
            continue
        found = dag_peers.score(drawn.text, nodes, edges)
        told = f"{found.right}/{len(edges)}" + (f" +{found.wrong}" if found.wrong else "")
        print_row(peer, drawn.seconds, dag_peers.extent(drawn.text), "", told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", nargs="?", type=Path, const=Path(), metavar="PYTHON")
    parser.add_argument("--limit", type=float, default=20.0, metavar="SECONDS", help="for each other program and graph")
    parser.add_argument("--only", metavar="GRAPH", help="part of the names of the graphs to measure")
    arguments = parser.parse_args()
    python = arguments.peers
    if python == Path():
        python = dag_peers.install()
    print("Drawing DAGs: time, columns×rows, crossings, edges that can be read back (+ those that are not there)")
    worse = []
    for name, graph in graphs():
        if arguments.only and arguments.only not in name:
            continue
        print(f"\n{name}: {len(graph.nodes)} nodes, {len(graph.edges)} edges")
        found = ours(graph)
        theirs = dot(graph, max(arguments.limit, PATIENCE))
        best = min(found.values())
        if theirs is not None and best > 1.1 * theirs:
            worse.append(name)
        if python is not None:
            peers(graph, python, arguments.limit)
    print(f"\nmore than 1.1 times dot's crossings: {', '.join(worse) or 'none'}")


if __name__ == "__main__":
    main()
