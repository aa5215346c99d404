"""Reads the list of all states, and decides what missing rows mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, IncontactApi
from cxone_rollcall.model.failure import Failure, Stage, damaged
from cxone_rollcall.model.state import AgentState, is_logged_out
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.roll.by_list.second_look import Look, second_look
from cxone_rollcall.roll.by_list.spot_check import spot_check
from cxone_rollcall.roll.pages.linked import LinkedPages, Source
from cxone_rollcall.roll.pages.tally import Tally
from cxone_rollcall.roll.reconcile import roster_is_complete

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import StateRows
    from cxone_rollcall.roll.ledger import Ledger

MOST_READINGS = 3
LOOKS = 2
"""Second looks. After each but the last that shows an agent, the list is read again."""


class StateList:
    """Reads the list of states. `rows` are those of agents not requested, or not yet."""

    def __init__(
        self, api: IncontactApi, ledger: Ledger, progress: Callable[[], None], rng: Random | None = None
    ) -> None:
        self._api = api
        self._ledger = ledger
        self._progress = progress
        self._rng = rng or Random()  # noqa: S311  draws a page, no secret
        self._tallies: list[Tally] = []
        self._failures: list[Failure] = []
        self._disputed: set[str] = set()
        self._logged_out: set[str] = set()
        self._lists_logged_out = False
        self._sizes: dict[int, int] = {}
        """Rows on each page of the last reading, by exchange."""
        self.rows: dict[str, tuple[AgentState, int]] = {}

    @property
    def _last(self) -> Tally | None:
        return self._tallies[-1] if self._tallies else None

    async def read(self, *, fresh: bool = False) -> None:
        """Read the whole list, again if it changed during the reading. Rows go to the ledger.

        A `fresh` reading is past caches, and each page comes over a connection of its own.
        """
        first, other = self._api.first_states, self._api.states
        if fresh:
            first, other = partial(first, fresh=True), self._api.states_again
        pages = LinkedPages(Source(self._api, first, other), self._take, self._failures.append)
        while len(self._tallies) < MOST_READINGS:
            self._failures.clear()
            self._disputed.clear()
            self._sizes.clear()
            tally = Tally(self._api.contract.largest_page)
            self._tallies.append(tally)
            await pages.read(tally)
            if tally.paging_ignored is not None or not tally.shifted or _has_same_gaps(tally, self._tallies[:-1]):
                break

    def hand_over(self, agent_ids: Iterable[str]) -> None:
        """Give the ledger the rows that arrived before their agents were requested."""
        for agent_id in agent_ids:
            if agent_id in self.rows:
                row, exchange = self.rows.pop(agent_id)
                self._ledger.mark_present(*_with_ids([row], [agent_id]), exchange=exchange)

    async def settle(self, roster: Iterable[str], inactive: Container[str]) -> None:
        """Decide what the list means for requested agents without a row.

        `roster` are the ids of all agents. The agents are absent if the list is whole and has the row of an agent of
        the roster other than the token's own, which everyone may see. Some of them are requested one by one, because a
        list may lose rows unnoticed. A page without any agent of the roster is perhaps another tenant's: then the list
        is read again.
        """
        ledger = self._ledger
        ledger.strangers = frozenset(self.rows).difference(roster)
        if self._has_page_of_strangers():
            await self.read(fresh=True)
            ledger.strangers = frozenset(self.rows).difference(roster)
        last = self._last
        self._lists_logged_out = any(agent_id not in inactive for agent_id in self._logged_out)
        missing = [one for one in ledger.agents if one not in ledger.rows and one not in self._disputed]
        if last is not None and last.pages and not last.failed:
            has_others = any(agent_id in last.ids for agent_id in roster if agent_id != ledger.owner)
            if last.whole and has_others and not self._has_page_of_strangers():
                ledger.mark_absent(missing, last.exchange)
            elif not self._failures:
                ledger.mark_unconfirmed(missing, last.exchange)
            await spot_check(self._api, ledger, missing, missing_row_is_suspicious=self._lists_logged_out)
            await self._look_again(last, inactive)
        unanswered = tuple(agent_id for agent_id in missing if agent_id not in ledger.rows)
        for failure in self._failures:
            ledger.fail(failure, unanswered)

    def _has_page_of_strangers(self) -> bool:
        """Whether a page has rows, none of the roster. One row is too few, and the roster is complete."""
        if not roster_is_complete(self._ledger):
            return False
        strange = Counter(self.rows[one][1] for one in self._ledger.strangers)
        return any(rows > 1 and strange[exchange] == rows for exchange, rows in self._sizes.items())

    async def _look_again(self, last: Tally, inactive: Container[str]) -> None:
        """Take a second look at the absent agents.

        If it shows some, read the whole list again, and look once more.
        """
        ledger = self._ledger
        for _ in range(LOOKS):
            missing = dict.fromkeys([one for one in ledger.absent if one not in inactive])
            if not missing:
                return
            look = await second_look(self._api, ledger, last, missing, self._rng)
            if look is Look.NOTHING:
                return
            if look is Look.DOUBT:
                break
            await self.read(fresh=True)
            last = self._tallies[-1]
            ledger.late.update({one: last.exchange for one in missing if one in ledger.rows})
            if not last.whole:
                break
        ledger.mark_unconfirmed(ledger.absent)

    def report(self, *, settled: bool) -> None:
        """Note in the ledger how the list was read. Until it is `settled`, no agent is absent."""
        ledger, last = self._ledger, self._last
        if not settled:
            ledger.mark_unconfirmed(ledger.absent)
        if last is not None:
            ledger.report_states(
                exchange=last.exchange,
                batches=sum(one.pages + one.failed for one in self._tallies),
                listed=True,
                lists_logged_out=self._lists_logged_out,
                others=len(self.rows),
                cut=last.truncation,
                paging_ignored=last.paging_ignored,
            )

    async def _take(self, answered: Answered[StateRows]) -> None:
        page, ledger, tally = answered.value, self._ledger, self._tallies[-1]
        # A list may end with a response without content; only one that begins so is irregular.
        no_content = page.no_content and not tally.ids
        ledger.deviations.note("states", answered.exchange, found_at=page.found_at, no_content=no_content)
        if page.complaint:
            self._failures.append(damaged(Stage.STATES, "a page of the states", answered.exchange, page.complaint))
        # Of two clocks that disagree either may be wrong: only what is old by both is old. The server's time is the
        # date of this response, since our clock may be set during the run.
        ours = self._api.server_clock.ours()
        dated = answered.served_at is not None
        now = min(ours, answered.served_at) if answered.served_at is not None else ours
        ledger.polled = ledger.polled or page.links.polled
        ledger.note_poll(parse_timestamp(page.links.polled), now, answered.exchange, dated=dated)
        self._sizes[answered.exchange] = len(page.rows)
        here, new_ids = frozenset(tally.new_ids), set(tally.new_ids)
        if len(new_ids) == len(page.rows):
            self._keep(page.rows, answered.exchange)
        else:
            for row in page.rows:
                self._keep_or_compare(row, answered.exchange, new_ids, here)
        self._progress()

    def _keep(self, rows: Sequence[AgentState], exchange: int) -> None:
        """Store the agents' first rows. Those of agents not requested yet are kept here, the others in the ledger."""
        self._logged_out.update([row.agent_id for row in rows if is_logged_out(row.state)])
        called = self._ledger.agents
        known = [row for row in rows if row.agent_id in called]
        if len(known) < len(rows):
            self.rows.update({row.agent_id: (row, exchange) for row in rows if row.agent_id not in called})
        rows = tuple(_with_ids(known, [called[row.agent_id].agent_id for row in known]))
        self._ledger.mark_present(*rows, exchange=exchange)

    def _keep_or_compare(self, row: AgentState, exchange: int, new_ids: set[str], here: frozenset[str]) -> None:
        """Store an agent's first row, or compare a further one.

        Nothing is known of an agent whose rows disagree about being logged in. `new_ids` are the agents that had no
        row in this reading before, `here` those whose first row is on this page: rows of different pages are of
        different times, and may differ.
        """
        agent_id, ledger = row.agent_id, self._ledger
        if agent_id in new_ids:
            new_ids.remove(agent_id)
            self._keep((row,), exchange)
            return
        if agent_id in self._disputed:
            return
        first = ledger.rows[agent_id] if agent_id in ledger.rows else self.rows[agent_id][0]
        ledger.note_contradiction(first, row, exchange, one_response=agent_id in here)
        if first.logged_in is not row.logged_in:
            self._disputed.add(agent_id)
            ledger.retract(agent_id)
            self.rows.pop(agent_id, None)


def _has_same_gaps(tally: Tally, before: Sequence[Tally]) -> bool:
    """Whether the reading before had the same gaps.

    A gap is an empty page, though a total promised rows.
    """
    return any(tally.holes == one.holes > 0 and tally.ids == one.ids for one in before[-1:])


def _with_ids(rows: Sequence[AgentState], agent_ids: Sequence[str]) -> Iterator[AgentState]:
    """Return the rows with the roster's own copies of the ids. So each id is in memory once."""
    states, sub_states = [row.state for row in rows], [row.sub_state for row in rows]
    return map(AgentState, agent_ids, states, sub_states, [row.since for row in rows])
