"""Pipelines from one project to another: what each is made of is copied, with the modules of the project it imports."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import FlowerPowerError, Location, ProjectError
from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.pipeline.imports import Import, imports_of, local_files
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.layout import ProjectLayout, validate_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transfer:
    """What came of copying pipelines.

    Attributes:
        copied: the files that were written.
        kept: files that were there, with something else in them, and stayed as they were.
    """

    copied: tuple[Path, ...]
    kept: tuple[Path, ...]


class PipelineIOManager:
    """Imports pipelines from other projects and exports them to others.

    Copied are a pipeline's YAML and module, the modules of the project that it imports, and `project.yml` where the
    other side has none; data files are not. Files that are the same on both sides are left alone; others stay as they
    are unless `overwrite` says so.

    Args:
        home: the project.
    """

    def __init__(self, home: ProjectHome) -> None:
        self._home = home

    def import_pipeline(
        self,
        name: str,
        src_base_dir: str | os.PathLike[str],
        src_fs: Any = None,
        src_storage_options: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Transfer:
        """Copy the pipeline `name` from the project at `src_base_dir` into this one.

        Raises:
            NoProjectError: there is no project at `src_base_dir`.
            PipelineNotFoundError: it has no such pipeline.
            ProjectError: a file cannot be read or written.
        """
        return self.import_many([name], src_base_dir, src_fs, src_storage_options, overwrite)

    def import_many(
        self,
        names: Iterable[str],
        src_base_dir: str | os.PathLike[str],
        src_fs: Any = None,
        src_storage_options: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Transfer:
        """Copy several pipelines from the project at `src_base_dir`; see `import_pipeline`."""
        source = _other(src_base_dir, src_fs, src_storage_options)
        return _transfer(list(names), source, self._home, overwrite=overwrite)

    def import_all(
        self,
        src_base_dir: str | os.PathLike[str],
        src_fs: Any = None,
        src_storage_options: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Transfer:
        """Copy all pipelines of the project at `src_base_dir`; see `import_pipeline`."""
        source = _other(src_base_dir, src_fs, src_storage_options)
        return _transfer(_all(source), source, self._home, overwrite=overwrite)

    def export_pipeline(
        self,
        name: str,
        dest_base_dir: str | os.PathLike[str],
        dest_fs: Any = None,
        dest_storage_options: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Transfer:
        """Copy the pipeline `name` into the project at `dest_base_dir`, which is made if it is not there.

        Raises:
            PipelineNotFoundError: there is no such pipeline.
            ProjectError: a file cannot be read or written.
        """
        return self.export_many([name], dest_base_dir, dest_fs, dest_storage_options, overwrite)

    def export_many(
        self,
        names: Iterable[str],
        dest_base_dir: str | os.PathLike[str],
        dest_fs: Any = None,
        dest_storage_options: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Transfer:
        """Copy several pipelines into the project at `dest_base_dir`; see `export_pipeline`."""
        target = ProjectHome.of(dest_base_dir, None, None, dest_storage_options, dest_fs)
        return _transfer(list(names), self._home.fresh(), target, overwrite=overwrite)

    def export_all(
        self,
        dest_base_dir: str | os.PathLike[str],
        dest_fs: Any = None,
        dest_storage_options: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> Transfer:
        """Copy all pipelines into the project at `dest_base_dir`; see `export_pipeline`."""
        return self.export_many(_all(self._home.fresh()), dest_base_dir, dest_fs, dest_storage_options, overwrite)


def _other(base_dir: str | os.PathLike[str], fs: Any, options: Mapping[str, Any] | None) -> ProjectHome:
    home = ProjectHome.of(base_dir, None, None, options, fs)
    home.check()
    return home


def _all(home: ProjectHome) -> list[str]:
    return [entry.name for entry in home.layout.pipelines()]


def _transfer(names: Sequence[str], source: ProjectHome, target: ProjectHome, *, overwrite: bool) -> Transfer:
    with target.changing():
        return _copy(names, source, target, overwrite=overwrite)


def _copy(names: Sequence[str], source: ProjectHome, target: ProjectHome, *, overwrite: bool) -> Transfer:
    # Everything is found before anything is written: a name that is not there changes nothing.
    files: dict[Path, Path] = {}
    for name in names:
        files |= _parts(source, target.layout, name)
    project = source.layout.project_file()
    if project is not None and target.layout.project_file() is None:
        files[project] = target.layout.config_folder / project.name
    for copy in files.values():
        inside(target.root, copy)
    copied: list[Path] = []
    kept: list[Path] = []
    for original, copy in files.items():
        there = copy.is_file()
        content = _read(original)
        if there and _read(copy) == content:
            continue
        if there and not overwrite:
            logger.warning("%s exists, and stays as it is.", copy)
            kept.append(copy)
            continue
        _write(copy, content)
        copied.append(copy)
    # A project is a folder with both of these, also while one of them is empty.
    _make_folder(target.layout.config_folder)
    _make_folder(target.layout.modules_folder)
    return Transfer(tuple(copied), tuple(kept))


def _parts(source: ProjectHome, target: ProjectLayout, name: str) -> dict[Path, Path]:
    """The files that the pipeline is made of, each with its place in the other project."""
    layout = source.layout
    entry = layout.find(validate_name(name))
    parts: dict[Path, Path] = {}
    if entry.config is not None:
        folder = layout.config_folder
        parts[entry.config] = target.config_folder / entry.config.relative_to(folder)
    modules = [] if entry.module is None else [entry.module]
    with suppress(FlowerPowerError):  # what is wrong with the configuration goes along as it is
        added = resolve_pipeline(source.root, entry.name, environ=source.environ).pipeline.run.additional_modules
        for module in (text.replace("-", "_") for text in added if isinstance(text, str)):
            modules += local_files(Import(module, (), 0, 0), (layout.modules_folder, layout.root))
    for path in _with_imports(layout, modules):
        base, folder = (
            (layout.modules_folder, target.modules_folder)
            if path.is_relative_to(layout.modules_folder)
            else (layout.root, target.root)
        )
        parts[path] = folder / path.relative_to(base)
    return parts


def _with_imports(layout: ProjectLayout, modules: Iterable[Path]) -> Iterator[Path]:
    """Yield `modules` and every module of the project that they import, directly or not."""
    waiting = list(modules)
    found: set[Path] = set()
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        found.add(path)
        yield path
        package = ".".join(path.parent.relative_to(layout.root).parts)
        with suppress(SyntaxError, ValueError):  # it goes along as it is
            for needed in imports_of(_read(path), package):
                waiting += local_files(needed, (layout.root, layout.modules_folder))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProjectError(f"Cannot be read: {error.strerror}.", location=Location(str(path))) from error


def _write(path: Path, content: bytes) -> None:
    _make_folder(path.parent)
    new = path.with_name(f".{path.name}.new")
    try:
        # Whole or not at all: a copy that is cut off would be a pipeline that runs.
        new.write_bytes(content)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise ProjectError(f"Cannot be written: {error.strerror}.", location=Location(str(path))) from error


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(f"Cannot be made: {error.strerror}.", location=Location(str(path))) from error
