"""`.env`: when it is read, what its lines mean, and that the environment is stronger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.config.environment import Environment
from flowerpower_tui.config.resolve import environment_of, resolve_pipeline, resolve_project
from flowerpower_tui.errors import ConfigError

CONF = "params: {user: '${DB_USER:-nobody}'}\nrun: {log_level: INFO}\n"


@pytest.fixture
def root(write: Any) -> Path:
    root: Path = write(CONF, project="dotenv: true\n")
    (root / ".env").write_text("DB_USER=ann\nFP_PIPELINE__RUN__LOG_LEVEL=ERROR\n")
    return root


def test_it_is_read_where_the_project_asks_for_it(root: Path) -> None:
    config = resolve_pipeline(root, "etl", environ={})
    assert config.pipeline.params == {"user": "ann"}
    assert config.pipeline.run.log_level == "ERROR"
    assert str(config.origins["pipeline.run.log_level"]) == f"{root}/.env:2:1 ($FP_PIPELINE__RUN__LOG_LEVEL)"
    assert dict(environment_of(root, {"A": "1"})) == {
        "A": "1",
        "DB_USER": "ann",
        "FP_PIPELINE__RUN__LOG_LEVEL": "ERROR",
    }


def test_it_is_not_read_where_nobody_asks(write: Any, root: Path) -> None:
    write(CONF)
    assert resolve_pipeline(root, "etl", environ={}).pipeline.params == {"user": "nobody"}
    assert dict(environment_of(root, {})) == {}


@pytest.mark.parametrize(("setting", "user"), [("true", "ann"), ("1", "ann"), ("false", "nobody"), (".env", "ann")])
def test_a_variable_asks_for_it_too(write: Any, root: Path, setting: str, user: str) -> None:
    write(CONF)
    assert resolve_pipeline(root, "etl", environ={"FP_TUI_DOTENV": setting}).pipeline.params == {"user": user}


def test_another_file_may_be_named(write: Any, root: Path) -> None:
    write(CONF, project="dotenv: settings/local.env\n")
    (root / "settings").mkdir()
    (root / "settings/local.env").write_text("DB_USER=bob\n")
    assert resolve_pipeline(root, "etl", environ={}).pipeline.params == {"user": "bob"}


def test_the_environment_is_stronger(root: Path) -> None:
    config = resolve_pipeline(root, "etl", environ={"DB_USER": "eve", "FP_PIPELINE__RUN__LOG_LEVEL": "DEBUG"})
    assert config.pipeline.params == {"user": "eve"}
    assert str(config.origins["pipeline.run.log_level"]) == "FP_PIPELINE__RUN__LOG_LEVEL"


def test_the_projects_own_file_sees_it(write: Any, root: Path) -> None:
    write(CONF, project="dotenv: true\nname: ${DB_USER}\n")
    assert resolve_project(root, {}).name == "ann"


def test_a_file_that_is_not_there_is_a_notice(root: Path) -> None:
    (root / ".env").unlink()
    (notice,) = resolve_pipeline(root, "etl", environ={}).notices
    assert str(notice) == f"{root}/conf/project.yml:1:9: there is no file .env, which dotenv asks for"


@pytest.mark.parametrize("path", ["/etc/passwd", "../.env"])
def test_a_file_outside_the_project_is_refused(write: Any, path: str) -> None:
    with pytest.raises(ConfigError, match="dotenv must be inside the project"):
        resolve_pipeline(write(CONF, project=f"dotenv: {path}\n"), "etl", environ={})


def test_every_line_that_is_wrong_is_told_with_its_place(root: Path) -> None:
    (root / ".env").write_text('GOOD=1\nnonsense\nA=\'never closed\nB="x" and more\n 2C=3\n')
    with pytest.raises(ConfigError) as caught:
        resolve_pipeline(root, "etl", environ={})
    assert [str(problem).removeprefix(f"{root}/") for problem in caught.value.problems] == [
        ".env:2:1: this line is not NAME=value; A comment begins with '#'.",
        ".env:3:1: the quotes of this value are not closed, or something follows them",
        ".env:4:1: the quotes of this value are not closed, or something follows them",
        ".env:5:1: this line is not NAME=value; A comment begins with '#'.",
    ]


def test_a_value_in_it_that_does_not_fit_is_told_with_its_place(root: Path) -> None:
    (root / ".env").write_text("\nFP_PIPELINE__RUN__RELOAD=maybe\n")
    with pytest.raises(ConfigError, match=r"\.env:2:1: run\.reload must be true or false, not 'maybe'"):
        resolve_pipeline(root, "etl", environ={})


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("export A=1", "1"),
        ("  A = two words  ", "two words"),
        ("A=", ""),
        ("A=x # comment", "x"),
        ("A=x#y", "x#y"),
        ("A=# only a comment", ""),
        ("A='x # y' # comment", "x # y"),
        (r"A='x\n$B'", r"x\n$B"),
        (r'A="x\ny \"z\" \$B ${B}"', 'x\ny "z" $B ${B}'),
        ('A="two\nlines"', "two\nlines"),
        ("A=it's", "it's"),
        ("A=${B}", "${B}"),
        ("A=x\r\n", "x"),
        ("A=1\nA=2", "2"),
        ("\ufeffA=1", "1"),
    ],
)
def test_what_a_line_means(tmp_path: Path, line: str, value: str) -> None:
    (tmp_path / ".env").write_text(line, newline="")
    assert dict(Environment({}).above(tmp_path / ".env")) == {"A": value}


@given(values=st.dictionaries(st.from_regex(r"[A-Z_]\w{0,5}", fullmatch=True).filter(str.isascii), st.text(max_size=9)))
def test_quoted_values_read_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    values = {name: text.replace("\r", "") for name, text in values.items()}
    file = tmp_path_factory.mktemp("env") / ".env"
    escape = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
    file.write_bytes("".join(f'{name}="{text.translate(escape)}"\n' for name, text in values.items()).encode())
    assert dict(Environment({}).above(file)) == values


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=caf\xe9\n")
    with pytest.raises(ConfigError, match=r"\.env:2: is not UTF-8 text"):
        Environment({}).above(tmp_path / ".env")
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
        Environment({}).above(tmp_path)
