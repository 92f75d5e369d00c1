"""Which names are secrets' names, and that no message tells what is under them."""

from typing import Any

import pytest

from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.errors import ConfigError


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "api_key",
        "apiKey",
        "API-KEY",
        "aws_secret_access_key",
        "secret",
        "client.secret",
        "hf_token",
        "HF_TOKEN",
        "pwd",
        "authorization",
        "private_key",
        "credentials",
        "passphrase",
        "sentry_dsn",
        "PGPASSWORD",
        "dbPasswd",
        "authtoken",
        "DB_PASS",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "keyboard",
        "tokens",
        "max_tokens",
        "token_count",
        "author",
        "password_length",
        "secretary",
        "bypass",
        "pass_rate",
        "primary_key",
        "auth_url",
        "HOME",
    ],
)
def test_names_that_are_none(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:hunter2@host/db", f"postgresql://ann:{MASK}@host/db"),
        ("postgresql://ann:hun@ter2@host/db", f"postgresql://ann:{MASK}@host/db"),
        ("postgresql://ann:hun/ter2@host/db", f"postgresql://ann:{MASK}@host/db"),
        ("redis://:hunter2@host:6379", f"redis://:{MASK}@host:6379"),
        ("http://host:8080/users/ann@example.org", "http://host:8080/users/ann@example.org"),
        ("s3://bucket/ann@example.org", "s3://bucket/ann@example.org"),
    ],
)
def test_passwords_in_urls_are_masked_whatever_is_in_them(url: str, shown: str) -> None:
    assert masked(f"cannot reach {url} today") == f"cannot reach {shown} today"


def test_everything_under_a_secrets_key_is_masked() -> None:
    assert masked({"credentials": {"user": "ann", "codes": [1, 2], "unset": None}}) == {
        "credentials": {"user": MASK, "codes": [MASK, MASK], "unset": None}
    }


@pytest.mark.parametrize(
    ("pipeline", "project"),
    [
        ("run: {retry: {max_retries: '${API_TOKEN}'}}", ""),
        ("run: {final_vars: '${API_TOKEN}'}", ""),
        ("run: {log_level: '${API_TOKEN}'}", ""),
        ("run: {executor: {type: 'x${API_TOKEN}'}}", ""),
        ("run: {executor: '${API_TOKEN}'}", ""),
        ("run: {retry: {retry_exceptions: [ValueError, '${API_TOKEN}']}}", ""),
        ("", "adapter: {hamilton_tracker: {api_key: 13371337}}"),
        ("", "adapter: {hamilton_tracker: {api_key: [hunter2]}}"),
        ("", "hooks_dir: '/${API_TOKEN}'"),
        ("", "name: '../${API_TOKEN}'"),
        ("params: {password: !hunter2 x}", ""),
        ("params: {password: *hunter2 }", ""),
        ("params:\n  db_password:\n    !hunter2 x\n", ""),
        ("adapter: {mlflow: {run_tags: 'https://joe:hunter2@example.org'}}", ""),
    ],
)
def test_a_problem_does_not_tell_a_secret(write: Any, pipeline: str, project: str) -> None:
    root = write(pipeline, project=project)
    with pytest.raises(ConfigError) as caught:
        resolve_pipeline(root, "etl", {}, {"API_TOKEN": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert "1337" not in str(caught.value)


def test_an_override_that_is_wrong_does_not_tell_a_secret(write: Any) -> None:
    overrides = {"run": {"pipeline_adapter_cfg": {"hamilton_tracker": {"dag_name": {"password": "hunter2"}}}}}
    with pytest.raises(ConfigError) as caught:
        resolve_pipeline(write(""), "etl", overrides, {})
    assert "hunter2" not in str(caught.value)


def test_a_message_about_what_is_no_secret_tells_it(write: Any) -> None:
    with pytest.raises(ConfigError, match="'!ENV'"):
        resolve_pipeline(write("params: {host: !ENV x}"), "etl", {}, {})


def test_nothing_that_is_shown_of_a_configuration_holds_a_secret(write: Any) -> None:
    root = write(
        """
        params:
          db: {password: hunter2, url: "postgres://joe:hunter2@example.org/shop"}
          greeting: hello ${API_TOKEN}
          hosts: [{token: hunter2}, "${API_TOKEN}"]
          one: {1: {api_key: hunter2}}
          nested: {"a.b": "${API_TOKEN}", a: {b: plain}}
        """,
        project="adapter: {hamilton_tracker: {api_key: hunter2}, ray: {ray_init_config: {password: hunter2}}}",
    )
    config = resolve_pipeline(
        root,
        "etl",
        {"run": {"inputs": {"api_key": "hunter2", "auth": {"codes": ["hunter2"]}}}},
        {"API_TOKEN": "hunter2", "FP_PIPELINE__PARAMS__DB__SECRET_KEY": "hunter2"},
    )
    assert "hunter2" not in str(config.masked())
    assert "hunter2" not in str([(entry.key, entry.value, str(entry.origin)) for entry in config.entries])
    assert config.masked()["pipeline"]["params"]["nested"] == {"a.b": MASK, "a": {"b": "plain"}}
    assert config.pipeline.run.inputs["api_key"] == "hunter2"
