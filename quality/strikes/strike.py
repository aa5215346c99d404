"""What is done to which answer, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality.strikes.kinds import Kind


class When(StrEnum):
    """How often a question is struck: when it is first asked, whenever it is asked, or all from there on."""

    ONCE = "once"
    ALWAYS = "always"
    ONWARDS = "onwards"


@dataclass(frozen=True, slots=True)
class Strike:
    """A kind of strike at the answer to one question."""

    kind: Kind
    question: str
    when: When
