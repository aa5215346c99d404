"""The changes that make sense for a request: each changes one thing. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, unquote_plus

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.request import Asked, Change, What
from cxone_rollcall.model.state import meant_state
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.wording import counted
from cxone_rollcall.request.question import IDS, PARAMETERS, Question

MOST_NAMED = 10
"""Ids for a request that names none. Enough to show that rows come."""
MOST_PARAMETERS = 6
FEW_IDS = 5
"""Ids that every server answers in one request, if it answers."""
_PAGING = frozenset({"top", "skip", "page", "pagesize", "orderby"})
_CHANGED = frozenset({"agentids", "state", "updatedsince", *_PAGING})
_PLAIN = re.compile(r"[A-Za-z][\w.-]{0,39}", re.ASCII)
_SINCE = ("updatedSince", "updateSince")
_REFUSALS = frozenset({FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN})
_NO_ANSWER = frozenset(
    {FailureKind.HOST_NOT_FOUND, FailureKind.UNREACHABLE, FailureKind.CERTIFICATE, FailureKind.TIMED_OUT}
)


class Known(Value, frozen=True, kw_only=True):
    """What rollcall knows of the tenant before it asks a program's request.

    `hosts` are the tenant's own (`https://host`), that of the API first; `contract` and `version` are those of that
    API, `before` the path before `agents`. `id_of` maps what the request names to internal ids, `unknown` are ids that
    the roster lacks, or that spoil a batch. `states` are the states that agents are in, `most` the ids or rows that one
    request may have, None if no limit was found.
    """

    hosts: tuple[str, ...]
    contract: str
    version: str
    before: str
    id_of: Mapping[str, str]
    unknown: frozenset[str]
    states: frozenset[str]
    separator: str = ","
    most: int | None = None


class Candidate(Value, frozen=True, kw_only=True):
    """One change in words, and the request or requests that result.

    `said` is the value that is changed, `instead` the one in its place.
    """

    change: Change
    what: str
    apply: Callable[[Question], tuple[Question, ...]]
    said: str = ""
    instead: str = ""


def candidates(question: Question, answer: Asked, missing: frozenset[str], known: Known) -> Iterator[Candidate]:
    """The changes to try for a request with this answer. `missing` are the agents that the answer lacks."""
    kind = FailureKind(answer.kind) if answer.kind else None
    at_home = question.request.base in known.hosts
    if not at_home:
        yield _one(Change.HOST, "at the host of the settings", lambda one: one.at_host(known.hosts[0]))
    if kind in _NO_ANSWER:
        return
    if kind in (FailureKind.NOT_FOUND, FailureKind.NOT_THE_API) or (not question.contract and kind):
        yield from _places(question, missing, known)
    if at_home and not question.signed:
        yield _one(Change.TOKEN, "with rollcall's own token", Question.with_our_token)
    if kind in _REFUSALS:
        return
    yield from _of_ids(question, missing, known)
    yield from _filters(question, known)
    yield from _fewer_ids(question, answer, missing, known)
    has_pages = question.what is What.ROSTER or (question.what is What.STATES and question.contract == "incontact")
    if has_pages and answer.rows:
        yield Candidate(change=Change.PAGES, what="with the pages that follow", apply=lambda one: (one,))


def _one(change: Change, what: str, apply: Callable[[Question], Question], **values: str) -> Candidate:
    return Candidate(change=change, what=what, apply=lambda one: (apply(one),), **values)


def _places(question: Question, missing: frozenset[str], known: Known) -> Iterator[Candidate]:
    """Other places of the same list. Another path, the other API, another version."""
    if not question.contract:
        yield _one(
            Change.PATH, f"at the path {known.before}", lambda one: one.at(known.before, contract=known.contract)
        )
    elif question.contract != known.contract:
        yield _one(
            Change.CONTRACT,
            f"of the {known.contract} API",
            lambda one: _of_other_contract(one, missing, known),
            said=question.contract,
            instead=known.contract,
        )
    elif question.version != known.version:
        yield _one(
            Change.VERSION,
            f"in version {known.version}",
            lambda one: one.of_version(known.version),
            said=question.version,
            instead=known.version,
        )
    elif question.before.lower() != known.before.lower():
        yield _one(
            Change.PATH, f"at the path {known.before}", lambda one: one.at(known.before, contract=known.contract)
        )


def _of_other_contract(question: Question, missing: frozenset[str], known: Known) -> Question:
    """The same list of the other API. By id if it takes ids, else complete."""
    ids = question.ids or tuple(sorted(missing)[:MOST_NAMED])
    moved = question.at(known.before, contract=known.contract)
    if known.contract == "v2":
        moved = moved.without(*_SINCE, "top", "skip", "fields", "orderBy", "reqBUIds")
        by_id = moved.what is What.STATES and ids
        return moved.with_ids(_joined(_resolved(ids, known), known)) if by_id else moved
    return moved.without(IDS, "state", "page", "pageSize", *question.ids_as)


def _of_ids(question: Question, missing: frozenset[str], known: Known) -> Iterator[Candidate]:
    """Changes of the ids: added, internal, rejoined, fewer, known ones only."""
    ids, resolved = question.ids, _resolved(question.ids, known)
    other = next((one for one, new in zip(ids, resolved, strict=True) if one != new), None) if ids else None
    if question.what is What.ONE_AGENT:
        if other is not None:
            new = known.id_of[other]
            yield _one(Change.RESOLVED, "with its internal id", lambda one: one.of_agent(new), said=other, instead=new)
        return
    if question.what is not What.STATES or question.contract == "incontact":
        return
    if not question.ids_as and missing:
        named = tuple(sorted(missing)[:MOST_NAMED])
        yield _one(
            Change.NO_IDS,
            f"with {IDS} of {counted(len(named), 'agent')}",
            lambda one: one.with_ids(_joined(named, known)),
            instead=str(len(named)),
        )
    elif any(unquote_plus(name).lower() != IDS.lower() or name != IDS for name in question.ids_as):
        yield _one(
            Change.NO_IDS,
            f"with the ids under the name {IDS}",
            lambda one: one.with_ids(_joined(one.ids, known)),
            said=_shown(unquote_plus(question.ids_as[0])),
            instead=IDS,
        )
    if other is not None:
        yield _one(
            Change.RESOLVED,
            "with internal ids",
            lambda one: one.with_ids(_joined(_resolved(one.ids, known), known)),
            said=other,
            instead=known.id_of[other],
        )
    if len(ids) > 1 and question.target != question.with_ids(_joined(ids, known)).target and not other:
        yield _one(
            Change.SEPARATOR,
            f"with the ids joined with {known.separator}",
            lambda one: one.with_ids(_joined(one.ids, known)),
            said=_separator(question),
            instead=known.separator,
        )
    spoilt = tuple(one for one in ids if one in known.unknown)
    if spoilt and len(spoilt) < len(ids):
        yield _one(
            Change.POISON,
            f"without {_some(spoilt)}",
            lambda one: one.with_ids(_joined(tuple(i for i in one.ids if i not in known.unknown), known)),
            said=_some(spoilt),
        )


def _fewer_ids(question: Question, answer: Asked, missing: frozenset[str], known: Known) -> Iterator[Candidate]:
    ids = question.ids
    few = FEW_IDS if answer.rows is not None else 1
    if question.what is What.STATES and question.contract != "incontact" and len(ids) > few:
        size = max(1, min(len(ids) - 1, known.most or -(-len(ids) // 4)))
        # A request that fails shows nothing of any agent: then only all batches show that smaller ones are answered.
        wanted = missing if answer.rows is not None else frozenset[str]()
        yield Candidate(
            change=Change.BATCHES,
            what=f"in batches of {size}",
            apply=lambda one: _batches(one, size, wanted, known),
            said=str(len(ids)),
            instead=str(size),
        )


def _filters(question: Question, known: Known) -> Iterator[Candidate]:
    """Changes of what leaves rows out: the state filter, `updatedSince`, other parameters."""
    state = question.value("state") if question.contract != "incontact" else None
    if state:
        meant = None if state in known.states else meant_state(state, sorted(known.states))
        if meant is not None:
            yield _one(
                Change.SPELLING,
                f"with state={meant}",
                lambda one: one.with_values(state=quote(meant, safe="")),
                said=state,
                instead=meant,
            )
        yield _one(Change.STATE, f"without state={state}", lambda one: one.without("state"), said=state)
    since = next((value for name in _SINCE if (value := question.value(name))), None)
    if since:
        yield _one(Change.SINCE, "without updatedSince", lambda one: one.without(*_SINCE), said=since)
    yield from _begins(question)
    names = dict.fromkeys(unquote_plus(name) for name, value in question.request.query if value)
    of_ids = {unquote_plus(name) for name in question.ids_as}
    others = [name for name in names if name.lower() not in _CHANGED and name not in of_ids]
    yield from map(_without, others[:MOST_PARAMETERS])


def _begins(question: Question) -> Iterator[Candidate]:
    """Other places to begin a list at."""
    skip, page = question.value("skip"), question.value("page")
    if skip and skip != "0":
        yield _one(Change.PAGES, "with skip=0", lambda one: one.with_values(skip="0"), said=f"skip={skip}")
    if question.what is not What.ROSTER or question.contract != "v2":
        return
    if not page or page == "1":
        yield _one(Change.PAGES, "with page=0", lambda one: one.with_values(page="0"), said="page=1", instead="0")
    else:
        yield _one(Change.PAGES, "with page=1", lambda one: one.with_values(page="1"), said=f"page={page}")


def _without(name: str) -> Candidate:
    return _one(Change.PARAMETER, f"without {_shown(name)}", lambda one: one.without(name), said=_shown(name))


def _resolved(ids: tuple[str, ...], known: Known) -> tuple[str, ...]:
    return tuple(known.id_of.get(one, one) for one in ids)


def _joined(ids: tuple[str, ...], known: Known) -> str:
    return known.separator.join(quote(one, safe="", errors="surrogatepass") for one in dict.fromkeys(ids))


def _batches(question: Question, size: int, missing: frozenset[str], known: Known) -> tuple[Question, ...]:
    """The request in batches, only those with missing agents. They show what the whole request lacks."""
    ids = question.ids
    pieces = [ids[start : start + size] for start in range(0, len(ids), size)]
    some = [one for one in pieces if missing.intersection(_resolved(one, known))]
    return tuple(question.with_ids(_joined(one, known)) for one in some or pieces)


def _separator(question: Question) -> str:
    """How the ids of a request are joined, in words."""
    values = [value for name, value in question.request.query if name in question.ids_as]
    if len(values) > 1:
        return f"a parameter for each: {question.ids_as[0]}=...&{question.ids_as[0]}=..."
    marks = ("%2C", "%2c", "%3B", ";", "|", "+", "%20", ",")
    return next((mark for mark in marks if mark in values[0]), "another mark")


def _some(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return ", ".join(ids[:3]) + more


def _shown(name: str) -> str:
    """The name of a parameter, or "a parameter" if it is unusual. An address may hold anything."""
    return name if name.lower() in PARAMETERS or _PLAIN.fullmatch(name) else "a parameter"
