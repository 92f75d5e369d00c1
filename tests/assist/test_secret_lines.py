"""Of lines that hold secrets, the secrets alone are hidden."""

from __future__ import annotations

import pytest

from flowerpower_tui.assist.secret_lines import secret_lines
from flowerpower_tui.yamldoc.document import Document

MASK = "••••••"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password: a # b\n", {"password: a # b": f"password: {MASK} # b"}),
        ("user: a\npassword:\nport: 1\n", {}),
        ("token: |\n  a\n\n    b\nc: 1\n", {"token: |": f"token: {MASK}", "  a": f"  {MASK}", "    b": f"    {MASK}"}),
        ("secrets:\r\n- a\r\n- b: c\r\n", {"- a": f"- {MASK}", "- b: c": f"- b: {MASK}"}),
        (
            "{user: a, password: b, host: c, token: d}",
            {"{user: a, password: b, host: c, token: d}": (f"{{user: a, password: {MASK}, host: c, token: {MASK}}}")},
        ),
        ("\ufeffapi key: 'a\n  b'\n", {"api key: 'a": f"api key: {MASK}", "  b'": f"  {MASK}"}),
        ("x: &x a\npassword: *x\n", {"x: &x a": f"x: &x {MASK}"}),
        ("", {}),
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(text: str, shown: dict[str, str]) -> None:
    assert secret_lines(Document.parse(text, "f.yml")) == shown
