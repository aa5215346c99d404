"""A target: its readers, and what must hold for any input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target.

    `feed` takes any bytes; any exception from it is a defect: a reader raised an error that is not ours, or its result
    breaks a promise (AssertionError). `seeds` are valid inputs to start from. `words` are parts of inputs that a fuzzer
    would not guess.
    """

    name: str
    about: str
    feed: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()

    @property
    def module(self) -> str:
        """The module whose `TARGETS` has it."""
        return self.seeds.__module__


def must(holds: bool, what: str, *seen: object) -> None:
    """Raise AssertionError with the values seen, unless `holds`."""
    if not holds:
        raise AssertionError(f"{what}: {', '.join(map(repr, seen))}" if seen else what)
