"""The process that imports a pipeline's modules to find what would fail, and answers into a file that it was handed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from flowerpower_tui.config.resolve import environment_of
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.check import check_pipeline
from flowerpower_tui.runs.examine import Examination
from flowerpower_tui.runs.family import die_with_parent


def main(arguments: list[str]) -> None:
    """Run as `examiner ROOT PIPELINE DESCRIPTOR`: the descriptor of the file for the answer."""
    root, pipeline, answer = Path(arguments[0]), arguments[1], int(arguments[2])
    # Nobody else shall hold it, least of all a process that the user's module starts.
    os.set_inheritable(answer, False)
    die_with_parent()
    os.chdir(root)
    with suppress(FlowerPowerError):  # the check tells it
        os.environ.update(environment_of(root))
    findings = check_pipeline(root, pipeline)
    with os.fdopen(answer, "wb") as file:
        file.write(msgspec.json.encode(Examination(tuple(findings.problems), tuple(findings.notices))))
    # At once: threads that the user's module started are not waited for.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
