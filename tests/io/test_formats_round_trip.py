"""What is saved and loaded again is what it was, for each format: frames of random plain data, and plain values."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.config.datasets import Dataset
from flowerpower_tui.io.formats import format_of, is_installed, package_for
from flowerpower_tui.io.nodes import Loading, Saving
from flowerpower_tui.io.occasion import Occasion
from flowerpower_tui.io.registry import choose, load_plugins

letters = st.characters(codec="utf-8", min_codepoint=32, exclude_categories=["Cs", "Cc", "Zl", "Zp"])
# A text of digits is a number to a format without types, and so is `nan`; `=` begins a formula.
texts = st.text(letters, max_size=8).map(lambda text: f"t{text}t")
columns: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(2**52), 2**52),
    # A whole number is whole to a format without types.
    "number": st.integers(-(10**9), 10**9).map(lambda number: number + 0.25),
    "text": texts,
    "flag": st.booleans(),
}
frames = st.lists(st.tuples(*columns.values()), min_size=1, max_size=6).map(
    lambda rows: pd.DataFrame(rows, columns=list(columns))
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e9, 1e9) | st.text(letters, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(letters, max_size=5), inner, max_size=3),
    max_leaves=8,
)
FRAMES = ("a.csv", "a.csv.gz", "a.tsv", "a.json", "a.jsonl", "a.pkl", "a.xlsx", "a.parquet", "a.feather")


@pytest.fixture(scope="module", autouse=True)
def _registered() -> None:
    assert load_plugins() == ()


def there_and_back(value: Any, kind: Any, dataset: Dataset) -> Any:
    format_ = dataset.format or format_of(dataset.path)
    package = package_for(format_, dataset.path, dataset.options) if kind in (pd.DataFrame, pd.Series) else ""
    if package and not is_installed(package):
        pytest.skip(f"{package} is not installed")
    with TemporaryDirectory() as folder:
        occasion = Occasion(Path(folder), {})
        options = {} if format_ == "sql" else dataset.options
        out = Dataset(
            dataset.path, dataset.format, {"table_name": "t", **dataset.options} if format_ == "sql" else options
        )
        back = Dataset(
            dataset.path, dataset.format, {"query_or_table": "select * from t"} if format_ == "sql" else options
        )
        saver = choose("save", format_, kind, out.options, has_path=True)
        Saving(("io", "outputs", "x"), out, format_, saver, occasion)(x=value)
        loader = choose("load", format_, kind, back.options, has_path=True)
        return Loading(("io", "inputs", "x"), back, format_, loader, occasion)()


@pytest.mark.parametrize("path", FRAMES)
@settings(max_examples=15, deadline=None)
@given(frame=frames)
def test_a_frame(path: str, frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(there_and_back(frame, pd.DataFrame, Dataset(path)), frame)


@settings(max_examples=5, deadline=None)
@given(frame=frames)
def test_a_frame_in_a_database(frame: pd.DataFrame) -> None:
    back = there_and_back(frame, pd.DataFrame, Dataset("sqlite:///data.db"))
    pd.testing.assert_frame_equal(back.assign(flag=back["flag"].astype(bool)), frame)


@settings(max_examples=30, deadline=None)
@given(value=st.lists(plain, max_size=4) | st.dictionaries(st.text(letters, max_size=5), plain, max_size=4))
@pytest.mark.parametrize("path", ["a.json", "a.yaml", "a.pickle"])
def test_plain_values(path: str, value: Any) -> None:
    assert there_and_back(value, type(value), Dataset(path)) == value


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(codec="utf-8")))
def test_a_text_with_its_line_ends(text: str) -> None:
    assert there_and_back(text, str, Dataset("a.txt")) == text


@settings(max_examples=20, deadline=None)
@given(data=st.binary())
def test_bytes(data: bytes) -> None:
    assert there_and_back(data, bytes, Dataset("a.dat", "bytes")) == data


def test_a_frames_index_is_saved_if_it_says_something() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="who"))
    assert list(there_and_back(frame, pd.DataFrame, Dataset("a.csv")).columns) == ["who", "n"]


def test_options_go_to_the_reader_and_the_writer() -> None:
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", "b"]})
    back = there_and_back(frame, pd.DataFrame, Dataset("a.txt", "csv", {"sep": ";"}))
    pd.testing.assert_frame_equal(back, frame)
