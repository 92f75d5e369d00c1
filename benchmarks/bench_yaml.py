"""Edits of YAML beside ruamel.yaml: how many leave every other byte alone, and how long one takes.

The same edits of the same files for both, in turn in one run, so that a busy machine slows both; ratios are what
counts. ruamel.yaml has the settings that keep most: quotes, width, the file's own indentation, YAML 1.1, line ends and
byte order mark put back. Exact means: what stands before and behind the value is what it was, byte for byte, and PyYAML
reads the new value and no other change.
"""

from __future__ import annotations

import copy
import io
import statistics
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.style import style_of
from flowerpower_tui.yamldoc.tree import Lines, is_same, read

ROOT = Path(__file__).parents[1]
EDITS_A_FILE = 8
NEWS = (7, "plain", "it's: new")
LARGE = 40_000
# How large the large files are, and how often each is edited: ruamel.yaml takes half a minute for the last.
SIZES = {10_000: 3, 100_000: 3, 980_000: 1}

KeyPath = tuple[Hashable, ...]


@dataclass
class Score:
    """How one of the two did."""

    exact: int = 0
    inexact: int = 0
    refused: int = 0
    untouched: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def edits(self) -> int:
        """All that were tried."""
        return self.exact + self.inexact + self.refused


def ours(text: str, path: KeyPath, value: Any) -> str:
    """Edit as `fp-tui` does: read the text, and write it with one value changed."""
    return Document.parse(text, "").set(path, value).text


def theirs(text: str, path: KeyPath, value: Any) -> str:
    """Edit with ruamel.yaml, set up to keep what it can."""
    document = _tuned(text)
    root = document.load(text.removeprefix("\ufeff"))
    holder = root
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return _dumped(document, root, text)


def _tuned(text: str) -> YAML:
    document = YAML()
    document.preserve_quotes = True
    document.width = 1_000_000
    body = text.removeprefix("\ufeff")
    style = style_of(read(body), Lines(body))
    document.indent(mapping=style.indent, sequence=style.offset + 2, offset=style.offset)
    document.explicit_start = body.startswith("---")
    return document


def _dumped(document: YAML, root: Any, text: str) -> str:
    written = io.StringIO()
    document.dump(root, written)
    result = written.getvalue()
    if "\r\n" in text:
        result = result.replace("\n", "\r\n")
    if not text.endswith("\n"):
        result = result.rstrip("\r\n")
    return "\ufeff" * text.startswith("\ufeff") + result


def files() -> list[Path]:
    """The corpus of the tests, the examples, and what packages ship."""
    folders = (ROOT / "tests/yamldoc/corpus", ROOT / "examples", Path(yaml.__file__).parents[1])
    return [path for folder in folders for suffix in ("yml", "yaml") for path in sorted(folder.rglob(f"*.{suffix}"))]


def scalars(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the paths of all values that are no collections."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if entries is None:
        if path:
            yield path
        return
    for key, item in entries:
        yield from scalars(item, (*path, key))


def score(edit: Callable[[str, KeyPath, Any], str], document: Document, path: KeyPath, value: Any, to: Score) -> None:
    """Make one edit, and note how it went."""
    start, end = document.span(path)
    started = time.perf_counter()
    try:
        after = edit(document.text, path, value)
    except FlowerPowerError:
        to.refused += 1
        return
    except Exception:  # noqa: BLE001 - ruamel.yaml raises many kinds of its own, and a few by accident
        to.inexact += 1
        return
    to.seconds.append(time.perf_counter() - started)
    expected = copy.deepcopy(document.value)
    holder = expected
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    head, tail = document.text[:start].rstrip(" "), document.text[end:].lstrip(" ")
    same = after.startswith(head) and after.endswith(tail)
    try:
        meant = is_same(yaml.load(after.removeprefix("\ufeff"), Loader=yaml.CSafeLoader), expected)
    except yaml.YAMLError:
        meant = False
    if same and meant:
        to.exact += 1
    else:
        to.inexact += 1


def main() -> None:
    """Print a table of both, and how they do on a large file."""
    our, their = Score(), Score()
    read_files = 0
    for file in files():
        data = file.read_bytes()
        try:
            document = Document.decode(data, file.name)
        except FlowerPowerError:
            continue
        if len(data) > LARGE or ("*" in document.text and "&" in document.text):
            # An anchor's value changes wherever it is used: no edit of it is of one place.
            continue
        read_files += 1
        our.untouched += document.data == data
        their.untouched += _comes_back(document.text)
        paths = list(scalars(document.value))
        for path in paths[:: max(1, len(paths) // EDITS_A_FILE)]:
            try:
                document.span(path)
            except FlowerPowerError:
                continue
            for value in NEWS:
                score(ours, document, path, value, our)
                score(theirs, document, path, value, their)
    print(f"{read_files} files, {our.edits} edits of a value in each\n")
    print(f"{'':<26}{'flowerpower-tui':>16}{'ruamel.yaml':>16}")
    print(f"{'read and written, the same':<26}{our.untouched:>16}{their.untouched:>16}")
    print(f"{'edits that are exact':<26}{_share(our):>16}{_share(their):>16}")
    print(f"{'refused with a reason':<26}{our.refused:>16}{their.refused:>16}")
    print(f"{'wrong, or more changed':<26}{our.inexact:>16}{their.inexact:>16}")
    _print_times("median of an edit", our.seconds, their.seconds)
    for size, rounds in SIZES.items():
        text = _large(size)
        path: KeyPath = ("pipelines", 3, "run", "retry", "max_retries")
        timed = [(_seconds(ours, text, path), _seconds(theirs, text, path)) for _ in range(rounds)]
        _print_times(f"a file of {size // 1000} KB", [one for one, _ in timed], [two for _, two in timed])


def _comes_back(text: str) -> bool:
    try:
        document = _tuned(text)
        return _dumped(document, document.load(text.removeprefix("\ufeff")), text) == text
    except Exception:  # noqa: BLE001 - as above
        return False


def _seconds(edit: Callable[[str, KeyPath, Any], str], text: str, path: KeyPath) -> float:
    started = time.perf_counter()
    edit(text, path, 9)
    return time.perf_counter() - started


def _large(size: int) -> str:
    example = (ROOT / "examples/churn-features/conf/pipelines/churn_features.yml").read_text()
    item = "  - " + "\n    ".join(line for line in example.splitlines() if line) + "\n"
    return "pipelines:\n" + item * max(4, size // len(item))


def _share(of: Score) -> str:
    return f"{of.exact} ({of.exact / of.edits:.1%})"


def _print_times(what: str, our: list[float], their: list[float]) -> None:
    mine, other = statistics.median(our) * 1000, statistics.median(their) * 1000
    print(f"{what:<26}{mine:>13.1f} ms{other:>13.1f} ms   ratio {mine / other:.2f}")


if __name__ == "__main__":
    main()
