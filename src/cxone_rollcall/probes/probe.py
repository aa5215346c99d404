"""What a probe is: the only part of the diagnosis that asks the world anything, and what it may spend on that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.model.failure import Stage
from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.client import Answered, Client
    from cxone_rollcall.contracts.protocol import Contract, StateRows
    from cxone_rollcall.model.exchange import Request
    from cxone_rollcall.model.observations.base import Observation
    from cxone_rollcall.model.roll import Roll

Seen = dict[type["Observation"], "Observation"]


class BudgetSpent(Exception):
    """A question was to be asked, and the requests that probes may take of this run are used up."""


class Questions:
    """What probes may ask of a client, within so many requests.

    A question that is under way is asked to its end: the tries that it takes may go a few beyond the budget.
    """

    def __init__(self, client: Client, *, most: int) -> None:
        self._client = client
        self._most = most
        self._begin = len(client.recorder.exchanges)

    @property
    def spent(self) -> int:
        """How many requests were sent, each try counted."""
        return len(self._client.recorder.exchanges) - self._begin

    @property
    def left(self) -> int:
        """How many requests may still be sent."""
        return max(0, self._most - self.spent)

    @property
    def contract(self) -> Contract:
        """The contract that is spoken."""
        return self._client.contract

    @property
    def largest_batch(self) -> int:
        """How many ids a question may hold."""
        return self._client.by_id.largest_batch

    @property
    def server_ahead(self) -> float | None:
        """How many seconds the server's clock is ahead of ours, None where it does not say its time."""
        return self._client.server_ahead

    def server_now(self) -> float:
        """Return the server's time, seconds since the epoch."""
        return self._client.server_now()

    async def states(
        self, agent_ids: Sequence[str], *, state: str | None = None, stage: Stage = Stage.PROBE
    ) -> Answered[StateRows]:
        """Ask for the states of these agents, of everybody where there are none."""
        self._spend()
        return await self._client.states(agent_ids, state=state, stage=stage)

    async def detail(self, path: str) -> Answered[object]:
        """Ask for something else below the API's path."""
        self._spend()
        return await self._client.detail(path)

    async def roster_status(self, version: str) -> Answered[int]:
        """Ask for one agent in another API version."""
        self._spend()
        return await self._client.roster_status(version)

    async def status_of(self, request: Request) -> Answered[int]:
        """Ask without credentials, for the status alone."""
        self._spend()
        return await self._client.status_of(request)

    def _spend(self) -> None:
        if not self.left:
            raise BudgetSpent


class Probe(Value, frozen=True, kw_only=True):
    """Asks one question, or the same one of several agents. It never changes anything in the tenant.

    `gives` is the observation that the answer becomes, `cost` how many requests it takes at most, where each is
    answered at once. `pointless` says why no open check needs the answer ("" where one does), so that a healthy tenant
    is asked nothing; `says_nothing` why it would tell nothing at all, also to who wants to know more than that, and is
    None where the two are the same. `ask` returns the observation, or raises `RequestFailed` where no answer is to be
    had.
    """

    gives: type[Observation]
    cost: int
    pointless: Callable[[Seen, Roll], str]
    ask: Callable[[Questions, Seen, Roll], Awaitable[Observation]]
    says_nothing: Callable[[Seen, Roll], str] | None = None

    def why_not(self, seen: Seen, roll: Roll, *, deep: bool) -> str:
        """Return why it is not asked, "" where it is; `deep` asks also what no open check needs."""
        judge = self.says_nothing if deep and self.says_nothing is not None else self.pointless
        return judge(seen, roll)
