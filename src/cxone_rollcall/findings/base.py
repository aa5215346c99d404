"""The small things that diagnosis is made of: Evidence, Finding, Case, Check, Outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, TypeVar

from cxone_rollcall.model.evidence import Evidence as Evidence
from cxone_rollcall.model.value import Value

if TYPE_CHECKING:
    from cxone_rollcall.model.observation import Observation
    from cxone_rollcall.model.roll import Roll

Seen = TypeVar("Seen", bound="Observation")


class Strength(StrEnum):
    """How far the evidence carries. Only PROVEN may speak in the indicative."""

    PROVEN = "PROVEN"
    SUSPECTED = "SUSPECTED"
    NOTE = "NOTE"


class Finding(Value, frozen=True, kw_only=True):
    """A cause, with the evidence for it. Each subclass is one code of the catalogue; its docstring is its page.

    `message` and `fix` may name fields of the subclass in braces, and `{agents}`, how many it explains. `explains`
    holds the ids of agents whose missing state this explains; `explains_all` says that it explains the answer as a
    whole.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    message: ClassVar[str]
    fix: ClassVar[str]

    strength: Strength = Strength.PROVEN
    evidence: tuple[Evidence, ...]
    explains: tuple[str, ...] = ()
    explains_all: bool = False
    settle: str = ""
    """For SUSPECTED: the next question that would settle it."""

    @property
    def text(self) -> str:
        """The message with the fields of this finding filled in."""
        return self.message.format_map(self._values())

    @property
    def fix_text(self) -> str:
        """The fix with the fields of this finding filled in."""
        return self.fix.format_map(self._values())

    def _values(self) -> dict[str, object]:
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {**values, "agents": counted(len(self.explains), "agent")}


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 agent`, `2 agents`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class MissingObservation(LookupError):
    """A check asked the case for a fact that was never observed."""


class Case:
    """All that was seen in one run, for checks to judge; it knows why something was not seen.

    `explained` grows while the checks run, in the order of the catalogue: the ids that a finding explains.
    `is_explained` tells that a finding explains the whole answer.
    """

    def __init__(
        self,
        roll: Roll,
        observations: tuple[Observation, ...],
        *,
        missing: Mapping[type[Observation], str] | None = None,
    ) -> None:
        self.roll = roll
        self.explained: set[str] = set()
        self.is_explained = False
        self.reads: set[type[Observation]] = set()
        self._observations = {type(observation): observation for observation in observations}
        self._missing = dict(missing or {})

    def __contains__(self, kind: type[Observation]) -> bool:
        return kind in self._observations

    def __getitem__(self, kind: type[Seen]) -> Seen:
        observation = self.get(kind)
        if observation is None:
            raise MissingObservation(self.why_missing(kind))
        return observation

    def get(self, kind: type[Seen]) -> Seen | None:
        """Return an observation that may be missing; None where it is."""
        self.reads.add(kind)
        observation = self._observations.get(kind)
        return observation if isinstance(observation, kind) else None

    def why_missing(self, kind: type[Observation]) -> str:
        """Say why there is no such observation."""
        return self._missing.get(kind, f"nothing was seen of {kind.__name__}")


Judge = Callable[[Case], Iterator[Finding]]


class Check(Value, frozen=True):
    """A pure judgement: what it `needs` to have been seen, and the codes that it `finds`.

    What it `uses` may be missing: then it judges without.
    """

    name: str
    needs: tuple[type[Observation], ...]
    finds: tuple[type[Finding], ...]
    judge: Judge
    uses: tuple[type[Observation], ...] = ()


class Ended(StrEnum):
    """How a check ended."""

    FOUND = "found"
    CLEAR = "clear"
    SKIPPED = "skipped"
    CRASHED = "crashed"


class Outcome(Value, frozen=True):
    """How one check ended; `why` says what it was skipped for, or what it crashed on."""

    check: str
    ended: Ended
    why: str = ""


def check(
    *,
    needs: tuple[type[Observation], ...],
    finds: tuple[type[Finding], ...],
    uses: tuple[type[Observation], ...] = (),
) -> Callable[[Judge], Check]:
    """Make a check of a judging function; it is called as the function is, with dashes."""

    def make(judge: Judge) -> Check:
        return Check(judge.__name__.strip("_").replace("_", "-"), needs, finds, judge, uses)

    return make
