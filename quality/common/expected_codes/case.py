"""What one fault leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cxone_rollcall.findings.finding import Strength

PROVEN, SUSPECTED, NOTE = Strength.PROVEN, Strength.SUSPECTED, Strength.NOTE
COMPLETE, MEND, CANNOT_TELL, REFUSED, NOT_REACHED = 0, 1, 3, 4, 5


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault, and the code, strength and exit code it causes.

    `beside` are other codes above NOTE that it leads to, each with the reason.
    """

    fault: str
    code: str
    strength: Strength
    exit: int
    beside: dict[str, str] = field(default_factory=dict)
    agents: int = 120
    seed: int = 1

    @property
    def name(self) -> str:
        """The fault without its arguments."""
        return self.fault.partition("=")[0]


def case(fault: str, code: str, strength: Strength, exit_code: int, **more: Any) -> Case:
    """Return a case; makes a table of one line per case."""
    return Case(fault=fault, code=code, strength=strength, exit=exit_code, **more)
