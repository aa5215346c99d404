"""Missing permissions, and agents who are hidden from the caller."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault, At, EndpointFault, Fault, YesNo
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Answer, Call, Listing, problem


class ScopeMissing(Fault, name="scope-missing", codes=("RC301",), bare="scope"):
    """New tokens lack a scope, so its endpoint returns 403. The token may list its scopes or not."""

    scope: Annotated[Literal["agent:read", "presence:read"], About("the missing scope")] = "presence:read"
    readable: Annotated[YesNo, About("whether the token and its response list the granted scopes")] = "yes"

    def grant(self, call: Call, grant: Grant) -> Grant:
        scopes = tuple(scope for scope in grant.scopes if scope != self.scope)
        return replace(grant, scopes=scopes, scope_shown=self.readable == "yes")


class Forbidden(EndpointFault, name="forbidden", codes=("RC302",)):
    """An endpoint answers 403 although the token has its scope."""

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Turn a successful response into a 403."""
        if answer.status >= 400 or not self.hits(call):
            return answer
        return problem(403, "You do not have permission to view this.")


class HiddenAgents(AgentFault, name="hidden-agents", codes=("RC304",), contracts=("incontact",)):
    """A few agents are missing from roster and states; hiddenAgents counts them."""

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 3

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        return self.without(call, agents)


class TeamHidden(Fault, name="team-hidden", codes=("RC305",), bare="teams"):
    """A chosen team's agents are on the roster, without state rows.

    A client can notice this only if another team is complete. On incontact all other teams are, because logged-out
    agents have rows; a request for one agent of the hidden team is refused. On v2 a team is complete only if all its
    agents are logged in, so `others=full` removes logged-out agents of the other teams from the roster. The roster must
    name the teams (not with detail="ids"). The chosen team has at least three active agents; a small tenant may have no
    such team.
    """

    teams: Annotated[int, About("how many teams are chosen", least=1)] = 1
    others: Annotated[
        Literal["full", "as-is"],
        About("on v2, whether the roster has only the logged-in agents of the other teams, or all"),
    ] = "full"
    kept: frozenset[int] | None = field(default=None, init=False, repr=False, compare=False)

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Hide the team's states, but not its roster rows."""
        if call.asks_who:
            return agents
        return [index for index in agents if not self._hidden(call, index)]

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Remove logged-out agents of the other teams from the roster of v2."""
        if call.contract != "v2" or self.others == "as-is":
            return agents
        if self.kept is None:
            world, moment = call.tenant.world, call.tenant.moment()
            everyone = range(world.agents)
            self.kept = frozenset(
                index for index in everyone if self._hidden(call, index) or world.stance(index, moment).state
            )
        return [index for index in agents if index in self.kept]

    def _hidden(self, call: Call, index: int) -> bool:
        teams = call.tenant.chosen_teams(self.name, self.teams)
        return call.tenant.world.person(index).team.team_id in teams


class OwnUserOnly(Fault, name="own-user-only", codes=("RC306",), bare="at"):
    """Roster, states, or both have only the token's own agent. That agent is logged in.

    New tokens name that agent as `icAgentId`, also on v2, where tokens usually name none.
    """

    at: Annotated[
        Literal["agents", "states", "api"],
        About("what is restricted: the roster, the states, or both"),
    ] = "api"
    hidden_said: Annotated[YesNo, About("on incontact, whether hiddenAgents counts the hidden agents")] = "yes"

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Put the own agent into the token."""
        own = _own(call)
        return grant if own is None else replace(grant, agent=own)

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave all others out."""
        if self.at not in {"api", "agents" if call.asks_who else "states"}:
            return agents
        own = _own(call)
        return [index for index in agents if index == own]

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Set hiddenAgents to 0."""
        if self.hidden_said == "yes" or self.at == "states" or b'"hiddenAgents"' not in listing.beside:
            return listing
        return listing.with_members(hiddenAgents=0)


def _own(call: Call) -> int | None:
    own = call.tenant.chosen(OwnUserOnly.name, 1)
    return call.tenant.world.index(own[0]) if own else None
