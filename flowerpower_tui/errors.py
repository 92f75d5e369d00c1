"""What can go wrong for a user, as one hierarchy; raised where the facts are, shown once at the rim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Location:
    """A place in a file. Lines and columns count from 1; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True)
class Problem:
    """One thing wrong at one place: what `fp-tui check` prints a line for.

    Attributes:
        message: what is wrong.
        location: where.
        hint: what to do about it; may be empty.
        code: which kind of problem it is, as in `unknown-key`; for programs, and empty where none asks.
        instead: what could stand in the file in place of the key or value at `location`; empty if nobody knows.
    """

    message: str
    location: Location | None = None
    hint: str = ""
    code: str = ""
    instead: str = ""

    def __str__(self) -> str:
        text = f"{self.location}: {self.message}" if self.location else self.message
        return f"{text.removesuffix('.')}; {self.hint}" if self.hint else text


class FlowerPowerError(Exception):
    """A mistake in input, told in one to five lines: what, where, what to do.

    Attributes:
        message: what went wrong.
        location: where, if a place is to blame.
        hint: what to do about it; may be empty.
        exit_code: what a command that ends with this error exits with.
    """

    exit_code = 2

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The error as problems, one for each place."""
        return (Problem(self.message, self.location, self.hint),)

    def __str__(self) -> str:
        text = f"{self.location}: {self.message}" if self.location else self.message
        return f"{text}\n{self.hint}" if self.hint else text


class ProjectError(FlowerPowerError):
    """There is no project here, or it cannot be read or made."""


class NoProjectError(ProjectError, FileNotFoundError):
    """There is no project where one is asked for."""


class AlreadyThereError(ProjectError, FileExistsError, ValueError):
    """What shall be made exists."""


class InvalidNameError(ProjectError, ValueError):
    """No pipeline, project or folder of a project can be called that."""


class StorageError(ProjectError):
    """The storage that a project lies in does not answer, refuses us, or has no such place."""


class NothingThereError(StorageError, FileNotFoundError):
    """A storage has no such file or folder."""


class ConflictError(ProjectError):
    """What shall be written over is no longer what it was: someone else has written there."""


class InstallationError(FlowerPowerError):
    """A package that we need is not there, or not whole."""


class OutputError(FlowerPowerError):
    """What was asked for cannot be written: a full disk, a folder that is not there."""


class EditError(FlowerPowerError):
    """A file cannot be edited as asked without changing more of it than was asked."""


class ChangedOnDiskError(OutputError):
    """A file was changed by somebody else since it was read; it is left as it is.

    Attributes:
        current: what it holds now; None if it is gone.
    """

    def __init__(self, message: str, *, current: bytes | None, location: Location | None = None) -> None:
        super().__init__(message, location=location, hint="Nothing was written. Read it again, then make the change.")
        self.current = current


class PipelineNotFoundError(FlowerPowerError, ValueError):
    """The project has no pipeline of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        hint = did_you_mean(name, known) or (f"It has: {', '.join(known)}." if known else "It has none yet.")
        super().__init__(f"This project has no pipeline '{name}'.", hint=hint)
        self.name = name


class ConfigError(FlowerPowerError):
    """A configuration file, variable or override that cannot be used; carries every problem found.

    Attributes:
        notices: what else is worth knowing of the same files and variables, as an unknown key.
    """

    def __init__(self, problems: Iterable[Problem], notices: Iterable[Problem] = ()) -> None:
        self._problems = tuple(problems)
        self.notices = tuple(notices)
        if not self._problems:
            raise ValueError("a ConfigError tells at least one problem")
        first = self._problems[0]
        super().__init__(first.message, location=first.location, hint=first.hint)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem found, in the order of the file."""
        return self._problems

    def __str__(self) -> str:
        return "\n".join((*map(str, self._problems), *(f"{notice} (notice)" for notice in self.notices)))


class ModuleError(FlowerPowerError):
    """A pipeline's module cannot be found or imported."""


class GraphError(FlowerPowerError):
    """The functions make no graph, or the graph cannot give what was asked of it."""


class RunFailedError(FlowerPowerError, RuntimeError):
    """A pipeline failed in `FlowerPowerProject.run`; its own error is the cause."""

    exit_code = 1


class RunStoreError(FlowerPowerError):
    """A run cannot be found, started, read or cancelled."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `Did you mean '…'?` for the known name nearest to `name`, or an empty string."""
    near = nearest(name, known)
    return f"Did you mean '{near}'?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like `name`, or an empty string."""
    # Late: everything imports this module, and few make a slip.
    import difflib

    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else ""
