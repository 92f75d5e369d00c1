"""Hooks: added to files, and called around runs."""

from __future__ import annotations

import logging

import pytest

from flowerpower_tui.errors import AlreadyThereError, InvalidNameError, ModuleError
from flowerpower_tui.pipeline.manager import PipelineManager
from flowerpower_tui.project.hooks import HookType, add_hook

MODULE = "def double(x: int) -> int:\n    if x < 0:\n        raise ValueError('negative')\n    return 2 * x\n"
CONF = "run: {inputs: {x: 1}, retry: {max_retries: 0}}\n"
TELLING = """
    from pipelines.diary import told

    def before_run(pipeline, config):
        told.append(("before", pipeline, dict(config.inputs)))

    def after_run(pipeline, result, error):
        told.append(("after", pipeline, result, repr(error)))
"""


@pytest.fixture
def make_manager(make_project):
    def make(**hooks: str) -> PipelineManager:
        files = {f"hooks/main/{name}.py": text for name, text in hooks.items()}
        diary = {"pipelines/main.py": MODULE, "pipelines/diary.py": "told = []\n"}
        return PipelineManager(make_project({**diary, **files}, {"main": CONF}))

    return make


def told():
    from pipelines.diary import told

    return told


def test_hooks_are_called_around_a_run(make_manager):
    assert make_manager(hook=TELLING).run("main") == {"double": 2}
    assert told() == [("before", "main", {"x": 1}), ("after", "main", {"double": 2}, "None")]


def test_hooks_hear_how_a_run_failed(make_manager):
    with pytest.raises(ValueError, match="negative"):
        make_manager(hook=TELLING).run("main", inputs={"x": -1})
    assert told()[-1] == ("after", "main", None, "ValueError('negative')")


def test_a_hook_may_change_the_inputs(make_manager):
    hook = "def before_run(pipeline, config):\n    config.inputs['x'] = 5\n"
    assert make_manager(hook=hook).run("main") == {"double": 10}


def test_a_hook_may_stop_a_run(make_manager, recorder):
    hook = "def before_run(pipeline, config):\n    raise RuntimeError('not today')\n"
    with pytest.raises(RuntimeError, match="not today"):
        make_manager(hook=hook).run("main", observer=recorder)
    assert not recorder.of("attempt_started")


def test_a_hook_that_fails_after_the_run_changes_nothing(make_manager, caplog):
    hook = "def after_run(pipeline, result, error):\n    raise RuntimeError('too late')\n"
    with caplog.at_level(logging.ERROR):
        assert make_manager(hook=hook).run("main") == {"double": 2}
    assert "too late" in caplog.text


def test_modules_without_such_functions_are_not_imported(make_manager):
    hook = "import no_such_package\n\ndef on_message(payload, topic):\n    return {}\n"
    assert make_manager(hook=hook).run("main") == {"double": 2}


def test_a_broken_hook_is_told_with_its_place(make_manager):
    manager = make_manager(hook="def before_run(:\n")
    with pytest.raises(ModuleError) as broken:
        manager.run("main")
    assert str(broken.value).startswith(f"{manager.root}/hooks/main/hook.py:1:")


def test_a_hook_that_is_no_function_is_told(make_manager):
    with pytest.raises(ModuleError, match="'before_run' is no function"):
        make_manager(hook="before_run = 3\n").run("main")


@pytest.mark.parametrize("beside", ["", "\ndef after_run(pipeline, result, error):\n    pass\n"])
def test_a_hook_that_nobody_would_await_is_told(make_manager, beside):
    manager = make_manager(hook=f"\nasync def before_run(pipeline, config):\n    config.inputs['x'] = 3\n{beside}")
    with pytest.raises(ModuleError, match="'before_run' is asynchronous") as told_of:
        manager.run("main")
    assert str(told_of.value.location) == f"{manager.root}/hooks/main/hook.py:2"


def test_hooks_lie_where_the_project_says(make_project):
    files = {
        "conf/project.yml": "name: project\nhooks_dir: my/hooks\n",
        "my/hooks/main/hook.py": "def before_run(pipeline, config):\n    config.inputs['x'] = 3\n",
        "pipelines/main.py": MODULE,
    }
    assert PipelineManager(make_project(files, {"main": CONF})).run("main") == {"double": 6}


def test_added_hooks_are_called(make_manager):
    manager = make_manager()
    manager.registry.add_hook("main", HookType.BEFORE_RUN, function_name="check_stock")
    manager.registry.add_hook("main", "after-run", to="more")
    hooks = manager.root / "hooks/main"
    with (hooks / "hook.py").open("a") as file:
        file.write("\n\ndef _unused():\n    pass\n")
    text = (hooks / "hook.py").read_text()
    (hooks / "hook.py").write_text(text.replace('"""\n\n\nbefore', '"""\n    config.inputs["x"] = 4\n\n\nbefore'))

    assert manager.run("main") == {"double": 8}
    assert "def after_run(pipeline, result, error):" in (hooks / "more.py").read_text()


def test_a_hook_of_flowerpowers_own_kind_is_written_as_it_was(make_manager):
    manager = make_manager()
    manager.registry.add_hook("main", HookType.MQTT_BUILD_CONFIG, function_name="build")
    assert "def build(payload, topic):" in (manager.root / "hooks/main/hook.py").read_text()
    assert manager.run("main") == {"double": 2}


def test_what_stands_in_the_file_stays(tmp_path):
    path, line = add_hook(tmp_path, "main", HookType.BEFORE_RUN)
    before = path.read_text()
    with pytest.raises(AlreadyThereError):
        add_hook(tmp_path, "main", HookType.BEFORE_RUN)
    _, second = add_hook(tmp_path, "main", HookType.AFTER_RUN)

    text = path.read_text()
    assert text.startswith(before)
    assert [text.splitlines()[number - 1].split("(")[0] for number in (line, second)] == [
        "def before_run",
        "def after_run",
    ]


@pytest.mark.parametrize("wrong", [{"file": "../hook.py"}, {"file": "a/b"}, {"function": "no name"}])
def test_a_hook_stays_in_its_folder(tmp_path, wrong):
    with pytest.raises(InvalidNameError):
        add_hook(tmp_path, "main", HookType.BEFORE_RUN, **wrong)
    assert list(tmp_path.iterdir()) == []
