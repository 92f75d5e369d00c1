"""`fp-tui doctor`: what is wrong with this place for fp-tui, and the cure."""

from __future__ import annotations

import argparse
import getpass
import locale
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module, util
from typing import Literal

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json
from flowerpower_tui.errors import FlowerPowerError

Verdict = Literal["good", "note", "bad"]

_GLYPHS: dict[Verdict, str] = {"good": "✓", "note": "·", "bad": "✗"}
_TONES: dict[Verdict, console.Tone] = {"good": "plain", "note": "plain", "bad": "error"}

# What must be there, by the name of its module and of its distribution.
_REQUIRED = {"hamilton": "apache-hamilton", "textual": "textual", "msgspec": "msgspec", "watchfiles": "watchfiles"}
_OPTIONAL = {
    "ray": ("ray", "runs on Ray"),
    "distributed": ("dask", "runs on Dask"),
    "textual_serve": ("serve", "the interface in a browser"),
    "opentelemetry": ("otel", "spans by OpenTelemetry"),
    "openlineage": ("openlineage", "events for OpenLineage"),
    "mlflow": ("mlflow", "results in MLflow"),
    "hamilton_sdk": ("tracker", "Hamilton's tracker"),
}
_ABOUT = "The worst is told last. Run it where the trouble is: in that terminal, in that project."
_EXAMPLES = {
    "fp-tui doctor": "here",
    "fp-tui doctor --json": "for a report, or a program",
}
_LOW_DISK = 512 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """What was looked at.

    Attributes:
        about: which part it is about.
        verdict: `good`; `note`, if something is missing that not everybody needs; `bad`, if something does not work.
        what: what was found.
        cure: what to do; empty where nothing is to be done.
    """

    about: str
    verdict: Verdict
    what: str
    cure: str = ""


def add_commands(line: CommandLine) -> None:
    """Add `doctor`."""
    parser = line.add(
        "doctor",
        doctor,
        "say what is wrong with the terminal, the settings, the installation",
        about=_ABOUT,
        examples=_EXAMPLES,
        exits={2: "something does not work"},
        takes=("project", "python"),
    )
    add_json(parser)


def doctor(arguments: argparse.Namespace) -> int:
    """Print what was found, the worst last, so that it is read."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {check.__name__.strip("_"): check for check in _CHECKS}
    checks["project's python"] = partial(_project, arguments)
    findings = [finding for about, check in checks.items() for finding in _safely(about, check)]
    findings.sort(key=lambda finding: ("good", "note", "bad").index(finding.verdict))
    if arguments.json:
        console.json_document([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            console.data(f"{_GLYPHS[finding.verdict]} {finding.about}: {finding.what}", _TONES[finding.verdict])
            if finding.cure:
                console.data(f"  → {finding.cure}")
    return console.Exit.MISTAKE if any(finding.verdict == "bad" for finding in findings) else console.Exit.DONE


def _safely(about: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (FlowerPowerError, OSError, ImportError) as error:
        message, _, hint = str(error).partition("\n")
        return [Finding(about, "bad", message, hint)]


def _terminal() -> Iterator[Finding]:
    term = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        yield Finding("terminal", "note", "this is none: output goes to a file or a pipe")
    elif term in ("", "dumb"):
        yield Finding("terminal", "bad", f"TERM is '{term}', which can show nothing", "Set TERM, as in: xterm-256color")
    else:
        size = shutil.get_terminal_size()
        verdict: Verdict = "good" if size.columns >= 60 and size.lines >= 16 else "bad"
        cure = "" if verdict == "good" else "Make it at least 60 columns and 16 lines; 80 by 24 show everything."
        yield Finding("terminal", verdict, f"{term}, {size.columns} by {size.lines}", cure)
    colours = os.environ.get("COLORTERM", "")
    if "NO_COLOR" in os.environ:
        yield Finding("colours", "note", "none: NO_COLOR is set")
    elif colours in ("truecolor", "24bit"):
        yield Finding("colours", "good", "16 million")
    else:
        yield Finding(
            "colours", "note", "COLORTERM does not say truecolor", "If the terminal can: export COLORTERM=truecolor"
        )
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") == "utf8":
        yield Finding("letters", "good", "UTF-8")
    else:
        yield Finding("letters", "bad", f"{encoding}: boxes and names cannot be shown", "export LC_ALL=C.UTF-8")
    yield from _multiplexer()


def _multiplexer() -> Iterator[Finding]:
    if "TMUX" in os.environ and shutil.which("tmux"):
        # Late, as what follows: no other command waits for it.
        import subprocess

        for option, why in (
            ("allow-passthrough", "notices reach the desktop"),
            ("focus-events", "fp-tui rests while one looks elsewhere"),
        ):
            # Of the server or of windows, whichever the option is.
            command = ["tmux", "show-options", "-gqv", option]
            asked = subprocess.run(command, capture_output=True, text=True, check=False)
            value = asked.stdout.strip() or "off"
            if value == "off":
                yield Finding("tmux", "note", f"{option} is off", f"So that {why}: set -g {option} on")
            else:
                yield Finding("tmux", "good", f"{option} {value}")
    if "SSH_CONNECTION" in os.environ:
        yield Finding("link", "good", "over SSH: the screen changes less often (settings: link)")


def _settings() -> Iterator[Finding]:
    from flowerpower_tui.settings import config_directory, read_settings

    read = read_settings()
    if not read.problems:
        where = str(read.path) if read.path.exists() else "none of your own: everything as it comes"
        yield Finding("settings", "good", where)
    for problem in read.problems:
        yield Finding("settings", "bad", str(problem), "fp-tui settings validate")
    keymap = import_module("flowerpower_tui.tui.keymap").read_keymap(config_directory(), read.settings.keys)
    for problem in keymap.problems:
        yield Finding("keys", "bad", str(problem), "fp-tui keys")
    _, wrong = import_module("flowerpower_tui.tui.themes").user_themes(config_directory() / "themes")
    for problem in wrong:
        yield Finding("themes", "bad", str(problem))
    yield _editor(read.settings.editor or os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")


def _editor(named: str) -> Finding:
    try:
        words = shlex.split(named)
    except ValueError:
        return Finding("editor", "bad", f"{named} has a quote that is not closed", "Set EDITOR as a shell reads it.")
    if not words:
        return Finding("editor", "note", "none is named", "To open files in your own: export EDITOR=vim")
    if not shutil.which(words[0]):
        return Finding("editor", "bad", f"{named} is not there", "Set EDITOR to one that is installed.")
    return Finding("editor", "good", named)


def _state() -> Iterator[Finding]:
    from flowerpower_tui.location import VARIABLE, state_directory

    folder = state_directory()
    probe = folder / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding("runs", "bad", f"{folder} cannot be written: {error.strerror}", f"Set {VARIABLE} to another.")
        return
    free = shutil.disk_usage(folder).free
    if free < _LOW_DISK:
        yield Finding("runs", "bad", f"{folder} has only {free // 2**20} MB left", "fp-tui prune, or another disk")
    else:
        yield Finding("runs", "good", f"{folder}, {free // 2**30} GB free")
    if folder.stat().st_mode & 0o077:
        yield Finding("runs", "bad", f"{folder} can be read by others", f"chmod 700 {folder}")


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "good", f"{version}, {sys.executable}")
    if sys.dont_write_bytecode:
        yield Finding(
            "byte code",
            "bad",
            "Python writes none, so every run compiles Hamilton and pandas again, for seconds",
            "unset PYTHONDONTWRITEBYTECODE",
        )
    else:
        yield Finding("byte code", "good", "is written")
    for module, distribution in _REQUIRED.items():
        if util.find_spec(module) is None:
            yield Finding(distribution, "bad", "is missing", f"pip install {distribution}")
        else:
            yield Finding(distribution, "good", _version(distribution))
    if _version("sf-hamilton") and _version("sf-hamilton") != _version("apache-hamilton"):
        yield Finding(
            "sf-hamilton",
            "note",
            f"{_version('sf-hamilton')} is installed beside apache-hamilton: both bring the same package",
            "pip uninstall sf-hamilton, then pip install --force-reinstall apache-hamilton",
        )
    for module, (extra, what) in _OPTIONAL.items():
        if util.find_spec(module) is None:
            yield Finding(extra, "note", f"not installed ({what})", f"pip install 'flowerpower-tui[{extra}]'")
        else:
            yield Finding(extra, "good", f"installed ({what})")


def _project(arguments: argparse.Namespace) -> Iterator[Finding]:
    project = place.project_or_none(arguments)
    if project is None:
        return
    from flowerpower_tui.runs.interpreter import choose, cure, look, wrong

    choice = choose(project.root)
    if not choice.path:
        yield Finding("project's python", "good", f"{choice.why}: {choice.shown}")
        return
    found = look(choice)
    if trouble := wrong(choice, found):
        yield Finding("project's python", "bad", trouble, cure(choice, found))
    else:
        yield Finding("project's python", "good", f"{found.version}, {choice.path} ({choice.why})")


def _version(distribution: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _system() -> Iterator[Finding]:
    if sys.platform != "linux":
        yield Finding("runs", "note", "this system has no subreapers: what a run starts and forgets may outlive it")
        return
    from flowerpower_tui.cli.logind import kills_user_processes

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # In a container, often nobody has a name.
        user = str(os.getuid())
    if file := kills_user_processes(user):
        yield Finding(
            "logout",
            "bad",
            f"logind ends everything when you log out, runs too (KillUserProcesses in {file})",
            "loginctl enable-linger, and start it by: systemd-run --user --scope fp-tui",
        )
    if not shutil.which("dot"):
        yield Finding("graphviz", "note", "not installed (fp-tui dag --format png, pdf)", "apt install graphviz")


_CHECKS = (_terminal, _settings, _state, _python, _system)
