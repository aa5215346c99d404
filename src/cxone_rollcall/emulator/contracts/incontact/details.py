"""The smaller endpoints of `incontact`, which clients use to cross-check an agent.

GET agents/{id}                    by integer or user id (UUID)
GET agents/state-history and others  see history.py
GET contacts/active                agentId; 204 without contacts
GET contacts/completed             see completed.py
GET skills/activity                logged-in and available agents of each skill
GET permissions  security-profiles  see rights.py
GET unavailable-codes  business-unit
GET server-time                    any valid token

Of contacts/active only the path and the purpose are known. The member names are invented. Those of unavailable-codes
are a reading: clients know two.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.completed import Completed
from cxone_rollcall.emulator.contracts.incontact.history import History
from cxone_rollcall.emulator.contracts.incontact.rights import Rights
from cxone_rollcall.emulator.contracts.incontact.rows import Rows, seen, unavailable_codes
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import AGENT, NO_CONTENT, Answer, Call, answer_json, problem
from cxone_rollcall.emulator.world import TEAMS

_OF_ONE = re.compile(rf"agents/({AGENT})(/state-history|/login-history|)", re.ASCII)
OPEN = ("server-time",)
"""Paths that need a token, but no user and no permission."""


class Details:
    """The smaller endpoints of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        rights = Rights(tenant, rows)
        self._history = History(tenant, rows, clock)
        self._plain: Mapping[str, Callable[[Call], Answer]] = {
            "contacts/completed": Completed(tenant, rows, clock).answer,
            "skills/activity": self._skills,
            "unavailable-codes": self._codes,
            "business-unit": self._business_unit,
            "server-time": lambda call: answer_json(200, {"ServerTime": self._clock.now()}),
            "permissions": rights.permissions,
        }
        self._of_agents: Mapping[str, Callable[[Call, Sequence[Fault]], Answer]] = {
            "agents/state-history": self._history.states,
            "wfm-data/agents/schedule-adherence": self._history.adherence,
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
            return problem(404, "Agent not found for BU.")
        if not self._rows.visible(index) or not all(fault.visible(call, [index]) for fault in faults):
            return problem(int(self._tenant.settings.readings.hidden_agent), "This agent cannot be seen.")
        if not found[2]:
            row = self._rows.row(index, self._clock.poll().moment, states=False)
            return Answer(200, b'{"agents":[' + row + b"]}")
        if found[2] == "/login-history":
            return self._history.logins(call, index)
        return self._history.states(call, faults, index)

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
                "contactStart": self._clock.happened(stance.since or 0, index),
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
