"""FlowerPower and we, side by side: the same projects, the same code, the results compared value by value.

FlowerPower is installed into an environment of its own, in a temporary folder, so this needs a package index and a
minute; `--environment PATH` keeps it there for the next time. Each case runs in a process of its own and on a copy of
its project of its own. Ends with 1 if a result differs, or if we fail where we promise to be better.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowerpower_cases import SAME, Case
from flowerpower_failures import BETTER
from flowerpower_probe import MARK

WANTED = "flowerpower==0.37.0"
# Results of tables depend on the first two. The third is what Hamilton's part for pandas imports without asking for it;
# where it is missing, FlowerPower fails at every @extract_columns.
SHARED = ("pandas", "numpy", "packaging")
HERE = Path(__file__).parent
EXAMPLES = {
    "hello-world": "hello_world",
    "sales-etl": "sales_etl",
    "word-count": "word_count",
    "churn-features": "churn_features",
    "flaky": "flaky",
}
LIMIT = 40.0
HANG_LIMIT = 15.0
TIMED_RUNS = 30
PAIRS = 5
TIMING = f"""
import statistics, time
seconds = []
for _ in range({TIMED_RUNS}):
    began = time.perf_counter()
    project.run("main")
    seconds.append(time.perf_counter() - began)
result = statistics.median(seconds)
"""


@dataclass(frozen=True)
class Told:
    """What came of a case on one side.

    Attributes:
        result: what it left in `result`; None if it failed.
        error: how it failed; empty if it did not.
        seconds: from the start of its process to its end.
    """

    result: Any
    error: str
    seconds: float

    @property
    def short(self) -> str:
        """The result in a few words."""
        return textwrap.shorten(self.error or json.dumps(self.result, sort_keys=True), 46, placeholder=" …")


def main() -> int:
    """Compare; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", type=Path, help="FlowerPower's environment; made there if it is not")
    parser.add_argument("--only", metavar="WORDS", default="", help="only the cases with these words in their names")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="compare-") as temporary:
        folder = Path(temporary)
        try:
            theirs = environment(arguments.environment or folder / "environment")
        except subprocess.CalledProcessError as error:
            print(f"{WANTED} cannot be installed here:\n{error.stderr.strip()}", file=sys.stderr)
            return 2
        sides = Sides(theirs, folder)
        print(f"{'CASE':<50} {'FLOWERPOWER':<46} {'SEC':>6}  {'OURS':<46} {'SEC':>6}  VERDICT")
        same = [compared(sides, *case) for case in same_cases() if arguments.only in case[0]]
        better = [bettered(sides, case) for case in BETTER if arguments.only in case.name]
        print(f"\n{sum(same)} of {len(same)} the same; {sum(better)} of {len(better)} better, as promised")
        if not arguments.only:
            timed(sides)
    return 0 if all([*same, *better]) else 1


def environment(path: Path) -> Path:
    """Return the Python of FlowerPower's environment, after making it if need be."""
    python = path / "bin" / "python"
    if not python.exists():
        print(f"Installing {WANTED} into {path} …", flush=True)
        venv.create(path, with_pip=True)
        shared = [f"{name}=={importlib.metadata.version(name)}" for name in SHARED]
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WANTED, *shared]
        subprocess.run(command, check=True, capture_output=True, text=True)
    return python


class Sides:
    """Both systems, each with copies of the projects of its own.

    Args:
        theirs: the Python of FlowerPower's environment.
        folder: for the copies.
    """

    def __init__(self, theirs: Path, folder: Path) -> None:
        self._pythons = {"theirs": str(theirs), "ours": sys.executable}
        self._folder = folder

    def tell(self, side: str, project: Path | Case, code: str, limit: float, environ: dict[str, str]) -> Told:
        """Carry out `code` on a fresh copy of the project."""
        root = self._folder / side / "project"
        shutil.rmtree(root.parent, ignore_errors=True)
        if isinstance(project, Path):
            shutil.copytree(project, root, ignore=shutil.ignore_patterns("__pycache__", "output"))
        else:
            write(root, project)
        variables = {key: value for key, value in os.environ.items() if not key.startswith(("FP_", "PYTHON"))}
        began = time.perf_counter()
        try:
            done = subprocess.run(
                [self._pythons[side], HERE / "flowerpower_probe.py", side, root],
                input=code,
                capture_output=True,
                text=True,
                timeout=limit,
                cwd=root,
                env={**variables, **environ},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Told(None, f"hangs: no end after {limit:g} s", limit)
        seconds = time.perf_counter() - began
        _, mark, told = done.stdout.rpartition(MARK)
        if not mark:
            last = (done.stderr.strip() or "no word").splitlines()[-1]
            return Told(None, f"exit code {done.returncode}: {last}", seconds)
        values = json.loads(told)
        return Told(values.get("result"), values.get("error", ""), seconds)


def write(root: Path, case: Case) -> None:
    """Write the project of a case."""
    files = {"conf/project.yml": "name: compared\n", "conf/pipelines/main.yml": case.conf, **case.files}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def same_cases() -> Iterator[tuple[str, Path | Case, str, dict[str, str]]]:
    """Yield what both sides shall do alike: our examples, then the cases."""
    for folder, pipeline in EXAMPLES.items():
        code = f"result = project.run({pipeline!r})"
        yield f"example {folder}", HERE.parent / "examples" / folder, code, {}
    for case in SAME:
        yield case.name, case, case.code, case.environ


def compared(sides: Sides, name: str, project: Path | Case, code: str, environ: dict[str, str]) -> bool:
    """Print one line about a case that shall give the same; return whether it does."""
    theirs, ours = (sides.tell(side, project, code, LIMIT, environ) for side in ("theirs", "ours"))
    equal = not theirs.error and not ours.error and theirs.result == ours.result
    row(name, theirs, ours, "equal" if equal else "DIFFERENT")
    if not equal:
        difference(theirs, ours)
    return equal


def bettered(sides: Sides, case: Case) -> bool:
    """Print one line about a case that FlowerPower fails in; return whether we give what is promised."""
    theirs, ours = (sides.tell(side, case, case.code, HANG_LIMIT, case.environ) for side in ("theirs", "ours"))
    expected = json.loads(json.dumps(case.expected))
    works = not ours.error and ours.result == expected
    fails = bool(theirs.error) or theirs.result != expected
    verdict = f"{case.better if fails else 'gives the same'}; ours {'works' if works else 'FAILS'}"
    row(case.name, theirs, ours, verdict)
    if not works:
        difference(Told(expected, "", 0.0), ours)
    return works


def row(name: str, theirs: Told, ours: Told, verdict: str) -> None:
    """Print a line of the table."""
    seconds = [f"{told.seconds:6.2f}" for told in (theirs, ours)]
    print(f"{name:<50} {theirs.short:<46} {seconds[0]}  {ours.short:<46} {seconds[1]}  {verdict}", flush=True)


def difference(wanted: Told, ours: Told) -> None:
    """Print both sides whole, for who has to find out."""
    for side, told in (("wanted", wanted), ("ours", ours)):
        print(f"    {side}: {told.error or json.dumps(told.result, sort_keys=True)}"[:2000])


def timed(sides: Sides) -> None:
    """Print how long `run` takes on both sides on one small module, and the ratio of each pair."""
    pairs: list[tuple[float, float]] = []
    for _ in range(PAIRS):
        told = [sides.tell(side, SAME[0], TIMING, 120.0, {}) for side in ("theirs", "ours")]
        if any(one.error for one in told):
            print(f"run cannot be timed: {[one.error for one in told]}")
            return
        pairs.append((told[0].result, told[1].result))
    print(f"project.run of two nodes, median of {TIMED_RUNS} in one process, {PAIRS} pairs: {speeds(pairs)}")


def speeds(pairs: Sequence[tuple[float, float]]) -> str:
    """Say both medians and the median of the ratios."""
    theirs, ours = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    ratio = statistics.median(our / their for their, our in pairs)
    return f"FlowerPower {theirs:.1f} ms, ours {ours:.1f} ms, ratio {ratio:.2f}"


if __name__ == "__main__":
    sys.exit(main())
