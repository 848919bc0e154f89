"""Stands in for the jsii runtime of Python where there is none: what generated bindings need to make constructs.

Objects live in the process on the other end of the pipe (`kernel.ts`); here they are references. There is no way back from
JavaScript into Python, so classes cannot be extended, and arguments are not checked.
"""

import abc
import importlib
import json
import os
import sys
import typing

from . import python  # noqa: F401

Number = typing.Union[int, float]

# what the app itself prints must not get between the messages
_requests = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

_types: typing.Dict[str, type] = {}
_modules: typing.Dict[str, str] = {}
_objects: typing.Dict[int, typing.Any] = {}


class JSIIError(Exception):
    pass


class JSIIAssembly:
    @classmethod
    def load(cls, name: str, _version: str, module: str, _file: str, *_args: typing.Any, **_kwargs: typing.Any) -> "JSIIAssembly":
        _modules[name] = module
        return cls()


class JSIIMeta(type):
    def __new__(mcs, name, bases, attrs, *, jsii_type: typing.Optional[str] = None):
        cls = super().__new__(mcs, name, bases, attrs)
        if jsii_type is not None:
            _register(cls, jsii_type)
        return cls

    def __init__(cls, name, bases, attrs, *, jsii_type: typing.Optional[str] = None):
        super().__init__(name, bases, attrs)


class JSIIAbstractClass(abc.ABCMeta, JSIIMeta):
    pass


def _register(cls: type, jsii_type: str) -> None:
    setattr(cls, "__jsii_type__", jsii_type)
    _types[jsii_type] = cls


def member(*, jsii_name: str):
    def named(function):
        function.__jsii_name__ = jsii_name
        return function

    return named


def implements(*_interfaces: type):
    return lambda cls: cls


def proxy_for(cls: type) -> type:
    return cls.__jsii_proxy_class__()  # type: ignore[attr-defined]


def _typed(*, jsii_type: str):
    def typed(cls: type) -> type:
        _register(cls, jsii_type)
        return cls

    return typed


interface = _typed
enum = _typed


def data_type(*, jsii_type: str, jsii_struct_bases: typing.Sequence[type], name_mapping: typing.Mapping[str, str]):
    def typed(cls: type) -> type:
        _register(cls, jsii_type)
        setattr(cls, "__jsii_name_mapping__", name_mapping)
        return cls

    return typed


def _ask(**request: typing.Any) -> typing.Any:
    _requests.write(json.dumps(request) + "\n")
    _requests.flush()
    line = sys.stdin.readline()
    if not line:
        raise JSIIError("the other end of the pipe is gone")
    answer = json.loads(line)
    if "error" in answer:
        raise JSIIError(answer["error"])
    return _received(answer.get("result"))


def _sent(value: typing.Any) -> typing.Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__jsii_ref__"):
        return {"$ref": value.__jsii_ref__}
    if hasattr(value, "__jsii_name_mapping__"):
        names = value.__jsii_name_mapping__
        return {"$map": {names[name]: _sent(member) for name, member in value._values.items()}}
    if hasattr(type(value), "__jsii_type__"):
        return {"$enum": type(value).__jsii_type__, "member": value.name}
    if isinstance(value, typing.Mapping):
        return {"$map": {name: _sent(member) for name, member in value.items()}}
    if isinstance(value, typing.Sequence):
        return [_sent(member) for member in value]
    raise JSIIError(f"{value!r} cannot be sent")


def _received(value: typing.Any) -> typing.Any:
    if isinstance(value, list):
        return [_received(member) for member in value]
    if not isinstance(value, dict):
        return value
    if "$map" in value:
        return {name: _received(member) for name, member in value["$map"].items()}
    reference = value["$ref"]
    if reference not in _objects:
        _objects[reference] = _proxy(value.get("type"), reference)
    return _objects[reference]


class Unknown:
    """An object of a class that is not part of any API."""


def _proxy(jsii_type: typing.Optional[str], reference: int) -> typing.Any:
    cls = _class_of(jsii_type) if jsii_type else Unknown
    # that of an abstract class is none of those that extend it
    proxy = vars(cls).get("__jsii_proxy_class__", lambda: cls)()
    instance = proxy.__new__(proxy)
    instance.__jsii_ref__ = reference
    return instance


def _class_of(jsii_type: str) -> type:
    if jsii_type not in _types:
        # the modules of bindings are loaded when they are needed
        assembly, *names = jsii_type.split(".")
        importlib.import_module(".".join([_modules[assembly], *names[:-1]]))
    return _types[jsii_type]


def create(cls: type, instance: typing.Any, args: typing.Sequence[typing.Any]) -> None:
    created = _ask(api="create", type=cls.__jsii_type__, args=_sent(args), reference=True)  # type: ignore[attr-defined]
    instance.__jsii_ref__ = created
    _objects[created] = instance


def invoke(instance: typing.Any, method: str, args: typing.Sequence[typing.Any] = ()) -> typing.Any:
    return _ask(api="invoke", on=_sent(instance), member=method, args=_sent(args))


def sinvoke(cls: type, method: str, args: typing.Sequence[typing.Any] = ()) -> typing.Any:
    return _ask(api="invoke", type=cls.__jsii_type__, member=method, args=_sent(args))  # type: ignore[attr-defined]


def get(instance: typing.Any, name: str) -> typing.Any:
    return _ask(api="get", on=_sent(instance), member=name)


def sget(cls: type, name: str) -> typing.Any:
    return _ask(api="get", type=cls.__jsii_type__, member=name)  # type: ignore[attr-defined]


def set(instance: typing.Any, name: str, value: typing.Any) -> None:
    _ask(api="set", on=_sent(instance), member=name, args=[_sent(value)])


def sset(cls: type, name: str, value: typing.Any) -> None:
    _ask(api="set", type=cls.__jsii_type__, member=name, args=[_sent(value)])  # type: ignore[attr-defined]
