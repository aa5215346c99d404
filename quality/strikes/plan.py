"""The settings to run: each tenant, each kind of strike, each request. A tenant gets about thirty requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cxone_rollcall.emulator import EmulatorSettings
from cxone_rollcall.emulator.readings import Readings
from quality.strikes.kinds import KINDS, Kind
from quality.strikes.strike import Strike, When

LONGEST_QUESTION = 80
SOME = 6
"""`onwards` starts only at each sixth request. It shows less than the others and takes longer. Tenants with noise are
struck only there, too: they get many more requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A tenant, healthy or with noise; `about` is for the table."""

    name: str
    about: str
    settings: EmulatorSettings
    faults: tuple[str, ...] = ()


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
    *(
        Tenant(
            name=f"v2, {fault}",
            about=f"240 agents, with the fault `{fault}`",
            settings=EmulatorSettings(contracts=("v2",), agents=240, page_cap=40),
            faults=(fault,),
        )
        for fault in ("rows-come-and-go", "answers-cached", "two-backends")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run: a tenant and a strike, or none."""

    tenant: Tenant
    strike: Strike | None = None

    @property
    def in_words(self) -> str:
        """The setting in one line."""
        if self.strike is None:
            return f"{self.tenant.name}: not struck"
        question = self.strike.question[:LONGEST_QUESTION]
        return f"{self.tenant.name}: {self.strike.kind.name} {self.strike.when} at {question}"


def everything(
    tenant: Tenant, questions: Sequence[str], kinds: Iterable[Kind] = KINDS, whens: Iterable[When] = tuple(When)
) -> Iterator[Setting]:
    """Yield each kind at each of these requests, for each of `whens`."""
    for place, kind in enumerate(kinds):
        for when in whens:
            some = questions[place % SOME :: SOME] if when is When.ONWARDS or tenant.faults else questions
            for question in some:
                yield Setting(tenant=tenant, strike=Strike(kind, question, when))
