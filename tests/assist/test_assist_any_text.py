"""Whatever stands in an editor: nobody raises, and every place that is told is inside the text."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.assist.complete import complete
from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.assist.diagnostic import Kind, Span
from flowerpower_tui.assist.hover import hover
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.environment import Environment
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.terminal import one_line

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/conf/pipelines/*.yml"))
PIECES = sorted({piece for file in EXAMPLES for piece in re.split(r"(\n *|: | )", file.read_text(encoding="utf-8"))})
AROUND = Surroundings(
    Environment({"HOME": "/h", "FP_LOG_LEVEL": "DEBUG", "FP_PIPELINE__RUN__INPUTS": '{"a": 1}'}),
    "etl",
    Graph((Node("report", "str"), Node("a", "int", role="input")), (("a", "report"),)),
    ("report",),
)

pieces = st.sampled_from(
    [*PIECES, "run:\n  ", "params:\n  ", "- ", "[", "]", "{", "}", ",", "'", '"', "${", "}", "&a ", "*a", "<<: ", "!t "]
)
texts = st.lists(pieces | st.text(max_size=3), max_size=25).map("".join) | st.builds(
    # A file in which something is being typed.
    lambda file, at, typed, gone: (text := file.read_text(encoding="utf-8"))[:at] + typed + text[at + gone :],
    st.sampled_from(EXAMPLES), st.integers(0, 1200), st.text("ab:-[]{}'\"#$ \n\t", max_size=4), st.integers(0, 8),
)  # fmt: skip
kinds = st.sampled_from(["project", "pipeline"])


def lines_of(text: str) -> list[str]:
    return re.split("\r\n|[\n\r\x85\u2028\u2029]", text.removeprefix("\ufeff"))


def is_inside(span: Span, lines: list[str]) -> bool:
    return (
        span.line == span.end_line
        and 1 <= span.line <= len(lines)
        and 1 <= span.column <= span.end_column <= len(lines[span.line - 1]) + 1
    )


@settings(max_examples=150)
@given(texts, kinds)
def test_any_text_is_diagnosed(text: str, kind: Kind) -> None:
    lines = lines_of(text)
    for told in diagnose(text, kind, AROUND):
        assert is_inside(told.span, lines)
        assert told.fix is None or is_inside(told.fix.span, lines)
        assert (told.message, told.hint) == (one_line(told.message), one_line(told.hint))


def test_what_is_wrong_behind_a_blank_ends_where_it_begins() -> None:
    spans = [told.span for told in diagnose("}: \x85 {\0 run: x\n", "pipeline")]
    assert [is_inside(span, ["}: ", " {\0 run: x", ""]) for span in spans] == [True] * len(spans)
    assert spans


@settings(max_examples=150)
@given(texts, kinds, st.integers(-1, 40), st.integers(-1, 60))
def test_any_text_is_completed_and_explained(text: str, kind: Kind, line: int, column: int) -> None:
    lines = lines_of(text)
    assert is_inside(complete(text, line, column, kind, AROUND).span, lines)
    found = hover(text, line, column, kind, None, AROUND)
    assert found is None or is_inside(found.span, lines)


@pytest.mark.parametrize(
    "begin", ["a", "a: ", "a: [", "a: [b", "a: '", "'", "- ", "a: b #", "a: ${", "a: 012", "a: [012"]
)
@pytest.mark.parametrize("piece", [" ", "'", "''", '"', "\\\\", "[", "$$", "- ", ": ", "a:", " #", "b "])
def test_no_long_line_takes_long(begin: str, piece: str) -> None:
    text = f"{begin}{piece * 3_000}x"
    diagnose(text, "pipeline", AROUND)
    for column in (1, len(begin), len(text) - 1):
        complete(text, 1, column, "pipeline", AROUND)
        hover(text, 1, column, "pipeline", None, AROUND)


def test_several_threads_at_once_find_the_same() -> None:
    texts_of_all = [file.read_text(encoding="utf-8").replace("INFO", "INF") for file in EXAMPLES] * 4
    alone = [diagnose(text, "pipeline", AROUND) for text in texts_of_all]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: diagnose(text, "pipeline", AROUND), texts_of_all)) == alone


def test_neither_hamilton_nor_pandas_is_imported() -> None:
    script = (
        "import sys; from flowerpower_tui.assist import complete, diagnose, hover, python;"
        "diagnose.diagnose('run: {final_vars: [a]}', 'pipeline'); complete.complete('run:', 1, 5, 'pipeline');"
        "print([name for name in ('hamilton', 'pandas', 'numpy', 'textual') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
