"""New projects and new pipelines: files that run at once. Nothing that exists is written over unless that is asked."""

from __future__ import annotations

import keyword
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from flowerpower_tui.errors import AlreadyThereError, InvalidNameError, Location, ProjectError
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.layout import ProjectLayout, validate_name
from flowerpower_tui.project.removal import delete_pipeline

# A module of ours by one of these names would hide the real one from everything in the project.
_TAKEN = sys.stdlib_module_names | {"conf", "flowerpower", "hamilton", "numpy", "pandas", "pipelines"}

_PROJECT = """\
# The settings of the whole project; each pipeline has its own file in pipelines/.
name: {name}
"""

_README = """\
# {title}

A FlowerPower project.

| Where | What |
|---|---|
| `conf/project.yml` | settings of the whole project |
| `conf/pipelines/` | a YAML file for each pipeline: its parameters, and how it is run |
| `pipelines/` | a Python module for each pipeline: its functions are the nodes |

    fp-tui new NAME     # a new pipeline
    fp-tui run NAME     # run it
    fp-tui              # look at everything
"""

_MODULE = '''\
"""The pipeline `{name}`: every function is a node, every argument names the node that it needs."""

from pathlib import Path

from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize

# What stands under `params` in the pipeline's YAML.
PARAMS = Config.load(Path(__file__).parents[{depth}], pipeline_name="{name}").pipeline.h_params


@parameterize(**PARAMS["squares"])
def squares(count: int) -> list[int]:
    """The first square numbers; `count` comes from `params`."""
    return [number * number for number in range(1, count + 1)]


def total(squares: list[int]) -> int:
    """Their sum."""
    return sum(squares)
'''

_PIPELINE = """\
# Values for the module: PARAMS["squares"] in it is what stands under `squares` here.
params:
  squares:
    count: 5

run:
  # The nodes to compute. What they need is computed with them.
  final_vars:
    - total
  # Values for arguments that no node gives.
  inputs: {}
  executor:
    # synchronous, threadpool or processpool.
    type: synchronous
  # A run that fails is tried again, after 1, 2, 4 … seconds.
  retry:
    max_retries: 0
    retry_delay: 1.0
  log_level: INFO
"""


def init_project(path: Path, name: str = "", *, hooks_dir: str = "hooks", overwrite: bool = False) -> tuple[Path, ...]:
    """Make a project at `path` and return the files and folders that were made, in order.

    Args:
        path: its folder, which may exist; then what else is in it stays.
        name: what the project is called; its folder's name if empty.
        hooks_dir: where its hooks will lie, relative to `path`.
        overwrite: first delete the project that is there: its folders of configuration, modules and hooks, its README.

    Raises:
        AlreadyThereError: there is a project already.
        InvalidNameError: it cannot have that name, or its hooks that folder.
        ProjectError: its files cannot be made.
    """
    name = name.strip() or path.resolve().name
    if ".." in name or not name.isprintable() or set(name) & set("/\\"):
        raise InvalidNameError(f"'{name}' is no name for a project.", hint="A name has no '/', '\\' or '..' in it.")
    layout = ProjectLayout.of(path, {**os.environ, "FP_HOOKS_DIR": hooks_dir})
    if layout.exists or layout.project_file():
        if not overwrite:
            message = "There is a project here already."
            raise AlreadyThereError(message, location=Location(str(path)), hint="Open it: fp-tui")
        _delete_project(layout)
    folders = [path, layout.config_folder, layout.config_folder / "pipelines", layout.modules_folder]
    project = _PROJECT.format(name=_quoted(name))
    if hooks_dir != "hooks":
        project += f"hooks_dir: {_quoted(hooks_dir)}\n"
    files = {layout.config_folder / "project.yml": project}
    if not (path / "README.md").exists():
        files[path / "README.md"] = _README.format(title=name)
    return _make(path, folders, files)


def new_pipeline(
    root: Path, name: str, *, overwrite: bool = False, environ: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Make a pipeline in the project at `root`, a module and a YAML file, and return what was made, in order.

    Args:
        root: the project's folder.
        name: what the pipeline is called.
        overwrite: first delete the pipeline of that name.
        environ: the environment that names the project's folders; None for that of this process.

    Raises:
        AlreadyThereError: it exists already.
        InvalidNameError: no module can be called `name`.
        ProjectError: its files cannot be made.
    """
    name = check_pipeline_name(name)
    layout = ProjectLayout.of(root, environ)
    if overwrite and (layout.pipeline_file(name) or layout.module_file(name)):
        delete_pipeline(layout, name)
    config = next(layout.pipeline_file_candidates(name.replace(".", "/")))
    stem = name.replace(".", "/").replace("-", "_")
    module = layout.modules_folder / f"{stem}.py"
    for existing in (layout.pipeline_file(name), layout.module_file(name)):
        if existing is not None:
            raise AlreadyThereError(
                f"There is a pipeline '{name}' already.",
                location=Location(str(existing)),
                hint="Choose another name; nothing was changed.",
            )
    depth = len(module.relative_to(root).parts) - 1
    return _make(
        root,
        [config.parent, module.parent],
        {module: _MODULE.format(name=name, depth=depth), config: _PIPELINE},
    )


def check_pipeline_name(name: str) -> str:
    """Return the name, stripped, if a new pipeline can have it.

    Raises:
        InvalidNameError: no pipeline, or no module, can be called that.
    """
    name = validate_name(name)
    parts = name.replace("-", "_").split(".")
    for part in parts:
        if not part.isidentifier() or keyword.iskeyword(part):
            raise InvalidNameError(
                f"No Python module can be called '{part}', so no pipeline can be called '{name}'.",
                hint="Begin with a letter, and avoid Python's own words.",
            )
    if parts[0] in _TAKEN:
        raise InvalidNameError(
            f"'{name}' would hide the Python module '{parts[0]}'.", hint=f"Choose another name: my_{parts[0]}"
        )
    return name


def _delete_project(layout: ProjectLayout) -> None:
    folders = {layout.config_folder, layout.modules_folder, layout.hooks_folder} - {layout.root}
    try:
        for folder in folders:
            # What a link leads to is not the project's.
            folder.unlink() if folder.is_symlink() else shutil.rmtree(folder, ignore_errors=not folder.exists())
        (layout.root / "README.md").unlink(missing_ok=True)
    except OSError as error:
        raise ProjectError(f"Cannot be deleted: {error.strerror}.", location=Location(str(error.filename))) from error


def _make(root: Path, folders: list[Path], files: dict[Path, str]) -> tuple[Path, ...]:
    """Make what is not there yet in the project at `root`; on a failure, take back what was made."""
    made: list[Path] = []
    for place in (*folders, *files):
        inside(root, place)
    try:
        for folder in folders:
            missing = [place for place in (folder, *folder.parents) if not place.is_dir()]
            for place in reversed(missing):
                place.mkdir()
                made.append(place)
        for path, text in files.items():
            # Exclusive: a file that appeared meanwhile is not written over.
            with path.open("x", encoding="utf-8") as stream:
                made.append(path)
                stream.write(text)
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        place = error.filename or folders[0]
        raise ProjectError(f"Cannot be made: {error.strerror}.", location=Location(str(place))) from error
    return tuple(made)


def _quoted(name: str) -> str:
    """Return `name` as YAML: plain where that is sure to be the same, otherwise in double quotes."""
    if name.isascii() and name.replace("-", "_").isidentifier() and name.lower() not in _NOT_TEXT:
        return name
    # A dollar twice is a dollar; once it would begin a variable.
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'


_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
