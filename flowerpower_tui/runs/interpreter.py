"""Which interpreter a project's code runs in, and whether all is there that we need of it.

The first of these: what FP_TUI_PYTHON or the setting `python` names (`--python` sets the variable); the environment
that is activated in the shell; `.venv` or `venv` in the project's root or above it in the same repository; our own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from flowerpower_tui.config.known import EXECUTOR_PLUGINS, Elsewhere, ask_elsewhere
from flowerpower_tui.errors import InstallationError
from flowerpower_tui.location import at_home, private_directory, put, state_directory

VARIABLE = "FP_TUI_PYTHON"
OLDEST = (3, 11)
PATIENCE = 30.0
"""Seconds that an interpreter has to say what it is; on a slow network's disk it may take some."""
HERE = "fp-tui's own"

_FOLDERS = (".venv", "venv")
_PROBE = Path(__file__).parents[1] / "elsewhere" / "probe.py"


class Need(msgspec.Struct, frozen=True):
    """A module without which no pipeline runs.

    Attributes:
        distributions: which bring it; the first is what to install.
        oldest: the version from which on it will do.
    """

    distributions: tuple[str, ...]
    oldest: str = ""


NEEDS: Mapping[str, Need] = {
    "hamilton": Need(("apache-hamilton", "sf-hamilton"), "1.89"),
    "msgspec": Need(("msgspec",), "0.20"),
    "yaml": Need(("pyyaml",), "6.0"),
}


class Choice(msgspec.Struct, frozen=True):
    """The interpreter that a project's code runs in.

    Attributes:
        path: its path; empty if it is our own.
        why: by what it was chosen, in words.
        folder: of the environment that was found; empty if the interpreter was named.
    """

    path: str = ""
    why: str = HERE
    folder: str = ""

    @property
    def shown(self) -> str:
        """The interpreter's path, also if it is our own."""
        return self.path or sys.executable


class Interpreter(msgspec.Struct, frozen=True):
    """What an interpreter says of itself.

    Attributes:
        version: of Python.
        modules: those of `NEEDS` that are there, with the versions of their distributions.
        folders: where it looks for modules, each with its time of change in nanoseconds; 0 where there is none.
        executors: those that packages bring there.
    """

    version: str
    modules: Mapping[str, str]
    folders: Mapping[str, int]
    executors: tuple[str, ...]


def choose(root: Path, environ: Mapping[str, str] = os.environ) -> Choice:
    """Return the interpreter for the code of the project at `root`; nothing is started to find it.

    Raises:
        InstallationError: one is named, and is not there.
    """
    # Late, as are settings: who has none does not wait for them.
    from flowerpower_tui.settings import read_settings

    root = Path(os.path.abspath(root))  # noqa: PTH100 - resolving would leave the project through its links
    read = read_settings(environ)
    if named := read.settings.python:
        origin = read.origins.get("python")
        return _own(Choice(_named(named, root, environ), str(origin) if origin else "settings"))
    for why, folder in _environments(root, environ):
        path = folder / "bin" / "python"
        # A link that leads nowhere any more is there too: it is told, and not passed over.
        if os.path.lexists(path):
            return _own(Choice(str(path), why, str(folder)))
    return Choice()


def ready(root: Path, environ: Mapping[str, str] = os.environ) -> Choice:
    """Return what `choose` does, when it is sure that a run can begin there.

    What an interpreter says is kept until its folders change; our own is not asked. From then on the executors that
    packages bring there are known here, too.

    Raises:
        InstallationError: it is not there, too old, or lacks something; the hint is the cure.
    """
    choice = choose(root, environ)
    there = None
    if choice.path:
        found = look(choice)
        if what := wrong(choice, found):
            raise InstallationError(what, hint=cure(choice, found))
        there = Elsewhere(found.executors, _installer(choice))
    ask_elsewhere(lambda: there)
    return choice


def elsewhere(root: Path) -> Elsewhere | None:
    """Return what the interpreter for a project's code has that we have not; None if it is ours, or cannot be asked."""
    with suppress(InstallationError):
        choice = choose(root)
        return Elsewhere(look(choice).executors, _installer(choice)) if choice.path else None
    return None


def versions(choice: Choice) -> dict[str, str]:
    """Return the versions of what decides how a run behaves, found without importing any of it."""
    from importlib import metadata

    if choice.path:
        known = look(choice)
        python, hamilton = known.version, known.modules.get("hamilton", "")
    else:
        python, hamilton = sys.version.split()[0], ""
        for distribution in NEEDS["hamilton"].distributions:
            with suppress(metadata.PackageNotFoundError):
                hamilton = hamilton or metadata.version(distribution)
    found = {"python": python, "interpreter": choice.shown, "apache-hamilton": hamilton}
    with suppress(metadata.PackageNotFoundError):
        found["flowerpower-tui"] = metadata.version("flowerpower-tui")
    return {name: version for name, version in found.items() if version}


def wrong(choice: Choice, found: Interpreter) -> str:
    """Return what keeps pipelines from running in an interpreter; nothing if all is well."""
    where = f"The project's environment {choice.folder}" if choice.folder else f"{choice.path} ({choice.why})"
    if _numbers(found.version) < OLDEST:
        return f"{where} has Python {found.version}; pipelines need 3.11 or newer."
    told = []
    if missing := [need.distributions[0] for name, need in NEEDS.items() if name not in found.modules]:
        told.append(f"lacks {_listed(missing)}")
    told += [
        f"has {need.distributions[0]} {version}, which is older than {need.oldest}"
        for name, need in NEEDS.items()
        if (version := found.modules.get(name)) and _numbers(version) < _numbers(need.oldest)
    ]
    return f"{where} {', and '.join(told)}." if told else ""


def cure(choice: Choice, found: Interpreter) -> str:
    """Return what to do about what is wrong with an interpreter."""
    other = "name another interpreter: --python PATH"
    if _numbers(found.version) < OLDEST:
        return f"Make the environment anew with a newer Python, or {other}"
    lacking = [
        f"'{need.distributions[0]}>={need.oldest}'" if need.oldest else need.distributions[0]
        for name, need in NEEDS.items()
        if name not in found.modules or _numbers(found.modules[name] or need.oldest) < _numbers(need.oldest)
    ]
    return f"{_installer(choice)} {' '.join(lacking)}\nOr {other}"


def look(choice: Choice) -> Interpreter:
    """Return what the interpreter of a choice says of itself, which is asked only when something may have changed.

    Raises:
        InstallationError: it cannot be asked.
    """
    known = _path(choice)
    with suppress(OSError, ValueError):
        found = msgspec.json.decode(known.read_bytes(), type=Interpreter)
        if found.folders == _times(found.folders):
            return found
    found = _asked(choice)
    # Otherwise it is asked again the next time.
    with suppress(OSError):
        put(known, msgspec.json.encode(found))
    return found


def _installer(choice: Choice) -> str:
    with suppress(OSError):
        # uv makes environments without pip.
        if "\nuv = " in (Path(choice.path).parents[1] / "pyvenv.cfg").read_text("utf-8", "replace"):
            return f"uv pip install --python {choice.path}"
    return f"{choice.path} -m pip install"


def _asked(choice: Choice) -> Interpreter:
    wanted = [EXECUTOR_PLUGINS, *(f"{name}={','.join(need.distributions)}" for name, need in NEEDS.items())]
    try:
        done = subprocess.run(
            [choice.path, str(_PROBE), *wanted],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        # Whatever the environment itself prints at its start comes first.
        said = msgspec.json.decode(done.stdout.rstrip().rpartition(b"\n")[2], type=_Said)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise _unusable(choice, last or f"exit code {error.returncode}") from error
    except subprocess.TimeoutExpired as error:
        raise _unusable(choice, f"no answer within {PATIENCE:.0f} seconds") from error
    except OSError as error:
        raise _unusable(choice, error.strerror or str(error)) from error
    except msgspec.MsgspecError as error:
        raise _unusable(choice, "what it answers is not from Python") from error
    folders = dict.fromkeys((choice.path, *said.folders), 0)
    return Interpreter(said.version, said.modules, _times(folders), said.executors)


class _Said(msgspec.Struct):
    version: str
    modules: dict[str, str]
    folders: tuple[str, ...]
    executors: tuple[str, ...]


def _unusable(choice: Choice, reason: str) -> InstallationError:
    return InstallationError(
        f"{choice.path} ({choice.why}) cannot run Python: {reason}.",
        hint="Make the environment anew, or name another interpreter: --python PATH",
    )


def _named(name: str, root: Path, environ: Mapping[str, str]) -> str:
    """Return the interpreter that a person means by a path, the folder of an environment, or a command's name."""
    if os.sep not in name and (command := shutil.which(name, path=environ.get("PATH"))):
        return command
    # Links stay: what they lead to is the interpreter of another environment.
    path = Path(os.path.abspath(root / at_home(name)))  # noqa: PTH100
    if path.is_dir():
        path = path / "bin" / "python"
    if not path.exists():
        raise InstallationError(f"There is no interpreter {path}.", hint=f"See --python, {VARIABLE}, and the settings.")
    return str(path)


def _environments(root: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if folder := environ.get("VIRTUAL_ENV"):
        yield "activated", Path(folder)
    # Conda activates its base environment wherever there is nothing else, which says nothing about a project.
    if (folder := environ.get("CONDA_PREFIX")) and environ.get("CONDA_DEFAULT_ENV") not in ("base", "root"):
        yield "activated", Path(folder)
    from flowerpower_tui.project.mirrors import url_of

    # What a storage calls an environment is none on this machine.
    if not url_of(root):
        yield from (("the project's", folder / name) for folder in _repository(root) for name in _FOLDERS)


def _repository(root: Path) -> list[Path]:
    """Return the project's folder and those above it, up to that of its repository; without one, only the first."""
    folders = [root, *root.parents]
    for count, folder in enumerate(folders, 1):
        if (folder / ".git").exists():
            return folders[:count]
    return folders[:1]


def _own(choice: Choice) -> Choice:
    """Return the choice; without a path if that is the interpreter which runs this."""
    with suppress(OSError):
        path, ours = Path(choice.path), Path(sys.executable)
        if path.samefile(ours) and path.parent.samefile(ours.parent):
            return Choice("", f"{HERE}, {choice.why}", choice.folder)
    return choice


def _path(choice: Choice) -> Path:
    key = "\0".join((choice.path, os.environ.get("PYTHONPATH", ""), os.environ.get("PYTHONHOME", "")))
    digest = hashlib.blake2b(key.encode(errors="surrogateescape"), digest_size=16).hexdigest()
    return private_directory(state_directory() / "interpreters") / f"{digest}.json"


def _times(paths: Mapping[str, int]) -> dict[str, int]:
    def time(path: str) -> int:
        try:
            return os.stat(path).st_mtime_ns  # noqa: PTH116
        except OSError:
            return 0

    return {path: time(path) for path in paths}


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
