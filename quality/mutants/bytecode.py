"""Finds which functions differ between two versions of a source."""

from __future__ import annotations

import inspect
from types import CodeType
from typing import NamedTuple

_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
"""Code that looks like a function's, and runs where it stands."""


class Place(NamedTuple):
    """Where a function is defined. `name` is qualified, `line` is that of its first decorator, or its own."""

    name: str
    line: int


def changed_functions(before: str, after: str, file: str) -> dict[Place, CodeType] | None:
    """Return the new code of each changed function. None if the change runs at the import.

    A function changes with those in it: they may have been made at the import.
    """
    return _changed(compile(before, file, "exec"), compile(after, file, "exec"), is_function=False)


def _changed(old: CodeType, new: CodeType, *, is_function: bool) -> dict[Place, CodeType] | None:
    inner = [[one for one in code.co_consts if isinstance(one, CodeType)] for code in (old, new)]
    changed: dict[Place, CodeType] = {}
    if _own(old) != _own(new) or len(inner[0]) != len(inner[1]):
        if not is_function:
            return None
        changed[Place(old.co_qualname, old.co_firstlineno)] = new
    for one, other in zip(*inner, strict=False):
        below = _changed(one, other, is_function=is_function or _is_function(one))
        if below is None:
            return None
        if below and is_function:
            changed[Place(old.co_qualname, old.co_firstlineno)] = new
        changed |= below
    return changed


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_NEWLOCALS) and code.co_name not in _COMPREHENSIONS


def _own(code: CodeType) -> tuple[object, ...]:
    """What code does, without its lines and without the code in it."""
    constants = [one.co_name if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return code.co_code, code.co_exceptiontable, constants, names
