"""Users of the user hub, and whose token this is.

GET /user-management/v1/users        top, skip, fields
GET /user-management/v1/users/{id}   by user id (UUID); the row is in `user`
GET /auth/userinfo                   the claims of the token's user

Members of a user are those that NICE's SDK reads. Invented: those of the list around them, the path of userinfo, which
discovery names, and which claims it has.
"""

import re
from collections.abc import Sequence

from cxone_rollcall.emulator.contracts.incontact.frame import short
from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import Answer, Call, answer_json, problem

USERINFO = "/auth/userinfo"
USERS = re.compile(r"/user-management/v1/users(?:/([0-9a-fA-F-]+))?/?", re.ASCII)


class Users:
    """The users of one tenant: its agents."""

    def __init__(self, tenant: Tenant, rows: Rows) -> None:
        self._tenant, self._rows = tenant, rows

    def users(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return one user, or all. ValueError explains a wrong parameter."""
        found = USERS.fullmatch(call.path)
        visible: Sequence[int] = self._rows.everyone(states=False)
        for fault in faults:
            visible = fault.visible(call, visible)
        if found is None or found[1] is None:
            return short(call, [self._user(index) for index in visible], key="users")
        index = self._tenant.world.user_index(found[1])
        if index is None or index not in visible:
            return problem(404, "There is no such user.")
        return answer_json(200, {"user": self._user(index)})

    def userinfo(self, call: Call) -> Answer:
        """Return the claims of the token's user."""
        grant, world = self._tenant.grants[call.authorization[1]], self._tenant.world
        index = grant.agent or 0
        user = self._user(index)
        return answer_json(
            200,
            {
                "sub": f"user:{world.user_id(index)}",
                "name": "Key Owner",
                "email": user["emailAddress"],
                "userId": world.user_id(index),
                "tenantId": grant.tenant_id,
                "icAgentId": world.agent_id(index),
                "icBUId": self._rows.business_unit,
            },
        )

    def _user(self, index: int) -> dict[str, object]:
        world = self._tenant.world
        person = world.person(index)
        address = f"{person.user_name}@example.com"
        return {
            "id": world.user_id(index),
            "userName": address,
            "firstName": person.name[0],
            "middleName": "",
            "lastName": person.name[1],
            "fullName": " ".join(filter(None, person.name)),
            "displayName": "",
            "emailAddress": address,
            "mobileNumber": "",
            "mobileNumber2": "",
            "status": "ACTIVE" if person.active else "INACTIVE",
            "type": "EMPLOYEE",
            "billable": "true",
            "teamId": f"00000000-0000-4000-8000-{person.team.team_id:012d}",
            "roleUUID": "00000000-0000-4000-8000-000000000001",
            "timeZone": "Etc/UTC",
            "customAttributes": {"icAgentId": {"id": "icAgentId", "values": [{"value": str(person.agent_id)}]}},
        }
