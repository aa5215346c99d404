"""Probes and their budget. No other part of the diagnosis sends requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, cast

from cxone_rollcall.client import Answered, Client, IncontactApi, V2Api
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import Stage
from cxone_rollcall.model.observations.base import Observation, Observations
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import StateRows


class BudgetSpent(Exception):
    """The probes of this run have used up their requests."""


class BudgetedClient:
    """Sends a probe's requests through `client`, at most `most` of them.

    A request that has started may exceed the budget by its retries.
    """

    def __init__(self, client: Client, *, most: int) -> None:
        self.client = client
        self._most = most
        self._begin = len(client.log.exchanges)

    @property
    def v2(self) -> V2Api:
        """The calls of the client, for a probe of `v2`."""
        return cast("V2Api", self.client.api)

    @property
    def incontact(self) -> IncontactApi:
        """The calls of the client, for a probe of `incontact`."""
        return cast("IncontactApi", self.client.api)

    @property
    def spent(self) -> int:
        """Requests sent so far, retries included."""
        return len(self.client.log.exchanges) - self._begin

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return max(0, self._most - self.spent)

    async def states(
        self, agent_ids: Sequence[str], *, state: str | None = None, fresh: bool = False
    ) -> Answered[StateRows]:
        """Request the states of these agents; without ids, of all agents."""
        self._spend()
        return await self.v2.states(agent_ids, state=state, stage=Stage.PROBE, fresh=fresh)

    async def detail(self, path: str) -> Answered[object]:
        """Request another resource below the API's base path."""
        self._spend()
        return await self.incontact.detail(path)

    async def state_of(self, agent_id: str) -> Answered[StateRows]:
        """Request the state of one agent."""
        self._spend()
        return await self.incontact.state_of(agent_id)

    async def roster_status(self, version: str) -> Answered[int]:
        """Request one agent under another API version, for the status."""
        self._spend()
        return await self.incontact.roster_status(version)

    async def listed_versions(self, path: str) -> Answered[object]:
        """Request what the server lists as the versions of a path."""
        self._spend()
        return await self.incontact.listed_versions(path)

    async def status_of(self, request: Request) -> Answered[int]:
        """Send a request without credentials, for the status."""
        self._spend()
        return await self.client.status_of(request)

    def _spend(self) -> None:
        if not self.left:
            raise BudgetSpent


class Probe(Value, frozen=True, kw_only=True):
    """One request, or the same one for several agents; changes nothing.

    `gives` is the observation that `ask` returns; `ask` raises `RequestFailed` if there is no usable response. `cost`
    is the most requests that it takes without retries. `not_needed(seen, roll)` returns the reason to skip the probe,
    or "" to run it; `not_needed_deep` replaces it under `--probes deep`.
    """

    gives: type[Observation]
    cost: int
    not_needed: Callable[[Observations, Roll], str]
    ask: Callable[[BudgetedClient, Observations, Roll], Awaitable[Observation]]
    not_needed_deep: Callable[[Observations, Roll], str] | None = None

    def reason_to_skip(self, seen: Observations, roll: Roll, *, deep: bool) -> str:
        """The reason not to run the probe, "" to run it."""
        judge = self.not_needed_deep if deep and self.not_needed_deep is not None else self.not_needed
        return judge(seen, roll)
