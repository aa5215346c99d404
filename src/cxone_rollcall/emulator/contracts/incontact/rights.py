"""What the caller of `incontact` may do and see.

GET permissions         the permissions of the token's user: rows of BusinessUnitId, Key and Value
GET security-profiles   the agents that the user may see: profiles with dataRestrictions, a list

Invented: the keys and values of permissions, and what an entry of dataRestrictions has.
"""

from collections.abc import Sequence
from dataclasses import replace

from cxone_rollcall.emulator.contracts.incontact.frame import short
from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.settings import ALL_SCOPES
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call

_NAMES = {"agent:read": "List All Agents", "presence:read": "View Agent States"}


class Rights:
    """The permissions of the caller of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows) -> None:
        self._tenant, self._rows = tenant, rows

    def permissions(self, call: Call) -> Answer:
        """Return each permission and whether the user has it."""
        scopes, unit = self._tenant.grants[call.authorization[1]].scopes, self._rows.business_unit
        rows: list[dict[str, object]] = [
            {"BusinessUnitId": unit, "Key": _NAMES[scope], "Value": str(scope in scopes)} for scope in ALL_SCOPES
        ]
        return short(call, rows, key="permissions")

    def profiles(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """The user's profile: teams and number of agents with visible states."""
        world = self._tenant.world
        seen: Sequence[int] = [index for index in range(world.agents) if self._rows.visible(index)]
        for fault in faults:
            seen = fault.visible(replace(call, endpoint="states"), seen)
        teams = {world.person(index).team.team_id for index in seen}
        profile: dict[str, object] = {
            "profileId": 1,
            "profileName": "Emulated Caller",
            "description": "",
            "isActive": True,
            "isExternal": False,
            "dataRestrictions": [
                {
                    "restriction": "Teams",
                    "isRestricted": len(seen) < world.agents,
                    "teamIds": sorted(teams),
                    "agentCount": len(seen),
                }
            ],
        }
        return short(call, [profile], key="profiles")
