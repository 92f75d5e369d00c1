"""A worker that runs the code in its request, `overrides["script"]`, instead of a pipeline."""

import os
import sys

from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs import worker
from flowerpower_tui.runs.reporter import Reporter
from flowerpower_tui.runs.request import RunRequest


class Node:
    """`with Node(reporter, "name"):` tells the start and the end of a node."""

    def __init__(self, reporter: Reporter, name: str, task: str = "") -> None:
        self.reporter, self.name, self.task = reporter, name, task

    def __enter__(self) -> None:
        self.reporter.node_started(self.name, self.task)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if kind is None:
            self.reporter.node_finished(self.name, self.task, 0.001, ValueSummary("int"))
        elif kind is not KeyboardInterrupt:
            self.reporter.node_failed(self.name, self.task, 0.001, Failure(kind.__name__, str(error)))


def run_script(request: RunRequest, reporter: Reporter) -> None:
    exec(request.overrides["script"], {"reporter": reporter, "node": lambda *names: Node(reporter, *names), "os": os})


if __name__ == "__main__":
    sys.exit(worker.main(sys.argv[1:], run_script))
