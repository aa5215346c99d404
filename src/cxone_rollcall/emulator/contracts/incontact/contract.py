"""The `incontact` contract, which NICE publishes. It has discovery, tokens, and the API under a versioned path.

It changes nothing on request, serves no schedules and no path that is not listed here.

     /.well-known/..., /auth/..., /authentication/..., /public/...   see discovery.py, tokens.py
GET  /incontactapi/services/v{NN}.0/agents          top, skip, orderBy, isActive, searchString, fields, updatedSince
GET  .../agents/states                              updatedSince, fields, top, skip, orderBy, reqBUIds
GET  .../agents/{id}/states                         by integer id only: updatedSince, fields
GET  .../agents/state-history and others            see history.py
GET  .../agents/{id} and others                     see details.py
GET  /apiversion                                    its versions; without a version in its own path
GET  /user-management/v1/users, /auth/userinfo      see users.py

Letter case and doubled slashes in that path do not matter; a range of versions is served.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from cxone_rollcall.emulator.authorize import Logins
from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.details import OPEN, POSTED, Details
from cxone_rollcall.emulator.contracts.incontact.discovery import AUTHORIZE, DISCOVERY, discover, scopes_of_login
from cxone_rollcall.emulator.contracts.incontact.errors import finish
from cxone_rollcall.emulator.contracts.incontact.lists import Lists
from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.contracts.incontact.tokens import PATHS as TOKEN_PATHS
from cxone_rollcall.emulator.contracts.incontact.tokens import Tokens
from cxone_rollcall.emulator.contracts.incontact.users import USERINFO, USERS
from cxone_rollcall.emulator.contracts.protocol import Contract
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import turn_away
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import NO_CONTENT, Answer, Call, Endpoint, problem

_API = re.compile(r"/+incontactapi/+services/+v(\d{1,3})\.0/+(.*?)/*", re.IGNORECASE | re.ASCII)
_VERSIONS = re.compile(r"/+(?:incontactapi/+services/+)?apiversion/*", re.IGNORECASE)
_OF_ONE = re.compile(r"agents/([^/]+)/states")


class Incontact(Contract):
    """The published contract of one tenant."""

    name = "incontact"

    def __init__(self, tenant: Tenant) -> None:
        clock = Clock(tenant)
        self._tenant = tenant
        self._rows = Rows(tenant, clock)
        self._logins = Logins(tenant, self.name, scopes_of_login)
        self._tokens = Tokens(self._logins, self._rows.business_unit)
        self._lists = Lists(tenant, self._rows, clock)
        self._details = Details(tenant, self._rows, clock)

    def prepare(self) -> None:
        self._rows.draw_all()

    def endpoint(self, path: str) -> Endpoint:
        if path in TOKEN_PATHS:
            return "token"
        if path in DISCOVERY:
            return "discovery"
        if path == AUTHORIZE:
            return "authorize"
        if _VERSIONS.fullmatch(path) or USERS.fullmatch(path) or path == USERINFO:
            return "detail"
        found = _API.fullmatch(path)
        if found is None:
            return "other"
        version, of = int(found[1]), self._tenant.settings.readings
        name = _plain(found[2])
        if not of.oldest <= version <= of.newest:
            return "other"
        if name == "agents":
            return "agents"
        if name == "agents/states":
            return "states" if version <= of.states_newest else "other"
        if _OF_ONE.fullmatch(name):
            return "states"
        return "detail" if self._details.knows(name) else "other"

    def methods(self, call: Call) -> tuple[str, ...]:
        return ("POST",) if _name(call) in POSTED else super().methods(call)

    def read(self, call: Call) -> Call:
        # The path of one agent's states has its id.
        one = _OF_ONE.fullmatch(_name(call))
        return replace(call, raw_ids=(), ids=(one[1],) if one else None)

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        if call.endpoint == "token":
            return self._tokens.answer(call, faults)
        if call.endpoint == "authorize":
            return self._logins.authorize(call)
        if call.endpoint == "discovery":
            return discover(call)
        name = _name(call)
        refused = turn_away(call, faults, None)
        if refused is None and name not in OPEN:
            refused = self._not_permitted(call)
        if refused is not None:
            return refused
        try:
            if call.endpoint == "detail":
                return self._details.answer(call, faults, name)
            return self._lists.answer(call, faults)
        except ValueError as garbage:
            return problem(400, str(garbage))

    def finish(self, call: Call, answer: Answer) -> Answer:
        refused = self._tenant.settings.readings.refused
        if call.endpoint == "token" and refused != "usual" and answer.status in {400, 401}:
            answer = answer._replace(status=int(refused))
        return finish(call, answer, api=_API.fullmatch(call.path) is not None)

    def _not_permitted(self, call: Call) -> Answer | None:
        """The refusal of a token without a user or permission, or None. The token itself is valid."""
        grant = self._tenant.grants[call.authorization[1]]
        scope = "presence:read" if call.endpoint == "states" else "agent:read"
        if grant.user and scope in grant.scopes:
            return None
        how: str = self._tenant.settings.readings.no_permission
        if not grant.user and grant.without_user == "empty":
            how = "empty"
        if how == "empty":
            if call.endpoint == "detail":
                return NO_CONTENT
            return self._lists.nothing(call)
        texts = {
            "409": "Invalid permissions.",
            "401": "Not authorized.",
            "403": "Forbidden: permissions are missing.",
        }
        return problem(int(how), texts[how])


def _name(call: Call) -> str:
    if _VERSIONS.fullmatch(call.path):
        return "apiversion"
    if USERS.fullmatch(call.path):
        return "/users"
    if call.path == USERINFO:
        return "/userinfo"
    found = _API.fullmatch(call.path)
    return _plain(found[2]) if found else ""


def _plain(name: str) -> str:
    return re.sub(r"/+", "/", name).lower()
