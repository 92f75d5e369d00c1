"""The process that imports a pipeline's modules to look at them, and answers into a file that it was handed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from flowerpower_tui.errors import FlowerPowerError, Location, Problem
from flowerpower_tui.pipeline.failure import describe
from flowerpower_tui.pipeline.places import absolute, is_edited_file, is_own_file
from flowerpower_tui.runs.family import die_with_parent
from flowerpower_tui.runs.inspect import Inspection
from flowerpower_tui.runs.values import decode


def look(root: Path, pipeline: str, overrides: Mapping[str, Any]) -> Inspection:
    """Build the graph in this process; whatever goes wrong becomes a problem."""
    try:
        os.chdir(root)
        from flowerpower_tui.config.resolve import environment_of
        from flowerpower_tui.pipeline.installation import check_hamilton

        check_hamilton()
        from flowerpower_tui.pipeline.build import build
        from flowerpower_tui.pipeline.weigh import weigh

        os.environ.update(environment_of(root))
        built = build(absolute(root), pipeline, overrides)
        ingredients = weigh(absolute(root), built)
    except FlowerPowerError as error:
        return Inspection(problems=error.problems, files=_files(root))
    except BaseException as error:  # noqa: BLE001 the user's module may raise anything, SystemExit too
        failure = describe(error, root)
        place = Location(failure.frames[-1].file, failure.frames[-1].line) if failure.frames else None
        return Inspection(
            problems=(Problem(f"{failure.type}: {failure.message}".rstrip(": "), place),), files=_files(root)
        )
    return Inspection(built.graph, built.final_vars, ingredients=ingredients, files=_files(root))


def _files(root: Path) -> tuple[str, ...]:
    """The modules that were imported here and that people edit."""
    files = {file for module in sys.modules.copy().values() if (file := getattr(module, "__file__", None))}
    here = absolute(root)
    return tuple(sorted(file for file in files if is_own_file(file, here) or is_edited_file(file)))


def answer(root: Path, pipeline: str, overrides: Mapping[str, Any], descriptor: int) -> NoReturn:
    """Look at a pipeline, write the inspection as JSON to the descriptor, and end this process."""
    inspection = look(root, pipeline, overrides)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(inspection))
    # At once: threads that the user's module started are not waited for.
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Run as `inspector ROOT PIPELINE DESCRIPTOR`, that of the answer; stdin has the overrides, and nothing else."""
    root, pipeline, descriptor = arguments
    # Nobody else shall hold it, least of all a process that the user's module starts.
    os.set_inheritable(int(descriptor), False)
    die_with_parent()
    answer(Path(root), pipeline, decode(sys.stdin.buffer.read()), int(descriptor))


if __name__ == "__main__":
    main(sys.argv[1:])
