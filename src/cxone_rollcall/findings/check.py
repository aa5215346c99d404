"""Checks: pure functions from a case to findings, and how each ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.evidence import Evidence as Evidence
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import Value

Judge = Callable[[Case], Iterator[Finding]]


class Check(Value, frozen=True):
    """A pure function from a case to findings, with its inputs.

    Without an observation that it `needs` it is skipped; one that it `uses` may be missing. `finds` are the findings
    that it may return.
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
    """How one check ended. `why` is the reason for skipping it, or the error of a crash."""

    check: str
    ended: Ended
    why: str = ""


def check(
    *,
    needs: tuple[type[Observation], ...],
    finds: tuple[type[Finding], ...],
    uses: tuple[type[Observation], ...] = (),
) -> Callable[[Judge], Check]:
    """Decorator: make a check of a function. Its name is the function's, with dashes."""

    def make(judge: Judge) -> Check:
        return Check(judge.__name__.strip("_").replace("_", "-"), needs, finds, judge, uses)

    return make
