"""What a run is given is what it was asked with, also where JSON has no word for it."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.lines import LineReader
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed
from flowerpower_tui.runs.values import decode, encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["!date", "!map", "!float", "!set"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXTS
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([None, UTC])).map(lambda moment: moment.replace(fold=0))
)
VALUES = st.recursive(
    SCALARS | st.sets(SCALARS),
    lambda inner: st.lists(inner) | st.dictionaries(SCALARS, inner) | st.dictionaries(TEXTS, inner, max_size=1),
    max_leaves=10,
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    back = decode(encode(value))

    assert back == value
    # Where 1, 1.0 and True are not the same.
    assert repr(_in_order(back)) == repr(_in_order(value))


def _in_order(value: Any) -> Any:
    if isinstance(value, set):
        return sorted(map(repr, value))
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    return {key: _in_order(item) for key, item in value.items()} if isinstance(value, dict) else value


def test_what_json_has_stands_there_as_it_is() -> None:
    value = {"run": {"inputs": {"a": [1, 2.5, None, True, "x"]}}, "!date": "x", "day": 1}

    assert msgspec.json.decode(encode(value)) == value


def test_no_number_is_told_as_none() -> None:
    assert math.isnan(decode(encode({"x": math.nan}))["x"])


@pytest.mark.parametrize("text", ['{"!date": 1}', '{"!map": 1}', '{"!bytes": "a"}', '{"!float": "x"}'])
def test_what_no_value_is_told_by_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever reads it says what is wrong
        decode(text)


GIVEN = {
    "no_end": math.inf,
    "day": date(2024, 2, 29),
    "moment": datetime(2024, 2, 29, 12, tzinfo=UTC),
    "bytes": b"\0\xff",
    "by_number": {1: "one", None: "none"},
    "large": 2**70,
}


def test_nodes_take_what_was_given(project: Path, warm: Seedbed) -> None:
    module = "from typing import Any\ndef total(path: Any, api_key: Any) -> int:\n    print(repr(path))\n    return 1\n"
    (project / "pipelines" / "etl.py").write_text(module)
    # The secret is why the whole is not in the record, but in the environment.
    for inputs in ({"path": GIVEN, "api_key": "x"}, {"path": GIVEN, "api_key": None}):
        run = start(RunRequest(str(project), "etl", {"run": {"inputs": inputs}}), warm=warm.own)
        assert list(follow(run))

        assert repr(GIVEN) in [line.text for line in LineReader(run).read()[1]]
        assert run.record().request.overrides["run"]["inputs"]["path"] == GIVEN


SHY = """
from pathlib import Path
assert b"hunter2" not in Path("/proc/self/cmdline").read_bytes()
def total(path: int) -> int:
    return path
"""


@pytest.mark.parametrize("is_warm", [False, True])
def test_a_look_is_given_what_a_run_is_and_nobody_else_sees_it(project: Path, warm: Seedbed, is_warm: bool) -> None:
    (project / "pipelines" / "etl.py").write_text(SHY)
    # Longer than the arguments of a process may be.
    overrides = {"params": {"api_key": "hunter2", "long": "x" * 200_000}, "run": {"inputs": {"path": 2**70}}}

    seen = inspect(project, "etl", overrides, ask=warm.look) if is_warm else inspect(project, "etl", overrides)

    assert seen.problems == ()
