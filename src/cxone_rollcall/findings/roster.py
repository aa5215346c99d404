"""RC501 to RC505: is the roster complete?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import total_at, without_user
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.wording import counted


class RosterEmpty(Finding, frozen=True, kw_only=True):
    """
    The roster has no agent.

    ## What was seen
    A healthy response without any agent. With numbered pages: on page 1, and also on page 0 unless the server counts 0
    agents.
    ## Why agents go missing
    There are no agents in this tenant, or the account may not list them: the response is the same.
    ## Fix
    Look for agents in the admin portal; if there are some, give the account the permission to list them.
    ## Not this when
    The server counts more than 0 (RC504), the roster was refused (RC301, RC302), or the token has no user on an API
    that needs one (RC207).
    ## Try it
        rollcall check --demo --fault roster-empty
    """

    code = "RC501"
    name = "roster-empty"
    message = "the roster has no agent: there are none, or this account may not list them"
    fix = "give this account the permission to list agents, if the tenant has some"


class PageCapped(Finding, frozen=True, kw_only=True):
    """
    The server returns smaller pages than requested.

    ## What was seen
    Fewer rows on page 1 than requested, and more agents on later pages.
    ## Why agents go missing
    They do not: rollcall counts the rows received. A script that counts by the size requested stops early or leaves
    gaps.
    ## Fix
    Nothing for rollcall. In a script of yours: request pages of the size named here.
    ## Not this when
    The first page is the whole roster.
    ## Try it
        rollcall check --demo --fault page-cap
    """

    code = "RC502"
    name = "page-capped"
    message = "the server returns {rows} a page instead of {asked}; rollcall counts the rows received"
    fix = "nothing to do here; a script of yours must page by {given}"

    asked: int
    given: int
    rows: str


class RosterShifted(Finding, frozen=True, kw_only=True):
    """
    The pages of the roster contradict one another.

    ## What was seen
    An agent on two pages, or a total that changed between pages. Rollcall read the roster again. If a later reading
    was free of contradictions, or two readings agreed, the roster changed while it was read: a NOTE. Otherwise it is
    SUSPECTED: agents are being edited all the time, or this server's paging is broken. It is also SUSPECTED if a later
    reading lacks many agents of an earlier one, or if no reading is surely whole: its list has gaps, or no clear end.
    ## Why agents go missing
    A single reading skips an agent that moves to an earlier page meanwhile. A server whose pages overlap skips agents
    in every reading.
    ## Fix
    Nothing if the readings agree in the end. Otherwise run the check while agents are not being edited; if it stays,
    report the exchanges to NICE's support.
    ## Not this when
    One page of agents is missing from the start (RC505), whole pages come again (RC517), or the total is too high and
    does not change (RC504).
    ## Try it
        rollcall check --demo --fault roster-shifts
    """

    code = "RC503"
    name = "roster-shifted"
    message = "{seen} ({what}); {outcome}"
    fix = "nothing to do if the readings agree; otherwise run the check while agents are not being edited"

    seen: str
    what: str
    outcome: str


class RosterShort(Finding, frozen=True, kw_only=True):
    """
    The server counts more agents than its pages have.

    ## What was seen
    Every page was read, page 0 too, and the server's own total is higher than the number of agents, in two readings of
    the whole roster. SUSPECTED if the two readings differ; if agents came twice: then one page may have been returned
    in place of another; or if rows of states came and went.
    ## Why agents go missing
    The missing agents are on no page, so rollcall cannot request their states. They are hidden from this account, or
    counted although deleted.
    ## Fix
    Compare with the admin portal; use an account that may see all agents.
    ## Not this when
    A page failed (RC105, RC507), or the total changes (RC503).
    ## Try it
        rollcall check --demo --fault roster-short
    """

    code = "RC504"
    name = "roster-short"
    message = "the server counts {total} agents but names {named}: the states of {unnamed} could not be requested"
    fix = "compare with the admin portal, and use an account that may see every agent"

    total: int
    named: int
    unnamed: int


class FirstPageSkipped(Finding, frozen=True, kw_only=True):
    """
    This server counts pages from 0, so page 1 is the second.

    ## What was seen
    Page 0 has agents that no page from 1 on has.
    ## Why agents go missing
    They do not: rollcall reads page 0 too. A script that starts with page 1 loses the first page.
    ## Fix
    Nothing for rollcall. In a script of yours: start with page 0.
    ## Not this when
    Page 0 repeats page 1, or is refused.
    ## Try it
        rollcall check --demo --fault pages-from-zero
    """

    code = "RC505"
    name = "first-page-skipped"
    message = "this server counts pages from 0; agents on page 0 that no later page has: {found}"
    fix = "nothing to do here; a script of yours must start with page 0"

    found: int


@check(needs=(TenantAsked, RosterRead, TokenGranted), finds=(RosterEmpty,))
def roster_filled(case: Case) -> Iterator[Finding]:
    """Does the roster have any agent?"""
    tenant, roster = case[TenantAsked], case[RosterRead]
    if nobody_on(roster) and not without_user(case):  # RC207 takes precedence
        seen = "no agents, total 0" if roster.total == 0 else "no agents, no total"
        yield RosterEmpty(
            strength=Strength.SUSPECTED,
            settle="look for agents in the admin portal with the account's own login",
            evidence=(Evidence("a healthy response", roster.exchange, tenant.roster_rows, seen),),
            explains_all=True,
        )


def nobody_on(roster: RosterRead) -> bool:
    """Whether the whole roster was read and has no agent."""
    return not (roster.agents or roster.total or roster.failed_pages or roster.unnamed_rows)


@check(needs=(TenantAsked, RosterRead), finds=(PageCapped,))
def page_size_given(case: Case) -> Iterator[Finding]:
    """Does the server return pages as large as requested?"""
    tenant, roster = case[TenantAsked], case[RosterRead]
    if roster.capped is not None:
        claim = f"{counted(roster.page_size, 'agent')} requested, with more on later pages"
        yield PageCapped(
            asked=roster.page_size,
            given=roster.capped,
            rows=counted(roster.capped, "agent"),
            strength=Strength.NOTE,
            evidence=(Evidence(claim, roster.first_exchange, tenant.roster_rows, counted(roster.capped, "row")),),
        )


@check(needs=(TenantAsked, RosterRead), finds=(RosterShifted,))
def roster_stands_still(case: Case) -> Iterator[Finding]:
    """Do the pages and the readings of the roster agree?"""
    roster = case[RosterRead]
    settled, found = roster.settled, _contradiction(case[TenantAsked], roster)
    if found is not None:
        seen, evidence = found
        yield RosterShifted(
            seen=seen,
            what=evidence.seen,
            outcome=f"{'settled' if settled else 'not settled'} after {counted(roster.readings, 'reading')}",
            strength=Strength.NOTE if settled else Strength.SUSPECTED,
            settle="" if settled else "read the roster while agents are not being edited",
            evidence=(evidence,),
        )


def _contradiction(tenant: TenantAsked, roster: RosterRead) -> tuple[str, Evidence] | None:
    """What contradicts what, and where."""
    copied = roster.paging_ignored is not None and not roster.paging_ignored.endless
    if (roster.repeated or len(roster.totals) > 1) and not copied:  # RC517 says that pages come twice
        seen = "the roster changed while it was read" if roster.settled else "the pages contradict one another"
        if len(roster.totals) > 1:
            what = f"total {' then '.join(map(str, roster.totals[:4]))}"
            claim = "the total changed between pages"
            return seen, Evidence(claim, roster.repeat_exchange, total_at(tenant), what)
        what = f"{counted(roster.repeated, 'agent')} came twice"
        return seen, Evidence("an agent that an earlier page had", roster.repeat_exchange, tenant.roster_rows, what)
    if roster.settled or _explained_elsewhere(roster):
        return None
    if roster.gone:
        seen = "the readings contradict one another"
        what = f"the last one lacks {counted(roster.gone, 'agent')} of the earlier ones"
        return seen, Evidence("the last reading began here", roster.first_exchange, tenant.roster_rows, what)
    what = f"{counted(roster.agents, 'agent')} in the last one"
    claim = "the last page that was read"
    return "no reading of the roster is surely whole", Evidence(claim, roster.exchange, tenant.roster_rows, what)


def _explained_elsewhere(roster: RosterRead) -> bool:
    """Whether other findings say why the roster is not whole.

    Pages failed, repeat, or lack agents that are counted; or the run was cut short.
    """
    short = roster.total is not None and roster.agents < roster.total
    return bool(roster.failed_pages or roster.cut_short or roster.paging_ignored or short)


@check(needs=(TenantAsked, RosterRead), uses=(StatesAsked,), finds=(RosterShort,))
def roster_whole(case: Case) -> Iterator[Finding]:
    """Do the pages have as many agents as the server counts?"""
    tenant, roster = case[TenantAsked], case[RosterRead]
    read = not (roster.failed_pages or roster.cut_short)
    states = case.get(StatesAsked)
    noisy = states is not None and (states.lost or states.disagreement)  # then pages may have lost rows too
    if roster.total is not None and roster.agents < roster.total and read:
        claim = f"{counted(roster.agents, 'agent')} on {counted(roster.pages, 'page')}"
        if roster.readings > 1:
            claim += f" of {counted(roster.readings, 'reading')}"
        yield RosterShort(
            total=roster.total,
            named=roster.agents,
            unnamed=roster.total - roster.agents,
            **proven_if(
                roster.agreed and not (roster.repeated or noisy),
                settle="read the roster again while it does not change: rollcall agents",
            ),
            evidence=(Evidence(claim, roster.first_exchange, total_at(tenant), str(roster.total)),),
        )


@check(needs=(TenantAsked, RosterRead), finds=(FirstPageSkipped,))
def pages_from_one(case: Case) -> Iterator[Finding]:
    """Is page 1 the first page?"""
    tenant, roster = case[TenantAsked], case[RosterRead]
    if roster.from_zero:
        seen = f"{counted(roster.from_zero, 'agent')} that no later page has"
        yield FirstPageSkipped(
            found=roster.from_zero,
            strength=Strength.NOTE,
            evidence=(Evidence("page 0 was requested", roster.zero_exchange, tenant.roster_rows, seen),),
        )
