"""A way through code and values that hashes everything it meets: what a fingerprint is taken of."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import io
import os
import pickle
import sys
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from hamilton.function_modifiers.base import NodeTransformLifecycle
from hamilton.node import Node

from flowerpower_tui.pipeline.engine.libraries import version_of
from flowerpower_tui.pipeline.engine.uses import Path as NamePath
from flowerpower_tui.pipeline.engine.uses import imports_of, uses_of
from flowerpower_tui.pipeline.ingredients import Kind, Part

_SALT = b"2 " + sys.version.encode() + importlib.util.MAGIC_NUMBER
_NOT_PARTS = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__qualname__"}) | {
    # Since Python 3.13 and 3.14: where a class stands in its file, and what follows from the rest of it.
    *("__firstlineno__", "__static_attributes__", "__annotate_func__", "__annotations_cache__")
}
_CONTAINERS = (dict, list, tuple, set, frozenset)
LARGE = 10_000
"""Containers of more items are taken as a whole."""
_HEAP_TYPE = 1 << 9
"""The flag of classes that are not built into the interpreter or an extension."""
_DYNAMIC = frozenset({"eval", "exec", "globals", "import_module", "__import__", "vars"})
"""Names by which code comes to use what it does not name."""
_ENVIRONMENT = frozenset({"environ", "environb", "getenv"})
_CODE = (types.FunctionType, types.ModuleType, type)


class CannotTellError(Exception):
    """There is no telling whether this value is the same the next time."""


class Project(Protocol):
    """Whose code is followed."""

    @property
    def importable(self) -> Sequence[str]:
        """The files of its modules, imported or not."""

    def is_own(self, file: str | None) -> bool:
        """Whether a file is code of the project."""

    def is_followed(self, file: str | None) -> bool:
        """Whether code of this file is to be followed."""

    def text(self, file: str) -> bytes:
        """The text of a module of the project."""


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


class Walk:
    """One way through code and values. What it meets again it names by its number, so that cycles have an end.

    Attributes:
        names: every name that stands in the code that was followed.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._hash = hashlib.blake2b(_SALT, digest_size=20)
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []
        self._files: set[str] = set()
        self._ledger: dict[tuple[Kind, str, str], Any] = {}
        self._open: list[Any] = []
        self._strings: set[str] = set()
        self.names: set[str] = set()

    def hexdigest(self) -> str:
        """Return the fingerprint of all that was met."""
        return self._hash.hexdigest()

    def parts(self) -> tuple[Part, ...]:
        """Return what it consists of, each part with a fingerprint of its own."""
        return tuple(Part(*key, part.hexdigest()) for key, part in self._ledger.items())

    @contextmanager
    def part(self, kind: Kind, module: str, name: str) -> Iterator[None]:
        """What is written now belongs to this part, and to none around it."""
        # Met again, it has been told; the hash of all hears it nevertheless.
        known = (kind, module, name) in self._ledger
        part = hashlib.blake2b(digest_size=8)
        if not known:
            self._ledger[kind, module, name] = part
        self._open.append(part)
        try:
            yield
        finally:
            self._open.pop()

    def write(self, *texts: str | bytes) -> None:
        """Take in texts."""
        for text in texts:
            data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
            data = len(data).to_bytes(8, "little") + data
            self._hash.update(data)
            if self._open:
                self._open[-1].update(data)

    def variables(self) -> None:
        """Take in the variables of the environment that are named, if any are looked at."""
        if not self.names.isdisjoint(_ENVIRONMENT):
            for name in sorted(self._strings & os.environ.keys()):
                with self.part("variable", "", name):
                    self.write(name, os.environ[name])

    def follow(self, thing: Any) -> None:
        """Take in something and all that it uses.

        Raises:
            CannotTellError: there is no telling what it is.
        """
        if thing is None or type(thing) in (bool, int, float, complex, str, bytes):
            if isinstance(thing, str):
                self._strings.add(thing)
            self.write(type(thing).__name__, repr(thing))
            return
        if id(thing) in self._numbers:
            # The number depends on what came before, which no part shall know of.
            self._hash.update(b"again %d " % self._numbers[id(thing)])
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
        is_own = self._project.is_followed(scope.get("__file__"))
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
            for name, value in sorted(vars(function).items()):
                if not _is_hamiltons(value):  # what those have made is looked at, and tags change no value
                    self.write("attribute", name)
                    self.follow(value)
            self.use(function.__code__, scope)

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

    def use(self, code: types.CodeType, scope: Mapping[str, Any]) -> None:
        """Follow the module-level names that the code uses, and what it imports."""
        uses = uses_of(code)
        self.names |= uses.names
        self._strings |= uses.texts
        for path in uses.paths:
            if path[0] in scope:  # else a builtin, or nothing yet
                self._name(path, scope)
        if not _DYNAMIC.isdisjoint(uses.names - scope.keys()) or ("sys", "modules") in (
            path[:2] for path in uses.paths
        ):
            self._everything()
        for name in uses.imports:
            self.write("import", name)
            self._imported(name, scope.get("__package__") or "")

    def _name(self, path: NamePath, scope: Mapping[str, Any]) -> None:
        module, name, thing = scope.get("__name__") or "", path[0], scope[path[0]]
        for attribute in path[1:]:
            if not (isinstance(thing, types.ModuleType) and self._is_own(thing)) or attribute not in vars(thing):
                break
            self.write("of", name)
            module, name, thing = thing.__name__, attribute, vars(thing)[attribute]
        self.write("name", name)
        kind = _kind(thing)
        if kind in ("helper", "class"):
            module = getattr(thing, "__module__", "") or ""
            name = getattr(thing, "__qualname__", name)
        elif kind == "module":
            kind, module, name = ("module" if self._is_own(thing) else "library"), "", thing.__name__
        with self.part(kind, module, name):
            try:
                self.follow(thing)
            except CannotTellError:
                if not _is_of_library(thing):
                    # What it is made of stands in the module, or in what that imports.
                    self._text(scope.get("__file__"), scope.get("__package__") or "")

    def _everything(self) -> None:
        """Take in all modules of the project: any of them may be used."""
        for file in self._project.importable:
            self._text(file, "")

    def _class(self, kind: type) -> None:
        self.write("class", kind.__module__, kind.__qualname__)
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None)
        if not (kind.__flags__ & _HEAP_TYPE and self._project.is_followed(file)):
            self._library(kind.__module__)
            return
        self._all(*kind.__bases__)
        if type(kind) is not type:
            self.follow(type(kind))
        try:
            for name, part in sorted(vars(kind).items()):
                if name not in _NOT_PARTS and not isinstance(part, types.MemberDescriptorType):
                    self.write(name)
                    self.follow(part)
        except CannotTellError:
            self._text(file, getattr(module, "__package__", "") or "")

    def _module(self, module: types.ModuleType) -> None:
        self.write("module", module.__name__)
        if not self._is_own(module):
            self._library(module.__name__)
            return
        # A folder of modules as a whole is all that is imported of it.
        known = sys.modules.copy()
        inside = sorted(name for name in known if name.startswith(f"{module.__name__}."))
        for part in (module, *map(known.__getitem__, inside)):
            if file := getattr(part, "__file__", None):
                self._text(file, part.__package__ or "")

    def _is_own(self, module: types.ModuleType) -> bool:
        """Whether a module is the project's; also a folder of modules that has no file of its own."""
        if file := getattr(module, "__file__", None):
            return self._project.is_own(file)
        try:
            return any(self._project.is_own(os.path.join(folder, "")) for folder in getattr(module, "__path__", ()))  # noqa: PTH118
        except KeyError:  # the folder around it has left sys.modules
            return False

    def _imported(self, name: str, package: str) -> None:
        """Follow a module that is imported by this name, if it is the project's."""
        try:
            name = importlib.util.resolve_name(name, package)
            spec = getattr(sys.modules.get(name), "__spec__", None) or importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return  # it is not there, and its absence is told when it runs
        if spec is None or not self._project.is_own(spec.origin):
            self._library(name)
        else:
            self._text(spec.origin, spec.parent or "")

    def _text(self, file: str | None, package: str) -> None:
        """Take in the whole text of a module of the project, and of all that it imports of the project."""
        if file is None:
            raise CannotTellError("it was made without a file")
        if file in self._files:
            return
        self._files.add(file)
        try:
            text = self._project.text(file)
        except OSError as error:
            raise CannotTellError(f"{file} cannot be read") from error
        with self.part("module", "", Path(file).stem):
            self.write("text", text)
        try:
            imports = imports_of(text)
        except (SyntaxError, ValueError):
            return  # it is an extension, and no text
        for name in imports:
            self._imported(name, package)

    def _library(self, module: str) -> None:
        top = module.partition(".")[0]
        with self.part("library", "", top):
            self.write("library", top, version_of(top))

    def _items(self, container: Any) -> None:
        self.write(type(container).__name__, str(len(container)))
        match container:
            case dict():
                for key, item in container.items():
                    self._all(key, item)
            case set() | frozenset():
                # Their order changes from process to process.
                self.write(*sorted(map(self._print_alone, container)))
            case _:
                self._all(*container)

    def _print_alone(self, item: Any) -> str:
        walk = Walk(self._project)
        walk.follow(item)
        return walk.hexdigest()

    def _value(self, value: Any) -> None:
        self.write("value", type(value).__module__, type(value).__qualname__)
        if self._is_plain_object(value):
            # Pickled, sets in it would come in an order that changes from process to process.
            self._parts(value)
            return
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

    def _is_plain_object(self, value: Any) -> bool:
        """Whether a value is of the project's own classes, and nothing but its attributes."""
        *bases, _ = type(value).__mro__
        files = [getattr(sys.modules.get(base.__module__), "__file__", None) for base in bases]
        pickles_itself = any("__reduce_ex__" in vars(base) for base in bases)
        return not pickles_itself and all(map(self._project.is_own, files))

    def _is_made_of_parts(self, value: Any) -> bool:
        """Whether the attributes tell all: of the project's own classes, of Hamilton's decorators, of dataclasses."""
        module = type(value).__module__
        file = getattr(sys.modules.get(module), "__file__", None)
        return module.partition(".")[0] in ("hamilton", "dataclasses") or self._project.is_own(file)


def _attributes(value: Any) -> dict[str, Any]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {name: getattr(value, name) for name in slots if hasattr(value, name) and name != "__dict__"}
    return found | getattr(value, "__dict__", {})


def _kind(thing: Any) -> Kind:
    match thing:
        case types.FunctionType():
            return "helper"
        case type():
            return "class"
        case types.ModuleType():
            return "module"
    return "helper" if _is_wrapper(thing) else "constant"


def _is_hamiltons(value: Any) -> bool:
    """Whether an attribute of a function is what Hamilton's decorators leave there."""
    return isinstance(value, list) and any(isinstance(item, NodeTransformLifecycle) for item in value)


def _is_wrapper(thing: Any) -> bool:
    return "__wrapped__" in (getattr(thing, "__dict__", None) or ())


def _is_of_library(value: Any) -> bool:
    """Whether a library has it ready under some name: `from loguru import logger`."""
    top = sys.modules.get(type(value).__module__.partition(".")[0])
    return top is not None and any(part is value for part in tuple(vars(top).values()))
