"""How the tenant is set up: its teams, skills, hours and lines.

GET teams                          top, skip, fields, orderBy, searchString, isActive
GET teams/{id}/unavailable-codes   as unavailable-codes
GET skills                         as teams
GET hours-of-operation             top, skip, fields; always within resultSet
GET points-of-contact              one phone number for each skill
GET unavailable-codes  business-unit

Member names are those of NICE's OpenAPI files, or fewer. Truth values of hours-of-operation are the texts True and
False, as clients read them. Values are invented.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from cxone_rollcall.emulator.contracts.incontact.activity import PHONE_CALL
from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.frame import framed, short
from cxone_rollcall.emulator.contracts.incontact.query import read
from cxone_rollcall.emulator.contracts.incontact.rows import Rows, skill_of, unavailable_codes
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call, problem
from cxone_rollcall.emulator.world import TEAMS

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Directory:
    """The teams, skills, hours and lines of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock

    def teams(self, call: Call) -> Answer:
        """Return one page of teams; ValueError explains a wrong parameter."""
        sizes = dict.fromkeys((team.team_id for team in TEAMS), 0)
        for index in range(self._tenant.world.agents):
            sizes[self._tenant.world.person(index).team.team_id] += 1
        rows: list[dict[str, object]] = [
            {
                "teamId": team.team_id,
                "teamName": team.name,
                "teamUuid": f"00000000-0000-4000-8000-{team.team_id:012d}",
                "isActive": True,
                "description": f"{team.shift.name} shift",
                "notes": "",
                "agentCount": sizes[team.team_id],
            }
            for team in TEAMS
        ]
        return self._page(call, rows, key="teams", name="teamName")

    def skills(self, call: Call) -> Answer:
        """Return one page of skills; ValueError explains a wrong parameter."""
        rows: list[dict[str, object]] = [
            {
                "skillId": skill_of(team)[0],
                "skillName": team.name,
                **PHONE_CALL,
                "isActive": True,
                "campaignId": 1,
                "campaignName": "Emulated Campaign",
                "isOutbound": False,
                "serviceLevelThreshold": 30,
                "serviceLevelGoal": 80,
            }
            for team in TEAMS
        ]
        return self._page(call, rows, key="skills", name="skillName")

    def hours(self, call: Call) -> Answer:
        """Return the hours of operation; ValueError explains a wrong parameter."""
        days = [
            {
                "day": day,
                "openTime": "06:00:00",
                "closeTime": "22:00:00",
                "hasAdditionalHours": "False",
                "isClosedAllDay": str(day == "Sunday"),
            }
            for day in _DAYS
        ]
        profile = {"profileId": 1, "profileName": "Emulated Hours", "description": "", "days": days, "holidays": []}
        return self._page(call, [profile], key="hoursOfOperationProfiles", name="profileName", wrapped=True)

    def points(self, call: Call) -> Answer:
        """Return the points of contact; ValueError explains a wrong parameter."""
        rows: list[dict[str, object]] = [
            {
                "BusinessUnitId": self._rows.business_unit,
                "ContactAddress": f"+1202555{team.team_id:04d}",
                "ContactCode": 9000 + team.team_id,
                "ContactDescription": team.name,
                "DefaultSkillId": skill_of(team)[0],
                "IsActive": True,
                "MediaTypeId": 4,
                "MediaTypeName": "Phone Call",
                "OutboundSkill": False,
                "ScriptName": "",
            }
            for team in TEAMS
        ]
        return short(call, rows, key="pointsOfContact")

    def codes(self, call: Call) -> Answer:
        """Return the codes for unavailable agents."""
        return short(call, unavailable_codes(self._tenant.settings.readings), key="unavailableCodes")

    def codes_of_team(self, call: Call, team_id: str) -> Answer:
        """Return the same codes with their team, or 404."""
        team = next((team for team in TEAMS if str(team.team_id) == team_id), None)
        if team is None:
            return problem(404, "There is no such team.")
        codes = unavailable_codes(self._tenant.settings.readings)
        return short(call, codes, key="unavailableCodes", teamId=team.team_id, teamName=team.name)

    def business_unit(self, call: Call) -> Answer:
        """Return the one business unit."""
        unit = {
            "businessUnitId": self._rows.business_unit,
            "businessUnitName": "Emulated Tenant",
            "tenantId": self._tenant.tenant_id,
        }
        return short(call, [unit], key="businessUnits")

    def _page(
        self, call: Call, rows: Sequence[dict[str, Any]], *, key: str, name: str, wrapped: bool = False
    ) -> Answer:
        query = read(call.query)
        found = [row for row in rows if query.search in str(row[name]).lower()]
        if query.active is not None:
            found = [row for row in found if row.get("isActive", True) is query.active]
        for order in reversed(query.order):
            member = next((one for one in rows[0] if one.lower() == order.field), None)
            if member is None:
                raise ValueError(f"orderBy names no field of these rows: {order.field}.")
            found.sort(key=itemgetter(member), reverse=order.descending)
        return framed(
            call,
            query,
            found,
            dict,
            key=key,
            cap=self._tenant.settings.page_cap,
            wrapped=wrapped,
            businessUnitId=self._rows.business_unit,
            lastPollTime=self._clock.poll().written,
        )
