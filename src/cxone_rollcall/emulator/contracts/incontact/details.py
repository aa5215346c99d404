"""The smaller endpoints of `incontact`, which clients use to cross-check an agent.

GET agents/{id}                    by integer or user id (UUID)
GET agents/{id}/state-history      startDate, endDate
GET agents/{id}/login-history      startDate, endDate
GET contacts/active                agentId; 204 without contacts
GET contacts/completed             see completed.py
GET skills/activity                logged-in and available agents of each skill
GET permissions  security-profiles  see rights.py
GET unavailable-codes  business-unit
GET server-time                    any valid token

Of state-history, login-history and contacts/active only the paths and the purpose are known. The member names are
invented. Those of unavailable-codes are a reading: clients know two.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.completed import Completed
from cxone_rollcall.emulator.contracts.incontact.query import dates
from cxone_rollcall.emulator.contracts.incontact.rights import Rights
from cxone_rollcall.emulator.contracts.incontact.rows import STATE_NAMES, Rows, seen, unavailable_codes
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, answer_json, problem
from cxone_rollcall.emulator.world import TEAMS, Stance

_OF_ONE = re.compile(r"agents/([^/]+)(/state-history|/login-history|)")
_LONGEST = 31 * 86_400
OPEN = ("server-time",)
"""Paths that need a token, but no user and no permission."""


class Details:
    """The smaller endpoints of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        rights = Rights(tenant, rows)
        self._plain: Mapping[str, Callable[[Call], Answer]] = {
            "contacts/completed": Completed(tenant, rows, clock).answer,
            "skills/activity": self._skills,
            "unavailable-codes": self._codes,
            "business-unit": self._business_unit,
            "server-time": lambda call: answer_json(200, {"ServerTime": self._clock.now()}),
            "permissions": rights.permissions,
        }
        self._of_agents: Mapping[str, Callable[[Call, Sequence[Fault]], Answer]] = {
            "contacts/active": self._contacts,
            "security-profiles": rights.profiles,
        }

    def knows(self, name: str) -> bool:
        """Whether this path exists."""
        return name in self._plain or name in self._of_agents or _OF_ONE.fullmatch(name) is not None

    def answer(self, call: Call, faults: Sequence[Fault], name: str) -> Answer:
        """Return the response; ValueError explains a wrong parameter."""
        if name in self._plain:
            return self._plain[name](call)
        if name in self._of_agents:
            return self._of_agents[name](call, faults)
        found = _OF_ONE.fullmatch(name)
        assert found is not None, name  # noqa: S101  knows() is called first
        world, asked = self._tenant.world, found[1]
        index = world.index(asked)
        if index is None and not found[2]:
            index = world.user_index(asked)
        if index is None:
            return problem(404, "There is no such agent.")
        if not self._rows.visible(index) or not all(fault.visible(call, [index]) for fault in faults):
            return problem(int(self._tenant.settings.readings.hidden_agent), "This agent cannot be seen.")
        if not found[2]:
            row = self._rows.row(index, self._clock.poll().moment, states=False)
            return Answer(200, b'{"agents":[' + row + b"]}")
        return self._states(call, index) if found[2] == "/state-history" else self._logins(call, index)

    def _states(self, call: Call, index: int) -> Answer:
        history = []
        for stance in self._stances(index, *self._span(call)):
            is_ = seen(stance, index)
            state = {
                "agentStateId": is_.code,
                "agentStateName": STATE_NAMES[is_.code],
                "isACW": is_.after_call,
                "outStateDescription": is_.reason,
                "contactId": self._rows.contact_id(index, stance) if is_.in_contact else None,
                "startDate": self._clock.happened(stance.since or 0, index)[1],
            }
            history.append(state)
        return answer_json(200, {"agentStateHistory": history}) if history else NO_CONTENT

    def _logins(self, call: Call, index: int) -> Answer:
        start, end = self._span(call)
        history = []
        stances = self._stances(index, start, end)
        for login, of_session in groupby(stances, key=lambda stance: stance.last_login if stance.state else None):
            if login is None:
                continue
            *_, last = of_session
            logout = self._session_end(index, last)
            over = logout <= self._clock.poll().moment
            history.append(
                {
                    "agentId": int(self._tenant.world.agent_id(index)),
                    "loginDate": self._clock.happened(login, index)[1],
                    "logoutDate": self._clock.happened(logout, index)[1] if over else None,
                }
            )
        return answer_json(200, {"agentLoginHistory": history}) if history else NO_CONTENT

    def _session_end(self, index: int, stance: Stance) -> int:
        until = stance.until
        while (stance := self._tenant.world.stance(index, until)).state is not None:
            until = stance.until
        return until

    def _stances(self, index: int, start: int, end: int) -> Iterator[Stance]:
        """Yield the agent's states in this time, each once, in order."""
        world, at, since = self._tenant.world, start, None
        while at < end:
            stance = world.stance(index, at)
            if stance.since is not None and stance.since != since:
                since = stance.since
                yield stance
            at = stance.until

    def _span(self, call: Call) -> tuple[int, int]:
        """The requested time span in the world. By default the last day, and never the future."""
        now = self._clock.poll().moment + 1
        given = {name: int(at) - self._clock.ahead for name, at in dates(call, "startDate", "endDate").items()}
        end = min(given.get("endDate", now), now)
        start = given.get("startDate", end - 86_400)
        if end - start > _LONGEST:
            raise ValueError("startDate and endDate must not be more than 31 days apart.")
        return start, end

    def _contacts(self, call: Call, faults: Sequence[Fault]) -> Answer:
        of_one = call.parameter("agentId")
        world, at = self._tenant.world, self._clock.poll().moment
        everyone = self._rows.everyone(states=True)
        if of_one:
            index = world.index(of_one)
            everyone = [index] if index is not None and self._rows.visible(index) else []
        engaged: set[str] = set()
        for fault in faults:
            everyone, engaged = fault.visible(call, everyone), engaged | fault.engaged(call)
        contacts = []
        for index in everyone:
            person, stance = world.person(index), world.stance(index, at)
            if not seen(stance, index).in_contact and world.agent_id(index) not in engaged:
                continue
            skill_id, skill_name = self._rows.skill(person)
            contact = {
                "contactId": self._rows.contact_id(index, stance),
                "agentId": person.agent_id,
                "skillId": skill_id,
                "skillName": skill_name,
                "teamId": person.team.team_id,
                "contactStart": self._clock.happened(stance.since or 0, index)[1],
            }
            contacts.append(contact)
        return answer_json(200, {"activeContacts": contacts}) if contacts else NO_CONTENT

    def _skills(self, call: Call) -> Answer:
        world, at = self._tenant.world, self._clock.poll().moment
        logged_in, available = dict.fromkeys(TEAMS, 0), dict.fromkeys(TEAMS, 0)
        for index in range(world.agents):
            team, is_ = world.person(index).team, seen(world.stance(index, at), index)
            logged_in[team] += is_.code != 0
            available[team] += is_.code == 1
        skills: list[dict[str, Any]] = [
            {
                "skillId": 4000 + team.team_id,
                "skillName": team.name,
                "queueCount": 0,
                "agentsLoggedIn": logged_in[team],
                "agentsAvailable": available[team],
            }
            for team in TEAMS
        ]
        return answer_json(200, {"skillActivity": skills})

    def _codes(self, call: Call) -> Answer:
        return answer_json(200, {"unavailableCodes": unavailable_codes(self._tenant.settings.readings)})

    def _business_unit(self, call: Call) -> Answer:
        unit = {
            "businessUnitId": self._rows.business_unit,
            "businessUnitName": "Emulated Tenant",
            "tenantId": self._tenant.tenant_id,
        }
        return answer_json(200, {"businessUnits": [unit]})
