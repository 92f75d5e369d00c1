"""How long the editor waits for diagnostics, completion and help in a configuration file of 1,000 lines.

Each is timed in turn with a plain `yaml.load` of the same text by PyYAML's C loader, in processor time, since nothing
waits; the ratio of each pair is what counts. Aim: diagnostics within 50 ms.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import yaml

from flowerpower_tui.assist.complete import complete
from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.assist.hover import hover
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.environment import Environment
from flowerpower_tui.graph.model import Graph, Node

ROUNDS = 40
NODES = 240


def configuration() -> str:
    """Return a pipeline's configuration of about 1,000 lines."""
    lines = ["name: large", "params:"]
    for number in range(NODES):
        lines += [f"  node_{number}:", f"    threshold: {number}.5  # why", "    names: [a, b, 'c d']"]
        lines += [f"    path: ${{HOME}}/data/{number}"]
    lines += ["run:", "  final_vars:", *(f"    - node_{number}" for number in range(20)), "  log_level: INFO"]
    return "\n".join(lines) + "\n"


def mistaken(text: str) -> str:
    """Return the configuration with a mistake on every tenth line or so."""
    return text.replace("5.5", "1e-3").replace("- node_1", "- nod_1").replace("log_level", "log_levl")


def milliseconds(work: Callable[[], object]) -> float:
    """How long `work` keeps the processor."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def report(name: str, text: str, work: Callable[[], object]) -> None:
    """Print median and 95th percentile of `work`, and the median of its ratios to a plain load."""
    work()
    pairs = [
        (milliseconds(work), milliseconds(lambda: yaml.load(text, Loader=yaml.CSafeLoader))) for _ in range(ROUNDS)
    ]
    ours = sorted(own for own, _ in pairs)
    ratio = statistics.median(own / plain for own, plain in pairs)
    late = ours[int(0.95 * len(ours))]
    print(f"{name:<38} p50 {statistics.median(ours):6.1f} ms   p95 {late:6.1f} ms   {ratio:5.2f} × yaml.load")


def main() -> None:
    """Measure each, and print a line for it."""
    text = configuration()
    graph = Graph(tuple(Node(f"node_{number}", "str") for number in range(NODES)))
    around = Surroundings(Environment({"HOME": "/h", "FP_LOG_LEVEL": "DEBUG"}), "large", graph, ("node_1 " * 3000,))
    typing = text.replace("run:\n", "run:\n  re\n", 1)
    wrong = mistaken(text)
    line = typing.split("\n").index("  re") + 1
    print(f"{text.count(chr(10))} lines, {len(text)} characters")
    report("diagnose, nothing wrong", text, lambda: diagnose(text, "pipeline", around))
    report(
        f"diagnose, {len(diagnose(wrong, 'pipeline', around))} mistakes",
        wrong,
        lambda: diagnose(wrong, "pipeline", around),
    )
    report("diagnose, a key is being typed", text, lambda: diagnose(typing, "pipeline", around))
    report("complete that key", text, lambda: complete(typing, line, 5, "pipeline", around))
    report("hover", text, lambda: hover(text, line, 4, "pipeline", None, around))


if __name__ == "__main__":
    main()
