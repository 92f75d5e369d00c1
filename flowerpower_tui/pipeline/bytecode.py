"""Byte code of modules that people edit outside a project: it counts only for the very text that it was made of."""

from __future__ import annotations

import importlib.util
import marshal
import sys
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from types import CodeType

# PEP 552: made of a text with this hash, which is to be compared.
_CHECKED = (0b11).to_bytes(4, "little")


def finder_of_edited(folder: str) -> FileFinder:
    """Return what finds the modules in a folder that people edit."""
    return FileFinder(folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_ByTextLoader, SOURCE_SUFFIXES))


class _ByTextLoader(SourceFileLoader):
    """Python tells by size and whole seconds whether byte code is of a text: of two saves in one it could run the old.

    What is written in its place other Pythons read, too.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        text = self.get_data(path)
        head = importlib.util.MAGIC_NUMBER + _CHECKED + importlib.util.source_hash(text)
        cached = importlib.util.cache_from_source(path)
        with suppress(OSError, EOFError, ValueError, TypeError):
            data = self.get_data(cached)
            if data.startswith(head):
                known = marshal.loads(data[len(head) :])  # noqa: S302 - as Python itself does it
                if isinstance(known, CodeType) and known.co_filename == path:
                    return known
        code: CodeType = self.source_to_code(text, path)
        if not sys.dont_write_bytecode:
            self.set_data(cached, head + marshal.dumps(code))
        return code
