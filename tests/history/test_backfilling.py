"""Gaps of a recorded tenant are filled with what its agents did."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from tests.client.hosts import Host
from tests.contracts.playing import said
from tests.history.recorded import Recorded, Running, recorded
from tests.history.test_recording import check_boards, days, gaps

from cxone_rollcall.client import IncontactApi
from cxone_rollcall.contracts.incontact.rows import AFTER_CALL
from cxone_rollcall.emulator.contracts.incontact.clock import Clock
from cxone_rollcall.emulator.contracts.incontact.rows import STATE_NAMES, seen
from cxone_rollcall.emulator.readings import Readings
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.history.backfill import Filling
from cxone_rollcall.history.backfilling import LATE, LONGEST_RANGE, Backfilled, backfill, closed_gaps
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.interval import Interval, Source, Status, Window
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.recording import AGAIN, SETTLED
from cxone_rollcall.history.state_history import PASSING
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

SHIFTS_CHANGE = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
"""Within the next hour one shift logs out. Another has just logged in."""
DOWN = 2400
"""Seconds in which nothing records."""


async def no_wait(seconds: float) -> None:
    """Wait no time."""


async def fill(world: Recorded, recorder: Running) -> Backfilled:
    """Backfill once."""
    return await backfill(recorder.store, world.world.client, Groups(), wait=no_wait)


async def interrupted(world: Recorded, down: int = DOWN) -> Backfilled:
    """Record, stop, let time pass, record again and backfill."""
    async with world.recorder() as recorder:
        await recorder.polls(3)
    world.pass_time(down)
    async with world.recorder() as recorder:
        await recorder.polls(3)
        world.pass_time(1800)  # the history knows what followed
        await recorder.polls(1)
        return await fill(world, recorder)


class Truth:
    """What the agents of an emulated tenant do, by the server's clock."""

    def __init__(self, world: Recorded) -> None:
        tenant = world.world.emulator.tenant
        self._world, self._clock = tenant.world, Clock(tenant)
        self._last: dict[str, tuple[float, int, tuple[str | None, str | None]]] = {}

    def at(self, agent_id: str, moment: int) -> tuple[str | None, str | None]:
        """Name and reason of an agent's state at a moment. None without one."""
        own = moment / 1000 - self._clock.ahead
        begin, until, told = self._last.get(agent_id, (own, 0, (None, None)))
        if begin <= own < until:
            return told
        index = self._world.index(agent_id)
        assert index is not None
        stance = self._world.stance(index, int(own))
        if stance.since == int(own) and own < self._clock.exact(stance.since, index):
            stance = self._world.stance(index, int(own) - 1)
        is_ = seen(stance, index)
        told = (STATE_NAMES[is_.code], is_.reason or None) if is_.code else (None, None)
        self._last[agent_id] = own, stance.until, told
        return told


def check_filled(world: Recorded) -> float:
    """Compare each backfilled second with the truth. Return the share of gaps that is filled."""
    truth = Truth(world)
    with reading(world.path) as history:
        whole = days(history, Window(history.recorded.first, history.recorded.last))
    known = unknown = 0
    for agent_id, day in whole.items():
        for one in day:
            assert isinstance(one, Interval)
            unknown += (one.end - one.begin) * (one.status.standing is Standing.UNKNOWN)
            if one.source is not Source.BACKFILLED:
                continue
            known += one.end - one.begin
            for moment in (*range(one.begin + (one.slack or 0), one.end, 1000), one.end - 1):
                state, reason = truth.at(agent_id, moment)
                assert (one.status.standing is Standing.PRESENT) is (state is not None), (agent_id, one, moment)
                if state is not None:
                    assert one.status.state == state
                    assert (one.status.sub_state or "").removeprefix(AFTER_CALL) == (reason or "")
    return known / (known + unknown) if known + unknown else 0.0


@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"shape": "v23"},
        pytest.param(
            {"history_ids": "text", "history_reason": "id", "history_team": "teamNo"}, marks=pytest.mark.thorough
        ),
        pytest.param({"history_now": "null"}, marks=pytest.mark.thorough),
        pytest.param({"history_now": "absent", "history_logout": False}, marks=pytest.mark.thorough),
        pytest.param({"history_range": "overlapping", "history_order": "newest"}, marks=pytest.mark.thorough),
        pytest.param({"history_order": "agentId", "history_cap": 7}, marks=pytest.mark.thorough),
        pytest.param({"history_longest": 900}, marks=pytest.mark.thorough),
        pytest.param({"history_longest": 400, "history_too_long": "unsaid"}, marks=pytest.mark.thorough),
        pytest.param({"history_longest": 900, "history_too_long": "cut"}, marks=pytest.mark.thorough),
        pytest.param({"history_lag": 600}, marks=pytest.mark.thorough),
        pytest.param({"no_history": "200", "fraction": "none"}, marks=pytest.mark.thorough),
    ],
    ids=lambda given: "-".join(map(str, given.values())) or "usual",
)
async def test_each_reading_is_filled_truly(readings: dict[str, Any], tmp_path: Path) -> None:
    """Whatever shape the history has, each backfilled second is true."""
    async with recorded(
        tmp_path / "h.db", "incontact", agents=60, moment=SHIFTS_CHANGE, readings=Readings(**readings)
    ) as world:
        done = await interrupted(world)
        assert done.contradicted == 0
        assert check_filled(world) > 0.5
        check_boards(world)
        assert check(world.path).breach == ""


async def test_what_was_asked_is_not_asked_again(tmp_path: Path) -> None:
    """A gap that stays is asked for once. The accepted range is remembered in the file."""
    readings = Readings(history_longest=900)
    async with recorded(tmp_path / "h.db", "incontact", agents=30, moment=SHIFTS_CHANGE, readings=readings) as world:
        assert (await interrupted(world)).gaps
        async with world.recorder() as recorder:
            assert 300_000 <= (recorder.store.remembered(LONGEST_RANGE) or 0) <= 900_000
            assert await fill(world, recorder) == Backfilled()


async def test_polls_go_on_meanwhile(tmp_path: Path) -> None:
    """A backfill beside the polls does not count as theirs."""
    async with recorded(tmp_path / "h.db", "incontact", agents=30, moment=SHIFTS_CHANGE) as world:
        async with world.recorder() as recorder:
            await recorder.polls(3)
        world.pass_time(DOWN)
        async with world.recorder() as recorder:
            usual = await recorder.polls(4)
            done, polled = await asyncio.gather(fill(world, recorder), recorder.polls(8))
            assert done.filled > 0
            assert (polled.ok, polled.requests) == (True, usual.requests)
        check_filled(world)
        check_boards(world)
        assert check(world.path).breach == ""


class Waits:
    """Waits no time. After some waits the waiter is cancelled."""

    def __init__(self, most: int) -> None:
        self.seconds: list[float] = []
        self._most = most

    async def __call__(self, seconds: float) -> None:
        """Wait."""
        self.seconds.append(seconds)
        await asyncio.sleep(0)
        if len(self.seconds) > self._most:
            raise asyncio.CancelledError


def answering(answer: Response) -> IncontactApi:
    """The calls of a server with this response for past states."""
    api = Host(says=lambda request: answer if "state-history" in request.target else None).client().beside()
    assert api is not None
    return api


async def refused(
    world: Recorded, answer: Response, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Running], Awaitable[object]]
) -> tuple[set[Any], set[Any]]:
    """Ask for gaps, and get this answer. Return all gaps before and after."""
    async with world.recorder() as recorder:
        await recorder.polls(3)
    world.pass_time(DOWN)
    async with world.recorder() as recorder:
        await recorder.polls(2)
        before = all_gaps(world)
        with monkeypatch.context() as patch:
            patch.setattr(recorder.poller.client, "beside", lambda: answering(answer))
            with suppress(asyncio.CancelledError):
                await ask(recorder)
    return before, all_gaps(world)


def all_gaps(world: Recorded) -> set[Any]:
    """The gaps of all agents."""
    with reading(world.path) as history:
        window = Window(history.recorded.first, history.recorded.last)
        return {(agent_id, gap) for agent_id, day in days(history, window).items() for gap in gaps(day)}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said(403), "HTTP 403"),
        (said(409, {"error_description": "Invalid permissions."}), "HTTP 409: Invalid permissions."),
        (said(404), "HTTP 404"),
        (said(400, {"error_description": "No."}), "HTTP 400: No."),
    ],
)
async def test_a_refusal_leaves_the_gaps(
    answer: Response, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the endpoint, the right or a range, gaps stay. It is said once."""
    async with recorded(tmp_path / "h.db", "incontact", agents=20) as world:
        before, after = await refused(world, answer, monkeypatch, lambda it: it.recording.backfill(wait=no_wait))
        assert before == after != set()
        (complaint,) = world.complaints
        assert complaint.startswith("gaps stay as they are: past states from ")
        assert words in complaint


@pytest.mark.parametrize(
    "answer",
    [said(500), said(503), said(200, b"<html>Maintenance</html>"), said(200, {"error": "late"}), said(200, b"{")],
    ids=["500", "503", "page", "error", "damaged"],
)
async def test_a_failure_leaves_the_gaps(answer: Response, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure that may pass is said once, and asked again later."""
    async with recorded(tmp_path / "h.db", "incontact", agents=20) as world:
        waits = Waits(12)
        before, after = await refused(world, answer, monkeypatch, lambda it: it.recording.backfill(wait=waits))
        assert before == after != set()
        assert len(world.complaints) == 1
        assert (waits.seconds[0], waits.seconds.count(AGAIN) > 1) == (SETTLED, True)


@pytest.mark.parametrize("answer", [said(204), said(200, {"agentStateHistory": []})], ids=["204", "empty"])
async def test_an_empty_history_leaves_the_gaps(
    answer: Response, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty history closes no gap."""
    async with recorded(tmp_path / "h.db", "incontact", agents=20) as world:
        before, after = await refused(world, answer, monkeypatch, lambda it: fill(world, it))
        assert before == after != set()


@pytest.mark.parametrize(
    "answer",
    [
        said(204),
        said(200, {"agentStateHistory": [], "totalRecords": 9}),
        said(200, {"agentStateHistory": [{"agentId": 1, "startDate": "soon"}]}),
    ],
    ids=["too early", "promised", "damaged row"],
)
async def test_a_gap_without_a_complete_answer_is_asked_for_again(
    answer: Response, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that is not complete does not count. The next one fills the gap."""
    async with recorded(tmp_path / "h.db", "incontact", agents=20, moment=SHIFTS_CHANGE) as world:
        first: list[Backfilled] = []

        async def ask(recorder: Running) -> None:
            first.append(await fill(world, recorder))

        before, after = await refused(world, answer, monkeypatch, ask)
        assert before == after
        assert first[0].unanswered == first[0].gaps == len(before) > 0
        assert str(first[0]).endswith(f"; there is no complete answer yet for {len(before)} gaps")
        world.pass_time(1800)
        async with world.recorder() as recorder:
            await recorder.polls(1)
            done = await fill(world, recorder)
        assert done.filled > 0
        assert check_filled(world) > 0
        assert check(world.path).breach == ""


async def test_a_late_history_fills_in_parts(tmp_path: Path) -> None:
    """A history that is late fills the rest in a later round."""
    readings = Readings(history_lag=600)
    async with recorded(tmp_path / "h.db", "incontact", agents=60, moment=SHIFTS_CHANGE, readings=readings) as world:
        async with world.recorder() as recorder:
            await recorder.polls(3)
        world.pass_time(DOWN)
        async with world.recorder() as recorder:
            await recorder.polls(2)
            early = await fill(world, recorder)
            assert 0 < early.filled < early.length
            assert 0 < early.unanswered < early.gaps
            world.pass_time(1800)
            await recorder.polls(1)
            late = await fill(world, recorder)
            assert (late.filled > 0, late.unanswered, late.contradicted) == (True, 0, 0)
            assert late.gaps <= early.gaps
            assert await fill(world, recorder) == Backfilled()
        check_filled(world)
        check_boards(world)
        assert check(world.path).breach == ""


def nameless(status: int) -> IncontactApi:
    """The calls of a server that refuses the names of codes."""
    api = Host(says=lambda request: said(status) if "codes" in request.target else None).client().beside()
    assert api is not None
    return api


@pytest.mark.parametrize("status", [503, 500, 403, 404])
async def test_names_that_cannot_be_read(status: int) -> None:
    """A failure that may pass is raised where it must be. A refusal leaves the codes."""
    row, may_pass = AgentState("7", "Unavailable", "12"), status >= 500
    with pytest.raises(RequestFailed) if may_pass else nullcontext():
        assert await nameless(status).with_sub_states([row], raised=PASSING) == [row]
    assert await nameless(status).with_sub_states([row]) == [row]


async def test_gaps_wait_for_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the names of codes cannot be read, gaps stay. The next round fills them."""
    readings = Readings(history_reason="id")
    async with recorded(tmp_path / "h.db", "incontact", agents=60, moment=SHIFTS_CHANGE, readings=readings) as world:
        async with world.recorder() as recorder:
            await recorder.polls(3)
        world.pass_time(DOWN)
        async with world.recorder() as recorder:
            await recorder.polls(2)
            before = all_gaps(world)
            unnamed = recorder.poller.client.beside()
            assert unnamed is not None
            with monkeypatch.context() as patch:
                patch.setattr(unnamed, "with_sub_states", nameless(503).with_sub_states)
                patch.setattr(recorder.poller.client, "beside", lambda: unnamed)
                with pytest.raises(RequestFailed, match="503"):
                    await fill(world, recorder)
            assert all_gaps(world) == before
            assert (await fill(world, recorder)).filled > 0
        assert check_filled(world) > 0


async def test_an_answer_is_awaited_and_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an answer is not complete, it is asked for again. One line says so."""
    damaged = said(200, {"agentStateHistory": [], "totalRecords": 9})
    async with recorded(tmp_path / "h.db", "incontact", agents=20) as world:
        waits = Waits(8)
        await refused(world, damaged, monkeypatch, lambda it: it.recording.backfill(wait=waits))
        assert waits.seconds[:4] == [SETTLED, AGAIN, SETTLED, AGAIN]
        (complaint,) = world.complaints
        assert re.search(r"; there is no complete answer yet for \d+ gaps?$", complaint)


async def test_a_late_answer_is_not_awaited_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour after a gap, an empty history counts as its answer. Nothing is asked until another gap closes."""

    class Rung(asyncio.Event):
        async def wait(self) -> Literal[True]:
            """Return at once, or end the test."""
            if not self.is_set():
                raise asyncio.CancelledError
            return True

    async with recorded(tmp_path / "h.db", "incontact", agents=20) as world:
        done: list[Backfilled] = []
        waits = Waits(3)

        async def ask(recorder: Running) -> None:
            world.pass_time(LATE / 1000 + 60)
            await recorder.polls(1)
            done.extend([await fill(world, recorder), await fill(world, recorder)])
            closed = recorder.recording._gap_closed = Rung()  # noqa: SLF001
            closed.set()
            await recorder.recording.backfill(wait=waits)

        await refused(world, said(204), monkeypatch, ask)
        assert (done[0].gaps > 0, done[0].unanswered, done[1].gaps) == (True, 0, 0)
        assert waits.seconds == [SETTLED]


async def test_v2_has_no_state_history(tmp_path: Path) -> None:
    """On the other contract the gaps stay, and a sentence says why."""
    async with recorded(tmp_path / "h.db", "v2", agents=20) as world, world.recorder() as recorder:
        await recorder.polls(1)
        await recorder.recording.backfill(wait=no_wait)
        assert world.complaints == ["gaps stay as they are: the v2 API has no state history"]


async def test_a_gap_that_is_gone(tmp_path: Path) -> None:
    """A gap that has left the file is not filled. Others are."""
    async with recorded(tmp_path / "h.db", "incontact", agents=20, moment=SHIFTS_CHANGE) as world:
        async with world.recorder() as recorder:
            await recorder.polls(3)
        world.pass_time(DOWN)
        async with world.recorder() as recorder:
            await recorder.polls(2)
            first, second, *_ = closed_gaps(world.path, 0)
            longer = replace(first, parts=(replace(first.parts[0], begin=first.begin - 1),))
            known = [
                Filling(of, tuple(replace(part, status=Status(Standing.LOGGED_OUT)) for part in of.parts))
                for of in (longer, second)
            ]
            recorder.store.fill(known)
        left = {(agent_id, begin, end) for agent_id, (begin, end, _) in all_gaps(world)}
        assert (first.agent_id, first.begin, first.end) in left
        assert (second.agent_id, second.begin, second.end) not in left
