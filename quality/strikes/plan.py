"""What is struck: three tenants that take some thirty requests each, and every kind at every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxone_rollcall.emulator import EmulatorSettings
from cxone_rollcall.emulator.readings import Readings
from quality.strikes.kinds import KINDS
from quality.strikes.strike import Strike, When

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from quality.strikes.kinds import Kind


LONGEST_QUESTION = 80
ONWARDS_AT_EACH = 6
"""Everything from a request on is struck at each sixth request: it tells less than the other ways, and takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A healthy tenant that is struck; `about` says what its run is made of."""

    name: str
    about: str
    settings: EmulatorSettings


TENANTS: tuple[Tenant, ...] = (
    Tenant(
        name="v2",
        about="240 agents, their states by id",
        settings=EmulatorSettings(contracts=("v2",), agents=240, page_cap=20),
    ),
    Tenant(
        name="incontact",
        about="60 agents, and a list of states that has rows for who is logged out",
        settings=EmulatorSettings(contracts=("incontact",), agents=60, page_cap=15),
    ),
    Tenant(
        name="incontact, unlisted",
        about="24 agents, and a list of states without rows for who is logged out, so that probes ask about them",
        settings=EmulatorSettings(
            contracts=("incontact",),
            agents=24,
            page_cap=5,
            readings=Readings(logged_out_rows=False, inactive_rows=False),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run: the tenant, and the strike; without one it is the healthy run that the others are measured by."""

    tenant: Tenant
    strike: Strike | None = None

    @property
    def in_words(self) -> str:
        """What is struck how, in a line."""
        if self.strike is None:
            return f"{self.tenant.name}: healthy"
        question = self.strike.question[:LONGEST_QUESTION]
        return f"{self.tenant.name}: {self.strike.kind.name} {self.strike.when} at {question}"


def everything(
    tenant: Tenant, questions: Sequence[str], kinds: Iterable[Kind] = KINDS, whens: Iterable[When] = tuple(When)
) -> Iterator[Setting]:
    """Yield every kind at each of these questions, as often as `whens` says."""
    for place, kind in enumerate(kinds):
        for when in whens:
            some = questions[place % ONWARDS_AT_EACH :: ONWARDS_AT_EACH] if when is When.ONWARDS else questions
            for question in some:
                yield Setting(tenant=tenant, strike=Strike(kind, question, when))
