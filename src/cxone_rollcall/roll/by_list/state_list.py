"""Everybody's states read as one list, and what that list says of an agent: a row, an absence, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.states import Contradiction
from cxone_rollcall.model.state import AgentState, is_logged_out
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.roll.by_list.spot_check import ask_alone
from cxone_rollcall.roll.pages.linked import LinkedPages, Source
from cxone_rollcall.roll.pages.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from cxone_rollcall.client import Answered, Client
    from cxone_rollcall.contracts.protocol import StateRows
    from cxone_rollcall.roll.ledger import Ledger

MOST_READINGS = 3


class Snapshot:
    """Reads the list of states; `rows` are those of agents who are not on the account, yet or at all."""

    def __init__(self, client: Client, ledger: Ledger, progress: Callable[[], None]) -> None:
        self._client = client
        self._ledger = ledger
        self._progress = progress
        self._tallies: list[Tally] = []
        self._failures: list[Failure] = []
        self._disputed: set[str] = set()
        self._logged_out: set[str] = set()
        self._lists_logged_out = False
        self.rows: dict[str, tuple[AgentState, int]] = {}

    @property
    def _last(self) -> Tally | None:
        return self._tallies[-1] if self._tallies else None

    async def read(self) -> None:
        """Read the whole list, again where it moved under the reading; what it says goes to the ledger."""
        listing = self._client.listing
        source = Source(listing, listing.first_states, listing.states, ids_of)
        pages = LinkedPages(source, self._take, self._failures.append)
        while len(self._tallies) < MOST_READINGS:
            self._failures.clear()
            self._disputed.clear()
            tally = Tally(self._client.contract.largest_page)
            self._tallies.append(tally)
            await pages.read(tally)
            if not tally.shifted:
                break

    def keep_waiting(self, agent_ids: Iterable[str]) -> None:
        """Keep the rows of agents who have come on the account after their rows."""
        for agent_id in agent_ids:
            if agent_id in self.rows:
                row, exchange = self.rows.pop(agent_id)
                self._ledger.keep(*_named([row], [agent_id]), exchange=exchange)

    async def settle(self, roster: Iterable[str], inactive: Container[str]) -> None:
        """Say what the list means for those of the account who have no row; `roster` are the ids of everybody.

        Absence needs a witness: a whole list in which somebody of the roster has a row, and not the token's own agent
        alone, whom everybody may see. Some of those who have none are asked for by themselves, because a list may
        lose rows without showing it.
        """
        ledger, last = self._ledger, self._last
        self._lists_logged_out = any(agent_id not in inactive for agent_id in self._logged_out)
        missing = [one for one in ledger.agents if one not in ledger.rows and one not in self._disputed]
        if last is not None and last.pages and not last.failed:
            witnessed = any(agent_id in last.ids for agent_id in roster if agent_id != ledger.owner)
            if last.whole and witnessed:
                ledger.absent.update(dict.fromkeys(missing, last.exchange))
            elif not self._failures:
                ledger.unvouched.update(dict.fromkeys(missing, last.exchange))
            await ask_alone(self._client, ledger, missing, odd=self._lists_logged_out)
        struck = tuple(agent_id for agent_id in missing if agent_id not in ledger.rows)
        for failure in self._failures:
            ledger.fail(failure, struck)

    def report(self, *, settled: bool) -> None:
        """Say in the ledger how the asking went; before it was `settled`, who has no row is unknown."""
        ledger, last = self._ledger, self._last
        if not settled:
            ledger.doubt(ledger.absent)
        if last is not None:
            ledger.report_states(
                exchange=last.exchange,
                batches=sum(one.pages + one.failed for one in self._tallies),
                listed=True,
                lists_logged_out=self._lists_logged_out,
                cut=last.truncation,
            )

    async def _take(self, answered: Answered[StateRows]) -> None:
        page, ledger, tally = answered.value, self._ledger, self._tallies[-1]
        # A list may end with no content; where it begins so, that is all there is.
        no_content = page.no_content and not tally.ids
        ledger.deviations.note("states", answered.exchange, found_at=page.found_at, no_content=no_content)
        if page.complaint:
            self._note_complaint(answered)
        # Of two clocks that disagree either may be wrong: only what both call old is old.
        now = self._client.server_clock.now() - max(0.0, self._client.server_clock.ahead or 0.0)
        ledger.note_poll(parse_timestamp(page.links.polled), now, answered.exchange)
        news = set(tally.new_ids)
        if len(news) == len(page.rows):
            self._keep(page.rows, answered.exchange)
        else:
            for row in page.rows:
                self._keep_or_compare(row, answered.exchange, news)
        self._progress()

    def _keep(self, rows: Sequence[AgentState], exchange: int) -> None:
        """Keep the first rows of agents: in the ledger who is on the account, the others here."""
        self._logged_out.update([row.agent_id for row in rows if is_logged_out(row.state)])
        called = self._ledger.agents
        known = [row for row in rows if row.agent_id in called]
        if len(known) < len(rows):
            self.rows.update({row.agent_id: (row, exchange) for row in rows if row.agent_id not in called})
        self._ledger.keep(*_named(known, [called[row.agent_id].agent_id for row in known]), exchange=exchange)

    def _keep_or_compare(self, row: AgentState, exchange: int, news: set[str]) -> None:
        """Keep the first row of an agent in this reading; of whom another row says otherwise, nothing is known.

        `news` are those who have had none in it; who is disputed has had two.
        """
        agent_id, ledger = row.agent_id, self._ledger
        if agent_id in news:
            news.remove(agent_id)
            self._keep((row,), exchange)
            return
        if agent_id in self._disputed:
            return
        first = ledger.rows[agent_id] if agent_id in ledger.rows else self.rows[agent_id][0]
        if first.state != row.state:
            ledger.contradicted.setdefault(agent_id, Contradiction(exchange, f"{first.state} and {row.state}"))
        if first.logged_in is not row.logged_in:
            self._disputed.add(agent_id)
            ledger.forget(agent_id)
            self.rows.pop(agent_id, None)

    def _note_complaint(self, answered: Answered[StateRows]) -> None:
        self._failures.append(
            Failure(
                kind=FailureKind.DAMAGED,
                stage=Stage.STATES,
                purpose="a page of the states",
                exchange=answered.exchange,
                detail=answered.value.complaint,
            )
        )


def _named(rows: Sequence[AgentState], agent_ids: Sequence[str]) -> Iterator[AgentState]:
    """Return the rows with the roster's own copies of their agents' ids: all other copies are let go."""
    states, sub_states = [row.state for row in rows], [row.sub_state for row in rows]
    return map(AgentState, agent_ids, states, sub_states, [row.since for row in rows])


def ids_of(page: StateRows) -> tuple[str, ...]:
    """Return the ids of a page's rows."""
    return tuple([row.agent_id for row in page.rows])
