"""Everybody's states read as one list, and what that list says of an agent: a row, an absence, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollcall.errors import RequestFailed
from rollcall.model.failure import Failure, FailureKind, Where
from rollcall.model.moment import read_moment
from rollcall.model.observation import Alone, AskedAlone, DeltaAsked
from rollcall.roll.pages import Reading, Source

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterable

    from rollcall.client import Answered, Client
    from rollcall.contracts.base import StateRows
    from rollcall.model.exchange import Request
    from rollcall.model.state import AgentState
    from rollcall.roll.ledger import Ledger

MOST_READINGS = 3
CONTROLS = 2
"""How many agents without a row are asked for by themselves where it is no wonder that they have none."""
MOST_WONDERED_AT = 10
MOST_ALONE = 100
"""How many are asked for by themselves where the list was found to lose rows."""

_REFUSED = frozenset({Alone.FORBIDDEN, Alone.NOT_FOUND})
_SAID = {FailureKind.FORBIDDEN: Alone.FORBIDDEN, FailureKind.NOT_FOUND: Alone.NOT_FOUND}


class Snapshot:
    """Reads the list of states; `rows` are those of agents who are not on the account, yet or at all."""

    def __init__(self, client: Client, ledger: Ledger, progress: Callable[[], None]) -> None:
        self._client = client
        self._ledger = ledger
        self._progress = progress
        self._readings: list[Reading[StateRows]] = []
        self._failures: list[Failure] = []
        self._disputed: set[str] = set()
        self._logged_out: dict[str, None] = {}
        self._lists_logged_out = False
        self.rows: dict[str, tuple[AgentState, int]] = {}
        self.seen: dict[str, None] = {}

    @property
    def _last(self) -> Reading[StateRows] | None:
        return self._readings[-1] if self._readings else None

    async def read(self) -> None:
        """Read the whole list, again where it moved under the reading; what it says goes to the ledger."""
        while len(self._readings) < MOST_READINGS:
            self._failures.clear()
            reading = self._reading(self._take)
            self._readings.append(reading)
            await reading.read()
            if not reading.shifted:
                return

    async def read_changes(self, since: str) -> None:
        """Read the list of those who changed since a moment, before all of them."""
        delta = Delta(self._client)
        failures: list[Failure] = []
        await delta.read(since, fail=failures.append, take=self._take)
        if failures:
            return  # the whole list decides; its failure would be kept
        ahead = None
        moment, polled = read_moment(since), read_moment(delta.polled)
        if moment is not None and polled is not None:
            ahead = moment - polled
        self._ledger.delta = DeltaAsked(
            since=since,
            with_row=frozenset(delta.rows),
            exchange=delta.exchange,
            polled=delta.polled,
            ahead=ahead,
        )

    def keep_waiting(self, agent_ids: Iterable[str]) -> None:
        """Keep the rows of agents who have come on the account after their rows."""
        for agent_id in agent_ids:
            if agent_id in self.rows:
                row, exchange = self.rows.pop(agent_id)
                self._ledger.keep(row, exchange)

    async def settle(self, roster: Iterable[str], inactive: Container[str]) -> None:
        """Say what the list means for those of the account who have no row; `roster` are the ids of everybody.

        Absence needs a witness: a whole list in which somebody of the roster has a row, and not the token's own agent
        alone, whom everybody may see. Some of those who have none are asked for by themselves, because a list may
        lose rows without showing it.
        """
        ledger, last = self._ledger, self._last
        self._lists_logged_out = any(agent_id not in inactive for agent_id in self._logged_out)
        missing = [one for one in ledger.agents if one not in ledger.rows and one not in self._disputed]
        whole = last is not None and last.whole and not any(one.complaints for one in self._readings)
        exchange = last.exchange if last else 0
        if whole and any(agent_id in self.seen for agent_id in roster if agent_id != ledger.owner):
            ledger.absent.update(dict.fromkeys(missing, exchange))
        elif last is not None and last.pages and not self._failures:
            ledger.unvouched.update(dict.fromkeys(missing, exchange))
        if last is not None and last.pages and not last.failed:
            await self._ask_alone(missing)
        struck = tuple(agent_id for agent_id in missing if agent_id not in ledger.rows)
        for failure in self._failures:
            ledger.fail(failure, struck)

    def report(self, *, settled: bool) -> None:
        """Say in the ledger how the asking went; before it was `settled`, who has no row is unknown."""
        ledger, last = self._ledger, self._last
        if not settled:
            ledger.unvouched.update(ledger.absent)
            ledger.absent.clear()
        if last is not None:
            ledger.report_states(
                exchange=last.exchange,
                batches=sum(one.pages + one.failed for one in self._readings),
                listed=True,
                lists_logged_out=self._lists_logged_out,
                cut=last.cut,
            )

    def _reading(self, take: Callable[[Answered[StateRows]], Awaitable[None]]) -> Reading[StateRows]:
        listing = self._client.listing
        source = Source(listing, listing.first_states, listing.states, _ids)
        return Reading(source, self._client.contract.largest_page, take, self._failures.append)

    async def _take(self, answered: Answered[StateRows]) -> None:
        page, ledger = answered.value, self._ledger
        # A list may end with no content; where it begins so, that is all there is.
        no_content = page.no_content and not self.seen
        ledger.oddities.note("states", answered.exchange, found_at=page.found_at, no_content=no_content)
        if page.complaint:
            self._failures.append(
                Failure(
                    kind=FailureKind.DAMAGED,
                    where=Where.STATES,
                    purpose="a page of the states",
                    exchange=answered.exchange,
                    detail=page.complaint,
                )
            )
        # Of two clocks that disagree either may be wrong: only what both call old is old.
        now = self._client.server_now() - max(0.0, self._client.server_ahead or 0.0)
        ledger.note_poll(read_moment(page.onward.polled), now, answered.exchange)
        first: dict[str, AgentState] = {}
        for row in page.rows:
            self.seen[row.agent_id] = None
            known = first.setdefault(row.agent_id, row)
            if known.state != row.state:
                ledger.contradicted.setdefault(row.agent_id, (answered.exchange, f"{known.state} and {row.state}"))
            if known.logged_in is not row.logged_in:
                self._disputed.add(row.agent_id)  # one row says logged out and another does not: nothing is known
        for agent_id, row in first.items():
            if agent_id in self._disputed:
                continue
            if not row.logged_in:
                self._logged_out[agent_id] = None
            if agent_id in ledger.agents:
                ledger.keep(row, answered.exchange)
            else:
                self.rows[agent_id] = (row, answered.exchange)
        self._progress()

    async def _ask_alone(self, missing: list[str]) -> None:
        """Ask for some of those without a row by themselves; where one is logged in after all, ask for many.

        Where one is refused, having no row in the list says nothing of anybody: they may be kept from the caller.
        """
        ledger = self._ledger
        candidates = [one for one in missing if ledger.agents[one].active is not False]
        few = candidates[: MOST_WONDERED_AT if self._lists_logged_out else CONTROLS]
        said = {agent_id: await self._ask_one(agent_id) for agent_id in few}
        lost = any(agent_id in ledger.rows and ledger.rows[agent_id].logged_in for agent_id in few)
        if lost:
            for agent_id in candidates[len(few) : MOST_ALONE]:
                said[agent_id] = await self._ask_one(agent_id)
        refused = any(one in _REFUSED for one in said.values())
        for agent_id in missing if lost else candidates if refused else ():
            if agent_id in ledger.absent and (refused or said.get(agent_id) is not Alone.NO_ROW):
                ledger.unvouched[agent_id] = ledger.absent.pop(agent_id)

    async def _ask_one(self, agent_id: str) -> Alone:
        """Ask for one agent by itself, and keep its row if it has one."""
        try:
            answered = await self._client.listing.state_of(agent_id)
        except RequestFailed as failed:
            said, exchange = _SAID.get(failed.failure.kind, Alone.FAILED), failed.failure.exchange
        else:
            rows = [row for row in answered.value.rows if row.agent_id == agent_id]
            said, exchange = Alone.ROW if rows else Alone.NO_ROW, answered.exchange
            if rows:
                self._ledger.absent.pop(agent_id, None)
                self._ledger.unvouched.pop(agent_id, None)
                self._ledger.keep(rows[-1], exchange)
        self._ledger.asked_alone.append(AskedAlone(agent_id=agent_id, said=said, exchange=exchange))
        return said


class Delta:
    """Who changed since the server's last look at its agents, as a poll of an idle tenant asks it: in one request.

    `polled` is what to ask with the next time; it stays what it was where an answer names no other.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.rows: dict[str, AgentState] = {}
        self.polled: str | None = None
        self.exchange = 0

    async def read(
        self,
        since: str,
        *,
        fail: Callable[[Failure], None],
        take: Callable[[Answered[StateRows]], Awaitable[None]] | None = None,
    ) -> None:
        """Read all pages of the changes since a moment."""
        self.rows.clear()
        listing = self._client.listing

        async def first(top: int) -> tuple[Request, Answered[StateRows]]:
            return await listing.first_states(top, since=since)

        async def keep(answered: Answered[StateRows]) -> None:
            self.exchange = answered.exchange
            self.polled = answered.value.onward.polled or self.polled
            self.rows.update((row.agent_id, row) for row in answered.value.rows)
            if take is not None:
                await take(answered)

        source = Source(listing, first, listing.states, _ids)
        await Reading(source, self._client.contract.largest_page, keep, fail).read()


def _ids(page: StateRows) -> tuple[str, ...]:
    return tuple(row.agent_id for row in page.rows)
