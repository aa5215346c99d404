"""Reads the server's state history, one request at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.history.backfill import Past
from cxone_rollcall.history.interval import Window
from cxone_rollcall.history.schema import DAY
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.timestamp import format_timestamp

if TYPE_CHECKING:
    from cxone_rollcall.client import Answered, IncontactApi
    from cxone_rollcall.contracts.protocol import PastStates
    from cxone_rollcall.model.exchange import Request

T = TypeVar("T")

LEAST = 300_000
"""Milliseconds of the smallest range. `wfm-data`, which has a published limit, takes as much."""
MOST_ROWS = 2_000_000
"""Rows of one range. A day of 10,000 agents has a million."""
WAITS = (10.0, 60.0)
"""Seconds to wait after a failure that may pass."""
PASSING = frozenset(
    {FailureKind.TIMED_OUT, FailureKind.UNREACHABLE, FailureKind.SERVER_TROUBLE, FailureKind.RATE_LIMITED}
)
_TOO_LONG = frozenset({FailureKind.REJECTED, FailureKind.TOO_LARGE, FailureKind.TOO_MUCH})
_PAST_THE_END = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST})


class _Range(NamedTuple):
    """Past states of one range.

    `first` and `last` are the begins of the first and the last state of all agents, 0 without any. It is `complete` if
    every page was read and is undamaged, and `crowded` if it has more than `MOST_ROWS`.
    """

    states: list[PastState]
    first: int
    last: int
    complete: bool
    crowded: bool

    @property
    def whole(self) -> bool:
        """Whether its silence proves something: it is complete, and has rows."""
        return self.complete and self.last > 0


class StateHistory:
    """Reads past states with one client.

    `longest` is the longest range in milliseconds that the tenant takes, None if it never refused one. `wait` sleeps
    for some seconds.
    """

    def __init__(self, api: IncontactApi, *, longest: int | None, wait: Callable[[float], Awaitable[object]]) -> None:
        self.longest = longest
        self._api = api
        self._wait = wait

    async def read(self, window: Window, agents: Container[str]) -> Past:
        """Read what these agents did in a window. Raises `RequestFailed`.

        A range that the server refuses is halved, and so is one with too many rows. Where its rows end long before it,
        the rest is read again: a server may cut a range without a word.
        """
        states, whole, until, complete = list[PastState](), list[Window](), 0, True
        at, length, refused = window.begin, self.longest or DAY, False
        while at < window.end:
            end = min(at + length, window.end)
            try:
                part = await self._range(Window(at, end), agents)
            except RequestFailed as failed:
                if failed.failure.kind not in _TOO_LONG or end - at <= LEAST:
                    raise
                length, refused = max(LEAST, (end - at) // 2), True
                continue
            if refused:
                self.longest, refused = length, False
            if part.crowded and end - at > LEAST:
                length = max(LEAST, (end - at) // 2)
                continue
            states += part.states
            until, complete = max(until, part.last), complete and part.complete
            if part.whole:
                # A server that refuses long ranges does not cut them.
                whole.append(Window(at, end) if self.longest is not None else Window(part.first, part.last))
            at = part.last if at < part.last < end - LEAST else end
        return Past(states, [*_joined(whole, until)], until, complete)

    async def _range(self, window: Window, agents: Container[str]) -> _Range:
        contract = self._api.contract
        begin, end = (format_timestamp(at / 1000) for at in window)
        pages = _Pages(contract.largest_page, agents)
        request, answered = await self._patiently(
            lambda: self._api.first_state_history(begin, end, contract.largest_page)
        )
        pages.take(answered.value)
        while not pages.over:
            following = answered.value.links.next
            linked = contract.next_request(following, request) if following is not None else None
            request = linked or contract.with_skip(request, pages.received)
            try:
                answered = await self._page(request)
            except RequestFailed as failed:
                if pages.is_promised or failed.failure.status not in _PAST_THE_END:
                    raise
                pages.end()
            else:
                pages.take(answered.value)
        return _Range(pages.states, pages.first, pages.last, pages.complete, pages.crowded)

    async def _page(self, request: Request) -> Answered[PastStates]:
        return await self._patiently(lambda: self._api.state_history(request))

    async def _patiently(self, send: Callable[[], Awaitable[T]]) -> T:
        """Send a request, and again later if its failure may pass."""
        for seconds in WAITS:
            try:
                return await send()
            except RequestFailed as failed:
                if failed.failure.kind not in PASSING:
                    raise
            await self._wait(seconds)
        return await send()


def _joined(windows: Iterable[Window], until: int) -> Iterator[Window]:
    """Windows in order, joined where they touch, and none beyond a time. The history may not know of later states."""
    joined: Window | None = None
    for one in windows:
        if joined is not None and one.begin <= joined.end:
            joined = Window(joined.begin, one.end)
            continue
        if joined is not None:
            yield joined
        joined = one
    if joined is not None:
        yield Window(joined.begin, min(joined.end, until))


class _Pages:
    """The pages of one range.

    `over` if there is nothing more to request, `is_promised` if the server says that there is another page. `received`
    counts rows, `first` and `last` are the begins of the first and the last state.
    """

    def __init__(self, size: int, agents: Container[str]) -> None:
        self.states: list[PastState] = []
        self.received = 0
        self.first = self.last = 0
        self.over = self.is_promised = self.crowded = False
        self._size, self._agents = size, agents
        self._first: int | None = None
        self._seen: set[int] = set()
        self._is_whole = True

    @property
    def complete(self) -> bool:
        """Whether these are all rows of the range."""
        return self.over and self._is_whole

    def take(self, page: PastStates) -> None:
        """Take the next page."""
        fresh = self._keep(page)
        self.received += page.length
        self._first = page.length if self._first is None else self._first
        self._is_whole = self._is_whole and not page.complaint
        promised = self.is_promised
        counted = page.total is None or self.received >= page.total  # alone no proof: it may be the page's own count
        self.is_promised = page.links.next is not None or not counted
        if not page.length:
            self.end(whole=not promised and counted)
        elif not fresh:
            # The server ignores `skip`, or its links form a loop. Only a page that is not full is then the whole list.
            self.end(whole=counted and self._first < self._size)
        elif page.links.next is None and counted and page.links.given:
            self.end()
        elif len(self._seen) > MOST_ROWS:
            self.crowded = True
            self.end(whole=False)

    def end(self, *, whole: bool = True) -> None:
        """Note that there are no more pages."""
        self.over, self._is_whole = True, self._is_whole and whole

    def _keep(self, page: PastStates) -> bool:
        """Keep the new rows of a page. Returns whether there are any."""
        before = len(self._seen)
        for row in page.rows:
            place = hash((row.agent_id, row.session, row.index, row.begin))
            if place not in self._seen:
                self._seen.add(place)
                self.first = min(self.first or row.begin, row.begin)
                self.last = max(self.last, row.begin)
                if row.agent_id in self._agents:
                    self.states.append(row)
        return len(self._seen) > before
