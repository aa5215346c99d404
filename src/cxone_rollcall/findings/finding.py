"""Findings: a cause, its strength and its evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypedDict

from cxone_rollcall.model.evidence import Evidence as Evidence
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.wording import counted


class Strength(StrEnum):
    """How strong the evidence is. Only PROVEN findings may state a cause as a fact."""

    PROVEN = "PROVEN"
    SUSPECTED = "SUSPECTED"
    NOTE = "NOTE"


class Sureness(TypedDict):
    """How strong a finding is, and what would prove or refute it."""

    strength: Strength
    settle: str


def proven_if(certain: bool, *, settle: str) -> Sureness:
    """PROVEN if certain; else SUSPECTED, with what would settle it."""
    if certain:
        return {"strength": Strength.PROVEN, "settle": ""}
    return {"strength": Strength.SUSPECTED, "settle": settle}


class Finding(Value, frozen=True, kw_only=True):
    """A cause, with the evidence for it. Each subclass is one code of the catalogue; its docstring is its page.

    `message` and `fix` may name fields of the subclass in braces, and `{agents}`, the number that it explains.
    `explains` are the ids of agents whose missing state it explains; `explains_all` is True if it explains the whole
    response.
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
    """For SUSPECTED: what the user can do to prove or refute it."""

    @property
    def text(self) -> str:
        """The message with the values of this finding."""
        return self.message.format_map(self._values())

    @property
    def fix_text(self) -> str:
        """The fix with the values of this finding."""
        return self.fix.format_map(self._values())

    def _values(self) -> dict[str, object]:
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {**values, "agents": counted(len(self.explains), "agent")}
