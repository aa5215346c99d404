"""What a value of rollcall's own is made of."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True):
    """A frozen value with named fields, compared, hashed and shown by them.

    It is what a frozen dataclass with slots is, made in C: such a class takes a millisecond to define, this one a
    thirtieth of it, and a `check` defines a hundred and thirty before it has asked anything.
    """


replace = msgspec.structs.replace
"""Return a value with some of its fields changed."""
