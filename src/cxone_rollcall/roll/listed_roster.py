"""Reading the roster as a list, again where it moved under the reading, until it agrees with itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.roll.pages.linked import Reading, Source

if TYPE_CHECKING:
    from cxone_rollcall.client import Answered, Client
    from cxone_rollcall.contracts.protocol import RosterPage
    from cxone_rollcall.model.agent import Agent
    from cxone_rollcall.roll.ledger import Ledger

MOST_READINGS = 4
LEAST_SHARE = 0.9
"""The share of the agents of one reading that the next one must have to be taken for the truth."""

Deliver = Callable[[tuple["Agent", ...]], Awaitable[None]]


class ListedRoster:
    """Delivers the agents of each page as it comes, each agent once; failures go to the ledger."""

    def __init__(self, client: Client, ledger: Ledger, deliver: Deliver) -> None:
        self._client = client
        self._ledger = ledger
        self._deliver = deliver
        self._readings: list[Reading[RosterPage]] = []
        self._settled: Reading[RosterPage] | None = None
        self._remarked: dict[str, int] = {}
        self._hidden = (0, 0)
        self.inactive: set[str] = set()

    @property
    def seen(self) -> set[str]:
        """The ids of everybody whom any reading held."""
        return set[str]().union(*[reading.tally.ids for reading in self._readings])

    async def read(self) -> None:
        """Read the roster, again as long as it contradicts itself, until a reading is to be believed."""
        listing = self._client.listing
        source = Source(listing, listing.first_agents, listing.agents, _ids)
        through = False
        try:
            while len(self._readings) < MOST_READINGS:
                reading = Reading(source, self._client.contract.largest_page, self._take, self._ledger.fail)
                self._readings.append(reading)
                await reading.read()
                if reading.failed or not reading.ended:
                    break
                if self._is_believed(reading):
                    self._settled = reading
                    break
            through = True
        finally:
            self._report(through=through)

    def _is_believed(self, reading: Reading[RosterPage]) -> bool:
        """Tell whether a reading settles the roster: by itself where it is whole, else where the last two agree.

        A second reading with far fewer agents than the first is no better than that one.
        """
        tally = reading.tally
        if len(self._readings) == 1:
            return not tally.shifted
        before = self._readings[-2].tally.ids
        if tally.ids == before:
            return not tally.holes and not (tally.repeated and tally.total is None)
        return not tally.shifted and len(tally.ids) >= LEAST_SHARE * len(before)

    def withdrawn(self) -> frozenset[str]:
        """Return the agents that an earlier reading held and the one that settled the roster does not."""
        settled = self._settled
        if settled is None or settled.short:
            return frozenset()
        if len(self._readings) == 1:
            return frozenset()
        return frozenset([agent_id for agent_id in self.seen if agent_id not in settled.tally.ids])

    async def _take(self, answered: Answered[RosterPage]) -> None:
        page = answered.value
        *before, reading = self._readings
        # A list may end with no content; where it begins so, that is all there is.
        no_content = page.no_content and not any(one.tally.ids for one in self._readings)
        self._ledger.oddities.note("roster", answered.exchange, found_at=page.found_at, no_content=no_content)
        if page.total is not None and page.agents:
            self._ledger.total = page.total
        if page.hidden:
            self._hidden = (page.hidden, answered.exchange)
        if page.complaint:
            self._note_complaint(answered)
        self.inactive.update([agent.agent_id for agent in page.agents if agent.active is False])
        remarked = [agent.agent_id for agent in page.agents if agent.active is False or agent.has_logged_in is False]
        self._remarked.update(dict.fromkeys(remarked, answered.exchange))
        news = [one for one in reading.tally.news if not any(one in earlier.tally.ids for earlier in before)]
        agents = {agent.agent_id: agent for agent in page.agents}
        await self._deliver(tuple([agents[one] for one in dict.fromkeys(news)]))

    def _note_complaint(self, answered: Answered[RosterPage]) -> None:
        self._ledger.fail(
            Failure(
                kind=FailureKind.DAMAGED,
                stage=Stage.ROSTER,
                purpose="a page of the roster",
                exchange=answered.exchange,
                detail=answered.value.complaint,
            )
        )

    def _report(self, *, through: bool) -> None:
        if not any(reading.tally.pages for reading in self._readings):
            return
        last = self._settled or self._readings[-1]
        tally = last.tally
        shifted = next((reading.tally for reading in self._readings if reading.tally.shifted), tally)
        self._ledger.roster = RosterRead(
            exchange=last.exchange,
            first_exchange=last.first_exchange,
            pages=sum(reading.tally.pages for reading in self._readings),
            agents=len(tally.ids) if self._settled else len(self.seen),
            total=tally.total,
            page_size=last.size,
            capped=tally.capped,
            repeated=shifted.repeated,
            repeat_exchange=shifted.repeat_exchange or last.exchange,
            totals=tuple(dict.fromkeys(shifted.totals)) if shifted.shifted else (),
            readings=len(self._readings),
            settled=self._settled is not None,
            unnamed_rows=tally.unnamed,
            failed_pages=last.failed + tally.complaints,
            remarked=self._remarked,
            hidden=self._hidden[0],
            hidden_exchange=self._hidden[1],
            cut_short=not through,
        )


def _ids(page: RosterPage) -> tuple[str, ...]:
    return tuple([agent.agent_id for agent in page.agents])
