"""Importing a project's modules: afresh, without byte code, and no project sees another's."""

from __future__ import annotations

import gc
import inspect
import os
import sys
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest

from flowerpower_tui.errors import ModuleError
from flowerpower_tui.pipeline.modules import close, import_pipeline


def only(root: Path, name: str, **options) -> object:
    (module,) = import_pipeline(root, name, **options)
    return module


def test_a_pipeline_is_imported_as_part_of_pipelines(make_project):
    root = make_project({"pipelines/sales.py": "from pathlib import Path\nROOT = Path(__file__).parents[1]\n"})
    module = only(root, "sales")
    assert module.__name__ == "pipelines.sales"
    assert root == module.ROOT


def test_the_way_to_a_project_may_go_up(make_project):
    root = make_project({"pipelines/main.py": "import helper\n", "pipelines/helper.py": "x = (\n"})
    error = error_of(root / "../project")
    assert str(error.location) == f"{root}/pipelines/helper.py:1:5"


def test_a_project_behind_a_link_keeps_the_links_name(make_project, tmp_path):
    root = make_project({"pipelines/main.py": "X = 1\n"})
    link = tmp_path / "link"
    link.symlink_to(root)
    assert only(link, "main").__file__ == str(link / "pipelines/main.py")
    assert only(root, "main").__file__ == str(root / "pipelines/main.py")


def test_the_working_directory_may_be_the_project(make_project, monkeypatch):
    root = make_project({"pipelines/main.py": "import helper\n", "pipelines/helper.py": "X = 1\n"})
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    before = {name for name in sys.modules if not name.startswith("pipelines")}
    assert only(Path(), "main").helper.X == 1
    close()
    assert before <= set(sys.modules)


def test_what_other_threads_import_meanwhile_does_no_harm(make_project):
    root = make_project({"pipelines/main.py": "X = 1\n"})
    only(root, "main")
    numbers = count()

    def another_thread_imports(*_: object) -> None:
        # Whenever memory is tidied up, others have their turn.
        name = f"come_meanwhile_{next(numbers)}"
        sys.modules[name] = ModuleType(name)

    before, threshold = set(sys.modules), gc.get_threshold()
    gc.callbacks.append(another_thread_imports)
    gc.set_threshold(20)
    try:
        close()
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(another_thread_imports)
        for name in set(sys.modules) - before:
            del sys.modules[name]
    assert next(numbers) > 0
    assert "pipelines.main" not in sys.modules


def test_a_file_that_is_no_unicode_is_told_with_its_place(make_project):
    root = make_project({"pipelines/main.py": ""})
    (root / "pipelines/main.py").write_bytes(b"x = 'caf\xe9'\n")
    error = error_of(root)
    assert error.location is not None
    assert error.location.file == f"{root}/pipelines/main.py"


def test_dots_are_folders_and_hyphens_are_underscores(make_project):
    root = make_project({"pipelines/group/sub_pipe.py": "X = 1\n"})
    assert only(root, "group.sub-pipe").__name__ == "pipelines.group.sub_pipe"


def test_the_root_and_the_pipelines_folder_can_be_imported_from(make_project):
    root = make_project(
        {
            "shared.py": "A = 1\n",
            "pipelines/helper.py": "B = 2\n",
            "pipelines/main.py": "from shared import A\nfrom helper import B\nfrom pipelines import helper\n",
        }
    )
    module = only(root, "main")
    assert (module.A, module.B) == (1, 2)


def test_the_pipelines_folder_may_have_another_name(make_project):
    root = make_project({"flows/main.py": "X = 1\n"})
    assert only(root, "main", pipelines_dir="flows").__name__ == "flows.main"


def test_the_pipelines_may_lie_in_the_root(make_project):
    root = make_project({"main.py": "X = 1\n"})
    assert only(root, "main", pipelines_dir="").__name__ == "main"


def test_two_projects_never_see_each_others_code(make_project):
    files = {"pipelines/main.py": "import helper\nWHO = helper.WHO\n"}
    one = make_project(files | {"pipelines/helper.py": "WHO = 'one'\n"}, name="one")
    two = make_project(files | {"pipelines/helper.py": "WHO = 'two'\n"}, name="two")
    assert [only(root, "main").WHO for root in (one, two, one)] == ["one", "two", "one"]


def test_a_pipelines_package_elsewhere_does_not_hide_the_projects(make_project, tmp_path, monkeypatch):
    root = make_project({"pipelines/main.py": "WHO = 'ours'\n"})
    other = tmp_path / "elsewhere"
    (other / "pipelines").mkdir(parents=True)
    (other / "pipelines/__init__.py").touch()
    (other / "pipelines/main.py").write_text("WHO = 'theirs'\n")
    monkeypatch.syspath_prepend(str(other))
    import pipelines.main

    assert pipelines.main.WHO == "theirs"
    assert only(root, "main").WHO == "ours"


def test_two_saves_of_one_size_in_one_second_run_the_new_code(make_project):
    root = make_project({"pipelines/main.py": "import helper\nX = helper.X\n", "pipelines/helper.py": "X = 1\n"})
    file = root / "pipelines/helper.py"
    stamp = file.stat().st_mtime
    assert only(root, "main").X == 1
    file.write_text("X = 2\n")
    os.utime(file, (stamp, stamp))
    assert only(root, "main").X == 2


def test_byte_code_is_neither_written_nor_read(make_project, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    root = make_project(
        {
            "shared.py": "A = 1\n",
            "lib/inner.py": "C = 3\n",
            "pipelines/main.py": "import shared, lib.inner\n",
        }
    )
    only(root, "main")
    assert list(root.rglob("__pycache__")) == []


def test_a_removed_function_is_gone(make_project):
    root = make_project({"pipelines/main.py": "def a(): ...\ndef b(): ...\n"})
    assert hasattr(only(root, "main"), "b")
    (root / "pipelines/main.py").write_text("def a(): ...\n")
    assert not hasattr(only(root, "main"), "b")


def test_the_source_of_a_function_is_the_one_that_was_imported(make_project):
    root = make_project({"pipelines/main.py": "def a():\n    return 1\n"})
    module = only(root, "main")
    (root / "pipelines/main.py").write_text("# edited since\ndef a():\n    return 2\n")
    assert inspect.getsource(module.a) == "def a():\n    return 1\n"


def test_libraries_of_an_environment_inside_the_project_stay_imported(make_project):
    root = make_project(
        {
            ".venv/pyvenv.cfg": "home = /usr/bin\n",
            ".venv/lib/thing.py": "X = object()\n",
            "pipelines/main.py": f"import sys\nsys.path.append({'LIB'!r})\nimport thing\nX = thing.X\n",
        }
    )
    lib = str(root / ".venv/lib")
    main = root / "pipelines/main.py"
    main.write_text(main.read_text().replace("'LIB'", repr(lib)))
    try:
        assert only(root, "main").X is only(root, "main").X
    finally:
        sys.path[:] = [entry for entry in sys.path if entry != lib]
        sys.modules.pop("thing", None)


def test_closing_leaves_no_trace(make_project):
    path, hooks, finders = list(sys.path), list(sys.path_hooks), list(sys.meta_path)
    root = make_project({"pipelines/main.py": "X = 1\n"})
    only(root, "main")
    close()
    assert (sys.path, sys.path_hooks, sys.meta_path) == (path, hooks, finders)
    assert "pipelines.main" not in sys.modules


def test_additional_modules_come_first_and_each_once(make_project):
    root = make_project({"pipelines/main.py": "X = 1\n", "pipelines/extra.py": "Y = 1\n"})
    modules = import_pipeline(root, "main", ["extra", "pipelines.extra", "json", "main"])
    assert [module.__name__ for module in modules] == ["pipelines.extra", "json", "pipelines.main"]


def error_of(root: Path, name: str = "main", additional: tuple[str, ...] = ()) -> ModuleError:
    with pytest.raises(ModuleError) as caught:
        import_pipeline(root, name, additional)
    return caught.value


def test_a_pipeline_is_never_a_module_of_a_library(make_project):
    error = error_of(make_project({"pipelines/main.py": ""}), "json")
    assert error.message == "There is no module 'json'."


def test_a_missing_module_is_told_with_the_nearest(make_project):
    root = make_project({"pipelines/main.py": "", "pipelines/cleaning.py": ""})
    assert error_of(root, "main", ("cleanin",)).hint == "Did you mean 'cleaning'?"


def test_a_syntax_error_is_told_with_its_place(make_project):
    root = make_project({"pipelines/main.py": "import helper\n", "pipelines/helper.py": "x = 1\ny = (\n"})
    error = error_of(root)
    assert str(error.location) == f"{root}/pipelines/helper.py:2:5"
    assert error.message == "SyntaxError: '(' was never closed"


def test_a_missing_import_is_told_with_its_line_and_the_nearest_module(make_project):
    root = make_project({"pipelines/main.py": "X = 1\nimport jsom\n"})
    error = error_of(root)
    assert str(error.location) == f"{root}/pipelines/main.py:2"
    assert error.message == "Cannot import 'pipelines.main': ModuleNotFoundError: No module named 'jsom'"
    assert error.hint == "Did you mean 'json'?"


def test_a_missing_name_is_told_with_its_line(make_project):
    root = make_project({"pipelines/main.py": "from json import lods\n"})
    assert str(error_of(root).location) == f"{root}/pipelines/main.py:1"


def test_an_exception_at_import_is_told_at_the_users_innermost_line(make_project):
    root = make_project(
        {
            "pipelines/main.py": "from helper import read\n\nX = read()\n",
            "pipelines/helper.py": "import json\n\ndef read():\n    return json.loads('{')\n",
        }
    )
    error = error_of(root)
    assert str(error.location) == f"{root}/pipelines/helper.py:4"
    assert "JSONDecodeError" in error.message
    assert error.__cause__ is not None


def test_a_module_that_exits_at_import_is_an_error(make_project):
    error = error_of(make_project({"pipelines/main.py": "import sys\nsys.exit(4)\n"}))
    assert error.message == "Cannot import 'pipelines.main': SystemExit: 4"


def test_after_an_error_the_mended_module_is_imported(make_project):
    root = make_project({"pipelines/main.py": "x = (\n"})
    error_of(root)
    (root / "pipelines/main.py").write_text("x = 1\n")
    assert only(root, "main").x == 1
