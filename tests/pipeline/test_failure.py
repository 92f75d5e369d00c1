"""Exceptions as data: trimmed to the user's code, bounded, and rendered like a traceback."""

from __future__ import annotations

import runpy
import textwrap
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError, GraphError, Location, Problem
from flowerpower_tui.pipeline.failure import (
    FRAMES_LIMIT,
    MESSAGE_LIMIT,
    Failure,
    Frame,
    describe,
    render,
)


def raised(action: Any) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever it is
        action()
    return caught.value


def error_in(folder: Path, code: str) -> BaseException:
    (folder / "user.py").write_text(code)
    return raised(lambda: runpy.run_path(str(folder / "user.py")))


def test_the_traceback_starts_at_the_users_code(tmp_path):
    failure = describe(error_in(tmp_path, "def f():\n    return 1 // 0\n\nf()\n"), tmp_path)
    assert failure.type == "ZeroDivisionError"
    assert [(frame.line, frame.function, frame.source) for frame in failure.frames] == [
        (4, "<module>", "f()"),
        (2, "f", "return 1 // 0"),
    ]


def test_frames_of_a_library_below_the_users_code_are_kept(tmp_path):
    failure = describe(error_in(tmp_path, "import json\njson.loads('{')\n"), tmp_path)
    assert failure.type == "json.decoder.JSONDecodeError"
    assert failure.frames[0].file == str(tmp_path / "user.py")
    assert failure.frames[-1].file.endswith("decoder.py")


def test_without_code_of_the_user_our_own_frames_are_left_out():
    from flowerpower_tui.config.models import RetryConfig
    from flowerpower_tui.pipeline.retry import RetryManager

    def fail() -> None:
        raise ValueError

    error = raised(lambda: RetryManager(RetryConfig(max_retries=0), Path("/nowhere")).run(fail))
    frames = describe(error, Path("/nowhere")).frames
    assert frames[-1].function == "fail"


def test_an_environment_inside_the_project_is_not_the_users_code(tmp_path):
    library = tmp_path / ".venv/lib/site-packages"
    library.mkdir(parents=True)
    (library / "library.py").write_text("def call(f):\n    return f()\n")
    code = f"import sys\nsys.path.insert(0, {str(library)!r})\nimport library\nlibrary.call(lambda: 1 // 0)\n"
    failure = describe(error_in(tmp_path, code), tmp_path)
    assert [Path(frame.file).name for frame in failure.frames] == ["user.py", "library.py", "user.py"]
    assert describe(error_in(tmp_path, code), tmp_path / "elsewhere").frames[-1].function == "<lambda>"


def test_causes_are_kept_and_bounded(tmp_path):
    error: BaseException = ValueError("0")
    for number in range(1, 20):
        later = ValueError(str(number))
        later.__cause__ = error
        error = later
    failure: Failure | None = describe(error, tmp_path)
    messages = []
    while failure is not None:
        messages.append(failure.message)
        failure = failure.cause
    assert messages == ["19", "18", "17", "16", "15"]


def test_a_context_is_a_cause_unless_it_was_suppressed(tmp_path):
    shown = error_in(tmp_path, "try:\n    1 // 0\nexcept ZeroDivisionError:\n    raise ValueError('x')\n")
    hidden = error_in(tmp_path, "try:\n    1 // 0\nexcept ZeroDivisionError:\n    raise ValueError('x') from None\n")
    assert describe(shown, tmp_path).cause.type == "ZeroDivisionError"
    assert describe(hidden, tmp_path).cause is None


def test_of_a_group_every_exception_is_told_and_the_first_with_its_traceback(tmp_path):
    code = """
        async def fail(error):
            raise error

        async def main():
            async with asyncio.TaskGroup() as tasks:
                for error in (ValueError("first"), KeyError("second")):
                    tasks.create_task(fail(error))

        import asyncio
        asyncio.run(main())
    """
    failure = describe(error_in(tmp_path, textwrap.dedent(code)), tmp_path)
    assert failure.type == "ExceptionGroup"
    assert failure.message.splitlines()[1:] == ["- ValueError: first", "- KeyError: 'second'"]
    assert failure.cause is not None
    assert (failure.cause.type, failure.cause.frames[-1].source) == ("ValueError", "raise error")


def test_exceptions_that_cause_each_other_end(tmp_path):
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__context__ = two, one
    assert describe(one, tmp_path).cause.cause is None


def test_a_deep_recursion_is_cut_in_the_middle(tmp_path):
    failure = describe(error_in(tmp_path, "def f(n):\n    return f(n + 1)\n\nf(0)\n"), tmp_path)
    assert failure.type == "RecursionError"
    assert len(failure.frames) == FRAMES_LIMIT + 1
    (gap,) = [frame for frame in failure.frames if not frame.file]
    assert "more frames" in gap.function


def test_long_messages_are_cut(tmp_path):
    assert len(describe(ValueError("x" * 1_000_000), tmp_path).message) == MESSAGE_LIMIT


def test_a_message_that_is_no_unicode_can_be_stored(tmp_path):
    failure = describe(FileNotFoundError("no file a\udcff.csv"), tmp_path)
    assert failure.message.encode() == b"no file a?.csv"


def test_notes_belong_to_the_message(tmp_path):
    error = ValueError("no")
    error.add_note("while reading row 7")
    assert describe(error, tmp_path).message == "no\nwhile reading row 7"


def test_an_exception_whose_message_fails_is_told_all_the_same(tmp_path):
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert "RuntimeError" in describe(MuteError(), tmp_path).message


def test_a_mistake_in_input_has_a_place_and_no_traceback(tmp_path):
    error = raised(lambda: _raise(GraphError("No node 'x'.", location=Location("a.py", 3), hint="Did you mean 'y'?")))
    failure = describe(error, tmp_path)
    assert failure == Failure(
        "GraphError", "No node 'x'.", user_error=True, location="a.py:3", hint="Did you mean 'y'?"
    )
    assert render(failure) == ["a.py:3: No node 'x'.", "Did you mean 'y'?"]


def test_every_problem_of_a_configuration_is_told(tmp_path):
    error = ConfigError([Problem("one", Location("a.yml", 1)), Problem("two", Location("a.yml", 2), "try three")])
    assert render(describe(error, tmp_path)) == ["a.yml:1: one", "a.yml:2: two; try three"]


def test_a_failure_is_rendered_as_python_prints_it():
    cause = Failure("KeyError", "'a'", (Frame("/p/m.py", 3, "look", "return table['a']"),))
    failure = Failure("pkg.Error", "first\nsecond", (Frame("/p/m.py", 9, "node"),), cause)
    assert render(failure) == [
        "Traceback (most recent call last):",
        '  File "/p/m.py", line 3, in look',
        "    return table['a']",
        "KeyError: 'a'",
        "",
        "That led to another exception:",
        "",
        "Traceback (most recent call last):",
        '  File "/p/m.py", line 9, in node',
        "pkg.Error: first",
        "second",
    ]


def test_files_of_the_project_can_be_told_by_the_way_from_its_root():
    frames = (Frame("/p/pipelines/m.py", 3, "look"), Frame("/lib/n.py", 9, "work"), Frame("<string>", 1, "f"))
    assert [line for line in render(Failure("E", "", frames), Path("/p")) if "File" in line] == [
        '  File "pipelines/m.py", line 3, in look',
        '  File "/lib/n.py", line 9, in work',
        '  File "<string>", line 1, in f',
    ]


def test_an_exception_without_a_message_is_its_type(tmp_path):
    assert render(describe(KeyboardInterrupt(), tmp_path)) == ["KeyboardInterrupt"]


def _raise(error: BaseException) -> None:
    raise error
