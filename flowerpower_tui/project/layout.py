"""Where a project's files lie and what its pipelines are called; reading never makes a file or a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from flowerpower_tui.errors import InvalidNameError, NoProjectError, PipelineNotFoundError
from flowerpower_tui.project.inside import inside

SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "venv", "__pycache__", "node_modules", "site-packages"})

_YAML_SUFFIXES = (".yml", ".yaml")
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LONGEST_NAME = 100
_DEEPEST_FOLDER = 12


@dataclass(frozen=True)
class PipelineEntry:
    """A pipeline, or a module that could be one, as it lies on disk.

    Attributes:
        name: the name it is run by, dotted where it lies in a folder.
        module: its Python file; None if there is none.
        config: its YAML file; None if there is none.
    """

    name: str
    module: Path | None
    config: Path | None


@dataclass(frozen=True)
class ProjectLayout:
    """The files of the project at `root`.

    Attributes:
        root: the project's folder.
        config_dir: where the YAML lies, relative to `root` (`FP_CONFIG_DIR`).
        pipelines_dir: where the modules lie, relative to `root` (`FP_PIPELINES_DIR`).
        hooks_dir: where the hooks lie, relative to `root` (`FP_HOOKS_DIR`).
    """

    root: Path
    config_dir: str = field(default="conf", kw_only=True)
    pipelines_dir: str = field(default="pipelines", kw_only=True)
    hooks_dir: str = field(default="hooks", kw_only=True)

    @classmethod
    def of(cls, root: Path, environ: Mapping[str, str] | None = None) -> ProjectLayout:
        """Return the layout of the project at `root`, with the folders that the environment names.

        Raises:
            InvalidNameError: a variable names a folder outside the project.
        """
        environ = os.environ if environ is None else environ
        return cls(
            root,
            config_dir=_folder(environ, "FP_CONFIG_DIR", "conf"),
            pipelines_dir=_folder(environ, "FP_PIPELINES_DIR", "pipelines"),
            hooks_dir=_folder(environ, "FP_HOOKS_DIR", "hooks"),
        )

    @property
    def config_folder(self) -> Path:
        """Where `project.yml` lies."""
        return self.root / self.config_dir

    @property
    def modules_folder(self) -> Path:
        """Where the pipelines' modules lie."""
        return self.root / self.pipelines_dir

    @property
    def hooks_folder(self) -> Path:
        """Where the pipelines' hooks lie."""
        return self.root / self.hooks_dir

    @property
    def exists(self) -> bool:
        """Whether there is a project at `root`: its two folders."""
        return self.config_folder.is_dir() and self.modules_folder.is_dir()

    def project_file(self) -> Path | None:
        """Return the project's own configuration, None if it has none."""
        return _first_file(self.config_folder / f"project{suffix}" for suffix in _YAML_SUFFIXES)

    def pipeline_file(self, name: str) -> Path | None:
        """Return the configuration of the pipeline `name`, the first of its candidates; None if it has none."""
        return _first_file(self.pipeline_file_candidates(name))

    def pipeline_file_candidates(self, name: str) -> Iterator[Path]:
        """Yield where the configuration of `name` may lie, the strongest first."""
        spellings = dict.fromkeys((name, name.replace(".", "/"), _file_stem(name), _file_stem(name).replace("_", "-")))
        for folder in (self.config_folder / "pipelines", self.config_folder):
            for spelling in spellings:
                if folder == self.config_folder and spelling == "project":
                    continue
                for suffix in _YAML_SUFFIXES:
                    yield folder / f"{spelling}{suffix}"

    def module_file(self, name: str) -> Path | None:
        """Return the module of the pipeline `name`, None if there is none."""
        path = self.modules_folder / f"{_file_stem(name)}.py"
        return path if path.is_file() else None

    def pipelines(self) -> tuple[PipelineEntry, ...]:
        """Return the pipelines, by name: every YAML of `conf/pipelines`, and one of `conf` beside its module."""
        found: dict[str, PipelineEntry] = {}
        folder = self.config_folder / "pipelines"
        for path in _walk(folder, _YAML_SUFFIXES):
            self._add(found, _dotted(path, folder), path)
        for path in _files(self.config_folder, _YAML_SUFFIXES):
            if path.stem != "project" and self.module_file(path.stem):
                self._add(found, path.stem, path)
        return tuple(found[key] for key in sorted(found, key=lambda key: (found[key].name.lower(), key)))

    def modules(self) -> tuple[PipelineEntry, ...]:
        """Return the modules that no configuration makes a pipeline, by name: helpers, and pipelines to be."""
        taken = {entry.module for entry in self.pipelines()}
        folder = self.modules_folder
        return tuple(
            PipelineEntry(_dotted(path, folder), path, None)
            for path in _walk(folder, (".py",))
            if path.name != "__init__.py" and path not in taken
        )

    def find(self, name: str) -> PipelineEntry:
        """Return the pipeline `name`, which may be a module without configuration.

        Raises:
            PipelineNotFoundError: there is neither a configuration nor a module of that name.
            InvalidNameError: no pipeline can have that name; or a file of it is a link that leads out of the project.
        """
        name = validate_name(name)
        entry = PipelineEntry(name, self.module_file(name), self.pipeline_file(name))
        if entry.module is None and entry.config is None:
            raise PipelineNotFoundError(name, (known.name for known in self.pipelines()))
        for path in (entry.module, entry.config, self.project_file()):
            if path is not None:
                inside(self.root, path)
        return entry

    def _add(self, found: dict[str, PipelineEntry], name: str, config: Path) -> None:
        # `my-pipe` and `my_pipe` are one pipeline, since they are one module; so the first candidate is its file.
        if _NAME.fullmatch(name) and _file_stem(name) not in found:
            found[_file_stem(name)] = PipelineEntry(name, self.module_file(name), self.pipeline_file(name) or config)


def find_root(start: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Return the project's folder around `start`: the nearest with the folders for configuration and pipelines.

    Raises:
        NoProjectError: neither `start` nor a folder above it is a project.
        InvalidNameError: its path is no UTF-8, so what happens in it could not be written down.
    """
    if not start.exists():
        raise NoProjectError(
            f"There is no folder '{start}'.", hint="Check the path, or make a project: fp-tui init PATH"
        )
    place = start.resolve()
    for folder in (place, *place.parents):
        if ProjectLayout.of(folder, environ).exists:
            _check_letters(folder)
            return folder
    layout = ProjectLayout.of(place, environ)
    raise NoProjectError(
        f"There is no project here: neither '{place}' nor a folder above it has both "
        f"{layout.config_dir or '.'}/ and {layout.pipelines_dir or '.'}/.",
        hint="Go to a project or name it with -C, or make one here: fp-tui init",
    )


def _check_letters(folder: Path) -> None:
    try:
        str(folder).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(folder).decode(errors="backslashreplace")
        raise InvalidNameError(
            f"The path of this project is no UTF-8: {shown}", hint="Rename the folder: runs could not be recorded."
        ) from error


def validate_name(name: str) -> str:
    """Return `name` without the space around it, if a pipeline can be called that.

    Raises:
        InvalidNameError: it is empty, too long, or has characters that no pipeline's name has.
    """
    name = name.strip()
    if not name:
        raise InvalidNameError("A pipeline needs a name.")
    if len(name) > _LONGEST_NAME:
        raise InvalidNameError(f"A pipeline's name has at most {_LONGEST_NAME} characters; this one has {len(name)}.")
    if not _NAME.fullmatch(name):
        raise InvalidNameError(
            f"'{name}' is no name for a pipeline.",
            hint="A name has letters, digits, '_' and '-', with single dots between folders: sales_etl, reports.daily",
        )
    return name


def _file_stem(name: str) -> str:
    return name.replace(".", "/").replace("-", "_")


def _dotted(path: Path, folder: Path) -> str:
    return ".".join(path.relative_to(folder).with_suffix("").parts)


def _folder(environ: Mapping[str, str], variable: str, default: str) -> str:
    name = environ.get(variable, default)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise InvalidNameError(
            f"{variable} is '{name}', which is not inside the project.",
            hint=f"Name a folder relative to the project, as in {variable}={default}",
        )
    return name


def _first_file(candidates: Iterator[Path]) -> Path | None:
    return next((path for path in candidates if path.is_file()), None)


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in suffixes and path.is_file())
    except OSError:
        return []


def _walk(folder: Path, suffixes: tuple[str, ...], depth: int = 0) -> Iterator[Path]:
    yield from _files(folder, suffixes)
    if depth == _DEEPEST_FOLDER:
        return
    try:
        folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return
    for inner in folders:
        if inner.name not in SKIPPED_FOLDERS and not inner.name.startswith("."):
            yield from _walk(inner, suffixes, depth + 1)
