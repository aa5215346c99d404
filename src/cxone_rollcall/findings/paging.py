"""RC517: does the server have pages at all?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import unconfirmed
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from cxone_rollcall.findings.case import Case


class PagingIgnored(Finding, frozen=True, kw_only=True):
    """
    The server returns the same page whatever page is requested.

    ## What was seen
    Another page was requested, and exactly the agents of an earlier page came; or there were new agents on every page
    without end. A NOTE if the one page is the whole list: more rows than requested, also where 1 was requested, or as
    many as the server counts. Otherwise SUSPECTED: a page of a round number of rows may be cut there.
    ## Why agents go missing
    If the one page is the whole list, none does. Otherwise agents may be on no page that this server returns: the
    roster is incomplete, and agents without a state are unknown. A script that reads on until a page is empty never
    ends.
    ## Fix
    Nothing if the list is whole. Otherwise compare the number of agents with the admin portal, try a newer API version
    (CXONE_API_VERSION), and ask NICE's support how this list is paged.
    ## Not this when
    Some agents of a page are new (RC503), or the server returns smaller pages than requested and goes on (RC502).
    ## Try it
        rollcall check --demo --fault paging-ignored
    """

    code = "RC517"
    name = "paging-ignored"
    message = "{what} of the {which}: {why}"
    fix = "nothing to do if the list is whole; otherwise report it to NICE: this server ignores the page"

    which: str
    what: str
    why: str


@check(needs=(TenantAsked, RosterRead), uses=(StatesAsked,), finds=(PagingIgnored,))
def pages_are_known(case: Case) -> Iterator[Finding]:
    """Does another page hold other rows?"""
    tenant, states = case[TenantAsked], case.get(StatesAsked)
    left = unconfirmed(case) if states is not None else ()
    for which, ignored, rows_at, agents in (
        ("roster", case[RosterRead].paging_ignored, tenant.roster_rows, ()),
        ("states", states.paging_ignored if states is not None else None, tenant.states_rows, left),
    ):
        if ignored is None:
            continue
        rows = counted(ignored.rows, "row")
        what = "no end" if ignored.endless else f"the same {rows} for every page"
        yield PagingIgnored(
            which=which,
            what=what,
            why=f"whole, because {ignored.why}" if ignored.whole else ignored.why,
            strength=Strength.NOTE if ignored.whole else Strength.SUSPECTED,
            settle="" if ignored.whole else "compare the number of agents with the admin portal",
            evidence=(Evidence("a further page was requested", ignored.exchange, rows_at, rows),),
            explains=() if ignored.whole else agents,
        )
