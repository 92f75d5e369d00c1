"""The user's own settings: one file for every project, checked key by key; both front ends and `runs` read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta
from msgspec import field as setting

from flowerpower_tui.config.section import Section, default_of, fields, is_section
from flowerpower_tui.errors import AlreadyThereError, ConfigError, Location, OutputError, Problem
from flowerpower_tui.location import at_home

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo

    from flowerpower_tui.config.layers import Layer, Origin, Shims

DIRECTORY_VARIABLE = "FP_TUI_CONFIG_DIR"
FILE = "settings.yml"
VARIABLES: Shims = {
    "FP_TUI_KEEP_RUNS": ("keep_runs",),
    "FP_TUI_KEEP_SIZE": ("keep_size",),
    "FP_TUI_KEEP_RESULTS": ("keep_results",),
    "FP_TUI_THEME": ("theme",),
    "FP_TUI_LINK": ("link",),
    "FP_TUI_COLOURS": ("colours",),
    "FP_TUI_CHARSET": ("charset",),
    "FP_TUI_PYTHON": ("python",),
    "FP_TUI_WATCH": ("watch",),
}
"""Variables that stand for one setting each, and are stronger than the file."""

Link = Literal["auto", "local", "ssh"]
Colours = Literal["auto", "truecolour", 256, 16, "none"]
Letters = Literal["auto", "unicode", "ascii"]
Endings = Literal["off", "failed", "all"]
Size = Annotated[str, Meta(pattern=r"^\s*\d+(\.\d+)?\s*[KMGTkmgt]?[Bb]?\s*$", title="a size such as 5GB")]

_WIDTH = 96


class NoticeSettings(Section, kw_only=True):
    """How the end of a run is told, beside the word in the interface.

    Attributes:
        bell: which ends ring the terminal's bell.
        desktop: which ends are told to the terminal, which shows them on the desktop (OSC 9; through tmux, if that has
            allow-passthrough).
        only_unfocused: whether bell and desktop are left alone while the terminal has the focus.
        minimum_duration: seconds that a run must have taken for bell and desktop to tell of its success. Of a run that
            is in view and was shorter the interface makes no words either.
    """

    bell: Endings = "off"
    desktop: Endings = "off"
    only_unfocused: bool = True
    minimum_duration: Annotated[float, Meta(ge=0)] = 5.0


class Settings(Section, kw_only=True):
    """What a user wants of fp-tui, whatever the project.

    Attributes:
        keep_runs: how many runs are kept, the newest.
        keep_size: how much room the kept runs may take together.
        keep_results: how much room the results may take that runs keep, so that later ones need not compute them.
        theme: the interface's theme.
        keys: which keys do what; keymap.yml beside this file changes single ones. fp-tui keys lists them.
        link: what kind of link the terminal is at; auto looks for SSH. Over ssh the screen changes less often.
        frame_rate: how often a second the screen may change at most.
        colours: how many colours the terminal is sent; auto goes by TERM, COLORTERM and NO_COLOR. Fewer are
            fewer bytes.
        charset: which letters the terminal is sent; auto goes by LC_ALL, LC_CTYPE and LANG.
        hints: whether the footer's hint on a key goes when the key was used three times, to make room, or stays.
        meter: whether the title bar shows how much is sent to the terminal; auto does over ssh.
        pause_when_unfocused: whether the screen changes only once a second while the terminal has not the focus.
        reduced_motion: whether nothing moves that could as well stand still.
        notices: how the end of a run is told.
        editor: the command that opens files; VISUAL or EDITOR if there is none. {file} and {line} are filled in.
        python: the interpreter that projects' code runs in, or the folder of its environment, from the project's root;
            without one the activated environment, else the project's .venv or venv, else fp-tui's own.
        watch: how changes of a project's files are seen: by events of the system, or by looking every second (poll),
            as for NFS and SSHFS; auto finds out which. off: only what is saved here is seen, and f5 looks for the rest.
        on_save: what a saved file does to what depends on it: off, ask, or run it.
        while_running: what then happens to a run that goes on: restart it, or queue the new one.
        sinks: plugins that are told what happens in each run, by their names, each with its options; see docs.
    """

    keep_runs: Annotated[int, Meta(ge=0)] = 1_000
    keep_size: Size = "5GB"
    keep_results: Size = "2GB"
    theme: str = "petal"
    keys: Literal["default", "vim"] = "default"
    link: Link = "auto"
    frame_rate: Annotated[int, Meta(ge=1)] = 60
    colours: Colours = "auto"
    charset: Letters = "auto"
    hints: Literal["fade", "always"] = "fade"
    meter: Literal["auto", "always", "never"] = "auto"
    pause_when_unfocused: bool = True
    reduced_motion: bool = False
    notices: NoticeSettings = setting(default_factory=NoticeSettings)
    editor: str | None = None
    python: str | None = None
    watch: Literal["auto", "events", "poll", "off"] = "auto"
    on_save: Literal["off", "ask", "run"] = "off"
    while_running: Literal["restart", "queue"] = "restart"
    sinks: dict[str, Any] = setting(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """The settings as they hold.

    Attributes:
        settings: what can be used; the default where a value cannot be.
        problems: what cannot be used, in the order of the file; keys that there are not among them.
        path: the file, whether it is there or not.
        origins: where each value comes from that is no default, by its dotted key.
    """

    settings: Settings
    problems: tuple[Problem, ...]
    path: Path
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def complaint(self) -> str:
        """What is wrong, in a line or two; nothing if all is well."""
        if not self.problems:
            return ""
        others = len(self.problems) - 1
        more = f"\nand {others} more: fp-tui settings validate" if others else ""
        return f"{self.problems[0]}{more}"


def config_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the user's settings, which need not be there: `FP_TUI_CONFIG_DIR`, or the platform's."""
    if chosen := environ.get(DIRECTORY_VARIABLE):
        return at_home(chosen).absolute()
    import platformdirs

    return platformdirs.user_config_path("flowerpower-tui", appauthor=False)


def read_settings(environ: Mapping[str, str] = os.environ) -> Read:
    """Return the settings of the file and the environment. Never raises: what cannot be used is a problem."""
    path = config_directory(environ) / FILE
    if not path.exists() and VARIABLES.keys().isdisjoint(environ):
        return Read(Settings(), (), path)
    # Late: who has no settings does not wait for YAML.
    from flowerpower_tui.config.environment import Environment
    from flowerpower_tui.config.layers import shims
    from flowerpower_tui.config.stack import Stack

    stack = Stack(Settings)
    try:
        if path.exists():
            stack.lay(_file(path))
    except ConfigError as error:
        stack.problems += error.problems
    stack.lay(shims(VARIABLES, Environment(environ)))
    found = ((".".join(key), stack.origin(key)) for key, _ in leaves(Settings))
    origins = {key: origin for key, origin in found if origin.layer != "default"}
    return Read(stack.build(), (*stack.problems, *stack.notices), path, origins)


def flat(settings: Settings) -> dict[str, Any]:
    """Return every value by its dotted key, in the order of the file."""
    found = {}
    for key, _ in leaves(Settings):
        value: Any = settings
        for part in key:
            value = getattr(value, part)
        found[".".join(key)] = value
    return found


def leaves(model: type[Section], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], FieldInfo]]:
    """Return what holds a value in `model` and its sections, with the keys that lead there, in the file's order."""
    found: list[tuple[tuple[str, ...], FieldInfo]] = []
    for key, info in fields(model).items():
        found += leaves(info.type, (*path, key)) if is_section(info) else [((*path, key), info)]
    return found


def commented() -> str:
    """Return a settings file that says every default and what it is, each commented out."""
    lines = ["# Settings of fp-tui. What begins with #: is a default: take that off to change it.", ""]
    lines += _commented(Settings, "")
    return "\n".join(lines)


def initialise(environ: Mapping[str, str] = os.environ) -> Path:
    """Write the commented file, and return where it is.

    Raises:
        AlreadyThereError: there is one.
        OutputError: it cannot be written.
    """
    path = config_directory(environ) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(commented())
            except OSError:
                with suppress(OSError):
                    path.unlink()
                raise
    except FileExistsError as error:
        raise AlreadyThereError(
            f"{path} is there already.", hint="Edit it; fp-tui settings shows what holds."
        ) from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _file(path: Path) -> Layer:
    """Return what the file says, as it stands there: a dollar in a command is the shell's.

    Raises:
        ConfigError: it cannot be read, or is no YAML.
    """
    from flowerpower_tui.config.layers import Layer, Origin
    from flowerpower_tui.yamldoc.document import Document

    document = Document.read(path)

    def origin(place: Location) -> Origin:
        return Origin("yaml", place.file, place.line, place.column)

    values: Any = document.value or {}
    problems: tuple[Problem, ...] = ()
    if not isinstance(values, Mapping):
        problem = Problem("this file must hold keys with values, as in theme: petal", document.location())
        values, problems = {}, (problem,)
    return Layer(
        "yaml",
        values,
        lambda key: origin(document.location(key)),
        lambda key: origin(document.key_location(key)),
        problems=problems,
        notices=document.problems,
    )


def _commented(model: type[Section], indent: str) -> list[str]:
    from flowerpower_tui.config.fit import choices_of
    from flowerpower_tui.config.schema import meanings
    from flowerpower_tui.yamldoc.dump import dump

    lines = []
    for key, info in fields(model).items():
        about = meanings(model)[key]
        about = f"{about[:1].upper()}{about[1:]}"
        if words := choices_of(info.type):
            about += f" One of {', '.join(map(str, words))}."
        margin = f"{indent}# "
        lines += fill(about, _WIDTH, initial_indent=margin, subsequent_indent=margin).split("\n")
        if is_section(info):
            lines += [f"{indent}{key}:", *_commented(info.type, f"{indent}  ")]
        else:
            lines += [f"{indent}#:{dump({key: default_of(info)}).rstrip()}", ""]
    return lines
