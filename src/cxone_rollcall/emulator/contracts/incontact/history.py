"""What agents did: their states and their logins.

GET agents/state-history                  startDate, endDate, updatedSince, top, skip, fields, orderBy
GET agents/{id}/state-history             the same, of one agent
GET agents/{id}/login-history             the same without updatedSince
GET wfm-data/agents/schedule-adherence    startDate, endDate, fields; states without schedules, and no pages

Parameters and members are those of NICE's OpenAPI files. In v34 `duration` is ISO text, in v23 whole seconds. What
they leave open is a reading: which states a range has, how long it may be, how the current state and a logout are
written, how late the history is. Invented: the last day is the default range; a row is updated when its state begins
and when it ends; a logout lasts 0 seconds; a session's id is its login's second and the agent's number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.frame import framed
from cxone_rollcall.emulator.contracts.incontact.query import Query, dates, read
from cxone_rollcall.emulator.contracts.incontact.rows import STATE_NAMES, UNAVAILABLE_CODES, Rows, seen, skill_of
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, compact
from cxone_rollcall.emulator.world import Stance

_DAY = 86_400
_ADHERENCE = 300


class Spell(NamedTuple):
    """One state of an agent, from its begin to its end.

    Both are times in the world with fractions; `end` is None if it has not ended. `login` is its session's.
    """

    begin: float
    agent: int
    end: float | None
    login: int
    number: int
    stance: Stance

    @property
    def session(self) -> int:
        """The id of the session."""
        return self.login * 1_000_000 + self.agent


_ORDERS: Mapping[str, Callable[[Spell], float]] = {
    "startdate": lambda spell: spell.begin,
    "agentid": lambda spell: spell.agent,
    "agentsessionid": lambda spell: spell.session,
    "stateindex": lambda spell: spell.number,
}


class _Span(NamedTuple):
    """The requested times in the world, from `start` to before `end`.

    `over` is the time that a row must be updated after, or None.
    """

    start: float
    end: float
    over: float | None = None


class History:
    """The states and logins of one tenant's agents."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        self._readings = tenant.settings.readings
        self._found: tuple[object, Sequence[Spell]] = ((), ())

    def states(self, call: Call, faults: Sequence[Fault], of_one: int | None = None) -> Answer:
        """Return a page of states, of all visible agents or one. ValueError explains a wrong parameter."""
        query = read(call.query)
        for order in query.order:
            if order.field not in _ORDERS:
                raise ValueError(f"orderBy names no field that states are ordered by: {order.field}.")
        agents = [of_one] if of_one is not None else self._visible(call, faults)
        return framed(
            call,
            query,
            self._find(agents, self._span(call, query), query),
            lambda spell: self._row(spell, alone=of_one is not None),
            key="agentStateHistory",
            cap=self._readings.history_cap,
            no_rows=self._readings.no_history,
            businessUnitId=self._rows.business_unit,
            lastPollTime=self._clock.poll().written,
        )

    def logins(self, call: Call, index: int) -> Answer:
        """Return one page of an agent's logins, which have no logouts. ValueError explains a wrong parameter."""
        query, days = read(call.query), self._readings.logins_days
        now = self._known()
        start, end = self._given(call, min(days, 1) * _DAY)
        if end - start > days * _DAY:
            raise ValueError(f"The date range cannot exceed {days} days.")
        stances = self._tenant.world.stances(index, int(start) - 1, int(min(end, now)) + 1)
        logins = dict.fromkeys(one.last_login for one in stances if one.state is not None)
        found = [login for login in logins if login is not None and start <= self._clock.exact(login, index) < end]
        if any(order.field != "logindate" for order in query.order):
            raise ValueError("orderBy names no field that logins are ordered by.")
        if query.order and query.order[0].descending:
            found.reverse()
        return framed(
            call,
            query,
            found,
            lambda login: self._login(login, index),
            key="agentLogins",
            cap=self._readings.history_cap,
            no_rows=self._readings.no_history,
        )

    def adherence(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the states of five minutes of all visible agents. ValueError explains a wrong parameter."""
        start, end = self._given(call, _ADHERENCE)
        if end - start > _ADHERENCE:
            raise ValueError("The date range cannot exceed 5 minutes.")
        query = read(call.query)
        found = self._find(self._visible(call, faults), _Span(start, end), Query())
        rows = [query.chosen(compact(self._adherence_row(spell))) for spell in found]
        if not rows:
            return NO_CONTENT
        return Answer(200, b'{"%b":[%b]}' % (self._readings.adherence_key.encode(), b",".join(rows)))

    def _visible(self, call: Call, faults: Sequence[Fault]) -> Sequence[int]:
        agents = self._rows.everyone(states=False)
        for fault in faults:
            agents = fault.visible(call, agents)
        return agents

    def _known(self) -> int:
        """The last second of the world that the history knows."""
        return self._clock.poll().moment - self._readings.history_lag

    def _given(self, call: Call, usual: int, start: float | None = None) -> tuple[float, float]:
        """The requested range in the world. By default the `usual` seconds until now, or all from `start`."""
        given = {name: at - self._clock.ahead for name, at in dates(call, "startDate", "endDate").items()}
        end = given.get("endDate", self._clock.poll().moment + 1.0)
        return given.get("startDate", end - usual if start is None else start), end

    def _span(self, call: Call, query: Query) -> _Span:
        longest, how = self._readings.history_longest, self._readings.history_too_long
        over = None if query.since is None else query.since - self._clock.ahead
        start, end = self._given(call, min(longest, _DAY), over)
        if end - start > longest:
            if how != "cut":
                reason = "is too large" if how == "unsaid" else f"cannot exceed {longest} seconds"
                raise ValueError(f"The date range {reason}.")
            end = start + longest
        if over is not None and not call.parameter("startDate"):
            start = float("-inf")  # a state that began before may have ended since
        return _Span(start, end, over)

    def _find(self, agents: Sequence[int], span: _Span, query: Query) -> Sequence[Spell]:
        """Return all requested spells in order. The last result is cached for the next page."""
        now = self._known()
        usual = self._readings.history_order
        asked = (now, tuple(agents), span, query.order)
        if self._found[0] != asked:
            found = [spell for index in agents for spell in self._of_one(index, span, now)]
            found.sort(key=_ORDERS["agentid" if usual == "agentId" else "startdate"], reverse=usual == "newest")
            for order in reversed(query.order):
                found.sort(key=_ORDERS[order.field], reverse=order.descending)
            self._found = asked, found
        return self._found[1]

    def _of_one(self, index: int, span: _Span, now: int) -> Iterator[Spell]:
        """Yield the requested spells of an agent, oldest first."""
        world, of = self._tenant.world, self._readings
        first = int(max(span.start, span.over if span.over is not None else span.start)) - 1
        for stance in world.stances(index, first, int(min(span.end, now)) + 1):
            out = stance.state is None
            if stance.since is None or stance.last_login is None or (out and not of.history_logout):
                continue
            begin = self._clock.exact(stance.since, index)
            end = begin if out else self._clock.exact(stance.until, index) if stance.until <= now else None
            if end is None and of.history_now == "absent":
                continue
            began = span.start <= begin
            if of.history_range == "overlapping":
                began = began or end is None or end > span.start
            if began and begin < span.end and (span.over is None or (end or begin) > span.over):
                number = world.stance(index, stance.since - 1).number + 1 if out else stance.number
                yield Spell(begin, index, end, stance.last_login, number, stance)

    def _row(self, spell: Spell, *, alone: bool) -> dict[str, object]:
        of = self._readings
        person, is_ = self._tenant.world.person(spell.agent), seen(spell.stance, spell.agent)
        skill_id, skill_name = skill_of(person.team) if is_.in_contact else (0, "")
        code = UNAVAILABLE_CODES.get(is_.reason, 0)
        newer = of.shape == "v34"
        row: dict[str, object] = {
            "stateIndex": spell.number,
            "agentSessionId": spell.session,
            "startDate": self._clock.happened(spell.stance.since or 0, spell.agent),
            "agentStateId": is_.code if of.history_ids == "number" else str(is_.code),
            "agentStateName": STATE_NAMES[is_.code],
            "outStateId": code,
            "outStateDescription": is_.reason if of.history_reason == "name" else code,
            "duration": self._duration(spell, iso=newer),
            "skillId": skill_id,
        }
        if newer or not alone:
            row = {"agentId": person.agent_id, of.history_team: person.team.team_id, **row}
        if newer:
            row["contactId"] = self._rows.contact_id(spell.agent, spell.stance) if is_.in_contact else None
        else:
            phone = is_.in_contact
            row |= {"skillName": skill_name, "mediaTypeId": 4 if phone else 0, "mediaTypeName": "Call" if phone else ""}
            row |= {"isOutbound": is_.code in {4, 6, 7}, "stationId": 7000 + spell.agent}
        if of.history_acw:
            row["isACW" if newer else "isAcw"] = is_.after_call
        return row

    def _adherence_row(self, spell: Spell) -> dict[str, object]:
        row = self._row(spell, alone=False)
        names = ("agentId", "stateIndex", "startDate", "agentStateId", "agentSessionId", "skillId", "outStateId")
        return {
            "businessUnitId": self._rows.business_unit,
            "businessUnitName": "Emulated Tenant",
            **{name: row[name] for name in names},
            "outStateDescription": row["outStateDescription"],
            "duration": self._duration(spell, iso=False),
        }

    def _duration(self, spell: Spell, *, iso: bool) -> int | str | None:
        """How long a state lasted, or has lasted so far."""
        if spell.end is None and self._readings.history_now == "null":
            return None
        lasted = max(0.0, (self._known() if spell.end is None else spell.end) - spell.begin)
        return iso_duration(round(lasted * 1000)) if iso else int(lasted)

    def _login(self, login: int, index: int) -> dict[str, object]:
        return {
            "loginDate": self._clock.happened(login, index),
            "stationId": 7000 + index,
            "stationName": f"Station {7000 + index}",
            "phoneNumber": "",
            "callerId": "",
        }


def iso_duration(milliseconds: int) -> str:
    """Return milliseconds as an ISO 8601 duration, such as PT1H2M3.5S."""
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"PT{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}{seconds}S"
