"""RC403 to RC405, RC408, RC410: was each batch answered in full?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import PoisonedBatch, StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted

ROWS = "/entities"


class IdPoisonsBatch(Finding, frozen=True, kw_only=True):
    """
    One id makes the server return nothing for the whole batch.

    ## What was seen
    A batch without any row (empty, 400 or 404). Halving it again and again isolates one id, or several. The batch is
    empty twice with them and has rows twice without them, in turns. SUSPECTED if no other id had a row without them.
    ## Why agents go missing
    A script that requests batches loses the whole batch to one id. Rollcall requests the others without it: only the
    agents with such ids stay unknown.
    ## Fix
    Report the ids to NICE's support; leave them out of your own batches.
    ## Not this when
    The batch is refused for its size (RC404), has rows when it is repeated (RC516), or its agents have no row
    without that id either (RC601).
    ## Try it
        rollcall check --demo --fault poison-id
    """

    code = "RC403"
    name = "id-poisons-batch"
    message = "{ids} {spoil}; {others} answered without {them}"
    fix = "report {ids} to NICE's support, and leave {them} out of your own batches until then"

    ids: str
    spoil: str
    them: str
    others: str


class TooManyIds(Finding, frozen=True, kw_only=True):
    """
    The server accepts fewer ids in one request.

    ## What was seen
    A batch that was refused (413, 414, 431 or 400), and responses to its halves.
    ## Why agents go missing
    They do not: rollcall asked again in smaller batches. A script that ignores the error loses the batch.
    ## Fix
    Nothing for rollcall. In a script of yours: request batches of the size named here.
    ## Not this when
    The halves are refused too, down to one id (RC403).
    ## Try it
        rollcall check --demo --fault too-many-ids
    """

    code = "RC404"
    name = "too-many-ids"
    message = "this server refuses {refused} ids in one request; asked again in batches of {taken}"
    fix = "nothing to do here; a script of yours must request ids in batches of at most {taken}"

    refused: int
    taken: int


class BatchCut(Finding, frozen=True, kw_only=True):
    """
    The server answers only the first part of a large request.

    ## What was seen
    Agents without a row in a full batch had rows when requested separately; the same full batch, requested again,
    still had no rows for them. Batches of the size named here came back whole each time.
    ## Why agents go missing
    They do not: rollcall asked again in batches that are answered in full. A script takes the rest for absent.
    ## Fix
    Nothing for rollcall. In a script of yours: request batches of the size named here.
    ## Not this when
    The full batch has the rows when it is requested again: then those agents logged in meanwhile (RC604), or rows are
    lost at no fixed limit (RC515).
    ## Try it
        rollcall check --demo --fault batch-cut
    """

    code = "RC405"
    name = "batch-cut"
    message = "this server returns at most {rows} for one request; asked again for the rest, and found {found}"
    fix = "nothing to do here; a script of yours must request agents in batches of at most {limit}"

    limit: int
    rows: str
    found: str


class IdsIgnored(Finding, frozen=True, kw_only=True):
    """
    The server ignores the ids.

    ## What was seen
    A made-up id, requested alone, got the same rows as real ids. SUSPECTED if that is a single row.
    ## Why agents go missing
    The response is the same for any ids. An agent without a row in it is unknown, not absent.
    ## Fix
    Look for a proxy or cache between you and the API that ignores what follows the path. If there is none, report the
    exchange named here to NICE's support: the parameter agentIds has no effect.
    ## Not this when
    There is only a single unrequested row (RC510).
    ## Try it
        rollcall check --demo --fault ids-ignored
    """

    code = "RC408"
    name = "ids-ignored"
    message = "a made-up id got the same rows as real ones: the server, or a cache before it, {ignores} ids"
    fix = "look for a cache before the API; if there is none, report to NICE's support that agentIds has no effect"

    ignores: str


class SeparatorMisread(Finding, frozen=True, kw_only=True):
    """
    The server reads several ids only with one form of separator.

    ## What was seen
    No row for a batch joined with one form of the comma, and rows for the same batch joined with the other.
    ## Why agents go missing
    They do not: rollcall uses the form that works. A script whose library encodes the comma (or does not) requests
    one long id that no agent has.
    ## Fix
    Nothing for rollcall. In a script of yours: join the ids in the form named here.
    ## Not this when
    The batch has no row in either form (RC605), or one id spoils it (RC403).
    ## Try it
        rollcall check --demo --fault separator
    """

    code = "RC410"
    name = "separator-misread"
    message = "this server reads ids joined with {read}, but not with {misread}; asked again in the form that works"
    fix = "nothing to do here; a script of yours must join the ids with {read}"

    misread: str
    read: str


@check(needs=(StatesAsked,), finds=(IdPoisonsBatch,))
def batches_healthy(case: Case) -> Iterator[Finding]:
    """Did every batch have rows, whichever ids were in it?"""
    poisoned = case[StatesAsked].poisoned
    if not poisoned:
        return
    ids = tuple(dict.fromkeys(spoilt.agent_id for spoilt in poisoned))
    more = f" and {len(ids) - MOST_EVIDENCE} more" if len(ids) > MOST_EVIDENCE else ""
    one = len(ids) == 1
    # Ids of one batch share its other agents, which count once. There may be more if it was asked in pieces.
    healed = sum(count for _, count in {(spoilt.batch_exchange, spoilt.healed) for spoilt in poisoned})
    proven = healed > 0 and all(spoilt.repeated for spoilt in poisoned)
    others = f"{'' if one else 'at least '}{counted(healed, 'agent')}" if healed else "no agent"
    batches = "every batch that it is in" if one else "every batch that they are in"
    verb = ("spoils" if one else "spoil") if proven else "may spoil"
    yield IdPoisonsBatch(
        ids=f"the {'id' if one else 'ids'} {', '.join(ids[:MOST_EVIDENCE])}{more}",
        spoil=f"{verb} {batches}",
        them="it" if one else "them",
        others=others,
        **proven_if(proven, settle="request each of them together with an agent who is present"),
        evidence=tuple(dict.fromkeys(seen for spoilt in poisoned[:MOST_EVIDENCE] for seen in _isolated(spoilt))),
        explains=ids,
    )


def _isolated(spoilt: PoisonedBatch) -> tuple[Evidence, Evidence]:
    pointer, answer = (ROWS, "no row") if spoilt.status == 200 else ("status", str(spoilt.status))
    return (
        Evidence("the batch had no row", spoilt.batch_exchange, pointer, answer),
        Evidence(f"{spoilt.agent_id} without the others of its batch", spoilt.alone_exchange, pointer, answer),
    )


@check(needs=(StatesAsked,), finds=(TooManyIds,))
def batch_size_taken(case: Case) -> Iterator[Finding]:
    """Does the server accept as many ids as were sent?"""
    too_many = case[StatesAsked].too_many
    if too_many is not None:
        claim = f"{too_many.refused} ids in one request"
        yield TooManyIds(
            refused=too_many.refused,
            taken=too_many.taken,
            strength=Strength.NOTE,
            evidence=(Evidence(claim, too_many.exchange, "status", str(too_many.status)),),
        )


@check(needs=(TenantAsked, StatesAsked), finds=(BatchCut,))
def batch_answered_in_full(case: Case) -> Iterator[Finding]:
    """Does the server return a row for every id in a request?"""
    cut, rows = case[StatesAsked].cut, case[TenantAsked].states_rows
    if cut is not None:
        yield BatchCut(
            limit=cut.most_rows,
            rows=counted(cut.most_rows, "row"),
            found=counted(cut.found, "agent"),
            strength=Strength.NOTE,
            evidence=(
                Evidence("the missing agents, requested separately", cut.shown_by, rows, "rows"),
                Evidence("the full response that should have had them", cut.truncated, rows, "no rows for them"),
            ),
        )


@check(needs=(StatesAsked,), finds=(IdsIgnored,))
def ids_read(case: Case) -> Iterator[Finding]:
    """Does the server read the ids of a request?"""
    states = case[StatesAsked]
    exchange = states.ignored_exchange
    if exchange:
        # A single row could also be one that comes with every response (RC510).
        certain = states.ignored_rows > 1
        yield IdsIgnored(
            ignores="ignores" if certain else "may ignore",
            **proven_if(certain, settle="run the check while more than one agent is logged in"),
            evidence=(Evidence("a made-up id, requested alone", exchange, ROWS, "rows of other agents"),),
            explains=case.roll.ids(Standing.UNKNOWN),
        )


@check(needs=(StatesAsked,), finds=(SeparatorMisread,))
def separator_read(case: Case) -> Iterator[Finding]:
    """Does the server read the ids with any form of the comma?"""
    separator = case[StatesAsked].separator
    if separator is not None:
        yield SeparatorMisread(
            misread=separator.misread,
            read=separator.read,
            strength=Strength.NOTE,
            evidence=(
                Evidence(f"ids joined with {separator.misread}", separator.misread_exchange, ROWS, "no row"),
                Evidence(f"the same ids joined with {separator.read}", separator.read_exchange, ROWS, "rows"),
            ),
        )
