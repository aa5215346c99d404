"""The settings to run: three tenants, each kind of strike, each request. A tenant gets about thirty requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cxone_rollcall.emulator import EmulatorSettings
from cxone_rollcall.emulator.readings import Readings
from quality.strikes.kinds import KINDS, Kind
from quality.strikes.strike import Strike, When

LONGEST_QUESTION = 80
ONWARDS_AT_EACH = 6
"""`onwards` starts only at each sixth request. It shows less than the others and takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A healthy tenant; `about` describes it in the table."""

    name: str
    about: str
    settings: EmulatorSettings


TENANTS: tuple[Tenant, ...] = (
    Tenant(
        name="v2",
        about="240 agents, states by id",
        settings=EmulatorSettings(contracts=("v2",), agents=240, page_cap=20),
    ),
    Tenant(
        name="incontact",
        about="60 agents; the list of states has rows of logged-out agents",
        settings=EmulatorSettings(contracts=("incontact",), agents=60, page_cap=15),
    ),
    Tenant(
        name="incontact, unlisted",
        about="24 agents; the list of states omits logged-out agents, so probes run",
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
    """One run: a tenant and a strike. Without one it is the healthy run."""

    tenant: Tenant
    strike: Strike | None = None

    @property
    def in_words(self) -> str:
        """The setting in one line."""
        if self.strike is None:
            return f"{self.tenant.name}: healthy"
        question = self.strike.question[:LONGEST_QUESTION]
        return f"{self.tenant.name}: {self.strike.kind.name} {self.strike.when} at {question}"


def everything(
    tenant: Tenant, questions: Sequence[str], kinds: Iterable[Kind] = KINDS, whens: Iterable[When] = tuple(When)
) -> Iterator[Setting]:
    """Yield each kind at each of these requests, for each of `whens`."""
    for place, kind in enumerate(kinds):
        for when in whens:
            some = questions[place % ONWARDS_AT_EACH :: ONWARDS_AT_EACH] if when is When.ONWARDS else questions
            for question in some:
                yield Setting(tenant=tenant, strike=Strike(kind, question, when))
