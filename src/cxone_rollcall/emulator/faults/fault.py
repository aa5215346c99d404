"""The seam between the server and its faults: a fault is a few arguments and the hooks that it overrides.

Each hook takes what a healthy server would go on with and returns what this one goes on with instead. A fault that
has to choose whom it strikes asks `call.tenant.chosen`, so that the seed decides it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Answer, Call, Listing, Window


class About(NamedTuple):
    """What an argument of a fault is for, in one line, and within which bounds it may be where it is a number."""

    text: str
    least: float | None = None
    most: float = 1e9


At = Annotated[
    Literal["any", "api", "token", "agents", "states", "discovery", "authorize", "detail"],
    About("the endpoint that is struck; api is agents and states, any is every path"),
]
YesNo = Literal["yes", "no"]


@dataclass(kw_only=True)
class Fault:
    """One thing that is wrong with the server. The first line of a fault's docstring is its summary."""

    name: ClassVar[str]
    codes: ClassVar[tuple[str, ...]] = ()
    """The findings that a client should come to; none for something odd that is no fault."""
    bare: ClassVar[str] = ""
    """The argument that `NAME=VALUE` sets."""
    contracts: ClassVar[tuple[ContractName, ...]] = ("v2", "incontact")
    """The contracts that it strikes: not all that can go wrong with one can with the other."""
    summary: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.summary = (cls.__doc__ or "").strip().partition("\n")[0]

    def before(self, call: Call) -> Answer | None:
        """Answer the call before the contract sees it; None lets it through."""
        return None

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Return what a new token gives."""
        return grant

    def honours(self, call: Call, grant: Grant) -> bool:
        """Whether a token that is still alive is honoured."""
        return True

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the token endpoint says of a new token."""
        return answer

    def renews(self, call: Call) -> bool:
        """Whether a refresh token that is still good is taken."""
        return True

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Return those of these agents, by their numbers, that the caller may see."""
        return agents

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Return those of these agents, by their numbers, that a list has before it is cut into pages."""
        return agents

    def window(self, call: Call, window: Window) -> Window:
        """Return the part of the list that is answered; v2 has no pages of states."""
        return window

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids whose states are looked up."""
        return ids

    def lag(self, call: Call) -> int:
        """Return the seconds that the server's last look at its agents is late by."""
        return 0

    def engaged(self, call: Call) -> frozenset[str]:
        """Return the agents that have an open contact whatever they do."""
        return frozenset()

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Return the rows that are answered, and how they are wrapped."""
        return listing

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return what becomes of the finished answer."""
        return answer


@dataclass(kw_only=True)
class Struck(Fault):
    """A fault that strikes one endpoint, or all of them, for good or only the first few times."""

    bare = "at"

    at: At = "any"
    times: Annotated[
        int | None, About("how many requests are struck before it heals; for ever by default", least=1)
    ] = None
    skip: Annotated[int, About("how many requests are let through before the first one is struck", least=0)] = 0
    skipped: int = field(default=0, init=False, repr=False, compare=False)
    struck: int = field(default=0, init=False, repr=False, compare=False)

    def matches(self, call: Call) -> bool:
        """Whether this call goes to the endpoint that is struck."""
        return self.at in {"any", call.endpoint} or (self.at == "api" and call.endpoint in {"agents", "states"})

    def strikes(self, call: Call) -> bool:
        """Whether this call is struck; counts it if so."""
        if not self.matches(call) or (self.times is not None and self.struck >= self.times):
            return False
        if self.skipped < self.skip:
            self.skipped += 1
            return False
        self.struck += 1
        return True


@dataclass(kw_only=True)
class Spoilt(Fault):
    """A fault that strikes a few chosen agents, or each request for states in which one of them is asked for."""

    bare = "agents"

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 1

    def spoils(self, call: Call) -> bool:
        """Whether one of the chosen agents is asked for."""
        return call.ids is not None and not self.chosen(call).isdisjoint(call.ids)

    def chosen(self, call: Call) -> frozenset[str]:
        """Return the ids of the chosen agents, all of them logged in."""
        return frozenset(call.tenant.chosen(self.name, self.agents))

    def without(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Return these agents, given by their numbers, without the chosen ones."""
        chosen, agent_id = self.chosen(call), call.tenant.world.agent_id
        return [index for index in agents if agent_id(index) not in chosen]
