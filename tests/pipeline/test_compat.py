"""`flowerpower` as users' modules import it, where it is not installed."""

from __future__ import annotations

import errno
import importlib
import stat
import subprocess
import sys
import textwrap

import pytest

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.errors import OutputError
from flowerpower_tui.pipeline import compat
from flowerpower_tui.pipeline.compat import Config
from flowerpower_tui.pipeline.flowerpower_names import NAMES

CONF = """
    params:
      limit: 5
      clean: {threshold: 3, base: limit}
    run:
      inputs: {x: 1}
    """


@pytest.fixture
def root(make_project):
    return make_project({"pipelines/main.py": ""}, {"main": CONF})


def test_config_has_what_pipelines_read_of_it(root):
    config = Config.load(root, pipeline_name="main")
    assert config.pipeline.name == "main"
    assert config.pipeline.params["limit"] == 5
    assert config.pipeline.run.inputs == {"x": 1}
    assert config.project.name == "project"
    assert config.base_dir == str(root)


def test_h_params_hold_hamiltons_values_and_sources(root):
    from hamilton.function_modifiers import source, value

    params = Config.load(str(root), pipeline_name="main").pipeline.h_params
    assert params["clean"]["clean"] == {"threshold": value(3), "base": source("limit")}
    assert params.clean.clean.threshold == value(3)


def test_without_a_pipeline_there_are_the_projects_settings(root):
    config = Config.load(root, "called")
    assert config.pipeline.params == {}
    assert config.project.name == "project"


def test_nothing_is_made_on_reading(tmp_path):
    Config.load(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_the_configuration_of_the_run_answers_only_for_its_own_project_and_pipeline(make_project, root):
    from flowerpower_tui.config.resolve import resolve_pipeline

    other = make_project({"pipelines/main.py": ""}, {"main": "params: {limit: 9}"}, name="other")
    config = resolve_pipeline(root, "main", {"params": {"limit": 6}})
    with compat.answering_with(root, "main", config):
        assert Config.load(root, pipeline_name="main").pipeline.params["limit"] == 6
        assert Config.load(other, pipeline_name="main").pipeline.params["limit"] == 9
    assert Config.load(root, pipeline_name="main").pipeline.params["limit"] == 5


def test_the_import_paths_of_flowerpower_answer():
    compat.install()
    from flowerpower import FlowerPowerProject, PipelineManager
    from flowerpower.cfg import Config as TheirConfig
    from flowerpower.cfg.pipeline.run import RunConfig as TheirRunConfig
    from flowerpower.pipeline.manager import PipelineManager as SameManager

    assert TheirConfig is Config
    assert TheirRunConfig is RunConfig
    assert SameManager is PipelineManager
    assert FlowerPowerProject.__module__ == "flowerpower_tui.pipeline.project"


def test_a_name_that_is_not_here_says_so():
    compat.install()
    with pytest.raises(ImportError, match="MQTTManager"):
        from flowerpower.cfg import MQTTManager  # noqa: F401


def test_an_installed_flowerpower_answers_for_itself(tmp_path):
    package = tmp_path / "flowerpower/cfg"
    package.mkdir(parents=True)
    (tmp_path / "flowerpower/__init__.py").touch()
    (package / "__init__.py").write_text("Config = 'theirs'\n")
    script = """
        from flowerpower_tui.pipeline import compat
        compat.install()
        from flowerpower.cfg import Config
        assert Config == "theirs"
        try:
            import flowerpower.pipeline
        except ModuleNotFoundError:
            print("not mixed")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "not mixed\n", done.stderr


LISTED = """
    flowerpower: Config FlowerPower FlowerPowerProject PipelineConfig PipelineManager ProjectConfig create_project
    flowerpower.flowerpower: FlowerPowerProject create_project initialize_project
    flowerpower.cfg: Config PipelineConfig ProjectConfig
    flowerpower.cfg.pipeline: PipelineConfig RunConfig ExecutorConfig WithAdapterConfig AdapterConfig
    flowerpower.cfg.pipeline.run: RunConfig ExecutorConfig RetryConfig WithAdapterConfig CallbackSpec
    flowerpower.cfg.pipeline.adapter: AdapterConfig HamiltonTracerConfig MLFlowConfig
    flowerpower.cfg.project: ProjectConfig AdapterConfig
    flowerpower.cfg.project.adapter: AdapterConfig HamiltonTrackerConfig MLFlowConfig RayConfig
    flowerpower.cfg.exceptions: ConfigError ConfigLoadError ConfigSaveError ConfigValidationError ConfigSecurityError
    flowerpower.pipeline: PipelineManager
    flowerpower.pipeline.manager: PipelineManager
    flowerpower.pipeline.registry: PipelineRegistry HookType
    flowerpower.pipeline.visualizer: PipelineVisualizer
    flowerpower.utils.config: RunConfigBuilder RunConfig
    flowerpower.utils.misc: DictNamespace dict_to_namespace
    flowerpower.utils.security: SecurityError validate_pipeline_name validate_file_path validate_config_dict
    flowerpower.settings: CONFIG_DIR PIPELINES_DIR HOOKS_DIR CACHE_DIR EXECUTOR_MAX_WORKERS LOG_LEVEL MAX_RETRIES
"""


@pytest.mark.parametrize("line", LISTED.split("\n")[1:-1])
def test_every_name_that_projects_import_is_answered(line):
    compat.install()
    module, names = line.strip().split(": ")
    imported = importlib.import_module(module)
    for name in names.split():
        assert getattr(imported, name) is not None


def test_nothing_that_is_answered_for_leads_nowhere():
    compat.install()
    for module, names in NAMES.items():
        for name in names:
            getattr(importlib.import_module(module), name)


def test_settings_are_read_when_they_are_asked_for(monkeypatch):
    compat.install()
    from flowerpower import settings

    assert (settings.CONFIG_DIR, settings.MAX_RETRIES) == ("conf", 1)
    monkeypatch.setenv("FP_CONFIG_DIR", "settings")
    monkeypatch.setenv("FP_MAX_RETRIES", "many")
    assert (settings.CONFIG_DIR, settings.MAX_RETRIES) == ("settings", 1)


def test_params_are_reached_in_all_three_ways(root):
    params = Config.load(root, pipeline_name="main").pipeline.h_params
    assert params["clean"] == params.clean == params.get("clean")
    assert {**params.clean} == {**params["clean"]}


def test_h_params_follow_params_and_managers_have_them(root):
    from flowerpower_tui.pipeline.manager import PipelineManager

    pipeline = PipelineManager(root).load_pipeline("main")
    pipeline.params["more"] = 1
    assert pipeline.h_params["more"] == {"more": 1}


def test_what_scripts_check_is_checked():
    compat.install()
    from flowerpower.utils.misc import dict_to_namespace
    from flowerpower.utils.security import (
        SecurityError,
        validate_callback_function,
        validate_config_dict,
        validate_directory_fragment,
        validate_executor_type,
        validate_file_path,
        validate_pipeline_name,
    )

    assert dict_to_namespace({"a": {"b": 1}}).a.b == 1
    assert validate_pipeline_name(" sales ") == "sales"
    assert str(validate_file_path("a/b.yml", [".yml"])) == "a/b.yml"
    assert validate_executor_type("ray") == "ray"
    assert validate_callback_function((print, (), {}))
    assert not validate_callback_function("print")
    deep: dict = {}
    for _ in range(11):
        deep = {"in": deep}
    for check, wrong in [
        (validate_pipeline_name, "../x"),
        (validate_file_path, "../x"),
        (validate_directory_fragment, "/x"),
        (validate_config_dict, deep),
        (validate_executor_type, "thraedpool"),
    ]:
        with pytest.raises(SecurityError):
            check(wrong)


SAVED = """\
# What the pipeline is about.
params:
  limit: 5  # at most
  who: ${USER_OF_THIS}
run:
  inputs: {x: 1}
"""


def test_saving_writes_what_was_changed_and_leaves_the_rest(make_project, monkeypatch):
    monkeypatch.setenv("USER_OF_THIS", "hush")
    root = make_project({"pipelines/main.py": "", "conf/pipelines/main.yml": SAVED})
    config = Config.load(root, pipeline_name="main")
    config.pipeline.params["limit"] = 6
    config.pipeline.run.retry.max_retries = 0

    config.save()
    config.save()

    text = (root / "conf/pipelines/main.yml").read_text()
    assert text == SAVED.replace("5  #", "6  #") + "  retry:\n    max_retries: 0\n"
    assert Config.load(root, pipeline_name="main").pipeline.run.retry.max_retries == 0
    assert (root / "conf/project.yml").read_text() == "name: project\n"


def test_saving_keeps_line_ends_and_a_byte_order_mark(make_project, monkeypatch):
    monkeypatch.setenv("USER_OF_THIS", "hush")
    root = make_project({"pipelines/main.py": "", "conf/pipelines/main.yml": ""})
    file = root / "conf/pipelines/main.yml"
    before = b"\xef\xbb\xbf" + SAVED.replace("\n", "\r\n").encode()
    file.write_bytes(before)
    config = Config.load(root, pipeline_name="main")
    config.pipeline.params["limit"] = 6

    config.save()

    assert file.read_bytes() == before.replace(b"5  #", b"6  #")


def test_saving_writes_the_whole_file_or_nothing(make_project, monkeypatch):
    monkeypatch.setenv("USER_OF_THIS", "hush")
    root = make_project({"pipelines/main.py": "", "conf/pipelines/main.yml": SAVED})
    file = root / "conf/pipelines/main.yml"
    linked = file.rename(root / "shared.yml")
    linked.chmod(0o640)
    file.symlink_to(linked)
    config = Config.load(root, pipeline_name="main")
    config.pipeline.params["limit"] = 6

    with monkeypatch.context() as full:
        full.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(OutputError, match="No space left on device"):
            config.save()
    assert linked.read_text() == SAVED
    assert [entry.name for entry in root.iterdir() if entry.name.endswith(".tmp")] == []

    config.save()
    assert file.is_symlink()
    assert stat.S_IMODE(linked.stat().st_mode) == 0o640
    assert linked.read_text() == SAVED.replace("5  #", "6  #")


def test_saving_nothing_new_writes_nothing(root):
    before = (root / "conf/pipelines/main.yml").stat().st_mtime_ns
    Config.load(root, pipeline_name="main").save(project=True)
    assert (root / "conf/pipelines/main.yml").stat().st_mtime_ns == before


def test_a_project_is_renamed(root):
    config = Config.load(root, pipeline_name="main")
    config.project.name = "renamed"
    config.save(project=True, pipeline=False)
    assert Config.load(root).project.name == "renamed"


def test_a_configuration_made_in_python_is_saved_without_its_defaults(tmp_path):
    from flowerpower_tui.pipeline.compat import PipelineView

    Config(PipelineView(name="made", params={"a": [1, 2]}), base_dir=str(tmp_path)).save()
    assert (tmp_path / "conf/pipelines/made.yml").read_text() == "name: made\nparams:\n  a:\n    - 1\n    - 2\n"


def test_objects_among_the_inputs_are_left_alone(root):
    from flowerpower_tui.config.resolve import resolve_pipeline

    class Odd:
        def __deepcopy__(self, memo):
            raise AssertionError("copied")

        def __ne__(self, other):
            raise AssertionError("compared")

    with compat.answering_with(root, "main", resolve_pipeline(root, "main", {"run": {"inputs": {"x": Odd()}}})):
        Config.load(root, pipeline_name="main").save()


def test_the_project_is_a_file_system_too(root):
    assert Config.load(root).fs.exists("conf/project.yml")
