"""What is fuzzed: one reader, or a few that belong together, and what must hold of whatever they are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing to fuzz.

    `feed` takes any bytes and returns; whatever it raises is a defect: an error that is not one of ours came out of
    a reader, or what was read does not hold (AssertionError). `seeds` are bytes that it reads well, to begin from.
    `words` are what the input is made of, for a fuzzer that would have to guess them.
    """

    name: str
    about: str
    feed: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...] = ()

    @property
    def module(self) -> str:
        """The module that has it among its `TARGETS`."""
        return self.seeds.__module__


def must(holds: bool, what: str, *seen: object) -> None:
    """State what holds; AssertionError, with what was seen, where it does not."""
    if not holds:
        raise AssertionError(f"{what}: {', '.join(map(repr, seen))}" if seen else what)
