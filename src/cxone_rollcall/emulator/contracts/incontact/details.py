"""The smaller endpoints of `incontact`: which path is answered where.

GET agents/{id}                    by integer or user id (UUID)
GET agents/state-history and others                       see history.py
GET contacts/active, skills/activity and others           see activity.py
GET contacts/completed                                    see completed.py
GET teams, skills, hours-of-operation and others          see directory.py
GET permissions  security-profiles                        see rights.py
GET agents/performance, teams/performance-total and others   see performance.py
GET /user-management/v1/users, /auth/userinfo             see users.py
GET cache/agentstate               updatedSince; NICE's SDK polls it: the rows of agents/states in resultSet
GET apiversion                     searchUriText, verb: the versions of the paths that hold this text
GET server-time                    any valid token

The member names of cache/agentstate are those of agents/states, which is invented; so are all of apiversion.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from cxone_rollcall.emulator.contracts.incontact.activity import Activity
from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.completed import Completed
from cxone_rollcall.emulator.contracts.incontact.directory import Directory
from cxone_rollcall.emulator.contracts.incontact.frame import short
from cxone_rollcall.emulator.contracts.incontact.history import History
from cxone_rollcall.emulator.contracts.incontact.performance import Performance
from cxone_rollcall.emulator.contracts.incontact.query import read
from cxone_rollcall.emulator.contracts.incontact.rights import Rights
from cxone_rollcall.emulator.contracts.incontact.rows import Rows
from cxone_rollcall.emulator.contracts.incontact.users import Users
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.wire import AGENT, Answer, Call, Listing, answer_json, problem

_OF_AGENT = re.compile(rf"agents/({AGENT})(/state-history|/login-history|/performance|/queues|)", re.ASCII)
_OF_SETUP = re.compile(r"(skills|teams)/(\d+)/(activity|unavailable-codes|performance-total)", re.ASCII)
POSTED = ("skills/activity/search",)
"""Paths that are read by POST. What is wanted is in the body."""
OPEN = ("server-time",)
"""Paths that need a token, but no user and no permission."""


class Details:
    """The smaller endpoints of one tenant."""

    def __init__(self, tenant: Tenant, rows: Rows, clock: Clock) -> None:
        self._tenant, self._rows, self._clock = tenant, rows, clock
        self._history = History(tenant, rows, clock)
        rights, activity = Rights(tenant, rows), Activity(tenant, rows, clock)
        directory, users = Directory(tenant, rows, clock), Users(tenant, rows)
        self._activity, self._performance = activity, Performance(tenant, rows, clock)
        self._plain: Mapping[str, Callable[[Call], Answer]] = {
            "contacts/completed": Completed(tenant, rows, clock).answer,
            "skills/activity": activity.skills,
            "skills/activity/search": activity.search,
            "/userinfo": users.userinfo,
            "teams": directory.teams,
            "skills": directory.skills,
            "hours-of-operation": directory.hours,
            "points-of-contact": directory.points,
            "unavailable-codes": directory.codes,
            "business-unit": directory.business_unit,
            "apiversion": self._versions,
            "server-time": lambda call: answer_json(200, {"ServerTime": self._clock.now()}),
            "permissions": rights.permissions,
        }
        self._of_agents: Mapping[str, Callable[[Call, Sequence[Fault]], Answer]] = {
            "agents/state-history": self._history.states,
            "wfm-data/agents/schedule-adherence": self._history.adherence,
            "contacts/active": activity.contacts,
            "contacts/states": activity.contact_states,
            "cache/agentstate": self._cache,
            "agents/performance": self._performance.agents,
            "teams/performance-total": self._performance.teams,
            "/users": users.users,
            "security-profiles": rights.profiles,
        }
        self._of_setup: Mapping[tuple[str, str], Callable[[Call, Sequence[Fault], str], Answer]] = {
            ("skills", "activity"): lambda call, faults, skill: activity.skill(call, skill),
            ("teams", "unavailable-codes"): lambda call, faults, team: directory.codes_of_team(call, team),
            ("teams", "performance-total"): self._performance.teams,
        }

    def knows(self, name: str) -> bool:
        """Whether this path exists."""
        setup = _OF_SETUP.fullmatch(name)
        if setup is not None:
            return setup.group(1, 3) in self._of_setup
        return name in self._plain or name in self._of_agents or _OF_AGENT.fullmatch(name) is not None

    def answer(self, call: Call, faults: Sequence[Fault], name: str) -> Answer:
        """Return the response; ValueError explains a wrong parameter."""
        if name in self._plain:
            return self._plain[name](call)
        if name in self._of_agents:
            return self._of_agents[name](call, faults)
        setup = _OF_SETUP.fullmatch(name)
        if setup is not None:
            return self._of_setup[setup[1], setup[3]](call, faults, setup[2])
        found = _OF_AGENT.fullmatch(name)
        assert found is not None, name  # noqa: S101  knows() is called first
        return self._of_one(call, faults, found[1], found[2])

    def _of_one(self, call: Call, faults: Sequence[Fault], asked: str, what: str) -> Answer:
        """The roster row or the history of the agent with this id."""
        world = self._tenant.world
        index = world.index(asked)
        if index is None and not what:
            index = world.user_index(asked)
        if index is None:
            return problem(404, "Agent not found for BU.")
        if not self._rows.visible(index) or not all(fault.visible(call, [index]) for fault in faults):
            return problem(int(self._tenant.settings.readings.hidden_agent), "This agent cannot be seen.")
        if what == "/login-history":
            return self._history.logins(call, index)
        if what == "/state-history":
            return self._history.states(call, faults, index)
        if what == "/performance":
            return self._performance.agents(call, faults, index)
        if what == "/queues":
            return self._activity.queues(call, index)
        row = self._rows.row(index, self._clock.poll().moment, states=False)
        return Answer(200, Listing([read(call.query).chosen(row)], key="agents").encode())

    def _versions(self, call: Call) -> Answer:
        """Return the served versions of each path that holds the requested text."""
        of, text = self._tenant.settings.readings, call.parameter("searchUriText").lower().strip("/")
        newest = {"agents": of.newest, "agents/states": min(of.newest, of.states_newest)}
        versioned = (name for name in (*self._plain, *self._of_agents) if not name.startswith("/"))
        newest |= dict.fromkeys(versioned, of.newest)
        verbs = {name: "POST" if name in POSTED else "GET" for name in newest}
        rows: list[dict[str, object]] = [
            {"uri": name, "verb": verbs[name], "version": f"v{number}.0"}
            for name, last in sorted(newest.items())
            if text in name and call.parameter("verb").upper() in {"", verbs[name]}
            for number in range(of.oldest, last + 1)
        ]
        return short(call, rows, key="apiVersions")

    def _cache(self, call: Call, faults: Sequence[Fault]) -> Answer:
        query, poll = read(call.query), self._clock.poll()
        found = self._rows.find(query, poll.moment, states=True)
        for fault in faults:
            found = fault.visible(call, found)
        rows = [query.chosen(self._rows.row(index, poll.moment, states=True)) for index in found]
        listing = Listing(rows, key="agentState", envelope="resultSet").with_members(lastPollTime=poll.written)
        return Answer(200, listing.encode())
