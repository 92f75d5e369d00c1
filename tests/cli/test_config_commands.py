"""`fp-tui config` and `schema`; and what each mistake in a configuration looks like, with its exit code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from flowerpower_tui.runs.store import RunStore

MODULE = "def quick(api_key: str = '') -> int:\n    return len(api_key)\n"


@pytest.fixture
def configured(project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a project with the pipeline `quick` and the YAML of it (and of the project); works in it from then on."""

    def write(pipeline: str = "", *, of_project: str = "name: shop\n") -> Path:
        root = project(quick=MODULE)
        (root / "conf/pipelines/quick.yml").write_text(pipeline)
        (root / "conf/project.yml").write_text(of_project)
        monkeypatch.chdir(root)
        return root

    return write


def snapshot(root: Path) -> dict[Path, tuple[int, str]]:
    return {
        path: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in (root, *root.rglob("*"))
    }


def test_the_effective_configuration_is_yaml(fp_tui: Callable, configured: Callable) -> None:
    configured("params: {greet: {name: Ann}}\nrun: {final_vars: [quick]}\n")
    outcome = fp_tui("config", "quick", "--set", "run.retry.max_retries=7", "--set", "params.greet.mood=good")
    assert (outcome.code, outcome.err) == (0, "")
    values = yaml.safe_load(outcome.out)
    assert values["project"]["name"] == "shop"
    assert values["pipeline"]["params"] == {"greet": {"name": "Ann", "mood": "good"}}
    assert values["pipeline"]["run"]["retry"]["max_retries"] == 7
    assert values["pipeline"]["run"]["log_level"] == "INFO"
    assert "    greet:\n      name: Ann\n" in outcome.out


def test_each_value_has_its_origin(fp_tui: Callable, configured: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    configured("run:\n  inputs: {day: '${DAY}'}\n  log_level: INFO\n", of_project="dotenv: true\n")
    Path(".env").write_text("FP_PIPELINE__RUN__RELOAD=true\n")
    monkeypatch.setenv("DAY", "monday")
    monkeypatch.setenv("FP_EXECUTOR", "synchronous")
    outcome = fp_tui("config", "quick", "--origin", "--set", "run.retry.max_retries=0")
    rows = {line.split()[0]: line.split()[1:] for line in outcome.out.splitlines()}
    assert rows["KEY"] == ["VALUE", "ORIGIN"]
    assert rows["project.dotenv"] == ["true", "conf/project.yml:1:9"]
    assert rows["pipeline.run.inputs.day"] == ["monday", "conf/pipelines/quick.yml:2:17", "($DAY)"]
    assert rows["pipeline.run.log_level"] == ["INFO", "conf/pipelines/quick.yml:3:14"]
    assert rows["pipeline.run.executor.type"] == ["synchronous", "FP_EXECUTOR"]
    assert rows["pipeline.run.reload"] == ["true", ".env:1:1", "($FP_PIPELINE__RUN__RELOAD)"]
    assert rows["pipeline.run.retry.max_retries"] == ["0", "override"]
    assert rows["pipeline.run.retry.jitter_factor"] == ["0.1", "default"]


def test_the_data_is_a_list_with_an_item_for_each_key(fp_tui: Callable, configured: Callable) -> None:
    root = configured("run: {inputs: {a.b: 1}}\n")
    items = {item["key"]: item for item in fp_tui("config", "quick", "--json").json}
    assert items["pipeline.run.inputs.a.b"] == {
        "key": "pipeline.run.inputs.a.b",
        "path": ["pipeline", "run", "inputs", "a.b"],
        "value": 1,
        "origin": {
            "layer": "yaml",
            "file": f"{root}/conf/pipelines/quick.yml",
            "line": 1,
            "column": 21,
            "variable": None,
        },
    }
    assert items["pipeline.run.cache"]["origin"] == dict.fromkeys(("file", "line", "column", "variable")) | {
        "layer": "default"
    }


@pytest.mark.parametrize("options", [(), ("--origin",), ("--json",)])
def test_secrets_are_masked_in_every_form(
    fp_tui: Callable, configured: Callable, monkeypatch: pytest.MonkeyPatch, options: tuple
) -> None:
    configured(
        "params: {db: {password: hunter2}, text: 'is ${MY_TOKEN}'}\n",
        of_project="adapter: {hamilton_tracker: {api_key: hunter2}}\n",
    )
    monkeypatch.setenv("MY_TOKEN", "hunter2")
    outcome = fp_tui("config", "quick", *options, "--set", "run.inputs.api_key=hunter2")
    assert outcome.code == 0
    assert "••••••" in outcome.out
    assert "hunter2" not in outcome.out + outcome.err


@pytest.mark.parametrize(
    "option",
    [
        ("--set", "run.inputs.api_key=[hunter2"),
        ("--set", "params.db_password:hunter2"),
        ("--set", "run.retry.max_retries.password=hunter2"),
    ],
)
def test_an_override_that_is_wrong_tells_no_secret(fp_tui: Callable, configured: Callable, option: tuple) -> None:
    configured()
    outcome = fp_tui("config", "quick", *option)
    assert outcome.code == 2
    assert "hunter2" not in outcome.err


def test_a_secret_that_a_run_is_told_reaches_it_and_is_not_stored(
    fp_tui: Callable, configured: Callable, state: Path
) -> None:
    configured("run: {retry: {max_retries: 0}}\n")
    outcome = fp_tui("run", "quick", "--input", "api_key=hunter2!", "--json")
    assert outcome.code == 0, outcome.err
    finished = next(event for event in outcome.events if event["type"] == "NodeFinished" and event["node"] == "quick")
    assert "8" in json.dumps(finished["summary"])
    (run,) = RunStore().runs()
    assert run.directory.record().request.overrides == {"run": {"inputs": {"api_key": "••••••"}}}
    stored = b"".join(path.read_bytes() for path in run.directory.path.iterdir() if path.is_file())
    assert b"hunter2" not in stored


def test_the_variables_of_the_projects_dotenv_reach_its_code(fp_tui: Callable, configured: Callable) -> None:
    root = configured("run: {retry: {max_retries: 0}}\n", of_project="dotenv: true\n")
    (root / ".env").write_text("GREETED='Ann & Bob'\n")
    (root / "pipelines/quick.py").write_text(
        "import os\nGREETED = os.environ['GREETED']\ndef quick() -> str:\n    return GREETED\n"
    )
    outcome = fp_tui("run", "quick", "--json")
    assert outcome.code == 0, outcome.err
    assert "Ann & Bob" in outcome.out
    assert fp_tui("check", "quick").code == 0


@pytest.mark.parametrize("file", ["project", "pipeline"])
def test_the_schema_is_json(fp_tui: Callable, file: str) -> None:
    outcome = fp_tui("schema", file)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.json["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert outcome.json["properties"]["name"]["description"].startswith("What the p")


def test_a_schema_of_something_else_is_a_mistake(fp_tui: Callable) -> None:
    outcome = fp_tui("schema", "hooks")
    assert (outcome.code, outcome.out) == (2, "")
    assert "invalid choice: 'hooks'" in outcome.err


def test_looking_leaves_everything_as_it_was(fp_tui: Callable, configured: Callable) -> None:
    root = configured("run:\n  max_retries: '5'  # legacy\n  password: ${SECRET}\n")
    before = snapshot(root)
    for command in (("config", "quick"), ("config", "quick", "--origin"), ("schema", "pipeline"), ("ls",)):
        assert fp_tui(*command).code == 0
    assert snapshot(root) == before


def test_notices_go_to_people(fp_tui: Callable, configured: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    root = configured("run: {final_varz: [quick], max_retries: 1}\n")
    monkeypatch.setenv("FP_RETRY_DELAY", "2")
    outcome = fp_tui("config", "quick", "--json")
    assert outcome.code == 0
    assert outcome.err.splitlines() == [
        f"{root}/conf/pipelines/quick.yml:1:7: unknown key run.final_varz is ignored; Did you mean 'final_vars'?",
        f"{root}/conf/pipelines/quick.yml:1:28: run.max_retries has moved to run.retry.max_retries",
        "FP_RETRY_DELAY is deprecated; Set FP_PIPELINE__RUN__RETRY__RETRY_DELAY in its place.",
    ]


@pytest.mark.parametrize("command", ["config", "run", "check"])
@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("run: [", "1:6", "found unexpected end of stream; A quote, bracket or brace is never closed."),
        ("run:\n\tfinal_vars: [a]", "2:1", "found character that cannot start any token"),
        ("run: {final_vars: b}", "1:19", "run.final_vars must be a list, not 'b'; Write a list: [b]"),
        ('run: {retry: {max_retries: "three"}}', "1:28", "run.retry.max_retries must be a whole number, not 'three'"),
        ("run: {executor: {type: thraedpool}}", "1:24", "Did you mean 'threadpool'?"),
        ("run: {log_level: banana}", "1:18", "run.log_level must be a log level, not 'banana'"),
        ("run: {retry: {retry_exceptions: [OSErorr]}}", "1:34", "Did you mean 'OSError'?"),
        ("run: {inputs: {a: '${NEED:?ask Ann}'}}", "1:19", "NEED is not set: ask Ann"),
        ("a: &a [1]\nb: *c", "2:4", "the alias '*c' has no anchor '&c' before it"),
    ],
)
def test_a_mistake_in_the_file(
    fp_tui: Callable, configured: Callable, command: str, text: str, place: str, message: str
) -> None:
    root = configured(text)
    outcome = fp_tui(command, "quick")
    told = outcome.out if command == "check" else outcome.err
    assert outcome.code == 2
    assert told.startswith(f"{root}/conf/pipelines/quick.yml:{place}: ")
    assert message in told.splitlines()[0]
    assert "Traceback" not in outcome.err


def test_one_look_tells_every_problem_and_every_notice(fp_tui: Callable, configured: Callable) -> None:
    root = configured("run: {final_varz: [a], reload: maybe, retry: {retry_delay: -1}}\n", of_project="name:  3\n")
    file = f"{root}/conf/pipelines/quick.yml"
    assert fp_tui("config", "quick").err.splitlines() == [
        f"{root}/conf/project.yml:1:8: name must be text or null, not 3; Put it in quotes.",
        f"{file}:1:32: run.reload must be true or false, not 'maybe'",
        f"{file}:1:60: run.retry.retry_delay must be at least 0, not -1",
        f"{file}:1:7: unknown key run.final_varz is ignored; Did you mean 'final_vars'? (notice)",
    ]
    found = fp_tui("check", "quick", "--json").json
    assert [item["kind"] for item in found] == ["problem"] * 3 + ["notice"]


@pytest.mark.parametrize("command", ["config", "run"])
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("run.log_level=banana", "run.log_level must be a log level, not 'banana'"),
        ("run.retry.max_retries=abc", "run.retry.max_retries must be a whole number, not 'abc'"),
        ("run.with_adapter.tracker=true", "there is no key run.with_adapter.tracker; Did you mean 'hamilton_tracker'?"),
        ("run.executor.type=nope", "run.executor.type must be a type of executor, not 'nope'; One of synchronous"),
        ("run.executor=threadpool", "run.executor must be a mapping, not 'threadpool'; Its keys: type"),
        ("run.retry.retry_exceptions=[Nope]", "must be the name of an exception, not 'Nope'"),
        ("run.final_varz=[quick]", "there is no key run.final_varz; Did you mean 'final_vars'?"),
        ('run.inputs={"x": 5', """'{"x": 5' is no YAML value: did not find expected ',' or '}'"""),
        ("run.on_success=print", "run.on_success must be a function"),
    ],
)
def test_an_override_that_cannot_be_used(
    fp_tui: Callable, configured: Callable, command: str, override: str, message: str
) -> None:
    configured()
    outcome = fp_tui(command, "quick", "--set", override)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert RunStore().runs() == []


@pytest.mark.parametrize("value", ['x={"y": 5', "x=[1, 2", "x=*y", "x=a: b: c"])
def test_an_input_that_is_no_yaml_stops_the_run(fp_tui: Callable, configured: Callable, value: str) -> None:
    configured()
    outcome = fp_tui("run", "quick", "--input", value)
    assert (outcome.code, outcome.out) == (2, "")
    assert "is no YAML value" in outcome.err
    assert RunStore().runs() == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("FP_PIPELINE__RUN__EXECUTOR__MAX_WORKERS", "lots", "run.executor.max_workers must be a whole number"),
        ("FP_EXECUTOR", "nope", "run.executor.type must be a type of executor, not 'nope'"),
        ("FP_LOG_LEVEL", "banana", "run.log_level must be a log level, not 'banana'"),
        ("FP_EXECUTOR_NUM_CPUS", "two", "run.executor.num_cpus must be a whole number, not 'two'"),
        ("FP_PROJECT__HOOKS_DIR", "/etc", "hooks_dir must be inside the project, not '/etc'"),
        ("FP_TUI_DOTENV", "../.env", "dotenv must be inside the project, not '../.env'"),
    ],
)
def test_a_variable_that_cannot_be_used(
    fp_tui: Callable, configured: Callable, monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
) -> None:
    configured()
    monkeypatch.setenv(name, text)
    outcome = fp_tui("config", "quick")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"{name}: {message}")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b;rm", "", "x" * 101])
def test_what_is_no_name_of_a_pipeline(fp_tui: Callable, configured: Callable, name: str) -> None:
    root = configured()
    before = snapshot(root)
    outcome = fp_tui("config", name)
    assert (outcome.code, outcome.out) == (2, "")
    assert 1 <= len(outcome.err.splitlines()) <= 2
    assert snapshot(root) == before


def test_a_project_that_is_not_there_is_not_made(fp_tui: Callable, tmp_path: Path) -> None:
    outcome = fp_tui("config", "-C", tmp_path / "nowhere", "quick")
    assert outcome.code == 2
    assert "There is no folder" in outcome.err
    assert not (tmp_path / "nowhere").exists()


def test_one_bad_file_does_not_keep_another_pipeline_from_being_shown(fp_tui: Callable, configured: Callable) -> None:
    root = configured("run: {log_level: DEBUG}\n")
    (root / "conf/pipelines/broken.yml").write_text("run: [")
    assert fp_tui("config", "quick").code == 0
    assert fp_tui("ls").code == 0
    assert fp_tui("config", "broken").code == 2
