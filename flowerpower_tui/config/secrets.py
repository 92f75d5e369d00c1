"""Which values must not be shown, told by the name of their key, and what is shown in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flowerpower_tui.errors import Problem

MASK = "••••••"

# As words of a name: `hf_token` and `apiKey` are secrets, `max_tokens` and `keyboard` are not.
_SECRET = re.compile(
    r"(^|_)([a-z]*(password|passwd|passphrase)|pwd|(auth|access)?token|secrets?|credentials?|bearer|dsn|auth|authorization"
    r"|storage_options|connection_string"
    r"|(api|access|private|secret|account|encryption|signing)_?key)(_|$)(?!(count|length|limit|size|url|uri|file)$)"
    r"|_pass$"
)
# To the last '@', since passwords may have one, and a '/'; but what follows a colon may also be a port. Not longer than
# this, as many could begin in one line.
_URL_PASSWORD = re.compile(r"(?P<head>\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/@:]*:)(?!\d+(?:[/?#]|$))[^\s\"']{1,300}(?=@)")
# Tried once for each word: lines can be long.
_KEY_OF_LINE = re.compile(r"""(?<![\w.-])(?P<key>[\w.-]++)["']?\s*+:""")


def is_secret(key: str) -> bool:
    """Return whether a value under this key, or in a variable of this name, is not to be shown."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    return _SECRET.search(re.sub(r"[\W]+", "_", words).lower()) is not None


def any_secret(keys: Iterable[object]) -> bool:
    """Return whether one of the keys on the way to a value makes it a secret."""
    return any(is_secret(str(key)) for key in keys)


def masked(value: Any, *, secret: bool = False) -> Any:
    """Return `value` with every secret in it replaced; `secret` says that all of it is one.

    What stands under a secret's key goes, and the password inside a URL. Empty values stay: that nothing is set is no
    secret.
    """
    if isinstance(value, Mapping):
        return {key: masked(item, secret=secret or is_secret(str(key))) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, secret=secret) for item in value]
    if secret and value not in (None, "", False):
        return MASK
    if isinstance(value, str):
        return _URL_PASSWORD.sub(rf"\g<head>{MASK}", value)
    return value


def names_secret(line: str) -> bool:
    """Return whether a key on this line of a file is a secret's."""
    return any_secret(match["key"] for match in _KEY_OF_LINE.finditer(line))


def without_quotes(problem: Problem, text: str) -> Problem:
    """Return `problem` without what it quotes, if the line of `text` that it points to holds a secret.

    For files that are no YAML, where a line is all that is known: `password: !hunter2` is an unknown tag.
    """
    number = problem.location.line if problem.location else 0
    # A value may stand on the line behind its key.
    if not names_secret(" ".join(text.splitlines()[max(0, number - 2) : number])):
        return problem
    quoted = re.compile(r"'[^']*'")
    return replace(problem, message=quoted.sub(MASK, problem.message), hint=quoted.sub(MASK, problem.hint))
