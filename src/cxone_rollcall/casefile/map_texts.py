"""Changes every text in a nested value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")
Change = Callable[[str], str]

NO_FIELDS: Mapping[str, Change] = {}


def changed(value: T, change: Change, by_field: Mapping[str, Change] = NO_FIELDS) -> T:
    """The value with every text changed, including mappings' keys.

    `by_field` has another change for texts in the fields of these names. Values are structs, tuples, lists, frozen sets
    and mappings, which keep their order. Members of an enumeration stay.
    """
    return cast("T", _changed(value, change, by_field))


def _changed(value: Any, change: Change, by_field: Mapping[str, Change]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(value)
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(_changed(one, change, by_field) for one in value)
    if isinstance(value, tuple | list):
        return type(value)(_changed(one, change, by_field) for one in value)
    if isinstance(value, frozenset):
        return frozenset(_changed(one, change, by_field) for one in value)
    if isinstance(value, Mapping):
        return {_changed(key, change, by_field): _changed(one, change, by_field) for key, one in value.items()}
    if not isinstance(value, msgspec.Struct):
        return value
    names = value.__struct_fields__
    new = {name: _changed(getattr(value, name), by_field.get(name, change), by_field) for name in names}
    return msgspec.structs.replace(value, **new)
