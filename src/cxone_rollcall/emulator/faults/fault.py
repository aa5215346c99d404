"""The base classes of faults: a few arguments, and overridden hooks.

Each hook takes a value of the healthy server and returns the value to use instead. A fault that hits only some agents
gets them from `call.tenant.chosen`, so that the seed decides which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, dataclass_transform

from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Answer, Call, Listing, Window


class About(NamedTuple):
    """The help text of an argument, and the bounds of a number."""

    text: str
    least: float | None = None
    most: float = 1e9


At = Annotated[
    Literal["any", "api", "token", "agents", "states", "discovery", "authorize", "detail"],
    About("the endpoint affected; api is agents and states, any is every path"),
]
YesNo = Literal["yes", "no"]


@dataclass(kw_only=True)
@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Fault:
    """One thing that is wrong with the server. The first line of a fault's docstring is its summary in help texts.

    Each fault is a dataclass; its fields are its arguments. The class itself is given:
    `name`, its name in texts such as `batch-cut=37`;
    `codes`, the findings that a client should report, none if a client should cope;
    `bare`, the argument that `NAME=VALUE` sets;
    `contracts`, those that can have this fault.
    """

    name: ClassVar[str] = ""
    codes: ClassVar[tuple[str, ...]] = ()
    bare: ClassVar[str] = ""
    contracts: ClassVar[tuple[ContractName, ...]]
    summary: ClassVar[str]

    def __init_subclass__(
        cls,
        *,
        name: str = "",
        codes: tuple[str, ...] = (),
        bare: str = "",
        contracts: tuple[ContractName, ...] = ("v2", "incontact"),
    ) -> None:
        dataclass(kw_only=True)(cls)
        cls.name, cls.codes, cls.bare, cls.contracts = name, codes, bare or cls.bare, contracts
        cls.summary = (cls.__doc__ or "").strip().partition("\n")[0]

    def before(self, call: Call) -> Answer | None:
        """Return a response before the contract sees the call. None lets the call through."""
        return None

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Return what a new token permits."""
        return grant

    def honours(self, call: Call, grant: Grant) -> bool:
        """Whether a token that has not expired is accepted."""
        return True

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the response of the token endpoint."""
        return answer

    def renews(self, call: Call) -> bool:
        """Whether a valid refresh token is accepted."""
        return True

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Return which of these agents, by number, the caller may see."""
        return agents

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Return which of these agents, by number, the list has. It is split into pages afterwards."""
        return agents

    def window(self, call: Call, window: Window) -> Window:
        """Return the page to send; v2 has no pages of states."""
        return window

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids to look up states for."""
        return ids

    def lag(self, call: Call) -> int:
        """Seconds by which the server's last poll of its agents is late."""
        return 0

    def engaged(self, call: Call) -> frozenset[str]:
        """The ids of agents with an open contact in any state."""
        return frozenset()

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Return the rows of the response, and where they are in it."""
        return listing

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return the finished response, changed or not."""
        return answer


class EndpointFault(Fault, bare="at"):
    """A fault of one endpoint or all. It affects all requests, or only some."""

    at: At = "any"
    times: Annotated[int | None, About("how many requests are affected; all by default", least=1)] = None
    skip: Annotated[int, About("how many requests succeed before the first affected one", least=0)] = 0
    skipped: int = field(default=0, init=False, repr=False, compare=False)
    count: int = field(default=0, init=False, repr=False, compare=False)

    def matches(self, call: Call) -> bool:
        """Whether this call goes to the affected endpoint."""
        return self.at in {"any", call.endpoint} or (self.at == "api" and call.endpoint in {"agents", "states"})

    def hits(self, call: Call) -> bool:
        """Whether this call is affected. Counts the call."""
        if not self.matches(call) or (self.times is not None and self.count >= self.times):
            return False
        if self.skipped < self.skip:
            self.skipped += 1
            return False
        self.count += 1
        return True


class AgentFault(Fault, bare="agents"):
    """A fault of a few chosen agents, or of requests for them."""

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 1

    def hits(self, call: Call) -> bool:
        """Whether the call requests a chosen agent."""
        return call.ids is not None and not self.chosen(call).isdisjoint(call.ids)

    def chosen(self, call: Call) -> frozenset[str]:
        """Return the ids of the chosen agents, all of them logged in."""
        return frozenset(call.tenant.chosen(self.name, self.agents))

    def without(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Return these agents, by number, without the chosen ones."""
        chosen, agent_id = self.chosen(call), call.tenant.world.agent_id
        return [index for index in agents if agent_id(index) not in chosen]
