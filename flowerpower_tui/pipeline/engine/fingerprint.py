"""Whether code and values are what they were: a hash that changes with everything that could change what a node gives.

For a function that is its byte code, its defaults, what it closes over, and the module-level names that it uses, each
followed in the same way through the project's own code; of libraries only their versions count.
"""

from __future__ import annotations

import ast
import dis
import functools
import hashlib
import importlib.util
import io
import pickle
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hamilton.node import Node

from flowerpower_tui.pipeline.places import is_own_file

_SALT = b"1 " + sys.version.encode() + importlib.util.MAGIC_NUMBER
_NOT_PARTS = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__qualname__"})
_CONTAINERS = (dict, list, tuple, set, frozenset)
LARGE = 10_000
"""Containers of more items are taken as a whole."""
_HEAP_TYPE = 1 << 9
"""The flag of classes that are not built into the interpreter or an extension."""
_CODE = (types.FunctionType, types.ModuleType, type)


class CannotTellError(Exception):
    """There is no telling whether this value is the same the next time."""


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
        walk = _Walk(self)
        try:
            walk.follow(function)
        except RecursionError as error:
            raise CannotTellError("it is nested too deeply") from error
        return walk.hexdigest()

    def of_value(self, value: Any) -> tuple[str, bytes]:
        """Return the fingerprint of a value, and the value pickled.

        Raises:
            CannotTellError: it cannot be pickled, or uses code of which there is no telling.
        """
        data, code = pickled(value)
        walk = _Walk(self)
        walk.write(data)
        for part in code:
            walk.follow(part)
        return walk.hexdigest(), data

    def is_own(self, file: str | None) -> bool:
        """Whether a file is code of the project."""
        return file is not None and is_own_file(file, self._root)

    def is_followed(self, file: str | None) -> bool:
        """Whether code of this file is to be followed: the project's, and what was made without any file."""
        return file is None or is_own_file(file, self._root)

    def text(self, file: str) -> bytes:
        """The text of a module of the project."""
        known = self._sources.get(file)
        return known if known is not None else Path(file).read_bytes()


def pickled(value: Any) -> tuple[bytes, list[Any]]:
    """Return a value pickled, and the functions, classes and modules that the pickle only names.

    Raises:
        CannotTellError: it cannot be pickled.
    """
    buffer = io.BytesIO()
    pickler = _Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    try:
        pickler.dump(value)
    except Exception as error:  # whatever the value's own methods raise
        raise CannotTellError(f"{type(value).__qualname__} cannot be pickled: {error}") from error
    return buffer.getvalue(), pickler.code


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol)
        self.code: list[Any] = []

    def reducer_override(self, obj: Any) -> Any:
        # It is asked for everything but plain data, so this costs little.
        if isinstance(obj, _CODE) or _is_wrapper(obj):
            self.code.append(obj)
        return NotImplemented


class _Walk:
    """One way through code and values. What it meets again it names by its number, so that cycles have an end."""

    def __init__(self, prints: Fingerprinter) -> None:
        self._prints = prints
        self._hash = hashlib.blake2b(_SALT, digest_size=20)
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []
        self._texts: set[str] = set()

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def write(self, *parts: str | bytes) -> None:
        for part in parts:
            data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
            self._hash.update(len(data).to_bytes(8, "little") + data)

    def follow(self, thing: Any) -> None:
        """Take in something and all that it uses.

        Raises:
            CannotTellError: there is no telling what it is.
        """
        if thing is None or type(thing) in (bool, int, float, complex, str, bytes):
            self.write(type(thing).__name__, repr(thing))
            return
        if id(thing) in self._numbers:
            self.write("again", str(self._numbers[id(thing)]))
            return
        self._numbers[id(thing)] = len(self._numbers)
        self._kept.append(thing)  # or another could come to have its id
        match thing:
            case types.FunctionType():
                self._function(thing)
            case types.MethodType():
                self.write("method")
                self._all(thing.__func__, thing.__self__)
            case functools.partial():
                self.write("partial")
                self._all(thing.func, thing.args, thing.keywords)
            case staticmethod() | classmethod():
                self.write(type(thing).__name__)
                self.follow(thing.__func__)
            case property():
                self.write("property")
                self._all(thing.fget, thing.fset, thing.fdel)
            case types.ModuleType():
                self._module(thing)
            case type():
                self._class(thing)
            case Node():
                self.write("node", thing.name, *thing.input_types)
                self._all(thing.callable, thing.default_parameter_values)
            case _ if type(thing) in _CONTAINERS and len(thing) <= LARGE:
                self._items(thing)
            case _ if _is_wrapper(thing):
                self.write("wrapper", type(thing).__qualname__)
                self.follow(thing.__wrapped__)
            case _:
                self._value(thing)

    def _all(self, *things: Any) -> None:
        for thing in things:
            self.follow(thing)

    def _function(self, function: types.FunctionType) -> None:
        scope = function.__globals__
        self.write("function", function.__module__ or "", function.__qualname__)
        is_own = self._prints.is_followed(scope.get("__file__"))
        if is_own:
            self._code(function.__code__)
        else:
            self._library(function.__module__ or "")
        self._all(function.__defaults__, function.__kwdefaults__)
        for cell in function.__closure__ or ():
            try:
                self.follow(cell.cell_contents)
            except ValueError:
                self.write("empty")
        if is_own:
            self._names(function.__code__, scope)

    def _code(self, code: types.CodeType) -> None:
        shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
        self.write("code", repr(shape), code.co_code, code.co_exceptiontable)
        self.write(*code.co_names, "|", *code.co_varnames, "|", *code.co_freevars, "|", *code.co_cellvars)
        for constant in code.co_consts:
            self._constant(constant)

    def _constant(self, constant: Any) -> None:
        match constant:
            case types.CodeType():
                self._code(constant)
            case frozenset():
                self.write("frozenset", *sorted(map(repr, constant)))  # their order changes from process to process
            case tuple():
                self.write("tuple", str(len(constant)))
                for item in constant:
                    self._constant(item)
            case _:
                self.write(type(constant).__name__, repr(constant))

    def _names(self, code: types.CodeType, scope: Mapping[str, Any]) -> None:
        """Follow the module-level names that the code uses, and what it imports."""
        names, imports = _uses(code)
        for name in names:
            if name not in scope:
                continue  # a builtin, or nothing yet
            self.write("name", name)
            try:
                self.follow(scope[name])
            except CannotTellError:
                if _is_of_library(scope[name]):
                    continue
                # What it is made of stands in the module, or in what that imports.
                self._text(scope.get("__file__"), scope.get("__package__") or "")
        for name in imports:
            self.write("import", name)
            self._imported(name, scope.get("__package__") or "")

    def _class(self, kind: type) -> None:
        self.write("class", kind.__module__, kind.__qualname__)
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None)
        if not (kind.__flags__ & _HEAP_TYPE and self._prints.is_followed(file)):
            self._library(kind.__module__)
            return
        self._all(*kind.__bases__)
        try:
            for name, part in sorted(vars(kind).items()):
                if name not in _NOT_PARTS and not isinstance(part, types.MemberDescriptorType):
                    self.write(name)
                    self.follow(part)
        except CannotTellError:
            self._text(file, getattr(module, "__package__", "") or "")

    def _module(self, module: types.ModuleType) -> None:
        self.write("module", module.__name__)
        file = getattr(module, "__file__", None)
        if self._prints.is_own(file):
            self._text(file, module.__package__ or "")
        else:
            self._library(module.__name__)

    def _imported(self, name: str, package: str) -> None:
        """Follow a module that is imported by this name, if it is the project's."""
        try:
            name = importlib.util.resolve_name(name, package)
            spec = getattr(sys.modules.get(name), "__spec__", None) or importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return  # it is not there, and its absence is told when it runs
        if spec is None or not self._prints.is_own(spec.origin):
            self._library(name)
        else:
            self._text(spec.origin, spec.parent or "")

    def _text(self, file: str | None, package: str) -> None:
        """Take in the whole text of a module of the project, and of all that it imports of the project."""
        if file is None:
            raise CannotTellError("it was made without a file")
        if file in self._texts:
            return
        self._texts.add(file)
        text = self._prints.text(file)
        self.write("text", text)
        for name in _imports(text):
            self._imported(name, package)

    def _library(self, module: str) -> None:
        top = module.partition(".")[0]
        self.write("library", top, str(getattr(sys.modules.get(top), "__version__", "")))

    def _items(self, container: Any) -> None:
        self.write(type(container).__name__, str(len(container)))
        match container:
            case dict():
                for key, item in container.items():
                    self._all(key, item)
            case set() | frozenset():
                # Their order changes from process to process.
                self.write(*sorted(self._prints.of_code(item) for item in container))
            case _:
                self._all(*container)

    def _value(self, value: Any) -> None:
        self.write("value", type(value).__module__, type(value).__qualname__)
        try:
            data, code = pickled(value)
        except CannotTellError:
            self._parts(value)
            return
        self.write(data)
        self._all(*code)

    def _parts(self, value: Any) -> None:
        """Follow the parts of what cannot be pickled as a whole."""
        if typing.get_origin(value) is not None:
            self._all(typing.get_origin(value), *typing.get_args(value))
        elif isinstance(value, types.MappingProxyType):
            self._items(dict(value))
        elif self._is_made_of_parts(value):
            self.follow(type(value))
            for name, part in sorted(_attributes(value).items()):
                self.write(name)
                self.follow(part)
        else:
            raise CannotTellError(f"{type(value).__qualname__} cannot be pickled")

    def _is_made_of_parts(self, value: Any) -> bool:
        """Whether the attributes tell all: of the project's own classes, of Hamilton's decorators, of dataclasses."""
        module = type(value).__module__
        file = getattr(sys.modules.get(module), "__file__", None)
        return module.partition(".")[0] in ("hamilton", "dataclasses") or self._prints.is_own(file)


def _attributes(value: Any) -> dict[str, Any]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {name: getattr(value, name) for name in slots if hasattr(value, name) and name != "__dict__"}
    return found | getattr(value, "__dict__", {})


@functools.lru_cache(maxsize=4096)
def _uses(code: types.CodeType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The global names that code uses, those of the functions in it too; and the modules that it imports."""
    names: dict[str, None] = {}
    imports: dict[str, None] = {}
    before: list[Any] = [0, None]  # an import is preceded by its level and what is taken from it
    for instruction in dis.get_instructions(code):
        match instruction.opname:
            case "LOAD_GLOBAL" | "LOAD_NAME":
                names[instruction.argval] = None
            case "LOAD_CONST" | "LOAD_SMALL_INT":
                before = [before[-1], instruction.argval]
            case "IMPORT_NAME":
                imports |= dict.fromkeys(_modules(before[0], instruction.argval, before[1] or ()))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _uses(constant)
            names |= dict.fromkeys(inner[0])
            imports |= dict.fromkeys(inner[1])
    return tuple(names), tuple(imports)


def _imports(text: bytes) -> Iterator[str]:
    """The modules that a module imports; names that it takes from them may be modules too."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, level):
                yield from _modules(level or 0, module or "", [alias.name for alias in names])


def _modules(level: int, module: str, names: Iterable[str]) -> Iterator[str]:
    """The module that `from … import …` names, and those that the names may be."""
    start = "." * level + module
    yield start
    yield from (f"{start}.{name}" if module else f"{start}{name}" for name in names)


def _is_wrapper(thing: Any) -> bool:
    return "__wrapped__" in (getattr(thing, "__dict__", None) or ())


def _is_of_library(value: Any) -> bool:
    """Whether a library has it ready under some name: `from loguru import logger`."""
    top = sys.modules.get(type(value).__module__.partition(".")[0])
    return top is not None and any(part is value for part in tuple(vars(top).values()))
