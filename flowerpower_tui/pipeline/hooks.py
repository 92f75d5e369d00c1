"""A pipeline's hooks around a run: `before_run` and `after_run` of the modules in `hooks/<pipeline>/`.

A module that has neither is not imported: it may be meant for something else, and need what is not here.
"""

from __future__ import annotations

import ast
import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.errors import Location, ModuleError
from flowerpower_tui.pipeline.modules import import_file
from flowerpower_tui.project.hooks import HookType, hook_files

logger = logging.getLogger(__name__)

_AROUND_RUNS = {HookType.BEFORE_RUN.function, HookType.AFTER_RUN.function}


@dataclass(frozen=True)
class RunHooks:
    """What is called around the runs of a pipeline, in the order of its files.

    Attributes:
        pipeline: the pipeline's name.
        before: functions of `(pipeline, config)`.
        after: functions of `(pipeline, result, error)`.
    """

    pipeline: str
    before: tuple[Callable[..., Any], ...] = ()
    after: tuple[Callable[..., Any], ...] = ()

    @classmethod
    def load(cls, hooks: Path, pipeline: str) -> RunHooks:
        """Import the hooks of a pipeline afresh; its project must be open, as it is once its modules are imported.

        Raises:
            ModuleError: a module cannot be imported, or what should be a function is none.
            ConfigError: a module loads a configuration that cannot be used.
        """
        modules = [import_file(path, f"hooks.{path.stem}") for path in hook_files(hooks, pipeline) if _has_hooks(path)]
        before, after = (
            tuple(_function(module, kind) for module in modules if hasattr(module, kind.function))
            for kind in (HookType.BEFORE_RUN, HookType.AFTER_RUN)
        )
        return cls(pipeline, before, after)

    def before_run(self, config: RunConfig) -> None:
        """Call what is to be called before a run.

        Raises:
            Exception: what a hook raised: the run shall not begin.
        """
        for hook in self.before:
            hook(self.pipeline, config)

    def after_run(self, result: dict[str, Any] | None, error: BaseException | None) -> None:
        """Call what is to be called after a run; what a hook raises is logged, since the run is over."""
        for hook in self.after:
            try:
                hook(self.pipeline, result, error)
            except Exception:  # the user's: it must not change how the run ended
                logger.exception("The hook after_run of '%s' failed.", self.pipeline)


def _has_hooks(path: Path) -> bool:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        place = Location(str(path), getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0)
        raise ModuleError(f"{type(error).__name__}: {getattr(error, 'msg', error)}", location=place) from error
    return any(name in _AROUND_RUNS for statement in tree.body for name in _names(statement))


def _names(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [statement.name]
        case ast.Assign():
            return [target.id for target in statement.targets if isinstance(target, ast.Name)]
        case ast.ImportFrom():
            return [alias.asname or alias.name for alias in statement.names]
    return []


def _function(module: Any, kind: HookType) -> Callable[..., Any]:
    hook = getattr(module, kind.function)
    if not callable(hook):
        raise ModuleError(f"'{kind.function}' is no function.", location=Location(module.__file__))
    if inspect.iscoroutinefunction(hook):
        raise ModuleError(
            f"'{kind.function}' is asynchronous, and nobody would await it.",
            location=Location(module.__file__, inspect.unwrap(hook).__code__.co_firstlineno),
            hint="Write it without async; asyncio.run(…) in it does what is.",
        )
    function: Callable[..., Any] = hook
    return function
