"""Plain scalars that are something else to a reader of YAML 1.2 than they are here, by YAML 1.1.

Dates are left out: most readers of YAML 1.2 take them as dates too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Misreading:
    """A plain scalar that looks like something else than it is.

    Attributes:
        message: what it is here.
        hint: how to say what was meant.
        instead: a spelling that means the same, or what was meant, to everybody.
    """

    message: str
    hint: str
    instead: str


_TRUTH = re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_DECIMAL_ZERO = re.compile(r"[-+]?0\d+")
_BASE_60 = re.compile(r"[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)")
_NEW_OCTAL = re.compile(r"0o[0-7]+")
_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<digits>\d+(?:\.\d*)?|\.\d+)(?:[eE](?P<power>[-+]?\d+))?")
# What PyYAML takes as a number of those: a dot before a power, and a sign in it; no sign before a dot.
_READ = re.compile(r"[-+]?\d+|(?:[-+]?\d+\.\d*|\.\d+)(?:[eE][-+]\d+)?")
# What is longer was not typed as a number.
_LONGEST = 40
_SUSPECT = re.compile(r"[-+.\dyYnNoO]")


def misreading(text: str) -> Misreading | None:
    """Return what is to be said of the plain scalar `text`; None if everybody reads it alike.

    Numbers with underscores (`10_000`) are not told: they are the numbers that they look like.
    """
    if len(text) > _LONGEST or not _SUSPECT.match(text):
        return None
    if _TRUTH.fullmatch(text):
        meaning = "true" if text.lower() in ("yes", "on") else "false"
        return Misreading(f"'{text}' is {meaning} here", "Write true or false, or quote it if it is a word.", meaning)
    if _OCTAL.fullmatch(text):
        digits = text.replace("_", "")
        value = int(digits, 8)
        if value == int(digits):
            return None
        return Misreading(f"'{text}' is {value} here, an octal number", "Quote it if its digits count.", f'"{text}"')
    if _DECIMAL_ZERO.fullmatch(text):
        return Misreading(f"'{text}' is text here, as it begins with 0", "Quote it, or leave out the 0.", f'"{text}"')
    if _BASE_60.fullmatch(text):
        message = f"'{text}' is {_from_base_60(text)} here, a number to the base of 60"
        return Misreading(message, "Quote it.", f'"{text}"')
    if _NEW_OCTAL.fullmatch(text):
        return Misreading(f"'{text}' is text here, no number", "Write the number as a decimal.", str(int(text, 8)))
    if (match := _NUMBER.fullmatch(text)) and not _READ.fullmatch(text):
        number = _in_full(match)
        return Misreading(f"'{text}' is text here, no number", f"Write the number in full: {number}", number)
    return None


def _from_base_60(text: str) -> str:
    value = 0.0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        value = value * 60 + float(part)
    return f"{'-' * text.startswith('-')}{value:.15g}"


def _in_full(match: re.Match[str]) -> str:
    digits, power = match["digits"], match["power"]
    digits = f"0{digits}" if digits[0] == "." else digits if "." in digits else f"{digits}.0"
    if power is None:
        return f"{match['sign']}{digits}"
    return f"{match['sign']}{digits}e{power if power[0] in '+-' else f'+{power}'}"
