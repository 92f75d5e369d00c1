"""What a diagnostic is: something to say of a place in a text, and perhaps what would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.section import Section

Severity = Literal["error", "warning", "hint"]
Kind = Literal["project", "pipeline"]
"""Which file it is: conf/project.yml, or one of conf/pipelines/."""
MODELS: Mapping[Kind, type[Section]] = {"project": ProjectConfig, "pipeline": PipelineConfig}
"""What each of them holds."""


@dataclass(frozen=True, order=True)
class Span:
    """A part of a text. Lines and columns count from 1, columns in characters; the end is behind the last one."""

    line: int
    column: int
    end_line: int
    end_column: int

    def __contains__(self, place: tuple[int, int]) -> bool:
        return (self.line, self.column) <= place <= (self.end_line, self.end_column)


@dataclass(frozen=True)
class Fix:
    """An edit that mends what a diagnostic says.

    Attributes:
        span: what is replaced.
        text: what stands there then.
    """

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """What is to be said of a place in a text.

    Attributes:
        severity: `error`, a run would fail; `warning`, it may not do what was meant; `hint`, worth knowing.
        message: what it is, on one line, safe to show; secrets are masked.
        span: the place.
        code: which kind it is: `unknown-key`, `syntax`, …
        hint: what to do about it, on one line; may be empty.
        fix: an edit that does it; None if nobody knows one.
    """

    severity: Severity
    message: str
    span: Span
    code: str
    hint: str = ""
    fix: Fix | None = None
