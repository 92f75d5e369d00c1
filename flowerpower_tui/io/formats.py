"""Which format a path's suffix means, and which package a format needs. It knows neither Hamilton nor pandas."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Any

COMPRESSED = (".gz", ".bz2", ".xz", ".zip", ".zst")
"""Suffixes behind that of the format; pandas reads and writes what they mean."""

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".pickle": "pickle",
    ".pkl": "pickle",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".txt": "text",
    ".md": "text",
    ".log": "text",
    ".bin": "bytes",
    ".feather": "feather",
    ".orc": "orc",
    ".npy": "npy",
    ".html": "html",
    ".htm": "html",
    ".xml": "xml",
    ".dta": "stata",
    ".sav": "spss",
}
_LINES = {"lines": True, "orient": "records"}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {".tsv": {"sep": "\t"}, ".jsonl": _LINES, ".ndjson": _LINES}
_DATABASES = ("sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle", "duckdb", "snowflake", "bigquery")

# What pandas asks for; the library, and how it is installed where that is another name.
_OF_PANDAS = {
    "parquet": "pyarrow",
    "feather": "pyarrow",
    "orc": "pyarrow",
    "excel": "openpyxl",
    "sql": "sqlalchemy",
    "html": "lxml",
    "xml": "lxml",
    "spss": "pyreadstat",
}
_ENGINES = {"etree": "", "xlrd": "xlrd", "odf": "odfpy", "calamine": "python-calamine", "auto": "pyarrow"}
_MODULES = {"odfpy": "odf", "python-calamine": "python_calamine"}
_ENGINE_OPTIONS = {"parquet": "engine", "excel": "engine", "xml": "parser"}


def suffix_of(path: str) -> str:
    """Return a path's suffix, without that of a compression; empty if it has none."""
    suffixes = [suffix.lower() for suffix in PurePosixPath(path).suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def is_compressed(path: str) -> bool:
    """Return whether a path's suffix says that it is compressed."""
    return path.lower().endswith(COMPRESSED)


def format_of(path: str) -> str:
    """Return the format that a path means; empty if it means none."""
    scheme, _, rest = path.partition("://")
    if rest and scheme.partition("+")[0] in _DATABASES:
        return "sql"
    return _SUFFIXES.get(suffix_of(path), "")


def usual_options(path: str) -> Mapping[str, Any]:
    """Return what a path's suffix says beyond the format: that a `.tsv` has tabs."""
    return _OPTIONS.get(suffix_of(path), {})


def package_for(format_: str, path: str, options: Mapping[str, Any]) -> str:
    """Return the package that pandas needs for a format, as it is installed; empty if it needs none."""
    package = _OF_PANDAS.get(format_, "")
    if format_ == "excel" and suffix_of(path) == ".xls":
        package = "xlrd"
    engine = options.get(_ENGINE_OPTIONS.get(format_, ""))
    return _ENGINES.get(engine, engine) if isinstance(engine, str) else package


def is_installed(package: str) -> bool:
    """Return whether a package can be imported."""
    return find_spec(_MODULES.get(package, package)) is not None
