"""Which names are secrets' names."""

import pytest

from flowerpower_tui.config.secrets import MASK, is_secret, masked


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
        "primary_key",
        "auth_url",
        "HOME",
    ],
)
def test_names_that_are_none(name: str) -> None:
    assert not is_secret(name)


def test_everything_under_a_secrets_key_is_masked() -> None:
    assert masked({"credentials": {"user": "ann", "codes": [1, 2], "unset": None}}) == {
        "credentials": {"user": MASK, "codes": [MASK, MASK], "unset": None}
    }
