"""Which layer a value comes from, what stronger layers do to it, and where it says it comes from."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.config.layers import Origin
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig, RunConfig
from flowerpower_tui.config.resolve import EffectiveConfig, resolve_pipeline, resolve_project
from flowerpower_tui.config.secrets import any_secret
from flowerpower_tui.errors import ConfigError, PipelineNotFoundError


def resolve(root: Path, overrides: dict[str, Any] | None = None, **environ: str) -> EffectiveConfig:
    return resolve_pipeline(root, "etl", overrides or {}, environ)


def origin(config: EffectiveConfig, path: str, root: Path) -> str:
    return str(config.origins[path]).removeprefix(f"{root}/")


def test_an_empty_file_gives_the_defaults(write: Any) -> None:
    config = resolve(write(""))
    assert config.pipeline == PipelineConfig(name="etl")
    assert config.project == ProjectConfig()
    assert config.notices == ()
    assert set(config.origins.values()) == {Origin("default")}


def test_a_module_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/etl.py").write_text("")
    assert resolve(tmp_path).pipeline.run == RunConfig()


def test_what_has_neither_is_not_found_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(PipelineNotFoundError):
        resolve(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_defaults_are_flowerpowers() -> None:
    run = RunConfig()
    assert (run.log_level, run.reload, run.cache, run.async_driver) == ("INFO", False, False, None)
    assert (run.retry.max_retries, run.retry.retry_delay, run.retry.jitter_factor) == (3, 1.0, 0.1)
    assert run.retry.retry_exceptions == ["Exception"]
    assert run.executor.type == "threadpool"
    assert run.executor.max_workers == 5 * run.executor.num_cpus


def test_each_layer_is_stronger_than_the_one_before(write: Any) -> None:
    root = write("")
    path = "pipeline.run.log_level"
    assert resolve(root).pipeline.run.log_level == "INFO"
    write("run: {log_level: ERROR}")
    config = resolve(root)
    assert (config.pipeline.run.log_level, origin(config, path, root)) == ("ERROR", "conf/pipelines/etl.yml:1:18")
    environ = {"FP_LOG_LEVEL": "DEBUG"}
    config = resolve(root, **environ)
    assert (config.pipeline.run.log_level, origin(config, path, root)) == ("DEBUG", "FP_LOG_LEVEL")
    environ["FP_PIPELINE__RUN__LOG_LEVEL"] = "TRACE"
    config = resolve(root, **environ)
    assert (config.pipeline.run.log_level, origin(config, path, root)) == ("TRACE", "FP_PIPELINE__RUN__LOG_LEVEL")
    config = resolve(root, {"run": {"log_level": "INFO"}}, **environ)
    assert (config.pipeline.run.log_level, origin(config, path, root)) == ("INFO", "override")


def test_variables_that_are_defaults_are_weaker_than_the_file(write: Any) -> None:
    root = write(
        "adapter: {hamilton_tracker: {max_list_length_capture: 7}}",
        project="adapter: {hamilton_tracker: {api_key: written}}",
    )
    config = resolve(
        root, HAMILTON_API_KEY="set", HAMILTON_MAX_LIST_LENGTH_CAPTURE="3", HAMILTON_MAX_DICT_LENGTH_CAPTURE="4"
    )
    assert config.project.adapter.hamilton_tracker.api_key == "written"
    assert config.pipeline.adapter.hamilton_tracker.max_list_length_capture == 7
    assert config.pipeline.adapter.hamilton_tracker.max_dict_length_capture == 4


def test_the_projects_values_have_origins_too(write: Any) -> None:
    root = write("", project="name: shop\nadapter:\n  hamilton_tracker: {username: '${WHO:-joe}'}\n")
    config = resolve(root, HAMILTON_API_KEY="k", FP_PROJECT__ADAPTER__RAY__SHUTDOWN_RAY_ON_COMPLETION="True")
    assert config.project.adapter.hamilton_tracker.username == "joe"
    assert config.project.adapter.hamilton_tracker.api_key == "k"
    assert config.project.adapter.ray.shutdown_ray_on_completion is True
    assert origin(config, "project.name", root) == "conf/project.yml:1:7"
    assert origin(config, "project.adapter.hamilton_tracker.username", root) == "conf/project.yml:3:32 ($WHO)"
    assert origin(config, "project.adapter.hamilton_tracker.api_key", root) == "HAMILTON_API_KEY"
    assert resolve_project(root, {"HAMILTON_API_KEY": "k", "WHO": ""}).adapter.hamilton_tracker.username == "joe"


def test_inputs_and_config_merge_by_their_first_keys(write: Any) -> None:
    root = write("run:\n  inputs: {a: 1, b: {x: 1, y: 2}}\n  config: {fast: true}\n")
    config = resolve(
        root,
        {"run": {"inputs": {"b": {"x": 3}, "c": 4}, "config": {"region": "eu"}}},
        FP_PIPELINE__RUN__INPUTS__A="7",
    )
    assert config.pipeline.run.inputs == {"a": 7, "b": {"x": 3}, "c": 4}
    assert config.pipeline.run.config == {"fast": True, "region": "eu"}
    assert origin(config, "pipeline.run.inputs.a", root) == "FP_PIPELINE__RUN__INPUTS__A"
    assert origin(config, "pipeline.run.inputs.b.x", root) == "override"
    assert origin(config, "pipeline.run.config.fast", root) == "conf/pipelines/etl.yml:3:18"
    assert "pipeline.run.inputs.b.y" not in config.origins


def test_final_vars_replace(write: Any) -> None:
    root = write("run: {final_vars: [a, b]}")
    assert resolve(root, {"run": {"final_vars": ["c"]}}).pipeline.run.final_vars == ["c"]
    assert resolve(root, {"run": {"final_vars": []}}).pipeline.run.final_vars == []


def test_other_overrides_merge_by_field(write: Any) -> None:
    root = write("run: {executor: {type: processpool, max_workers: 2}}")
    executor = resolve(root, {"run": {"executor": {"type": "synchronous"}}}).pipeline.run.executor
    assert (executor.type, executor.max_workers) == ("synchronous", 2)


def test_an_override_that_equals_the_default_still_overrides(write: Any) -> None:
    root = write("run: {retry: {max_retries: 0}}")
    assert resolve(root, {"run": {"retry": {"max_retries": 3}}}).pipeline.run.retry.max_retries == 3


def test_params_are_overridden_at_any_depth(write: Any) -> None:
    root = write("params: {greet: {name: Ann, mood: good}}")
    config = resolve(root, {"params": {"greet": {"name": "Bob"}}}, FP_PIPELINE__PARAMS__GREET__MOOD="bad")
    assert config.pipeline.params == {"greet": {"name": "Bob", "mood": "bad"}}
    assert origin(config, "pipeline.params.greet.mood", root) == "FP_PIPELINE__PARAMS__GREET__MOOD"


def test_none_from_the_caller_clears(write: Any) -> None:
    root = write("run: {inputs: {a: 1}, log_level: DEBUG, final_vars: [a], reload: true}")
    nothing = dict.fromkeys(("inputs", "log_level", "final_vars", "reload"))
    run = resolve(root, {"run": nothing}).pipeline.run
    assert (run.inputs, run.log_level, run.final_vars, run.reload) == ({}, None, [], False)


def test_none_for_a_section_from_the_caller_is_refused(write: Any) -> None:
    with pytest.raises(ConfigError, match=r"run\.executor must be a mapping, not null"):
        resolve(write(""), {"run": {"executor": None}})


def test_nulls_of_the_template_count_as_unset(write: Any) -> None:
    root = write(
        """
        params: null
        run:
          inputs: null
          final_vars: null
          executor: {max_workers: null, num_cpus: ~}
          retry: null
          with_adapter:
          additional_modules: null
          pipeline_adapter_cfg: null
          project_adapter_cfg: null
          adapter: null
          on_success: null
        adapter: {hamilton_tracker: {project_id: 7}}
        """,
        project="adapter: {hamilton_tracker: {api_key: null}}",
    )
    config = resolve(root, HAMILTON_API_KEY="k", FP_EXECUTOR_MAX_WORKERS="3")
    assert config.notices == ()
    assert config.pipeline.adapter.hamilton_tracker.project_id == 7
    assert config.project.adapter.hamilton_tracker.api_key == "k"
    assert config.pipeline.run.executor.max_workers == 3


def test_null_is_a_value_where_it_means_something(write: Any) -> None:
    run = resolve(write("run: {log_level: null, executor: {type: null}}")).pipeline.run
    assert (run.log_level, run.executor.type) == (None, None)


def test_settings_of_adapters_in_run_are_laid_over(write: Any) -> None:
    root = write(
        """
        run:
          pipeline_adapter_cfg: {hamilton_tracker: {dag_name: nightly}}
          project_adapter_cfg: {mlflow: {tracking_uri: "file:///tmp"}}
        adapter: {hamilton_tracker: {project_id: 7, dag_name: daily}}
        """
    )
    config = resolve(root)
    assert config.pipeline.adapter.hamilton_tracker.project_id == 7
    assert config.pipeline.adapter.hamilton_tracker.dag_name == "nightly"
    assert config.project.adapter.mlflow.tracking_uri == "file:///tmp"
    assert origin(config, "pipeline.adapter.hamilton_tracker.dag_name", root) == "conf/pipelines/etl.yml:3:55"


def test_a_wrong_setting_of_an_adapter_in_run_is_told_with_its_place(write: Any) -> None:
    with pytest.raises(ConfigError, match=r"etl\.yml:1:61: adapter\.hamilton_tracker\.project_id must be a whole"):
        resolve(write("run: {pipeline_adapter_cfg: {hamilton_tracker: {project_id: x}}}"))


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ("run: {pipeline_adapter_cfg: {mlflow: {run_name: '${BUILD}'}}}", {"BUILD": "42"}),
        ("", {"FP_PIPELINE__RUN__PIPELINE_ADAPTER_CFG__MLFLOW__RUN_NAME": "42"}),
        ("adapter: {mlflow: {run_name: '${BUILD}'}}", {"BUILD": "42"}),
    ],
)
def test_a_number_from_the_environment_is_text_where_an_adapter_wants_text(
    write: Any, text: str, environ: dict[str, str]
) -> None:
    assert resolve(write(text), **environ).pipeline.adapter.mlflow.run_name == "42"


def test_the_file_gives_the_name_and_another_name_in_it_is_told(write: Any) -> None:
    config = resolve(write("name: other\n"))
    assert config.pipeline.name == "etl"
    assert ["etl.yml:1:7: this pipeline is run as 'etl'" in str(notice) for notice in config.notices] == [True]


def test_a_hyphen_in_the_name_is_no_other_name(write: Any) -> None:
    root = write("name: sales_etl\n", name="sales-etl")
    config = resolve_pipeline(root, "sales-etl", {}, {})
    assert config.notices == ()
    assert config.pipeline.name == "sales-etl"


def test_problems_of_both_files_and_of_variables_come_in_one_error(write: Any) -> None:
    root = write("run: [", project="hooks_dir: /etc\n")
    with pytest.raises(ConfigError) as caught:
        resolve(root, FP_PIPELINE__RUN__RELOAD="maybe")
    assert [str(problem).removeprefix(f"{root}/conf/") for problem in caught.value.problems] == [
        "project.yml:1:12: hooks_dir must be inside the project, not '/etc'; Name it relative to the project.",
        "pipelines/etl.yml:1:6: found unexpected end of stream; A quote, bracket or brace is never closed.",
        "FP_PIPELINE__RUN__RELOAD: run.reload must be true or false, not 'maybe'",
    ]


def test_trackers_names_are_mlflows_names_too(write: Any) -> None:
    root = write("adapter: {hamilton_tracker: {project_id: 7, dag_name: nightly}, mlflow: {run_id: r1}}")
    config = resolve(root)
    mlflow = config.pipeline.adapter.mlflow
    assert (mlflow.experiment_name, mlflow.run_name, mlflow.run_id) == ("flowerpower_project_7", "nightly", "r1")
    assert origin(config, "pipeline.adapter.mlflow.experiment_name", root) == "conf/pipelines/etl.yml:1:42"
    assert origin(config, "pipeline.adapter.mlflow.run_name", root) == "conf/pipelines/etl.yml:1:55"
    assert config.notices == ()
    assert resolve(write("adapter: {mlflow: {run_name: mine}}")).pipeline.adapter.mlflow.run_name == "mine"


def test_a_name_of_mlflow_that_the_trackers_pushes_out_is_told(write: Any) -> None:
    root = write(
        "run: {pipeline_adapter_cfg: {hamilton_tracker: {project_id: 7}}}\nadapter: {mlflow: {experiment_name: x}}"
    )
    config = resolve(root)
    assert config.pipeline.adapter.mlflow.experiment_name == "flowerpower_project_7"
    (notice,) = config.notices
    assert str(notice).removeprefix(f"{root}/conf/pipelines/") == (
        "etl.yml:2:37: adapter.mlflow.experiment_name is not used: "
        "adapter.hamilton_tracker.project_id makes it 'flowerpower_project_7'"
    )


@pytest.mark.parametrize("name", ["MAX_RETRIES", "RETRY_DELAY", "JITTER_FACTOR"])
def test_shims_that_are_deprecated_say_what_to_set_in_their_place(write: Any, name: str) -> None:
    config = resolve(write("run: {retry: {max_retries: 5}}"), **{f"FP_{name}": "0"})
    assert getattr(config.pipeline.run.retry, name.lower()) == 0
    assert [str(notice) for notice in config.notices] == [
        f"FP_{name} is deprecated; Set FP_PIPELINE__RUN__RETRY__{name} in its place."
    ]


def test_problems_and_notices_come_together(write: Any) -> None:
    root = write("run: {final_varz: [a], reload: maybe}\nschedule: {}\n", project="nmae: shop\n")
    with pytest.raises(ConfigError) as caught:
        resolve(root, FP_MAX_RETRIES="1", FP_PIPELINE__RUN__RELAOD="true")
    told = str(caught.value).replace(f"{root}/conf/", "").splitlines()
    assert told == [
        "pipelines/etl.yml:1:32: run.reload must be true or false, not 'maybe'",
        "project.yml:1:1: unknown key nmae is ignored; Did you mean 'name'? (notice)",
        "pipelines/etl.yml:1:7: unknown key run.final_varz is ignored; Did you mean 'final_vars'? (notice)",
        "pipelines/etl.yml:2:1: schedule is no longer used, and is ignored (notice)",
        "FP_MAX_RETRIES is deprecated; Set FP_PIPELINE__RUN__RETRY__MAX_RETRIES in its place. (notice)",
        "FP_PIPELINE__RUN__RELAOD: unknown key run.relaod is ignored; Did you mean 'reload'? (notice)",
    ]
    assert len(caught.value.notices) == 5


TEXT = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
PARAMS = st.dictionaries(TEXT, st.recursive(LEAVES, lambda inner: st.dictionaries(TEXT, inner, max_size=3)), max_size=4)


def has_a_secret(value: Any) -> bool:
    return isinstance(value, dict) and (any_secret(map(str, value)) or any(map(has_a_secret, value.values())))


# A secret is masked, wherever it stands.
@given(PARAMS.filter(lambda params: not has_a_secret(params)))
def test_what_stands_at_an_origin_is_the_value(
    tmp_path_factory: pytest.TempPathFactory, params: dict[str, Any]
) -> None:
    root = tmp_path_factory.mktemp("project")
    file = root / "conf/pipelines/etl.yml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump({"params": params}, allow_unicode=True, default_flow_style=False, width=10_000))
    lines = file.read_text().split("\n")
    found = [entry for entry in resolve(root).entries if entry.path[:2] == ("pipeline", "params")]
    for entry in found:
        assert yaml.safe_load(lines[entry.origin.line - 1][entry.origin.column - 1 :]) == entry.value
    assert len(found) >= len(params)


def test_objects_from_python_stay_what_they_are(write: Any) -> None:
    adapter, table = object(), [object()]
    config = resolve(
        write(""),
        {
            "run": {
                "adapter": {"mine": adapter},
                "inputs": {"table": table},
                "on_success": print,
                "retry": {"retry_exceptions": [ValueError]},
            }
        },
    )
    assert config.pipeline.run.adapter["mine"] is adapter
    assert config.pipeline.run.inputs["table"] is table
    assert config.pipeline.run.on_success is print
    assert config.pipeline.run.retry.retry_exceptions == [ValueError]
    masked = config.masked()["pipeline"]["run"]
    assert masked["on_success"] == "print"
    assert masked["inputs"] == {"table": ["<object>"]}
    assert masked["retry"]["retry_exceptions"] == ["ValueError"]


def test_secrets_are_masked_and_nothing_else(write: Any) -> None:
    root = write(
        """
        params:
          db: {password: hunter2, host: example.org, max_tokens: 5}
          url: postgres://joe:hunter2@example.org/shop
          dsn_of: "${PG_PASSWORD} at ${HOST}"
          when: 2024-01-31
          empty: {api_key: null}
          hosts: [{url: "x?k=${API_TOKEN}"}]
        """,
        project="adapter: {hamilton_tracker: {api_key: abc}}",
    )
    config = resolve(root, PG_PASSWORD="hunter2", HOST="example.org", API_TOKEN="hunter2")
    masked = config.masked()
    assert masked["pipeline"]["params"] == {
        "db": {"password": "••••••", "host": "example.org", "max_tokens": 5},
        "url": "postgres://joe:••••••@example.org/shop",
        "dsn_of": "••••••",
        "when": "2024-01-31",
        "empty": {"api_key": None},
        "hosts": [{"url": "••••••"}],
    }
    assert masked["project"]["adapter"]["hamilton_tracker"]["api_key"] == "••••••"
    assert config.pipeline.params["dsn_of"] == "hunter2 at example.org"
    assert "hunter2" not in str(masked)


def test_an_override_of_a_key_that_does_not_exist_is_refused(write: Any) -> None:
    with pytest.raises(ConfigError, match=r"there is no key run\.final_var; Did you mean 'final_vars'\?"):
        resolve(write(""), {"run": {"final_var": ["a"]}})
