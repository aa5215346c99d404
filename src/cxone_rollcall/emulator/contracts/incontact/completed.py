"""Completed contacts, for reports.

GET contacts/completed    updatedSince, startDate, endDate, top, skip, orderBy, fields,
                          agentId, teamId, skillId, mediaTypeId

A contact ends when its agent's next state begins, and has the same id as in contacts/active and state-history.
Known from two real clients: the path, the parameters, the key `completedContacts`, up to 10,000 rows a page, and a 204
after the last page. The member names are some that one of them accepts. Invented: the values; that `updatedSince` is
about the end of a contact, `startDate` and `endDate` about its start; the last day as the default, a month as maximum.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.frame import framed
from cxone_rollcall.emulator.contracts.incontact.query import Query, dates, read
from cxone_rollcall.emulator.contracts.incontact.rows import Rows, Seen, seen, skill_of
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call

_MOST = 10_000
_DAY = 86_400
_LONGEST = 31 * _DAY
_DATES = ("updatedSince", "startDate", "endDate")
_FILTERS = ("agentId", "teamId", "skillId", "mediaTypeId")
_PHONE_CALL = "4"


class Contact(NamedTuple):
    """A completed contact: agent, kind, start and end in whole seconds.

    `updated` is its end and `start` its start, with fractions. All times are times in the world.
    """

    updated: float
    contact_id: int
    agent: int
    start: float
    began: int
    ended: int
    seen: Seen


_ORDERS: Mapping[str, Callable[[Contact], float]] = {
    "lastupdatetime": lambda contact: contact.updated,
    "contactstart": lambda contact: contact.start,
    "contactid": lambda contact: contact.contact_id,
    "agentid": lambda contact: contact.agent,
}


class _Span(NamedTuple):
    """The requested times in the world. Ended after `over`, started from `start` on and before `end`."""

    over: float | None
    start: float | None
    end: float | None

    def holds(self, contact: Contact) -> bool:
        """Whether the request includes this contact."""
        return (
            (self.over is None or contact.updated > self.over)
            and (self.start is None or contact.start >= self.start)
            and (self.end is None or contact.start < self.end)
        )


class Completed:
    """The completed contacts of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        self._drawn: tuple[object, list[Contact]] = ((), [])

    def answer(self, call: Call) -> Answer:
        """Return one page of contacts; ValueError explains a wrong parameter."""
        query = read(call.query)
        found = self._find(call, query)
        polled = self._clock.poll().written
        return framed(call, query, found, self._row, key="completedContacts", cap=_MOST, lastPollTime=polled)

    def _find(self, call: Call, query: Query) -> Sequence[Contact]:
        """Return all requested contacts in order. The last result is cached for the next page."""
        now = self._clock.poll().moment
        given = {name: at - self._clock.ahead for name, at in dates(call, *_DATES).items()}
        span = _Span(*map(given.get, _DATES))
        wanted = {name: value for name in _FILTERS if (value := call.parameter(name))}
        for order in query.order:
            if order.field not in _ORDERS:
                raise ValueError(f"orderBy names no field that contacts are ordered by: {order.field}.")
        last = min(span.end, now) if span.end is not None else now
        first = max((bound for bound in (span.over, span.start) if bound is not None), default=last - _DAY)
        if last - first > _LONGEST:
            raise ValueError("updatedSince or startDate, and endDate, must not be more than 31 days apart.")
        asked = (now, span, tuple(sorted(wanted.items())), query.order)
        if self._drawn[0] != asked:
            over = (one for index in self._agents(wanted) for one in self._of_one(index, int(first) - 1, last, now))
            found = sorted(filter(span.holds, over))
            for order in reversed(query.order):
                found.sort(key=_ORDERS[order.field], reverse=order.descending)
            self._drawn = asked, found
        return self._drawn[1]

    def _agents(self, wanted: Mapping[str, str]) -> Iterator[int]:
        """Yield the numbers of the agents whose contacts are visible and requested."""
        if wanted.get("mediaTypeId", _PHONE_CALL) != _PHONE_CALL:
            return
        for index in self._rows.everyone(states=False):
            person = self._tenant.world.person(index)
            has = {"agentId": person.agent_id, "teamId": person.team.team_id, "skillId": skill_of(person.team)[0]}
            if all(wanted.get(name, str(value)) == str(value) for name, value in has.items()):
                yield index

    def _of_one(self, index: int, first: int, last: float, now: int) -> Iterator[Contact]:
        """An agent's completed contacts in a span of time.

        They ended at or after the first moment, and started by the last.
        """
        world = self._tenant.world
        before = world.stance(index, first)
        while (at := before.until) <= now and (before.since is None or before.since <= last):
            stance = world.stance(index, at)
            is_ = seen(before, index)
            if is_.in_contact and before.since is not None and stance.since != before.since:
                updated, start = (self._clock.exact(when, index) for when in (at, before.since))
                contact_id = self._rows.contact_id(index, before)
                yield Contact(updated, contact_id, index, start, before.since, at, is_)
            before = stance

    def _row(self, contact: Contact) -> dict[str, Any]:
        person = self._tenant.world.person(contact.agent)
        skill_id, skill_name = skill_of(person.team)
        lasted = contact.ended - contact.began
        waited = contact.contact_id % 90
        return {
            "contactId": contact.contact_id,
            "masterContactId": contact.contact_id,
            "agentId": person.agent_id,
            "firstName": person.name[0],
            "lastName": person.name[1],
            "teamId": person.team.team_id,
            "teamName": person.team.name,
            "skillId": skill_id,
            "skillName": skill_name,
            "mediaType": int(_PHONE_CALL),
            "mediaTypeName": "Phone Call",
            "isOutbound": contact.seen.code in {4, 6, 7},
            "abandoned": False,
            "inQueueSeconds": waited,
            "agentSeconds": lasted,
            "totalDurationSeconds": waited + lasted,
            "contactStart": self._clock.happened(contact.began, contact.agent),
            "lastUpdateTime": self._clock.happened(contact.ended, contact.agent),
        }
