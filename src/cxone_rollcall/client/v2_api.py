"""The calls of the `v2` contract: roster pages, and states by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.contracts.protocol import Answered, RosterPage, StateRows
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.failure import Stage

if TYPE_CHECKING:
    from cxone_rollcall.client.authorized_sender import AuthorizedSender
    from cxone_rollcall.model.exchange import Exchange


class V2Api:
    """The calls of `v2`. Each returns an `Answered` value or raises `RequestFailed`.

    `separator` is put between ids; it changes if the server reads another one of `contract.separators`.
    """

    def __init__(self, contract: V2, sender: AuthorizedSender) -> None:
        self.contract = contract
        self.separator = contract.separators[0]
        self._sender = sender

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """The exchanges of the current run so far."""
        return self._sender.log.exchanges

    async def roster_page(self, page: int, size: int, *, fresh: bool = False) -> Answered[RosterPage]:
        """Request a page of the roster, counted from 1, with `size` agents. `fresh`: past caches."""
        request = self.contract.roster_request(page, size)
        request = request.afresh() if fresh else request
        return await self._sender.send_for_rows(request, Stage.ROSTER, self.contract.read_roster)

    async def states(
        self,
        agent_ids: Sequence[str],
        *,
        state: str | None = None,
        stage: Stage = Stage.STATES,
        fresh: bool = False,
    ) -> Answered[StateRows]:
        """Request the states of these agents; without ids, of all.

        `state` filters the rows. A `fresh` request must not be answered by a cache, and goes over a
        connection of its own.
        """
        request = self.contract.states_request(agent_ids, state=state, separator=self.separator)
        request = request.afresh() if fresh else request
        asked = {agent_id: agent_id for agent_id in agent_ids}
        return await self._sender.send_for_rows(request, stage, lambda one: self.contract.read_states(one, asked))
