"""Reads the roster, again if it changed, until it is trustworthy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, IncontactApi, V2Api
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import Stage, damaged
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.roll.pages.linked import LinkedPages, Source
from cxone_rollcall.roll.pages.numbered import NumberedPages
from cxone_rollcall.roll.pages.tally import Tally
from cxone_rollcall.roll.reconcile import roster_is_complete

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import RosterPage
    from cxone_rollcall.roll.agent_search import Named
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.selection import Choice

MOST_READINGS = 4
LEAST_SHARE = 0.9
"""Least share of the previous reading's agents for a trusted reading."""

Deliver = Callable[[tuple["Agent", ...]], Awaitable[None]]


class KnownRoster(Value, frozen=True, dict=True):
    """A roster that was read earlier, for runs that read only states.

    `read` is what was noted of it; it names no exchange, because those belong to that run.
    """

    agents: tuple[Agent, ...]
    read: RosterRead

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all its agents."""
        return frozenset([agent.agent_id for agent in self.agents])

    @classmethod
    def of(cls, agents: Iterable[Agent], read: RosterRead) -> KnownRoster:
        """The roster for later runs. `agents` are all that it has, `read` is the ledger's note of it."""
        exchanges = {name: 0 for name in read.__struct_fields__ if name.endswith("exchange")}
        ignored = read.paging_ignored._replace(exchange=0) if read.paging_ignored is not None else None
        remarked = dict.fromkeys(read.remarked, 0)
        return cls(tuple(agents), replace(read, **exchanges, paging_ignored=ignored, remarked=remarked))


class RosterInHand:
    """Delivers a known roster in place of a `RosterReader`, without a request."""

    def __init__(self, known: KnownRoster, ledger: Ledger, deliver: Deliver) -> None:
        self._known = known
        self._ledger = ledger
        self._deliver = deliver
        self.seen = {agent.agent_id for agent in known.agents}
        self.inactive = {agent.agent_id for agent in known.agents if agent.active is False}

    async def read(self) -> None:
        """Deliver all agents."""
        self._ledger.roster = self._known.read
        self._ledger.total = self._known.read.total
        await self._deliver(self._known.agents)

    def settle_names(self, choice: Choice) -> Named:
        """The agents that the user named."""
        return choice.named(without=frozenset(), whole=roster_is_complete(self._ledger))


class RosterReader:
    """Delivers the agents of each page as it arrives, each once.

    Failures go to the ledger. `inactive` are the agents that the roster calls inactive.
    """

    def __init__(self, api: V2Api | IncontactApi, ledger: Ledger, deliver: Deliver) -> None:
        self._api = api
        self._ledger = ledger
        self._deliver = deliver
        self._tallies: list[Tally] = []
        self._settled: Tally | None = None
        self._remarked: dict[str, int] = {}
        self._hidden = (0, 0)
        self.inactive: set[str] = set()
        self.withdrawn: set[str] = set()
        """Agents of earlier readings that the final one lacks."""

    @property
    def seen(self) -> set[str]:
        """The ids of all agents that any reading found."""
        return set[str]().union(*[tally.ids for tally in self._tallies])

    async def read(self) -> None:
        """Read the roster until one reading is consistent, or two agree."""
        through = False
        try:
            await self._read_until_settled()
            through = True
        finally:
            self._report(through=through)

    def settle_names(self, choice: Choice) -> Named:
        """Withdraw the agents that the final reading lacks. Returns those that the user named.

        A reading with fewer agents than the server counts withdraws none.
        """
        settled = self._settled
        self.withdrawn = self.seen - settled.ids if settled is not None and not settled.short else set()
        for agent_id in self.withdrawn:
            self._ledger.withdraw(agent_id)
        return choice.named(without=self.withdrawn, whole=roster_is_complete(self._ledger))

    async def _read_until_settled(self) -> None:
        pages = self._pages()
        while len(self._counted) < MOST_READINGS:
            tally = Tally(self._api.contract.largest_page)
            self._tallies.append(tally)
            await pages.read(tally)
            if tally.void:
                continue
            if tally.failed or tally.complaints or not (tally.ended or tally.short):
                return
            if self._is_trusted(tally):
                self._settled = tally
                return
            if self._agreed and tally.short:
                return  # another reading would say the same again

    def _pages(self) -> NumberedPages | LinkedPages[RosterPage]:
        api, fail = self._api, self._ledger.fail
        if isinstance(api, V2Api):
            return NumberedPages(api, self._take, fail)
        return LinkedPages(Source(api, api.first_agents, api.agents), self._take, fail)

    @property
    def _counted(self) -> list[Tally]:
        return [tally for tally in self._tallies if not tally.void]

    @property
    def _agreed(self) -> bool:
        """Whether the last two readings have the same agents and total."""
        last = [(tally.ids, tally.total) for tally in self._counted[-2:]]
        return len(last) == 2 and last[0] == last[1]

    def _is_trusted(self, tally: Tally) -> bool:
        """Whether this reading settles the roster.

        It has no contradictions and all agents that the server counts, or it is the second one. A reading with far
        fewer agents than another is not trusted, however often it repeats: a server may have begun to answer nothing.
        """
        *earlier, _ = self._counted
        if not earlier:
            return not (tally.shifted or tally.short or tally.doubled)
        if len(tally.ids) < LEAST_SHARE * max(len(one.ids) for one in earlier):
            return False
        if tally.ids == earlier[-1].ids:
            return not tally.holes and not tally.may_skip_agents
        return not (tally.shifted or tally.doubled)

    async def _take(self, answered: Answered[RosterPage]) -> None:
        page, ledger = answered.value, self._ledger
        *before, tally = self._tallies
        # A list may end with a response without content; only one that begins so is irregular.
        no_content = page.no_content and not any(one.ids for one in self._tallies)
        ledger.deviations.note("roster", answered.exchange, found_at=page.found_at, no_content=no_content)
        if page.total is not None and page.rows:
            ledger.total = page.total
        if page.hidden:
            self._hidden = (page.hidden, answered.exchange)
        if page.complaint:
            ledger.fail(damaged(Stage.ROSTER, "a page of the roster", answered.exchange, page.complaint))
        self.inactive.update([agent.agent_id for agent in page.rows if agent.active is False])
        remarked = [agent.agent_id for agent in page.rows if agent.active is False or agent.has_logged_in is False]
        self._remarked.update(dict.fromkeys(remarked, answered.exchange))
        new_ids = [one for one in tally.new_ids if not any(one in earlier.ids for earlier in before)]
        agents = {agent.agent_id: agent for agent in page.rows}
        await self._deliver(tuple([agents[one] for one in dict.fromkeys(new_ids)]))

    def _report(self, *, through: bool) -> None:
        counted = self._counted
        if not any(tally.pages for tally in counted):
            return
        last = self._settled or counted[-1]
        # A reading that is short may lack agents of another one.
        ids = last.ids if self._settled and not last.short else self.seen
        shifted = next((tally for tally in counted if tally.shifted), last)
        self._ledger.roster = RosterRead(
            exchange=last.exchange,
            first_exchange=last.first_exchange,
            pages=sum(tally.pages for tally in counted),
            agents=len(ids),
            total=last.total,
            page_size=last.size,
            capped=last.capped,
            from_zero=len(last.from_zero),
            zero_exchange=last.zero_exchange,
            repeated=shifted.repeated,
            repeat_exchange=shifted.repeat_exchange or shifted.exchange,
            totals=tuple(dict.fromkeys(shifted.totals)) if shifted.shifted else (),
            readings=len(counted),
            agreed=self._agreed,
            settled=self._settled is not None,
            gone=len(self.seen - last.ids),
            unnamed_rows=last.unnamed,
            failed_pages=last.failed + last.complaints,
            remarked=self._remarked,
            hidden=self._hidden[0],
            hidden_exchange=self._hidden[1],
            only_agent=next(iter(ids)) if len(ids) == 1 else "",
            cut_short=not through,
            paging_ignored=last.paging_ignored,
        )


Roster = RosterReader | RosterInHand
"""Delivers the agents of a roster."""
