"""Parses and writes faults as text: `NAME`, `NAME=VALUE` or `NAME=KEY=VALUE,KEY=VALUE`."""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from cxone_rollcall.emulator.faults.fault import About, Fault


class FaultArgumentError(ValueError):
    """An unknown fault or argument; the message lists the known ones."""


class Argument(NamedTuple):
    """An argument of a fault, for help texts. `kind` is "whole number", "number", "text" or the choices."""

    name: str
    kind: str
    default: Any
    about: str


_KINDS: Mapping[Any, str] = {int: "whole number", float: "number", str: "text"}


class _Field(NamedTuple):
    name: str
    default: Any
    of: Any
    about: About

    @property
    def kind(self) -> str:
        return "|".join(get_args(self.of)) if get_origin(self.of) is Literal else _KINDS[self.of]


def _fields(fault: type[Fault]) -> tuple[_Field, ...]:
    hints = get_type_hints(fault, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in dataclasses.fields(fault) if field.init)


def _field(field: dataclasses.Field[Any], hint: Any) -> _Field:
    annotated, about = get_args(hint)
    or_none = get_origin(annotated) is UnionType
    of = next(part for part in get_args(annotated) if part is not NoneType) if or_none else annotated
    return _Field(field.name, field.default, of, about)


def arguments(fault: type[Fault]) -> tuple[Argument, ...]:
    """The arguments of a fault. The one that `NAME=VALUE` sets comes first."""
    found = [Argument(field.name, field.kind, field.default, field.about.text) for field in _fields(fault)]
    return tuple(sorted(found, key=lambda argument: argument.name != fault.bare))


def spec(fault: Fault) -> str:
    """The fault as a text for `parse`. Arguments with their default are left out."""
    given = ((field, getattr(fault, field.name)) for field in _fields(type(fault)))
    changed = [f"{field.name}={value}" for field, value in given if value != field.default]
    return "=".join(filter(None, (fault.name, ",".join(changed))))


def parse(text: str, known: Iterable[type[Fault]]) -> Fault:
    """Return the known fault that the text describes, or raise FaultArgumentError."""
    name, equals, rest = text.strip().partition("=")
    faults = {fault.name: fault for fault in known}
    if name not in faults:
        near = difflib.get_close_matches(name.lower().replace("_", "-"), faults, n=1)
        meant = f"; did you mean {near[0]}?" if near else "."
        raise FaultArgumentError(f"There is no fault {name!r}{meant} Known faults: {', '.join(sorted(faults))}.")
    if equals and not rest:
        raise FaultArgumentError(f"The fault {name} has nothing after its =; leave that away for the defaults.")
    fault = faults[name]
    fields = {field.name: field for field in _fields(fault)}
    values: dict[str, Any] = {}
    for key, value in _pairs(fault, rest):
        if key not in fields:
            takes = f"it takes {', '.join(fields)}" if fields else "it takes none"
            raise FaultArgumentError(f"The fault {name} has no argument {key!r}: {takes}.")
        if key in values:
            raise FaultArgumentError(f"The argument {key} of the fault {name} is given twice.")
        values[key] = _value(name, fields[key], value)
    return fault(**values)


def _pairs(fault: type[Fault], rest: str) -> Iterable[tuple[str, str]]:
    for place, part in enumerate(rest.split(",") if rest else ()):
        key, equals, value = part.partition("=")
        if equals:
            yield key.strip(), value.strip()
        elif place == 0 and fault.bare:
            yield fault.bare, key.strip()
        else:
            raise FaultArgumentError(f"The fault {fault.name} cannot read {part!r}: write NAME=KEY=VALUE,KEY=VALUE.")


def _value(name: str, field: _Field, text: str) -> Any:
    least, most = field.about.least, field.about.most
    wanted = field.kind if least is None else f"a {field.kind} from {least:g} to {most:g}"
    error = FaultArgumentError(f"The argument {field.name} of the fault {name} must be {wanted}, not {text!r}.")
    if get_origin(field.of) is Literal:
        if text not in get_args(field.of):
            raise error
        return text
    try:
        value = field.of(text)
    except ValueError:
        raise error from None
    if least is not None and not least <= value <= most:
        raise error
    return value
