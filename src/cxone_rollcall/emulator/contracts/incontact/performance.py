"""How agents and teams spent a range of time, on quarter hours.

GET agents/performance            startDate, endDate, fields; 204 without anybody logged in
GET agents/{id}/performance       the same of one agent
GET teams/performance-total       the same, summed over the agents of each team
GET teams/{id}/performance-total  the same of one team

Member names are those of NICE's SDK. The range is widened to quarter hours and ends now at the latest; without one it
is the last hour. Durations are ISO texts. Contacts are those of contact states that began in the range. Invented: a
state counts by its overlap with the range, nobody refuses a contact, and talk time is the time of a contact state.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.frame import short
from cxone_rollcall.emulator.contracts.incontact.history import iso_duration
from cxone_rollcall.emulator.contracts.incontact.query import dates
from cxone_rollcall.emulator.contracts.incontact.rows import Rows, seen
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, problem
from cxone_rollcall.emulator.world import TEAMS, Team

_HOUR, _QUARTER = 3600, 900
LONGEST = 31 * 86_400
"""Seconds of the longest range."""
_INBOUND, _OUTBOUND = "inbound", "outbound"
_KINDS = {3: _INBOUND, 4: _OUTBOUND, 6: _OUTBOUND, 7: _OUTBOUND}


class Performance:
    """The reports of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock

    def agents(self, call: Call, faults: Sequence[Fault], of_one: int | None = None) -> Answer:
        """Return each agent's report, or one's; ValueError explains a wrong parameter."""
        span, world = self._span(call), self._tenant.world
        asked = self._visible(call, faults) if of_one is None else [of_one]
        spent = {index: self._spent(index, *span) for index in asked}
        rows = [
            {"agentId": world.person(index).agent_id, **_row(world.person(index).team, one, agents=1)}
            for index, one in spent.items()
            if one["login"]
        ]
        return short(call, rows, key="agentPerformance") if rows else NO_CONTENT

    def teams(self, call: Call, faults: Sequence[Fault], team_id: str = "") -> Answer:
        """Return each team's report, or one's; ValueError explains a wrong parameter."""
        teams = [team for team in TEAMS if team_id in ("", str(team.team_id))]
        if not teams:
            return problem(404, "There is no such team.")
        span, world = self._span(call), self._tenant.world
        spent: dict[Team, list[Counter[str]]] = {team: [] for team in teams}
        for index in self._visible(call, faults):
            team = world.person(index).team
            if team in spent:
                spent[team].append(self._spent(index, *span))
        rows = []
        for team, ones in spent.items():
            total = _sum(ones)
            if total["login"]:
                there = sum(one["login"] > 0 for one in ones)
                rows.append(
                    {
                        **_row(team, total, agents=there),
                        "avgAvailableTime": _iso(total["available"] / there),
                        "avgUnavailableTime": _iso(total["unavailable"] / there),
                    }
                )
        return short(call, rows, key="teamPerformanceTotal") if rows else NO_CONTENT

    def _visible(self, call: Call, faults: Sequence[Fault]) -> Sequence[int]:
        agents = self._rows.everyone(states=False)
        for fault in faults:
            agents = fault.visible(call, agents)
        return agents

    def _span(self, call: Call) -> tuple[int, int]:
        """The requested range in the world, on quarter hours."""
        given = dates(call, "startDate", "endDate")
        ahead, now = int(self._clock.ahead), self._clock.poll().moment
        end = int(given.get("endDate", now + ahead))
        start = int(given.get("startDate", end - _HOUR))
        if start >= end:
            raise ValueError("startDate must lie before endDate.")
        if end - start > LONGEST:
            raise ValueError("The date range cannot exceed 31 days.")
        return start // _QUARTER * _QUARTER - ahead, min(now, -(-end // _QUARTER) * _QUARTER - ahead)

    def _spent(self, index: int, start: int, end: int) -> Counter[str]:
        """Seconds and contacts of an agent in a range."""
        spent: Counter[str] = Counter()
        for stance in self._tenant.world.stances(index, start, end):
            if stance.state is None:
                continue
            is_ = seen(stance, index)
            began = stance.since if stance.since is not None else start
            seconds = max(0, min(stance.until, end) - max(began, start))
            spent["login"] += seconds
            if is_.in_contact:
                kind = _KINDS.get(is_.code, "consult")
                spent[kind] += seconds
                spent[f"{kind}-contacts"] += start <= began < end
            elif is_.after_call:
                spent["acw"] += seconds
            else:
                spent["available" if is_.code == 1 else "unavailable"] += seconds
        return spent


def _sum(ones: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in ones:
        total += one
    return total


def _row(team: Team, spent: Counter[str], *, agents: int) -> dict[str, object]:
    """The members of a report. `agents` is how many of them were logged in."""
    inbound, outbound = spent["inbound-contacts"], spent["outbound-contacts"]
    talked, handled = spent[_INBOUND] + spent[_OUTBOUND], inbound + outbound
    working = talked + spent["consult"] + spent["acw"]
    return {
        "teamId": team.team_id,
        "agentOffered": inbound,
        "inboundHandled": inbound,
        "inboundTime": _iso(spent[_INBOUND]),
        "inboundTalkTime": _iso(spent[_INBOUND]),
        "inboundAvgTalkTime": _iso(spent[_INBOUND] / max(inbound, 1)),
        "outboundHandled": outbound,
        "outboundTime": _iso(spent[_OUTBOUND]),
        "outboundTalkTime": _iso(spent[_OUTBOUND]),
        "outboundAvgTalkTime": _iso(spent[_OUTBOUND] / max(outbound, 1)),
        "totalHandled": handled,
        "totalAvgHandled": round(handled / agents, 2),
        "totalTalkTime": _iso(talked),
        "totalAvgTalkTime": _iso(talked / max(handled, 1)),
        "totalAvgHandleTime": _iso((talked + spent["acw"]) / max(handled, 1)),
        "consultTime": _iso(spent["consult"]),
        "availableTime": _iso(spent["available"]),
        "unavailableTime": _iso(spent["unavailable"]),
        "acwTime": _iso(spent["acw"]),
        "refused": 0,
        "percentRefused": 0.0,
        "loginTime": _iso(spent["login"]),
        "workingRate": _percent(working, spent["login"]),
        "occupancy": _percent(working, working + spent["available"]),
    }


def _iso(seconds: float) -> str:
    return iso_duration(round(seconds * 1000))


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
