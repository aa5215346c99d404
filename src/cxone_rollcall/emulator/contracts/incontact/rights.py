"""What the caller of `incontact` may do and see.

GET permissions         the permissions of the token's user
GET security-profiles   the agents that the user may see: dataRestrictions

Only the paths are known, that permissions are a list, and that a profile has dataRestrictions. All other names and
values are invented.
"""

from collections.abc import Sequence
from dataclasses import replace

from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.settings import ALL_SCOPES
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call, answer_json

_NAMES = {"agent:read": "List All Agents", "presence:read": "View Agent States"}


class Rights:
    """The permissions of the caller of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows) -> None:
        self._tenant, self._rows = tenant, rows

    def permissions(self, call: Call) -> Answer:
        """Return each permission and whether the user has it."""
        scopes = self._tenant.grants[call.authorization[1]].scopes
        permissions = [
            {"permissionId": number, "permissionName": _NAMES[scope], "isGranted": scope in scopes}
            for number, scope in enumerate(ALL_SCOPES, 1)
        ]
        return answer_json(200, {"permissions": permissions})

    def profiles(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """The user's profile: teams and number of agents with visible states."""
        world = self._tenant.world
        seen: Sequence[int] = [index for index in range(world.agents) if self._rows.visible(index)]
        for fault in faults:
            seen = fault.visible(replace(call, endpoint="states"), seen)
        teams = {world.person(index).team.team_id for index in seen}
        restrictions = {
            "isRestricted": len(seen) < world.agents,
            "teamIds": sorted(teams),
            "agentCount": len(seen),
        }
        profile = {
            "securityProfileId": 1,
            "securityProfileName": "Emulated Caller",
            "isActive": True,
            "dataRestrictions": restrictions,
        }
        return answer_json(200, {"securityProfiles": [profile]})
