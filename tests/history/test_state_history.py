"""The state history is read whole, or known not to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.client.hosts import Host
from tests.contracts.playing import said

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.history import state_history
from cxone_rollcall.history.backfill import Past
from cxone_rollcall.history.interval import Window
from cxone_rollcall.history.state_history import LEAST, WAITS, StateHistory
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

MINUTE = 60_000
BEGIN = 1_795_339_800_000
END = BEGIN + 120 * MINUTE
WINDOW = Window(BEGIN, END)
EVERYBODY = frozenset({"1", "2", "3"})


def row(number: int) -> dict[str, Any]:
    """The row of a minute. Three agents take turns."""
    return {
        "agentId": number % 3 + 1,
        "agentStateId": 1,
        "agentStateName": "Available",
        "agentSessionId": 7,
        "stateIndex": number // 3 + 1,
        "startDate": format_timestamp((BEGIN + number * MINUTE) / 1000),
    }


@dataclass
class Server:
    """Serves a row a minute. `frame` makes a body of the rows of a page, all rows of the range and the next skip."""

    frame: Callable[[list[Any], list[Any], int], Any] = lambda page, found, after: {
        "agentStateHistory": page,
        "totalRecords": len(found),
    }
    cap: int = 100
    longest: int = 10**12
    cut: int = 10**12
    rows: list[dict[str, Any]] = field(default_factory=lambda: [row(number) for number in range(120)])
    asked: list[Window] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        """Answer a request for past states."""
        if "state-history" not in request.target:
            return None
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
        begin, end = (round((parse_timestamp(query[name]) or 0) * 1000) for name in ("startDate", "endDate"))
        self.asked.append(Window(begin, end))
        if end - begin > self.longest:
            return said(400, {"error_description": "The date range is too large."})
        end = min(end, begin + self.cut)
        found = [one for one in self.rows if begin <= (parse_timestamp(one["startDate"]) or 0) * 1000 < end]
        skip = int(query.get("skip", 0))
        page = found[skip : skip + min(self.cap, int(query["top"]))]
        return said(200, self.frame(page, found, skip + len(page)))


@dataclass
class Waits:
    """Waits no time, and counts."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        """Wait."""
        self.seconds.append(seconds)


def reader(says: Callable[[Request], Any], *, longest: int | None = None, waits: Waits | None = None) -> StateHistory:
    """A reader of a scripted server."""
    api = Host(says=says).client().beside()
    assert api is not None
    return StateHistory(api, longest=longest, wait=waits or Waits())


async def read(says: Callable[[Request], Any]) -> Past:
    """Read the window."""
    return await reader(says).read(WINDOW, EVERYBODY)


def linked(page: list[Any], found: list[Any], after: int) -> Any:
    """A page with the link to the next one."""
    following = (
        f"?startDate={format_timestamp(BEGIN / 1000)}&endDate={format_timestamp(END / 1000)}&top=100&skip={after}"
    )
    return {"agentStateHistory": page, "_links": {"next": following if after < len(found) else None}}


def alone(page: list[Any], found: list[Any], after: int) -> Any:
    """A page without links and totals."""
    return {"agentStateHistory": page}


def counted_by_page(page: list[Any], found: list[Any], after: int) -> Any:
    """A page whose total is its own count."""
    return {"agentStateHistory": page, "totalRecords": len(page)}


@pytest.mark.parametrize("cap", [7, 100, 1000])
@pytest.mark.parametrize("frame", [Server.frame, linked, alone, counted_by_page])
async def test_all_pages_are_read(frame: Any, cap: int) -> None:
    """Whatever ends a list, all of its rows are read, each once."""
    past = await read(Server(frame, cap=cap))
    assert sorted(one.begin for one in past.states) == [BEGIN + number * MINUTE for number in range(120)]
    assert past.until == BEGIN + 119 * MINUTE
    assert past.whole == [Window(BEGIN, past.until)]


def ends_with(status: int, server: Server) -> Callable[[Request], Any]:
    """A server that refuses to go past its last row."""

    def says(request: Request) -> Any:
        skip = parse_qs(urlsplit(request.target).query).get("skip", ["0"])[0]
        return said(status) if "state-history" in request.target and int(skip) >= len(server.rows) else server(request)

    return says


@pytest.mark.parametrize("status", [400, 404])
async def test_a_page_past_the_end(status: int) -> None:
    """A refusal of the page after the last row is the end."""
    past = await read(ends_with(status, Server(alone)))
    assert len(past.states) == 120
    assert past.whole == [Window(BEGIN, BEGIN + 119 * MINUTE)]
    assert past.complete


@pytest.mark.parametrize(
    ("status", "frame"),
    [(409, alone), (404, lambda page, found, after: {"agentStateHistory": page, "totalRecords": 121})],
    ids=["refused", "promised"],
)
async def test_a_page_that_fails(status: int, frame: Any) -> None:
    """Another refusal is no end. Nor is that of a page that was promised."""
    with pytest.raises(RequestFailed):
        await read(ends_with(status, Server(frame)))


async def test_rows_of_others_are_left_out() -> None:
    """Only the agents with gaps are kept. The others still show how far the history goes."""
    past = await reader(Server()).read(WINDOW, frozenset({"2"}))
    assert {one.agent_id for one in past.states} == {"2"}
    assert past.until == BEGIN + 119 * MINUTE


@pytest.mark.parametrize(
    "frame",
    [
        lambda page, found, after: {"agentStateHistory": found[:100]},
        lambda page, found, after: (
            {"agentStateHistory": page[:50], "totalRecords": 120} if after < 101 else {"rows": []}
        ),
        lambda page, found, after: {"agentStateHistory": [*page[1:], {"agentId": 1}], "totalRecords": len(page)},
        lambda page, found, after: {"agentStateHistory": page, "error": "missing" if page else ""},
    ],
    ids=["skip ignored", "promised", "damaged row", "error beside"],
)
async def test_a_list_that_is_not_whole(frame: Any) -> None:
    """A list that may lack rows proves nothing by its silence."""
    past = await read(Server(frame))
    assert past.states
    assert not past.complete
    assert all(one.begin > BEGIN + 90 * MINUTE for one in past.whole)


@pytest.mark.parametrize("answer", [said(204), said(200, {"agentStateHistory": []})])
async def test_no_rows_prove_nothing(answer: Response) -> None:
    """An empty history is complete, and no proof."""
    past = await read(lambda request: answer if "state-history" in request.target else None)
    assert past == ([], [], 0, True)


async def test_ranges_are_halved() -> None:
    """A refused range is halved, and the accepted length is learnt."""
    server = Server(longest=40 * MINUTE)
    history = reader(server)
    past = await history.read(WINDOW, EVERYBODY)
    assert len(past.states) == 120
    assert past.whole == [Window(BEGIN, BEGIN + 119 * MINUTE)]
    assert history.longest == 30 * MINUTE
    assert [(end - begin) // MINUTE for begin, end in dict.fromkeys(server.asked)] == [120, 60, 30, 30, 30, 30]
    server.asked.clear()
    await history.read(WINDOW, EVERYBODY)
    assert [(end - begin) // MINUTE for begin, end in dict.fromkeys(server.asked)] == [30, 30, 30, 30]


async def test_a_range_without_rows_proves_nothing() -> None:
    """Between two ranges with rows, one without any stays unproven."""
    rows = [row(number) for number in (*range(30), *range(60, 120))]
    past = await read(Server(longest=40 * MINUTE, rows=rows))
    assert past.whole == [
        Window(BEGIN, BEGIN + 30 * MINUTE),
        Window(BEGIN + 60 * MINUTE, BEGIN + 119 * MINUTE),
    ]


async def test_a_range_with_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A range with too many rows is read in halves. That is no limit of the server."""
    monkeypatch.setattr(state_history, "MOST_ROWS", 50)
    history = reader(Server(cap=20))
    past = await history.read(WINDOW, EVERYBODY)
    assert len({one.begin for one in past.states}) == 120
    assert (past.complete, history.longest) == (True, None)
    monkeypatch.setattr(state_history, "MOST_ROWS", 0)
    assert not (await reader(Server(cap=2)).read(WINDOW, EVERYBODY)).complete


async def test_a_crowded_range_does_not_change_what_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The accepted length stays, though later ranges have too many rows."""
    monkeypatch.setattr(state_history, "MOST_ROWS", 20)
    history = reader(Server(cap=10, longest=40 * MINUTE))
    past = await history.read(WINDOW, EVERYBODY)
    assert len({one.begin for one in past.states}) == 120
    assert (past.complete, history.longest) == (True, 30 * MINUTE)


async def test_a_server_that_takes_no_range() -> None:
    """If even the smallest range is refused, nothing is learnt."""
    server = Server(longest=0)
    history = reader(server)
    with pytest.raises(RequestFailed, match="too large"):
        await history.read(WINDOW, EVERYBODY)
    assert history.longest is None
    assert min(end - begin for begin, end in server.asked) >= LEAST


async def test_ranges_that_are_cut_silently() -> None:
    """Where rows end long before their range, the rest is read."""
    past = await read(Server(cut=45 * MINUTE))
    assert len({one.begin for one in past.states}) == 120
    assert past.whole == [Window(BEGIN, BEGIN + 119 * MINUTE)]


async def test_silence_beyond_a_cut_is_no_proof() -> None:
    """A cut range is not trusted beyond its last row."""
    past = await read(Server(cut=45 * MINUTE, rows=[row(0), row(30), row(110)]))
    assert past.whole == [Window(BEGIN, BEGIN + 30 * MINUTE)]


@pytest.mark.parametrize("status", [408, 500, 503])
async def test_failures_that_may_pass(status: int) -> None:
    """A failing page is requested again after a while. After some tries the failure is raised."""
    server, left, waits = Server(), [status], Waits()

    def says(request: Request) -> Response | None:
        return said(left.pop()) if left and "state-history" in request.target else server(request)

    past = await reader(says, waits=waits).read(WINDOW, EVERYBODY)
    assert (len(past.states), waits.seconds) == (120, [WAITS[0]])
    left += [status] * (len(WAITS) + 1)
    with pytest.raises(RequestFailed):
        await reader(says, waits=waits).read(WINDOW, EVERYBODY)
    assert waits.seconds == [WAITS[0], *WAITS]


def throttled_once(says: Callable[[Request], Any], **headers: str) -> Callable[[Request], Any]:
    """A server that throttles the first request for past states."""
    left = [said(429, **headers)]
    return lambda request: left.pop() if left and "state-history" in request.target else says(request)


async def test_a_throttled_page_is_requested_again() -> None:
    """A throttled state history is awaited, and delays no roll call."""
    host = Host(says=throttled_once(Server(), **{"retry-after": "9"}))
    client, waited = host.client(), list[float]()
    api = client.beside()
    assert api is not None

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        host.time += seconds

    past = await StateHistory(api, longest=None, wait=wait).read(WINDOW, EVERYBODY)
    assert (len(past.states), waited) == (120, [WAITS[0]])
    assert (client.pace.report.throttled, client.pace.report.seconds_paused) == (0, 0.0)


@pytest.mark.parametrize(
    "refusal", [said(403), said(404), said(409), said(200, b"<html>Sign in</html>"), said(200, {"error": "no"})]
)
async def test_failures_that_stay(refusal: Response) -> None:
    """A refusal, a page and an error are raised at once. They are never an empty history."""
    waits = Waits()
    with pytest.raises(RequestFailed):
        await reader(lambda request: refusal if "state-history" in request.target else None, waits=waits).read(
            WINDOW, EVERYBODY
        )
    assert waits.seconds == []


async def test_an_older_version_has_it() -> None:
    """A path that the newest version lacks is found in another."""
    server = Server()
    past = await read(lambda request: server(request) if "/v34.0/" not in request.target else said(404))
    assert len(past.states) == 120
