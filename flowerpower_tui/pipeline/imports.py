"""What a module imports, read from its source without running it: what it needs of the project, and what is missing."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# What a package is installed by, where that is not the name it is imported by.
_INSTALLED_AS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "hamilton": "apache-hamilton",
    "hamilton_sdk": "apache-hamilton-sdk",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "MySQLdb": "mysqlclient",
    "paho": "paho-mqtt",
    "PIL": "pillow",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
_ABSENT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True)
class Import:
    """An import in a module's source.

    Attributes:
        module: the dotted name of what is imported.
        names: what is taken from it by `from … import …`; some of them may be modules.
        line: counted from 1.
        column: counted from 1.
        function: the module's own function that it stands in; empty at the top of the module.
    """

    module: str
    names: tuple[str, ...]
    line: int
    column: int
    function: str = ""


def install_name(module: str) -> str:
    """Return what to install for `module` to be importable, as far as that can be known."""
    return _INSTALLED_AS.get(module) or _INSTALLED_AS.get(top := module.partition(".")[0], top)


def imports_of(source: str | bytes, package: str = "") -> tuple[Import, ...]:
    """Return what `source` imports and cannot do without, in the order of its lines.

    What it is prepared to do without is left out: imports for type checkers, and those in a `try` that catches their
    failure.

    Args:
        source: of a module; as it lies on disk, it may say itself how it is encoded.
        package: the package that the module lies in, which relative imports start from.

    Raises:
        SyntaxError: it is no Python.
    """
    return tuple(_walk(ast.parse(source).body, package, ""))


def local_files(needed: Import, folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files below `folders` that an import reads: modules, and the `__init__.py` of packages around them."""
    dotted = [needed.module, *(f"{needed.module}.{name}" for name in needed.names)]
    found: dict[Path, None] = {}
    for name in dotted:
        for folder in folders:
            place = folder.joinpath(*name.split("."))
            module = next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
            if module is None:
                continue
            packages = [parent / "__init__.py" for parent in place.parents if parent.is_relative_to(folder)]
            found |= dict.fromkeys(path for path in (module, *packages) if path.is_file())
            break
    return tuple(found)


def is_missing(needed: Import, folders: Sequence[Path], known: Collection[str] = ()) -> bool:
    """Return whether nothing that can be imported has the name that `needed` begins with; nothing is run for it.

    Args:
        needed: the import.
        folders: where the project's own modules lie.
        known: names that are answered for in another way.
    """
    top = needed.module.partition(".")[0]
    if top in known or top in sys.modules or top in sys.stdlib_module_names:
        return False
    if any((folder / top).is_dir() or (folder / f"{top}.py").is_file() for folder in folders):
        return False
    try:
        return importlib.util.find_spec(top) is None
    except (ImportError, ValueError):
        return True


def _walk(statements: Iterable[ast.stmt], package: str, function: str) -> Iterator[Import]:
    for statement in statements:
        match statement:
            case ast.Import():
                for alias in statement.names:
                    yield Import(alias.name, (), statement.lineno, statement.col_offset + 1, function)
            case ast.ImportFrom():
                module = _absolute(statement, package)
                names = tuple(alias.name for alias in statement.names if alias.name != "*")
                if module:
                    yield Import(module, names, statement.lineno, statement.col_offset + 1, function)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _walk(statement.body, package, function or statement.name)
            case ast.If() if _is_for_type_checkers(statement.test):
                yield from _walk(statement.orelse, package, function)
            case ast.Try() | ast.TryStar() if any(map(_catches_absence, statement.handlers)):
                yield from _walk([*statement.orelse, *statement.finalbody], package, function)
            case _:
                yield from _walk(_inner(statement), package, function)


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body


def _absolute(statement: ast.ImportFrom, package: str) -> str:
    if not statement.level:
        return statement.module or ""
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - statement.level + 1]
    return ".".join([*kept, *([statement.module] if statement.module else [])])


def _is_for_type_checkers(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", getattr(kind, "attr", "")) in _ABSENT for kind in caught)
