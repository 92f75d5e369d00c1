"""`fp-tui set`: real files with comments, changed in the bytes of the value and no others."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.project import saving

FILE = "conf/pipelines/churn_features.yml"


@pytest.fixture
def churn(example: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of an example; work goes on in it."""
    root = example("churn-features")
    monkeypatch.chdir(root)
    return root / FILE


def test_a_value_changes_and_nothing_else(fp_tui: Callable, churn: Path) -> None:
    before = churn.read_text()
    outcome = fp_tui("set", "churn_features", "run.retry.max_retries=3", "run.config.scaling=zscore")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"{FILE} is changed.\n")
    expected = before.replace("max_retries: 0", "max_retries: 3").replace("scaling: rank ", "scaling: zscore ")
    assert churn.read_text() == expected


def test_options_may_stand_between_the_values(fp_tui: Callable, churn: Path) -> None:
    before = churn.read_text()
    outcome = fp_tui("set", "churn_features", "run.reload=true", "--unset", "run.retry", "run.log_level=DEBUG")
    assert outcome.code == 0
    assert churn.read_text() == before.replace("  retry:\n    max_retries: 0\n", "").replace(
        "log_level: INFO\n", "log_level: DEBUG\n  reload: true\n"
    )


def test_a_diff_is_printed_and_nothing_is_changed(fp_tui: Callable, churn: Path) -> None:
    before = churn.read_bytes()
    outcome = fp_tui("set", "churn_features", "--diff", "run.final_vars[0]=summary", "run.inputs.days=[1, 2]")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[:2] == [f"--- {FILE}", f"+++ {FILE}"]
    changed = [line for line in lines[2:] if line[0] in "+-"]
    assert changed == ["+    days:", "+      - 1", "+      - 2", "-    - report", "+    - summary"]
    assert churn.read_bytes() == before


def test_data_tells_what_was_and_what_is(fp_tui: Callable, churn: Path) -> None:
    outcome = fp_tui("set", "churn_features", "run.log_level=DEBUG", "run.inputs.api_key=hunter2", "--json")
    assert outcome.json["file"] == FILE
    assert outcome.json["changed"] is True
    assert outcome.json["values"] == [
        {"key": "run.log_level", "before": "INFO", "after": "DEBUG"},
        {"key": "run.inputs.api_key", "before": None, "after": "••••••"},
    ]
    assert "hunter2" not in outcome.out
    assert "api_key: hunter2" in churn.read_text()


@pytest.mark.parametrize(
    "value",
    [
        '"two\\nhunter2"',
        "[hunter2, {of: hunter2}]",
        "{user: hunter2, others: [hunter2]}",
        "{'a long key': \"hunter2\\nagain hunter2\"}",
    ],
)
def test_a_diff_tells_no_secret_however_many_lines_it_has(fp_tui: Callable, churn: Path, value: str) -> None:
    assert fp_tui("set", "churn_features", f"run.inputs.api_key={value}", "run.inputs.seen=1").code == 0
    outcome = fp_tui("set", "churn_features", "run.inputs.seen=2", "--diff")
    assert "seen: 2" in outcome.out
    assert "••••••" in outcome.out
    assert "hunter2" in churn.read_text()
    assert "hunter2" not in outcome.out
    churn.write_text(f"# password: hunter2\n{churn.read_text()}")
    again = fp_tui("set", "churn_features", "--unset", "run.inputs.api_key", "name=churn", "--json")
    assert "# password: ••••••" in again.json["diff"]
    assert "hunter2" not in again.out


def test_what_is_so_already_is_not_written_again(fp_tui: Callable, churn: Path) -> None:
    before = churn.stat()
    outcome = fp_tui("set", "churn_features", "run.log_level=INFO")
    assert (outcome.code, outcome.err) == (0, f"{FILE} says so already.\n")
    assert (churn.stat().st_ino, churn.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run.exekutor.type=local"], "there is no key run.exekutor; Did you mean 'executor'?"),
        (["log_level=INFO"], "there is no key log_level; Did you mean 'run.log_level'?"),
        (["run={exekutor: 1}"], "there is no key run.exekutor; Did you mean 'executor'?"),
        (["run.max_retries=3"], "run.max_retries has moved to run.retry.max_retries; Set run.retry.max_retries."),
        (["run.retry.max_retries=x"], "run.retry.max_retries must be a whole number, not 'x'"),
        (["run.retry.retry_delay=1e-3"], "run.retry.retry_delay must be a number, not '1e-3'; '1e-3' is text here"),
        (["run.log_level=LOUD"], "run.log_level must be a log level, not 'LOUD'; One of TRACE, DEBUG"),
        (["run.inputs=3"], "run.inputs must be a mapping of names to values, not 3"),
        (["run.final_vars[9]=x"], f"{FILE}:28:5: run.final_vars is a list, and has no item 9"),
        (["params.x=[1"], "'[1' is no YAML value"),
        (["run.reload"], "run.reload: this is not KEY=VALUE; to take a key out, say --unset KEY."),
        (["--unset", "run.nothing"], f"{FILE}:13:3: there is no run.nothing"),
        (["--unset", "run.retyr"], f"{FILE}:13:3: there is no run.retyr\nDid you mean 'retry'?"),
        (["--unset", "run.final_vars[7]"], f"{FILE}:28:5: there is no run.final_vars[7]\nIt has 2 items."),
        ([], "nothing to set; Say KEY=VALUE, or --unset KEY."),
    ],
)
def test_what_would_be_wrong_is_refused_and_nothing_is_written(
    fp_tui: Callable, churn: Path, arguments: list[str], message: str
) -> None:
    before = churn.read_bytes()
    outcome = fp_tui("set", "churn_features", "run.reload=true" if arguments else "--diff", *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(message)
    assert churn.read_bytes() == before


def test_all_that_is_wrong_is_told(fp_tui: Callable, churn: Path) -> None:
    outcome = fp_tui("set", "churn_features", "run.reload=maybe", "run.logs=1", "run.executor.max_workers=0")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 3


def test_free_dictionaries_take_anything(fp_tui: Callable, churn: Path) -> None:
    outcome = fp_tui("set", "churn_features", "params.new.deep=[1, {a: b}]", "run.config.x=1", "run.inputs.day=${DAY}")
    assert outcome.code == 0
    assert "  new:\n    deep:\n      - 1\n      - a: b\n" in churn.read_text()
    assert "    day: ${DAY}\n" in churn.read_text()


@pytest.mark.parametrize(
    ("assignment", "note"),
    [
        ("params.word=no", "params.word: 'no' is false here; To have it as text, say params.word=\"'no'\""),
        ("params.code=012", "params.code: '012' is 10 here, an octal number; To have it as text, say params.code="),
        ("params.rate=1e-3", "params.rate: '1e-3' is text here, no number; Write the number in full: 1.0e-3"),
        ("run.inputs.as_of=2025-12-31", "run.inputs.as_of: this is a date, not text; To have it as text, say"),
        ("params.password=on", "params.password: this is true or false, not text; To have it as text, say"),
    ],
)
def test_what_may_not_have_been_meant_is_told(fp_tui: Callable, churn: Path, assignment: str, note: str) -> None:
    outcome = fp_tui("set", "churn_features", assignment)
    assert outcome.code == 0
    told = outcome.err.splitlines()
    assert told[0] == f"{FILE} is changed."
    assert told[1].startswith(note)
    assert "'on'" not in outcome.err


@pytest.mark.parametrize("assignment", ["run.reload=yes", "params.word='no'", "params.day=2025-12-31", "params.n=3"])
def test_what_was_surely_meant_is_not(fp_tui: Callable, churn: Path, assignment: str) -> None:
    assert fp_tui("set", "churn_features", assignment).err == f"{FILE} is changed.\n"


def test_a_diff_of_nothing_says_so(fp_tui: Callable, churn: Path) -> None:
    outcome = fp_tui("set", "churn_features", "run.log_level=INFO", "--diff")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"{FILE} says so already.\n")


def test_a_variable_may_stand_for_any_value(fp_tui: Callable, churn: Path) -> None:
    assert fp_tui("set", "churn_features", "run.executor.max_workers=${WORKERS:-4}").code == 0
    assert "    max_workers: ${WORKERS:-4}\n" in churn.read_text()


def test_the_projects_own_file_is_edited(fp_tui: Callable, churn: Path) -> None:
    file = Path("conf/project.yml")
    before = file.read_text()
    outcome = fp_tui("set", "--project-config", "hooks_dir=hk", "adapter.hamilton_tracker.api_key=hunter2", "--diff")
    assert "+    api_key: ••••••" in outcome.out
    assert fp_tui("set", "--project-config", "hooks_dir=hk").code == 0
    assert file.read_text() == f"{before}hooks_dir: hk\n"


def test_a_pipeline_without_a_file_gets_one(
    fp_tui: Callable, project: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(quick="def quick() -> int:\n    return 1\n")
    monkeypatch.chdir(root)
    Path("conf/pipelines/quick.yml").unlink()
    assert fp_tui("set", "quick", "run.retry.max_retries=1").code == 0
    assert Path("conf/pipelines/quick.yml").read_text() == "run:\n  retry:\n    max_retries: 1\n"


def test_links_and_modes_stay(fp_tui: Callable, churn: Path) -> None:
    real = churn.rename(churn.with_name("real.yaml.kept"))
    real.chmod(0o640)
    churn.symlink_to(real.name)
    assert fp_tui("set", "churn_features", "run.reload=true").code == 0
    assert churn.is_symlink()
    assert "  reload: true\n" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_read_only_file_stays(fp_tui: Callable, churn: Path) -> None:
    churn.chmod(0o444)
    before = churn.read_bytes()
    outcome = fp_tui("set", "churn_features", "run.reload=true")
    assert (outcome.code, outcome.err) == (2, f"{FILE}: Cannot be written: the file is read-only.\n")
    assert churn.read_bytes() == before


def test_a_broken_file_is_told_with_its_place(fp_tui: Callable, churn: Path) -> None:
    churn.write_text("run:\n  a: [1\n")
    outcome = fp_tui("set", "churn_features", "run.reload=true")
    assert outcome.code == 2
    assert outcome.err.startswith(f"{FILE}:2:6: ")
    assert "Traceback" not in outcome.err


def test_line_ends_and_a_byte_order_mark_stay(fp_tui: Callable, churn: Path) -> None:
    churn.write_bytes(b"\xef\xbb\xbfrun:\r\n  reload: no\r\n")
    assert fp_tui("set", "churn_features", "run.reload=true", "run.log_level=INFO").code == 0
    assert churn.read_bytes() == b"\xef\xbb\xbfrun:\r\n  reload: true\r\n  log_level: INFO\r\n"


def test_what_is_written_meanwhile_is_edited_too(
    fp_tui: Callable, churn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = saving.save

    def late(path: Path, content: bytes, expected: bytes | None) -> None:
        if "theirs" not in churn.read_text():
            churn.write_text(f"{churn.read_text()}# theirs\n")
        real(path, content, expected)

    monkeypatch.setattr(saving, "save", late)
    assert fp_tui("set", "churn_features", "run.log_level=DEBUG").code == 0
    assert churn.read_text().endswith("  log_level: DEBUG\n# theirs\n")
    assert not list(churn.parent.glob(".*"))
