"""A strike: which response is replaced, how, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality.strikes.kinds import Kind


class When(StrEnum):
    """How often: the first time, each time, or from there on."""

    ONCE = "once"
    ALWAYS = "always"
    ONWARDS = "onwards"


@dataclass(frozen=True, slots=True)
class Strike:
    """A kind of strike at the response to one request."""

    kind: Kind
    question: str
    when: When
