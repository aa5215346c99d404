"""The questions of the published contract: lists of agents and of states, read by pages in a version that is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from cxone_rollcall.contracts.incontact.contract import AGENTS, STATES
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import VersionFallback

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxone_rollcall.contracts.incontact import Incontact
    from cxone_rollcall.contracts.protocol import Answered, RosterPage, StateRows
    from cxone_rollcall.model.exchange import Request, Response

Rows = TypeVar("Rows", "RosterPage", "StateRows")


class Ask(Protocol):
    """Asks one question with our token until it is answered, or raises `RequestFailed`."""

    async def __call__(self, request: Request, stage: Stage, read: Callable[[Response], Rows]) -> Answered[Rows]:
        """Ask."""


class Listing:
    """Asks for pages of lists. `fallbacks` is where it notes each path that only an older API version serves."""

    def __init__(self, contract: Incontact, ask: Ask, fallbacks: list[VersionFallback]) -> None:
        self.contract = contract
        self._ask = ask
        self._fallbacks = fallbacks

    async def first_agents(self, top: int) -> tuple[Request, Answered[RosterPage]]:
        """Ask for the first page of the roster; return what was asked in the end, and the page."""
        make = lambda: self.contract.roster_request(0, top)  # noqa: E731  it is asked again in each version
        return await self._in_a_served_version(AGENTS, make, Stage.ROSTER, self.contract.read_roster)

    async def agents(self, request: Request) -> Answered[RosterPage]:
        """Ask for another page of the roster."""
        return await self._ask(request, Stage.ROSTER, self.contract.read_roster)

    async def first_states(self, top: int, *, since: str | None = None) -> tuple[Request, Answered[StateRows]]:
        """Ask for the first page of all states, or of those that changed since a moment."""
        make = lambda: self.contract.states_request(0, top, since=since)  # noqa: E731
        return await self._in_a_served_version(STATES, make, Stage.STATES, self.contract.read_states)

    async def states(self, request: Request) -> Answered[StateRows]:
        """Ask for another page of states."""
        return await self._ask(request, Stage.STATES, self.contract.read_states)

    async def state_of(self, agent_id: str) -> Answered[StateRows]:
        """Ask for the state of one agent by itself."""
        return await self._ask(self.contract.state_request(agent_id), Stage.PROBE, self.contract.read_states)

    async def _in_a_served_version(
        self, path: str, make: Callable[[], Request], stage: Stage, read: Callable[[Response], Rows]
    ) -> tuple[Request, Answered[Rows]]:
        """Ask in the newest version, and where that path is 404 in older ones, until one is served."""
        newest, refusal, came_round = self.contract.version(path), None, False
        while True:
            request = make()
            try:
                answered = await self._ask(request, stage, read)
            except RequestFailed as failed:
                if failed.failure.kind is not FailureKind.NOT_FOUND:
                    raise
                refusal = refusal or failed
                if came_round:
                    raise refusal from None
                if not self.contract.try_another(path):
                    if self.contract.version(path) == newest:
                        raise  # it is the only one
                    self.contract.start_over(path)  # the first 404 may have been a slip
                    came_round = True
                continue
            if refusal is not None and self.contract.version(path) != newest:
                fallback = VersionFallback(
                    path=path,
                    refused=newest,
                    refused_exchange=refusal.failure.exchange,
                    served=self.contract.version(path),
                    served_exchange=answered.exchange,
                )
                self._fallbacks.append(fallback)
            return request, answered
