"""Importing a project's modules afresh: what runs is what is on disk, and no byte code of it is read or written.

One project at a time is *open* in a process. Opening it puts its folders on `sys.path` and forgets every project
module that was imported before, so two projects with a pipeline of the same name never see each other's code.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import linecache
import os
import pkgutil
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

from flowerpower_tui.errors import ConfigError, Location, ModuleError, did_you_mean
from flowerpower_tui.pipeline.bytecode import finder_of_edited
from flowerpower_tui.pipeline.imports import install_name
from flowerpower_tui.pipeline.places import absolute, is_edited_folder, is_own_file, is_own_folder

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, StrPath

_lock = threading.RLock()
_open: _OpenProject | None = None
_sources: dict[str, bytes] = {}
"""What the open project's modules were compiled from, by file."""
_pinned: dict[str, bytes] = {}
"""What files are taken to say, whatever is on disk."""


def import_pipeline(
    root: Path, name: str, additional: Iterable[str | ModuleType] = (), pipelines_dir: str = "pipelines"
) -> tuple[ModuleType, ...]:
    """Import a pipeline's module and the additional ones afresh.

    Args:
        root: the project's folder.
        name: the pipeline's name; dots are folders, hyphens are underscores.
        additional: names of modules whose functions join in, looked for beside the pipelines first; or modules.
        pipelines_dir: where the pipelines lie, relative to the root.

    Returns:
        The additional modules in their order and then the pipeline's own, each once.

    Raises:
        ModuleError: a module is not there or cannot be imported; the location is the innermost line of the project.
        ConfigError: a module loads a configuration that cannot be used.
    """
    with _lock:
        project = _reopen(root, pipelines_dir)
        modules = [entry if isinstance(entry, ModuleType) else project.load(entry, own=False) for entry in additional]
        primary = project.load(name, own=True)
        return (*dict.fromkeys(module for module in modules if module is not primary), primary)


def open_project(root: Path, pipelines_dir: str = "pipelines") -> None:
    """Let the modules of a project be imported, afresh, by their names."""
    with _lock:
        _reopen(root, pipelines_dir)


def import_file(path: Path, name: str) -> ModuleType:
    """Import the file at `path`, below the open project's root, afresh as the module `name`.

    Raises:
        ModuleError: it cannot be imported; the location is the innermost line of the project.
        ConfigError: it loads a configuration that cannot be used.
    """
    with _lock:
        if _open is None:
            raise RuntimeError("no project is open")
        return _open.load_file(path, name)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep other threads from opening a project for as long as this one needs the open one."""
    with _lock:
        yield


def sources() -> dict[str, bytes]:
    """Return what the modules of the open project were compiled from so far, by file."""
    with _lock:
        return dict(_sources)


def loaded() -> dict[str, ModuleType]:
    """Return the modules of the open project that are imported, by name."""
    with _lock:
        return {} if _open is None else _open.modules()


def pin(files: Mapping[str, bytes]) -> None:
    """Let modules of these files be compiled from this, until others are: another process imports what this one had."""
    with _lock:
        _pinned.clear()
        _pinned.update(files)


def close() -> None:
    """Take the open project's folders off `sys.path` again and forget its modules."""
    global _open  # noqa: PLW0603 - like sys.path and sys.modules, which it looks after, there is one in a process
    with _lock:
        if _open is not None:
            _open.leave()
            _open = None
            _sources.clear()


def _reopen(root: Path, pipelines_dir: str) -> _OpenProject:
    global _open  # noqa: PLW0603
    close()
    _open = _OpenProject(absolute(root), pipelines_dir)
    _open.enter()
    return _open


class _FreshLoader(SourceFileLoader):
    """Compiles the source at every import, and pins it for tracebacks and `inspect.getsource`."""

    def path_stats(self, path: StrPath) -> dict[str, float]:
        # Byte code is keyed by size and whole seconds: two saves in one second would run the old code.
        # Without stats the import system neither reads nor writes any.
        raise OSError(f"no byte code for {os.fspath(path)}")

    def get_data(self, path: str) -> bytes:
        return _pinned[path] if path in _pinned else super().get_data(path)

    def source_to_code(self, data: ReadableBuffer | str, path: ReadableBuffer | StrPath, **options: int) -> CodeType:  # type: ignore[override]
        code = super().source_to_code(data, path, **options)  # type: ignore[arg-type]
        source = data if isinstance(data, str) else importlib.util.decode_source(data)
        _sources[str(path)] = source.encode() if isinstance(data, str) else bytes(data)
        # An entry without a modification time is never checked against the disk: these lines are what runs,
        # whatever the file says by then.
        linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
        return code


class _PipelinesFinder(MetaPathFinder):
    """Answers for the pipelines' folder where it is no regular package.

    Such a folder gives way to a regular package of that name anywhere on `sys.path`, another project's, say.
    """

    def __init__(self, package: str, folder: Path) -> None:
        self.package = package
        self.folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname != self.package or (self.folder / "__init__.py").exists() or not self.folder.is_dir():
            return None
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [str(self.folder)]
        return spec


class _OpenProject:
    """The one project whose modules can be imported now."""

    def __init__(self, root: Path, pipelines_dir: str) -> None:
        self.root = root
        self.pipelines = root / pipelines_dir
        self.package = ".".join(Path(pipelines_dir).parts)
        self._folders = list(dict.fromkeys((str(root), str(self.pipelines))))
        self._finder = _PipelinesFinder(self.package, self.pipelines)
        self._hook: Callable[[str], FileFinder] = self._finder_for

    def enter(self) -> None:
        """Put the project first on `sys.path`, and have everything below its root loaded without byte code."""
        sys.path[:0] = self._folders
        sys.path_hooks.insert(0, self._hook)
        sys.meta_path.insert(0, self._finder)
        self._forget()

    def leave(self) -> None:
        """Undo `enter`, wherever others have moved things to since."""
        for folder in self._folders:
            if folder in sys.path:
                sys.path.remove(folder)
        if self._hook in sys.path_hooks:
            sys.path_hooks.remove(self._hook)
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._forget()

    def load(self, name: str, *, own: bool) -> ModuleType:
        """Import the module that `name` means; with `own` only if it is the project's.

        Raises:
            ModuleError: see `import_pipeline`.
        """
        for candidate in self._candidates(name):
            try:
                spec = importlib.util.find_spec(candidate)
                if spec is None or spec.loader is None or (own and not self._owns(spec.origin)):
                    continue
                return importlib.import_module(candidate)
            except ConfigError:
                raise  # of a `Config.load` in the module; it has a place of its own
            except (Exception, SystemExit) as error:  # users' code runs here: whatever it raises is theirs to see
                if isinstance(error, ModuleNotFoundError) and _is_parent(error.name, candidate):
                    continue
                raise self._explain(error, candidate) from error
        place = self.pipelines.joinpath(*name.replace("-", "_").split(".")).with_suffix(".py")
        raise ModuleError(
            f"There is no module '{name}'.",
            hint=did_you_mean(name, self._module_names()) or f"It would be {_relative(place, self.root)}.",
        )

    def load_file(self, path: Path, name: str) -> ModuleType:
        """Import one file, wherever it lies; it can be imported by nobody else.

        Raises:
            ModuleError: see `import_file`.
        """
        spec = importlib.util.spec_from_file_location(name, path, loader=_FreshLoader(name, str(path)))
        if spec is None or spec.loader is None:
            raise ModuleError("This is no Python module.", location=Location(str(path)))
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ConfigError:
            raise
        except (Exception, SystemExit) as error:  # users' code runs here: whatever it raises is theirs to see
            raise self._explain(error, name) from error
        return module

    def _candidates(self, name: str) -> list[str]:
        python_name = name.replace("-", "_")
        candidates = (f"{self.package}.{python_name}", name, python_name, f"pipelines.{python_name}")
        return [candidate for candidate in dict.fromkeys(candidates) if not candidate.startswith(".")]

    def _finder_for(self, entry: str) -> FileFinder:
        if not Path(entry).is_dir():
            raise ImportError(f"{entry} is no folder", path=entry)
        if is_edited_folder(entry) and not is_own_folder(entry, self.root):
            return finder_of_edited(entry)
        if not is_own_folder(entry, self.root):
            raise ImportError(f"{entry} is not the project's", path=entry)
        return FileFinder(entry, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_FreshLoader, SOURCE_SUFFIXES))

    def _owns(self, file: str | None) -> bool:
        return file is not None and is_own_file(file, self.root)

    def _forget(self) -> None:
        foreign = _known_to_be_foreign(self.root, self.package)
        for name, module in sys.modules.copy().items():
            if name == "__main__" or foreign.get(name) is module:
                continue
            if self._is_ours(module) or self._hides_pipelines(name, module):
                linecache.cache.pop(getattr(module, "__file__", None) or "", None)
                sys.modules.pop(name, None)
            elif getattr(getattr(module, "__spec__", None), "origin", None) is not None:
                foreign[name] = module  # a namespace may yet come to reach into the project
        for entry in list(sys.path_importer_cache):
            if is_own_folder(entry, self.root) or is_edited_folder(entry):
                del sys.path_importer_cache[entry]

    def modules(self) -> dict[str, ModuleType]:
        """Return what is imported of the project, by name."""
        return {name: module for name, module in sys.modules.copy().items() if self._is_ours(module)}

    def _is_ours(self, module: ModuleType | None) -> bool:
        spec = getattr(module, "__spec__", None)
        if spec is None:
            return False
        if spec.loader is None or spec.origin is None:
            return any(is_own_folder(entry, self.root) for entry in _locations(spec))
        return isinstance(spec.loader, _FreshLoader) or self._owns(spec.origin)

    def _hides_pipelines(self, name: str, module: ModuleType) -> bool:
        return name.partition(".")[0] == self.package.partition(".")[0] and not self._owns(
            getattr(module, "__file__", None)
        )

    def _module_names(self) -> list[str]:
        return [
            ".".join(path.relative_to(self.pipelines).with_suffix("").parts)
            for path in self.pipelines.rglob("*.py")
            if path.name != "__init__.py"
        ]

    def _explain(self, error: BaseException, module: str) -> ModuleError:
        if isinstance(error, SyntaxError) and self._owns(error.filename):
            place = Location(str(error.filename), error.lineno or 0, error.offset or 0)
            return ModuleError(f"{type(error).__name__}: {error.msg}", location=place)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if self._owns(frame.filename)]
        hint = ""
        if isinstance(error, ModuleNotFoundError) and error.name:
            hint = _cure(error.name, self._module_names())
        text = str(error).strip()
        return ModuleError(
            f"Cannot import '{module}': {type(error).__name__}" + (f": {text}" if text else ""),
            location=Location(frames[-1].filename, frames[-1].lineno or 0) if frames else None,
            hint=hint,
        )


@lru_cache(maxsize=1)
def _known_to_be_foreign(root: Path, package: str) -> dict[str, ModuleType]:
    """The modules that were looked at and are no part of the project; there are many, and few are new."""
    del root, package
    return {}


def _is_parent(missing: str | None, candidate: str) -> bool:
    return missing is not None and (candidate == missing or candidate.startswith(f"{missing}."))


def _locations(spec: ModuleSpec) -> list[str]:
    try:
        return list(spec.submodule_search_locations or ())
    except KeyError:  # a namespace package whose parent has left sys.modules
        return []


def _cure(missing: str, own: Iterable[str]) -> str:
    """What to do about a module that is not there: a slip is likelier than a package that is nearly called so."""
    if nearest := difflib.get_close_matches(missing, _importable(missing, own), 1, 0.75):
        return f"Did you mean '{nearest[0]}'?"
    if "." in missing and missing.partition(".")[0] in sys.modules:
        return f"'{missing.rpartition('.')[0]}' is there, and has no such module."
    return f"Is it installed in this environment? pip install {install_name(missing)}"


def _importable(missing: str, own: Iterable[str]) -> set[str]:
    if "." in missing:
        parent = sys.modules.get(missing.rpartition(".")[0])
        paths = getattr(parent, "__path__", [])
        prefix = missing.rpartition(".")[0] + "."
        return {module.name for module in pkgutil.iter_modules(paths, prefix)}
    return {module.name for module in pkgutil.iter_modules()} | set(sys.stdlib_module_names) | set(own)


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
