"""What happens now: open contacts and the agents of each skill.

GET contacts/active        agentId, teamId, skillId, mediaTypeId, top, skip, fields; 204 without contacts
GET contacts/states        agentId; the same contacts with other names; 204 without contacts
GET skills/activity        agents of each skill, by what they do
GET skills/{id}/activity   the same of one skill
POST skills/activity/search    the same; from JSON: fields, top, skip, filter (mediaTypeId, isOutbound, skillIds)
GET agents/{id}/queues     the queue of the agent's skill; always within resultSet, and empty, as nobody waits

Member names are those of NICE's OpenAPI files, which misspell two of the search. Each team has one skill, of its own
name.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.frame import framed, short
from cxone_rollcall.emulator.contracts.incontact.query import read
from cxone_rollcall.emulator.contracts.incontact.rows import STATE_NAMES, Rows, seen, skill_of
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, Listing, compact, problem
from cxone_rollcall.emulator.world import TEAMS, Team

PHONE_CALL = {"mediaTypeId": 4, "mediaTypeName": "Phone Call"}
_FILTERS = ("agentId", "teamId", "skillId")
_MISSPELT = {"agentsAvailable": "agentsAvaliable", "agentsUnavailable": "agentsUnavaliable"}


class Activity:
    """The open contacts and busy skills of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock

    def contacts(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return one page of open contacts; ValueError explains a wrong parameter."""
        return framed(
            call,
            read(call.query),
            self._engaged(call, faults),
            self._contact,
            key="activeContacts",
            cap=self._tenant.settings.page_cap,
            businessUnitId=self._rows.business_unit,
            lastPollTime=self._clock.poll().written,
        )

    def contact_states(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the states of all open contacts; ValueError explains a wrong parameter."""
        rows = [self._contact_state(index) for index in self._engaged(call, faults)]
        return short(call, rows, key="contactStates") if rows else NO_CONTENT

    def skills(self, call: Call) -> Answer:
        """Return what each skill's agents do. ValueError explains a wrong parameter."""
        polled = self._clock.poll().written
        return short(call, self._busy(), key="skillActivity", lastPollTime=polled)

    def skill(self, call: Call, skill_id: str) -> Answer:
        """Return what the agents of one skill do, or 404."""
        rows = [row for row in self._busy() if str(row["skillId"]) == skill_id]
        if not rows:
            return problem(404, "There is no such skill.")
        return short(call, rows, key="skillActivity", lastPollTime=self._clock.poll().written)

    def search(self, call: Call) -> Answer:
        """Return what the agents of the requested skills do. ValueError explains a wrong body."""
        try:
            asked = json.loads(call.body or b"{}")
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict) or not isinstance(asked.get("filter") or {}, dict):
            raise ValueError("The body must be a JSON object; its filter, too.")
        wanted = asked.get("filter") or {}
        skills = wanted.get("skillIds") or []
        if not isinstance(skills, list):
            raise ValueError("skillIds must be a list.")
        ids = set(map(str, skills))
        rows = [
            {_MISSPELT.get(name, name): value for name, value in row.items()}
            for row in self._busy()
            if (not ids or str(row["skillId"]) in ids)
            and str(wanted.get("mediaTypeId") or "4") == "4"
            and str(wanted.get("isOutbound") or "false").lower() == "false"
        ]
        query = {name: [str(asked[name])] for name in ("top", "skip", "fields") if asked.get(name)}
        polled = self._clock.poll().written
        return short(replace(call, query=query), rows, key="skillActivity", lastPollTime=polled)

    def queues(self, call: Call, index: int) -> Answer:
        """Return the queue of an agent's skill. ValueError explains a wrong parameter."""
        person = self._tenant.world.person(index)
        skill_id, skill_name = skill_of(person.team)
        row: dict[str, object] = {
            "businessUnitId": self._rows.business_unit,
            "agentId": person.agent_id,
            "skillId": skill_id,
            "skillName": skill_name,
            "campaignId": 1,
            "mediaType": 4,
            "queueCount": 0,
            "longestQueueTimeInSeconds": 0,
            "earliestQueueTimeInUTC": None,
        }
        listing = Listing([read(call.query).chosen(compact(row))], key="queues", envelope="resultSet")
        return Answer(200, listing.with_members(lastPollTime=self._clock.poll().written).encode())

    def _engaged(self, call: Call, faults: Sequence[Fault]) -> list[int]:
        """The agents with a requested open contact, as the faults leave them."""
        world, at = self._tenant.world, self._clock.poll().moment
        everyone = self._rows.everyone(states=True)
        if of_one := call.parameter("agentId"):
            index = world.index(of_one)
            everyone = [index] if index is not None and self._rows.visible(index) else []
        engaged: set[str] = set()
        for fault in faults:
            everyone, engaged = fault.visible(call, everyone), engaged | fault.engaged(call)
        wanted = {name: value for name in _FILTERS if (value := call.parameter(name))}
        if call.parameter("mediaTypeId") not in {"", "4"}:
            return []
        found = []
        for index in everyone:
            person = world.person(index)
            has = {"agentId": person.agent_id, "teamId": person.team.team_id, "skillId": skill_of(person.team)[0]}
            if all(str(has[name]) == value for name, value in wanted.items()) and (
                seen(world.stance(index, at, person), index).in_contact or world.agent_id(index) in engaged
            ):
                found.append(index)
        return found

    def _contact(self, index: int) -> dict[str, object]:
        world = self._tenant.world
        person, stance = world.person(index), world.stance(index, self._clock.poll().moment)
        began = self._clock.happened(stance.since or 0, index)
        contact_id, (skill_id, skill_name) = self._rows.contact_id(index, stance), skill_of(person.team)
        return {
            "contactId": contact_id,
            "masterContactId": contact_id,
            "agentId": person.agent_id,
            "firstName": person.name[0],
            "lastName": person.name[1],
            "skillId": skill_id,
            "skillName": skill_name,
            "teamId": person.team.team_id,
            "teamName": person.team.name,
            **PHONE_CALL,
            "isOutbound": seen(stance, index).code in {4, 6, 7},
            "state": "Active",
            "stateId": 4,
            self._tenant.settings.readings.contact_start: began,
            "lastUpdateTime": began,
        }

    def _contact_state(self, index: int) -> dict[str, object]:
        row = self._contact(index)
        names = ("AgentId", "ContactId", "MasterContactId", "FirstName", "LastName", "SkillId", "SkillName", "TeamId")
        return {
            "BusinessUnitId": self._rows.business_unit,
            **{name: row[name[0].lower() + name[1:]] for name in (*names, "TeamName", "LastUpdateTime")},
            "ContactStateCode": row["stateId"],
            "CurrentContactState": row["state"],
            "MediaType": 4,
            "MediaName": "Phone Call",
            "LastPollTime": self._clock.poll().written,
        }

    def _busy(self) -> list[dict[str, object]]:
        world, at = self._tenant.world, self._clock.poll().moment
        counts: Counter[tuple[Team, str]] = Counter()
        for index in range(world.agents):
            person = world.person(index)
            is_ = seen(world.stance(index, at, person), index)
            kind = f"agents{STATE_NAMES[is_.code]}"
            if is_.in_contact or is_.after_call:
                kind = "agentsWorking" if is_.in_contact else "agentsACW"
            counts[person.team, kind] += 1
            counts[person.team, "agentsLoggedIn"] += is_.code != 0
        kinds = ("agentsLoggedIn", "agentsAvailable", "agentsUnavailable", "agentsWorking", "agentsACW")
        return [
            {
                "serverTime": self._clock.now(),
                "businessUnitId": self._rows.business_unit,
                "skillId": skill_of(team)[0],
                "skillName": team.name,
                **PHONE_CALL,
                "isOutbound": False,
                **{kind: counts[team, kind] for kind in kinds},
                "contactsActive": counts[team, "agentsWorking"],
                "queueCount": 0,
            }
            for team in TEAMS
        ]
