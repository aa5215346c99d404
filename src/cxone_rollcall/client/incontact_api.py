"""The calls of the `incontact` contract, in a version the server has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from typing import TYPE_CHECKING, TypeVar

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.incontact.contract import AGENTS, STATE_HISTORY, STATES
from cxone_rollcall.contracts.incontact.unavailable_codes import UNAVAILABLE_CODES, is_code, with_name
from cxone_rollcall.contracts.protocol import Answered, PastStates, RosterPage, StateRows
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import VersionFallback
from cxone_rollcall.model.state import AgentState

if TYPE_CHECKING:
    from cxone_rollcall.client.authorized_sender import AuthorizedSender
    from cxone_rollcall.client.server_clock import ServerClock

Rows = TypeVar("Rows", "RosterPage", "StateRows", "PastStates")


class IncontactApi:
    """The calls of `incontact`. Each returns an `Answered` value or raises `RequestFailed`.

    The requests for further pages are made by `contract`, from the links of a page.
    """

    def __init__(self, contract: Incontact, sender: AuthorizedSender, server_clock: ServerClock) -> None:
        self.contract = contract
        self.server_clock = server_clock
        self.business_unit: str | None = None
        """The tenant's number as the lists have it. None if they have none, or before the first."""
        self._sender = sender
        self._codes: Mapping[str, str] | None = None

    async def first_agents(self, top: int) -> tuple[Request, Answered[RosterPage]]:
        """The first roster page, and the request that it answers."""
        make = lambda: self.contract.roster_request(0, top)  # noqa: E731  made again for each version
        return await self._in_a_served_version(AGENTS, make, Stage.ROSTER, self.contract.read_roster)

    async def agents(self, request: Request) -> Answered[RosterPage]:
        """Request another page of the roster."""
        return await self._sender.send_for_rows(request, Stage.ROSTER, self.contract.read_roster)

    async def first_states(
        self, top: int, *, since: str | None = None, fresh: bool = False
    ) -> tuple[Request, Answered[StateRows]]:
        """The first page of all states, or of changes since a time.

        A `fresh` request is past caches and over a connection of its own.
        """

        def make() -> Request:
            request = self.contract.states_request(0, top, since=since)
            return request.afresh() if fresh else request

        return await self._in_a_served_version(STATES, make, Stage.STATES, self.contract.read_states)

    async def states(self, request: Request) -> Answered[StateRows]:
        """Request another page of states."""
        return await self._sender.send_for_rows(request, Stage.STATES, self.contract.read_states)

    async def states_again(self, request: Request) -> Answered[StateRows]:
        """Request a page of states again: past caches, over its own connection."""
        return await self.states(request.afresh())

    async def state_of(self, agent_id: str) -> Answered[StateRows]:
        """Request the state of one agent: past caches, over its own connection."""
        request = self.contract.state_request(agent_id).afresh()
        return await self._sender.send_for_rows(request, Stage.PROBE, self.contract.read_states)

    async def first_state_history(self, begin: str, end: str, top: int) -> tuple[Request, Answered[PastStates]]:
        """The first page of all past states in a range.

        Its times are UTC with a Z.
        """
        make = lambda: self.contract.state_history_request(begin, end, top)  # noqa: E731  made again for each version
        return await self._in_a_served_version(STATE_HISTORY, make, Stage.PROBE, self.contract.read_state_history)

    async def state_history(self, request: Request) -> Answered[PastStates]:
        """Request another page of past states."""
        return await self._sender.send_for_rows(request, Stage.PROBE, self.contract.read_state_history)

    async def detail(self, path: str) -> Answered[object]:
        """Another path of the API as plain values. None if the response has no body."""
        return await self._sender.send(self.contract.detail_request(path), Stage.PROBE, self.contract.read_detail)

    async def with_sub_states(
        self, rows: Collection[AgentState], *, raised: Container[FailureKind] = ()
    ) -> list[AgentState]:
        """The rows whose sub-state is a code, with its name instead.

        Only of logged-in agents. The names are requested only if needed. If that fails, rows keep their codes; failures
        of the kinds in `raised` are raised.
        """
        codes = {one for one in {row.sub_state for row in rows} if is_code(one)}  # a few dozen texts, of all agents
        coded = [row for row in rows if row.sub_state in codes and row.logged_in] if codes else []
        names = await self._code_names(raised) if coded else {}
        return [with_name(row, names) for row in coded]

    async def roster_status(self, version: str) -> Answered[int]:
        """Request one agent in another API version, and return the status."""
        return await self._sender.status_of(self.contract.roster_request(0, 1, version=version))

    async def listed_versions(self, path: str) -> Answered[object]:
        """The server's list of the versions of a path, as plain values. Requested once, without retries."""
        request = self.contract.versions_request(path)
        return await self._sender.send_once(request, Stage.PROBE, self.contract.read_detail)

    async def userinfo(self) -> Mapping[str, object]:
        """The claims about the token's user. {} if the server does not give them, for whatever reason."""
        request = self.contract.userinfo_request()
        if request is None:
            return {}
        try:
            said = (await self._sender.send_once(request, Stage.PROBE, self.contract.read_detail)).value
        except RequestFailed:
            return {}
        return {str(name): value for name, value in said.items()} if isinstance(said, dict) else {}

    async def _code_names(self, raised: Container[FailureKind]) -> Mapping[str, str]:
        """The names of the unavailable codes by id, requested once. Empty if there is no usable answer."""
        if self._codes is None:
            try:
                request = self.contract.detail_request(UNAVAILABLE_CODES)
                self._codes = (await self._sender.send_once(request, Stage.PROBE, self.contract.read_codes)).value
            except RequestFailed as failed:
                if failed.failure.kind in raised:
                    raise
                self._codes = {}
        return self._codes

    async def _in_a_served_version(
        self, path: str, make: Callable[[], Request], stage: Stage, read: Callable[[Response], Rows]
    ) -> tuple[Request, Answered[Rows]]:
        """Send in the version in use; after a 404, try other versions."""
        newest, refusal, came_round = self.contract.version(path), None, False
        while True:
            request = make()
            try:
                answered = await self._sender.send_for_rows(request, stage, read)
            except RequestFailed as failed:
                if failed.failure.kind is not FailureKind.NOT_FOUND:
                    raise
                refusal = refusal or failed
                if came_round:
                    raise refusal from None
                if not self.contract.try_another(path):
                    if self.contract.version(path) == newest:
                        raise  # it is the only version
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
                self._sender.log.fallbacks.append(fallback)
            self.business_unit = answered.value.links.business_unit or self.business_unit
            return request, answered
