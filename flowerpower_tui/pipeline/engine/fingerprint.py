"""Whether code and values are what they were: a hash that changes with everything that could change what a node gives.

For a function that is its byte code, its defaults, what it closes over, and the module-level names that it uses, each
followed in the same way through the project's own code; of libraries only their versions count.
"""

from __future__ import annotations

import functools
import pickle
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowerpower_tui.pipeline.engine.uses import deeds_of
from flowerpower_tui.pipeline.engine.walk import CannotTellError, Walk, pickled
from flowerpower_tui.pipeline.ingredients import Code
from flowerpower_tui.pipeline.places import is_edited_file, is_own_file, python_files

__all__ = ["CannotTellError", "Fingerprinter"]

_OUTSIDE = re.compile(
    r"open|(read|scan|write|load|save|fetch|download|upload)(_\w+)?|to_(csv|excel|feather|json|parquet|pickle|sql)|dump|"
    r"urlopen|urlretrieve|requests?|httpx|connect|execute|sql|glob|rglob|iterdir|listdir|scandir|walk|stat|exists|"
    r"is_file|is_dir|unlink|mkdir|rename|now|utcnow|today|time|time_ns|monotonic|perf_counter|random|randint|rand|randn|"
    r"randrange|choice|choices|shuffle|sample|default_rng|uuid1|uuid4|urandom|token_\w+|Popen|run|check_output|system"
)


class Fingerprinter:
    """Takes fingerprints in one project.

    Args:
        root: the project's folder: what lies below it is followed.
        sources: the text of its modules as they were imported, by file.
    """

    def __init__(self, root: Path, sources: Mapping[str, bytes]) -> None:
        self._root = root
        self._sources = sources

    def of_code(self, function: Any) -> str:
        """Return the fingerprint of something that is called.

        Raises:
            CannotTellError: it uses something of which there is no telling.
        """
        return self.code(function).print

    def code(self, function: Any) -> Code:
        """Return the fingerprint of something that is called, with its parts.

        Raises:
            CannotTellError: it uses something of which there is no telling.
        """
        walk = Walk(self)
        with walk.part("code", "", ""):
            try:
                walk.follow(function)
            except RecursionError as error:
                raise CannotTellError("it is nested too deeply") from error
        walk.variables()
        for module, deeds in self._deeds.items():
            with walk.part("statements", module, ""):
                walk.write(deeds)
        return Code(walk.hexdigest(), walk.parts(), any(map(_OUTSIDE.fullmatch, walk.names)))

    def of_value(self, value: Any) -> tuple[str, bytes]:
        """Return the fingerprint of a value, and the value pickled.

        Raises:
            CannotTellError: it cannot be pickled, does not come back, or uses code of which there is no telling.
        """
        data, code = pickled(value)
        if any(self.is_own(_file_of(part)) for part in code):
            _check_that_it_comes_back(data, type(value).__qualname__)
        walk = Walk(self)
        walk.write(data)
        for part in code:
            walk.follow(part)
        return walk.hexdigest(), data

    def is_own(self, file: str | None) -> bool:
        """Whether a file is code of the project, or in a folder that people edit."""
        return file is not None and (is_own_file(file, self._root) or is_edited_file(file))

    def is_followed(self, file: str | None) -> bool:
        """Whether code of this file is to be followed: the project's, and what was made without any file."""
        return file is None or self.is_own(file)

    @property
    def sources(self) -> Mapping[str, bytes]:
        """The text of the project's modules as they were imported, by file."""
        return self._sources

    def text(self, file: str) -> bytes:
        """The text of a module of the project."""
        known = self._sources.get(file)
        return known if known is not None else Path(file).read_bytes()

    @functools.cached_property
    def importable(self) -> Sequence[str]:
        """The files that code can import by a name that it makes up as it runs, whether they were imported or not."""
        return sorted({*self._sources, *python_files(self._root)})

    @functools.cached_property
    def _deeds(self) -> Mapping[str, str]:
        """Fingerprints of what the project's modules do when they are imported, by module."""
        modules = {
            file: module for module in sys.modules.copy().values() if (file := getattr(module, "__file__", None))
        }
        found: dict[str, str] = {}
        for file, text in sorted(self._sources.items()):
            deeds = deeds_of(text, file)
            if deeds is not None:
                walk = Walk(self)
                walk.write(deeds[0])
                module = modules.get(file)
                if module is not None:
                    walk.use(deeds[1], vars(module))
                found[module.__name__ if module else Path(file).stem] = walk.hexdigest()
        return found


def _file_of(code: Any) -> str | None:
    return getattr(sys.modules.get(getattr(code, "__module__", None) or ""), "__file__", None)


def _check_that_it_comes_back(data: bytes, kind: str) -> None:
    """Read a pickle: many exceptions, and other classes that people write, pickle and do not come back."""
    try:
        pickle.loads(data)  # noqa: S301 - it was pickled just now
    except Exception as error:  # whatever the methods of users' classes raise
        raise CannotTellError(f"{kind} is pickled, and does not come back: {error}") from error
