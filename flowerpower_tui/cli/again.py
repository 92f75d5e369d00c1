"""`fp-tui rerun` and `compare`: a run once more, and two runs side by side."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CODE, RUN_EXITS, CommandLine, add_json, add_run
from flowerpower_tui.cli.run import add_options, carry_out, overrides

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.summary import ValueSummary
    from flowerpower_tui.runs.compare import Comparison, NodeComparison, Side
    from flowerpower_tui.runs.directory import RunDirectory

_RERUN = """\
It is asked for what that run was asked for, on the project as it is now; the options below change that. Overrides that
were secrets are not kept, and have to be given again."""
_RERUN_EXAMPLES = {
    "fp-tui rerun sales": "the latest run of this pipeline",
    "fp-tui rerun latest --set run.log_level=DEBUG": "with another value",
}
_COMPARE = """\
Of the nodes those are shown that came to something else, and then those that took a fifth more or less of their time
(and more than 50 ms)."""
_COMPARE_EXAMPLES = {
    "fp-tui compare sales latest": "two runs by what they are called",
    "fp-tui compare 4f2a 9c1e --all": "by a part of their ids, and every node",
}
_LONGEST_VALUE = 40


def add_commands(line: CommandLine) -> None:
    """Add `rerun` and `compare`."""
    rerun = line.add(
        "rerun",
        run_again,
        "run again what a run was asked for",
        about=_RERUN,
        examples=_RERUN_EXAMPLES,
        exits=RUN_EXITS,
        takes=CODE,
    )
    add_run(rerun)
    add_options(rerun)
    compare = line.add(
        "compare", compare_runs, "show what is different between two runs", about=_COMPARE, examples=_COMPARE_EXAMPLES
    )
    add_run(compare, "left")
    add_run(compare, "right", "the other one, called in the same way")
    compare.add_argument("--all", action="store_true", help="show every node, those that differ first")
    add_json(compare, "print JSON: every node, in the order in which the runs began them")


def run_again(arguments: argparse.Namespace) -> int:
    """Start a run with the request of another and watch it; return 0, 1, 2, 3 or 130, as it ends."""
    from flowerpower_tui.runs.rerun import request_again

    request = request_again(_find(arguments, arguments.run), overrides(arguments))
    if request.url:
        import msgspec

        home = place.home_at(request.url, arguments)
        home.check()
        place.trust(home, arguments)
        request = msgspec.structs.replace(request, project=str(home.root))
    return carry_out(request, arguments)


def compare_runs(arguments: argparse.Namespace) -> int:
    """Print what two runs were given and did not have in common, and the nodes that differ."""
    from flowerpower_tui.runs.compare import compare

    found = compare(_find(arguments, arguments.left), _find(arguments, arguments.right))
    if arguments.json:
        console.json_document(found)
        return console.Exit.DONE
    sides = [(found.left, found.left_run), (found.right, found.right_run)]
    console.table(("RUN", "STATE", "DURATION"), [(name, side.state, _time(side)) for name, side in sides])
    console.data("")
    _print_given(found)
    shown = [node for node in found.changed_first if arguments.all or not (node.same_end and node.same_time)]
    if shown:
        console.data("")
        console.table(("NODE", "STATE", "FIRST", "SECOND", "CHANGE", "RESULT"), map(_node_cells, shown))
    if left_out := len(found.nodes) - len(shown):
        console.say(f"The same in both: {left_out:,} of {len(found.nodes):,} nodes. --all shows every node.")
    return console.Exit.DONE


def _print_given(found: Comparison) -> None:
    if not found.given:
        console.data("Both were given the same.")
        return
    console.table(
        ("GIVEN", "FIRST", "SECOND"),
        [(difference.path, _value(difference.left), _value(difference.right)) for difference in found.given],
    )


def _node_cells(node: NodeComparison) -> tuple[str, ...]:
    states = dict.fromkeys((node.left.state, node.right.state))
    shapes = dict.fromkeys((_shape(node.left_result), _shape(node.right_result)))
    # Values of one shape can differ in what is in them.
    sign = "" if node.same_result or len(shapes) > 1 else " (changed)"
    return (
        node.node,
        " → ".join(states),
        _time(node.left),
        _time(node.right),
        _change(node.left.duration, node.right.duration),
        " → ".join(shapes) + sign,
    )


def _time(side: Side) -> str:
    from flowerpower_tui.runs.lines import spoken_time

    return "-" if side.duration is None else spoken_time(side.duration)


def _change(left: float | None, right: float | None) -> str:
    return f"{(right - left) / left:+.0%}" if left and right is not None else ""


def _shape(summary: ValueSummary | None) -> str:
    if summary is None:
        return "-"
    nulls = f", {summary.nulls} nulls" if summary.nulls else ""
    return f"{summary.type} {' × '.join(map(str, summary.shape))}".rstrip() + nulls


def _value(value: Any) -> str:
    return "-" if value is None else console.in_short(str(value), _LONGEST_VALUE)


def _find(arguments: argparse.Namespace, reference: str) -> RunDirectory:
    from flowerpower_tui.runs.store import RunStore

    project = place.project_or_none(arguments)
    return RunStore().find(reference, str(project.root) if project else None)
