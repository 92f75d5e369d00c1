from __future__ import annotations

from pathlib import Path

import pytest

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.tui.editor import command

FILE = Path("/p/a b.py")


@pytest.mark.parametrize(
    ("environ", "line", "words"),
    [
        ({"EDITOR": "vim"}, 12, ["vim", "+12", "/p/a b.py"]),
        ({"EDITOR": "vim"}, 0, ["vim", "/p/a b.py"]),
        ({"EDITOR": "ed", "VISUAL": "/usr/bin/nano -w"}, 3, ["/usr/bin/nano", "-w", "+3", "/p/a b.py"]),
        ({"EDITOR": "hx"}, 3, ["hx", "/p/a b.py:3"]),
        ({"EDITOR": "code -n"}, 3, ["code", "-n", "--wait", "--goto", "/p/a b.py:3"]),
        ({"EDITOR": "pycharm"}, 3, ["pycharm", "--line", "3", "/p/a b.py"]),
        ({"EDITOR": "my-own"}, 3, ["my-own", "/p/a b.py"]),
    ],
)
def test_editors_are_told_of_the_line_as_they_understand_it(
    environ: dict[str, str], line: int, words: list[str]
) -> None:
    assert command(FILE, line, environ) == words


@pytest.mark.parametrize("environ", [{}, {"EDITOR": ""}, {"EDITOR": "'vim"}])
def test_without_an_editor_one_is_told_to_set_it(environ: dict[str, str]) -> None:
    with pytest.raises(FlowerPowerError, match="no editor") as caught:
        command(FILE, 1, environ)
    assert "EDITOR" in caught.value.hint
