"""Data in a bucket: loaded and saved by URL, in a real run with real requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import NothingThereError
from flowerpower_tui.pipeline.runner import PipelineRunner

MODULE = """
import pandas as pd


def total(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[["amount"]].sum().to_frame("sum")
"""


@pytest.fixture
def make(bucket: Any, tmp_path: Path) -> Callable[..., Path]:
    """Writes a project on this machine's disk whose data lies in the bucket."""

    def write(options: str = "") -> Path:
        root = tmp_path / "local"
        for path, text in {
            "conf/project.yml": "name: local\n",
            "conf/pipelines/main.yml": f"""
run:
  final_vars: [total]
  retry: {{max_retries: 0}}
io:
  inputs:
    orders: {{path: '{bucket.url}/in/orders.csv'{options}}}
  outputs:
    total: {{path: '{bucket.url}/out/{{run_id}}/{{pipeline}}.json', options: {{orient: split}}{options}}}
""",
            "pipelines/main.py": MODULE,
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return root

    return write


def test_a_run_loads_from_a_bucket_and_saves_to_it(
    bucket: Any, make: Callable[..., Path], fp_tui_process: Callable[..., Any]
) -> None:
    bucket.write("in/orders.csv", "amount\n3\n4\n")
    done = fp_tui_process("run", "main", "-C", make())
    assert done.code == 0, done.err
    (saved,) = [name for name in bucket.files if name.startswith("out/")]
    assert saved.endswith("/main.json")
    assert bucket.read(saved) == '{"columns":["sum"],"index":["amount"],"data":[[7]]}'


def test_what_is_not_in_the_bucket_is_told_by_its_url(bucket: Any, make: Callable[..., Path]) -> None:
    with pytest.raises(NothingThereError) as raised:
        PipelineRunner(make(), "main").run()
    assert raised.value.message == f"There is nothing at {bucket.url}/in/orders.csv."
    assert not bucket.files


def test_options_open_the_storage_and_are_shown_nowhere(
    bucket: Any,
    make: Callable[..., Path],
    fp_tui: Callable[..., Any],
    endpoint: str,
    credentials: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    environment: Path,
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("MY_SECRET", credentials["secret"])
    key = credentials["key"]
    options = f", storage_options: {{key: {key}, secret: '${{MY_SECRET}}', endpoint_url: '{endpoint}'}}"
    bucket.write("in/orders.csv", "amount\n3\n")
    root = make(options)
    done = fp_tui("run", "main", "-C", root)
    assert done.code == 0, done.err
    shown = done.out + done.err + fp_tui("config", "main", "-C", root).out
    kept = "".join(path.read_text(errors="replace") for path in environment.rglob("*") if path.is_file())
    for told in (shown, kept):
        assert credentials["secret"] not in told
        assert key not in told
