"""Text that is safe to show: whatever a log, a file or an exception holds, it cannot drive the terminal.

Both front ends send every foreign text through `sanitise` before it comes near a terminal.
"""

from __future__ import annotations

import re

# One alternative for each family of ECMA-48 sequences, in 7-bit and 8-bit form; a torn sequence ends at the text's end.
_SEQUENCE = re.compile(
    r"(?P<sgr>\x1b\[[0-9;:]{0,64}m)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# C0 but for tab and newline, DEL, C1; and what re-orders a line on the screen (bidirectional controls).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_VISIBLE = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_SUSPECT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def sanitise(text: str, *, colours: bool = False) -> str:
    r"""Return `text` without anything that a terminal obeys; tab and newline stay.

    Control sequences go, whole. A lone control character becomes its visible picture (␀, ␈), so that
    nothing is hidden. `\\r\\n` becomes a newline, and of a line that overwrites itself with `\\r` (a progress
    bar) the last state stays, as a terminal would show it. With `colours`, SGR sequences (`ESC [ … m`) stay.
    """
    if not _SUSPECT.search(text):
        return text
    text = text.replace("\r\n", "\n")
    text = _SEQUENCE.sub(lambda match: _steady(match["sgr"]) if colours and match["sgr"] else "", text)
    if "\r" in text:
        text = "\n".join(_after_returns(line) for line in text.split("\n"))
    if not colours:
        return _CONTROL.sub(_picture, text)
    kept = re.split(r"(\x1b\[[0-9;:]{0,64}m)", text)
    kept[::2] = [_CONTROL.sub(_picture, part) for part in kept[::2]]
    return "".join(kept)


def pictured(text: str) -> str:
    """Return `text` with every control character as its picture, one for one, so that places stay; tab and newline too.

    For text that is edited, where nothing may be left out.
    """
    return _CONTROL.sub(_picture, text)


def one_line(text: str) -> str:
    """Return `text` made safe for a place that has one line: newlines and tabs are shown as `␊` and `␉`."""
    return sanitise(text).replace("\n", "\u240a").replace("\t", "\u2409")


def _steady(sequence: str) -> str:
    """Return an SGR sequence without blinking, reversing and hiding, which people could be fooled or tired by."""
    parameters = [part for parameter in sequence[2:-1].split(";") for part in _plain(parameter)]
    kept: list[str] = []
    while parameters:
        parameter = parameters.pop(0)
        if parameter in ("38", "48", "58"):
            # An extended colour has its own numbers: 5 and an index, or 2 and three parts.
            length = {"5": 2, "2": 4}.get(parameters[0] if parameters else "", 0)
            kept += [parameter, *parameters[:length]]
            del parameters[:length]
        elif parameter.lstrip("0") not in ("5", "6", "7", "8"):
            kept.append(parameter)
    return f"\x1b[{';'.join(kept)}m" if kept else ""


def _plain(parameter: str) -> list[str]:
    """Return a parameter that has parts of its own, as `38:2::0:128:255` and `4:3`, as terminals knew it before."""
    kind, *own = parameter.split(":")
    if kind in ("38", "48", "58") and own[:1] == ["2"]:
        # A colour space may stand before the three parts of a colour.
        return [kind, "2", *(own[2:5] if len(own) > 4 else own[1:4])]
    if kind == "4" and own:
        return ["24" if own == ["0"] else "4"]
    return [kind, *own]


def _after_returns(line: str) -> str:
    states = [state for state in line.split("\r") if state]
    return states[-1] if states else ""


def _picture(match: re.Match[str]) -> str:
    return _VISIBLE.get(ord(match.group()), "\ufffd")
