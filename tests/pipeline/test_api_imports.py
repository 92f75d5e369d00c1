"""What a module imports, read from its source."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.pipeline.imports import Import, imports_of, install_name, is_missing, local_files


def read(source: str, package: str = "") -> list[tuple[str, tuple[str, ...], str]]:
    return [(found.module, found.names, found.function) for found in imports_of(textwrap.dedent(source), package)]


def test_imports_are_found_wherever_they_stand():
    source = """
        import os, a.b as c
        from d import e, f
        def node():
            import g
            def inner():
                import h
        class Thing:
            import i
        if c:
            import j
        else:
            import k
        with open("x") as file:
            import l
    """
    assert read(source) == [
        ("os", (), ""),
        ("a.b", (), ""),
        ("d", ("e", "f"), ""),
        ("g", (), "node"),
        ("h", (), "node"),
        ("i", (), ""),
        ("j", (), ""),
        ("k", (), ""),
        ("l", (), ""),
    ]


def test_what_a_module_can_do_without_is_left_out():
    source = """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import a
        else:
            import b
        try:
            import c
        except ImportError:
            import d
        try:
            import e
        except (KeyError, ModuleNotFoundError):
            e = None
        try:
            import f
        except KeyError:
            pass
    """
    assert [module for module, _, _ in read(source)] == ["typing", "b", "f"]


def test_relative_imports_start_from_the_package():
    assert read("from . import x\nfrom .y import z\nfrom ..w import v\nfrom ... import u", "pipelines.grp") == [
        ("pipelines.grp", ("x",), ""),
        ("pipelines.grp.y", ("z",), ""),
        ("pipelines.w", ("v",), ""),
    ]


def test_files_of_the_project_are_found_with_their_packages(tmp_path):
    for name in ("lib/__init__.py", "lib/sub/mod.py", "one.py", "pipelines/two.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folders = (tmp_path, tmp_path / "pipelines")

    def found(module: str, *names: str) -> list[str]:
        return [str(path.relative_to(tmp_path)) for path in local_files(Import(module, names, 1, 1), folders)]

    assert found("lib.sub.mod") == ["lib/sub/mod.py", "lib/__init__.py"]
    assert found("lib.sub", "mod", "value") == ["lib/sub/mod.py", "lib/__init__.py"]
    assert found("pipelines", "two") == ["pipelines/two.py"]
    assert found("two") == ["pipelines/two.py"]
    assert found("numpy") == []


def test_a_package_that_is_not_installed_is_missing(tmp_path):
    (tmp_path / "own.py").touch()
    for module, missing in {"own": False, "json.decoder": False, "pandas": False, "no_such_package.x": True}.items():
        assert is_missing(Import(module, (), 1, 1), [tmp_path]) is missing
    assert not is_missing(Import("flowerpower.cfg", (), 1, 1), [tmp_path], known={"flowerpower"})


def test_what_to_install_is_not_always_what_is_imported():
    assert install_name("sklearn.linear_model") == "scikit-learn"
    assert install_name("google.cloud.bigquery") == "google-cloud-bigquery"
    assert install_name("munch") == "munch"


@given(st.lists(st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,6}){0,2}", fullmatch=True), max_size=6))
def test_every_plain_import_is_found_in_order(modules):
    source = "\n".join(f"import {module}" for module in modules if not set(module.split(".")) & KEYWORDS)
    expected = [module for module in modules if not set(module.split(".")) & KEYWORDS]
    assert [found.module for found in imports_of(source)] == expected


KEYWORDS = set(__import__("keyword").kwlist)
