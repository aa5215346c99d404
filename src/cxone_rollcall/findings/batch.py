"""RC403 to RC410: was each batch read as it was meant?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import PoisonedBatch, StatesAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case

ROWS = "/entities"


class IdPoisonsBatch(Finding, frozen=True, kw_only=True):
    """
    An id makes the server answer nothing for all that are asked with it.

    ## What was seen
    A batch without any answer (empty, 400 or 404); halving it again and again isolates one id, or several; without
    them the others answer. Where no other was answered without them, it is SUSPECTED.
    ## Why agents go missing
    A script that asks in batches loses the whole batch to one id. rollcall asks the others without it: only the
    agents of such ids stay unknown.
    ## Fix
    Report the ids to NICE's support; leave them out of your own batches.
    ## Not this when
    The batch is refused for its size (RC404), or its agents have no row without that id either (RC601).
    ## Try it
        rollcall check --demo --fault poison-id
    """

    code = "RC403"
    name = "id-poisons-batch"
    message = "{ids} {spoil}; answered without {them}: {others}"
    fix = "report {ids} to NICE's support, and leave {them} out of your own batches until then"

    ids: str
    spoil: str
    them: str
    others: str


class TooManyIds(Finding, frozen=True, kw_only=True):
    """
    The server takes fewer ids in a request.

    ## What was seen
    A batch refused (413, 414, 431 or 400) and answers to its halves.
    ## Why agents go missing
    They do not: rollcall asked again in smaller batches. A script that goes on loses the batch.
    ## Fix
    Nothing for rollcall. In a script of yours: ask in batches of the size named here.
    ## Not this when
    The halves are refused too, down to one id (RC403).
    ## Try it
        rollcall check --demo --fault too-many-ids
    """

    code = "RC404"
    name = "too-many-ids"
    message = "this server refuses {refused} ids a request; asked again in batches of {taken}"
    fix = "nothing to do here; a script of yours must ask for at most {taken} ids a request"

    refused: int
    taken: int


class BatchCut(Finding, frozen=True, kw_only=True):
    """
    The server cuts its answer off after so many rows, or reads only so many of the ids.

    ## What was seen
    Absent agents of the fullest batch had rows when they were asked by themselves; the same full batch, asked
    again, still had none for them.
    ## Why agents go missing
    They do not: rollcall asked again in batches that are answered in full. A script reads the rest as absent.
    ## Fix
    Nothing for rollcall. In a script of yours: ask in batches of the size named here.
    ## Not this when
    The full batch has the rows when it is asked again: then those agents logged in between (RC604).
    ## Try it
        rollcall check --demo --fault batch-cut
    """

    code = "RC405"
    name = "batch-cut"
    message = "this server gives at most {limit} rows a request; asked again for the rest, which found {found}"
    fix = "nothing to do here; a script of yours must ask for at most {limit} agents a request"

    limit: int
    found: str


class IdsIgnored(Finding, frozen=True, kw_only=True):
    """
    The server does not read the ids at all.

    ## What was seen
    A made-up id, asked alone, got the very rows that real ids got. Where that is a single row, it is SUSPECTED.
    ## Why agents go missing
    The answer is the same whoever is asked for; who is not among its rows is unknown, not absent.
    ## Fix
    Report it to NICE's support with the exchange named here: the parameter agentIds has no effect.
    ## Not this when
    Only a single stray row comes along (RC510).
    ## Try it
        rollcall check --demo --fault ids-ignored
    """

    code = "RC408"
    name = "ids-ignored"
    message = "a made-up id got the rows that real ones get: ids {are} not read here"
    fix = "report to NICE's support that agentIds has no effect; who has no row here stays unknown"

    are: str


class SeparatorMisread(Finding, frozen=True, kw_only=True):
    """
    The server reads the ids of a request only if they are joined in one particular form.

    ## What was seen
    No row for a batch joined with one form of the comma, and rows for the same batch joined with the other.
    ## Why agents go missing
    They do not: rollcall goes on with the form that works. A script whose library encodes the comma (or does not)
    asks for one long id that nobody has.
    ## Fix
    Nothing for rollcall. In a script of yours: join the ids in the form named here.
    ## Not this when
    The same batch is silent in both forms (RC605), or one id spoils it (RC403).
    ## Try it
        rollcall check --demo --fault separator
    """

    code = "RC410"
    name = "separator-misread"
    message = "this server reads ids joined with {read} and not with {misread}; asked again in the form that works"
    fix = "nothing to do here; a script of yours must join the ids with {read}"

    misread: str
    read: str


@check(needs=(StatesAsked,), finds=(IdPoisonsBatch,))
def batches_healthy(case: Case) -> Iterator[Finding]:
    """Did every batch answer, whichever ids were in it?"""
    poisoned = case[StatesAsked].poisoned
    if not poisoned:
        return
    ids = tuple(dict.fromkeys(spoilt.agent_id for spoilt in poisoned))
    more = f" and {len(ids) - MOST_EVIDENCE} more" if len(ids) > MOST_EVIDENCE else ""
    one = len(ids) == 1
    # The ids of one batch share its others: they are counted once, and may be more where it was asked in pieces.
    healed = sum(count for _, count in {(spoilt.batch_exchange, spoilt.healed) for spoilt in poisoned})
    others = f"{'' if one else 'at least '}{counted(healed, 'agent')}" if healed else "nobody"
    batches = "every batch that it is in" if one else "every batch that they are in"
    verb = ("spoils" if one else "spoil") if healed else "may spoil"
    yield IdPoisonsBatch(
        ids=f"the {'id' if one else 'ids'} {', '.join(ids[:MOST_EVIDENCE])}{more}",
        spoil=f"{verb} {batches}",
        them="it" if one else "them",
        others=others,
        strength=Strength.PROVEN if healed else Strength.SUSPECTED,
        settle="" if healed else "ask each of them beside an agent who is present",
        evidence=tuple(dict.fromkeys(seen for spoilt in poisoned[:MOST_EVIDENCE] for seen in _isolated(spoilt))),
        explains=ids,
    )


def _isolated(spoilt: PoisonedBatch) -> tuple[Evidence, Evidence]:
    answer = "no row" if spoilt.status == 200 else f"HTTP {spoilt.status}"
    return (
        Evidence("the batch answered nothing", spoilt.batch_exchange, ROWS, answer),
        Evidence(f"{spoilt.agent_id} without the others of its batch", spoilt.alone_exchange, ROWS, answer),
    )


@check(needs=(StatesAsked,), finds=(TooManyIds,))
def batch_size_taken(case: Case) -> Iterator[Finding]:
    """Does the server take as many ids a request as were sent?"""
    too_many = case[StatesAsked].too_many
    if too_many is not None:
        yield TooManyIds(
            refused=too_many.refused,
            taken=too_many.taken,
            strength=Strength.NOTE,
            evidence=(
                Evidence(f"{too_many.refused} ids in one request", too_many.exchange, "status", str(too_many.status)),
            ),
        )


@check(needs=(TenantAsked, StatesAsked), finds=(BatchCut,))
def batch_answered_in_full(case: Case) -> Iterator[Finding]:
    """Does the server answer every id, or every row, of a request?"""
    cut, rows = case[StatesAsked].cut, case[TenantAsked].states_rows
    if cut is not None:
        yield BatchCut(
            limit=cut.most_rows,
            found=counted(cut.found, "agent"),
            strength=Strength.NOTE,
            evidence=(
                Evidence("what was missing, asked for by itself", cut.shown_by, rows, "rows"),
                Evidence("the full answer that should have had it", cut.truncated, rows, "no rows for it"),
            ),
        )


@check(needs=(StatesAsked,), finds=(IdsIgnored,))
def ids_read(case: Case) -> Iterator[Finding]:
    """Does the server read the ids that it is asked for?"""
    states = case[StatesAsked]
    exchange = states.ignored_exchange
    if exchange:
        # One row could also be a stray one that comes with every answer (RC510).
        certain = states.ignored_rows > 1
        yield IdsIgnored(
            are="are" if certain else "may be",
            strength=Strength.PROVEN if certain else Strength.SUSPECTED,
            settle="" if certain else "ask again while more than one agent is logged in",
            evidence=(Evidence("a made-up id, asked alone", exchange, ROWS, "rows of other agents"),),
            explains=case.roll.ids(Standing.UNKNOWN),
        )


@check(needs=(StatesAsked,), finds=(SeparatorMisread,))
def separator_read(case: Case) -> Iterator[Finding]:
    """Does the server read the ids however their comma is written?"""
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
