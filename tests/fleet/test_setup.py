"""Streams, tickets and status: what differs, and what is told. With plain values."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, cast

import pytest
from tests.fleet.seats import polled

from cxone_rollcall.cli.fleet.status import table
from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import embedded, operator, records, status, streams, tickets
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.record_maker import MARK
from cxone_rollcall.fleet.worker import worker_name
from cxone_rollcall.model.struct import replace

ACME = FleetTenant("acme", 10.0, {"instance": "h", "access_key_secret": "env:ACME"})
GLOBEX = FleetTenant("globex", 5.0, {"profile": "globex"})


def test_a_missing_stream_is_one_difference() -> None:
    """A stream that is not there is one difference."""
    (one,) = streams.differences("HIST-eu", None, {"storage": "file", "num_replicas": 3})
    assert str(one) == "HIST-eu: is missing, will be made"


def test_a_setting_that_differs_is_named_with_both_values() -> None:
    """A setting of somebody else is shown, not changed."""
    wanted = streams.wanted_streams("eu", 3)["HIST-eu"]
    assert streams.differences("HIST-eu", {**wanted, "num_replicas": 1, "other": 7}, wanted) == [
        streams.Difference("HIST-eu", "num_replicas", 1, 3)
    ]
    assert streams.differences("HIST-eu", wanted, wanted) == []


def test_zones_share_no_stream_and_no_subject() -> None:
    """Two zones have no name in common."""
    eu, us = streams.wanted_streams("eu", 3), streams.wanted_streams("us", 3)
    assert not eu.keys() & us.keys()
    assert not {one for made in eu.values() for one in made["subjects"]} & {
        one for made in us.values() for one in made["subjects"]
    }


def test_the_plan_is_the_difference() -> None:
    """Equal tickets stay, whatever the order of their settings. A changed one is made anew."""
    found = {"acme": tickets.encode(ACME), "globex": b"old", "gone": b"x"}
    plan = operator.plan([ACME, GLOBEX, FleetTenant("new", 5.0, {})], found)
    assert plan.lines() == ["tenant globex: changes", "tenant gone: is removed", "tenant new: is added"]
    turned = replace(ACME, settings=dict(sorted(ACME.settings.items())))
    assert operator.plan([ACME], {"acme": tickets.encode(turned)}).lines() == []


def test_a_ticket_is_read_as_it_was_written() -> None:
    """A ticket has the tenant, its interval, and references."""
    assert tickets.decode(tickets.encode(ACME)) == ACME


FINE = {"late": False, "blind": False}
LED = {"nodes": [{"current": True}], "leaders": {"HIST-eu": "n1"}, "unasked": []}


@pytest.mark.parametrize(
    ("tenants", "engine", "code"),
    [
        ([FINE], LED, 0),
        ([], LED, 3),
        ([FINE, {"late": None, "blind": False}], LED, 3),
        ([FINE, {"late": False, "blind": True}], LED, 3),
        ([FINE, {"late": False, "blind": None}], LED, 3),
        ([{"late": True, "blind": None}, {"late": None, "blind": None}], LED, 1),
        ([FINE], {**LED, "leaders": {"HIST-eu": None}}, 3),
        ([FINE], {**LED, "leaders": {}, "unasked": ["HIST-eu"]}, 3),
        ([FINE], {**LED, "nodes": [{"current": True}, {"current": True}, {"current": False}]}, 0),
        ([FINE], {**LED, "nodes": [{"current": True}, {"current": False}, {"current": False}]}, 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst(tenants: list[Any], engine: dict[str, Any], code: int) -> None:
    """Late is 1. Blind, most nodes behind, without a leader, without tenants, or unclear is 3. Else 0."""
    assert status.exit_code({"tenants": tenants, "engine": engine}) == code


def _record(at: float, **given: Any) -> Stored:
    """A record of acme that was stored at a time."""
    return Stored(7, "hist.eu.acme", records.encode(records.Record(owner="w", token="t", number=3, **given)), at)


def test_the_engines_reason_is_told() -> None:
    """An error names the engine's reason, and that of a mismatch."""
    assert "insufficient storage" in str(streams.unanswered(Refused(Refusal.LEADERLESS, "insufficient storage")))
    assert "somebody else" in str(streams.unanswered(Refused(Refusal.MISMATCH)))
    assert "does not answer" in str(streams.unanswered(Refused(Refusal.SILENT)))


def test_a_lost_answer_makes_no_tenant_late() -> None:
    """Without its worker's answer, the age of its last record decides.

    It is late if even a tenant without changes would have a younger one."""
    ticket = Stored(1, "ticket.eu.acme", tickets.encode(ACME))
    longest = MARK + status.LATE * ACME.interval
    for given in ({}, {"take": True}):
        for age, late in ((5.0, None), (longest - 1, None), (longest + 1, True)):
            found = status.unheld("acme", ticket, _record(1000.0, **given), ["no secret"], now=1000.0 + age)
            assert (found["late"], found["missed"]) == (late, "no secret")
    assert status.unheld("acme", ticket, None, [], now=1000.0)["late"] is True


@pytest.mark.parametrize(("ticket", "why"), [(b'{"schema": 99}', "newer version"), (b'{"schema": 1', "damaged")])
def test_a_tenant_whose_ticket_cannot_be_read_is_unclear(ticket: bytes, why: str) -> None:
    """Such a ticket fails no status, and its reason is told."""
    found = status.unheld("acme", Stored(1, "ticket.eu.acme", ticket), _record(1000.0), [], now=1001.0)
    assert (found["late"], found["interval"]) == (None, None)
    assert why in found["missed"]


def test_what_is_known_of_a_tenant_that_nobody_holds() -> None:
    """Its last record says all that is known. A take record says when it was polled."""
    ticket = Stored(1, "ticket.eu.acme", tickets.encode(ACME))
    unknown: dict[str, Any] = {"worker": None, "whole_age": None, "blind": None, "findings": []}
    common = {"tenant": "acme", "interval": 10.0, **unknown}
    never: dict[str, Any] = {"last_poll_at": None, "age": None, "late": True, "counts": {}, "number": 0}
    found = status.unheld("acme", ticket, None, ["no secret", "no room"], now=1001.0)
    assert found == {**common, **never, "missed": "no secret; no room"}
    for take, at, age in ((False, "1970-01-01T00:16:40.000Z", 1.0), (True, "1970-01-01T00:16:00.000Z", 41.0)):
        end = polled(as_of=960.0, counts={"roster": 3})
        last = _record(1000.0, take=take, polled=end)
        known = {"last_poll_at": at, "age": age, "late": None, "counts": {"roster": 3}, "number": 3}
        assert status.unheld("acme", ticket, last, [], now=1001.0) == {
            **common,
            **known,
            "missed": "no worker tells of it",
        }


class _Told:
    """An engine of some tickets. `counts` are how many tickets each read returns."""

    def __init__(self, counts: list[int], answers: tuple[dict[str, Any], ...] = ()) -> None:
        self.counts = counts
        self.answers = [json.dumps(one).encode() for one in answers]

    async def read(self, stream: str, subject: str, start: int) -> list[Stored]:
        if start > 1:
            return []
        made = [replace(ACME, id=name) for name in ("acme", "globex")]
        return [Stored(9, f"ticket.eu.{one.id}", tickets.encode(one)) for one in made[: self.counts.pop(0)]]

    async def call(self, name: str, *, within: float = 5.0) -> dict[str, Any]:
        return {"state": {"messages": 2}}

    async def time_of(self, stream: str) -> float:
        return 1000.0

    async def gather(self, subject: str, *, within: float, quiet: float) -> list[bytes]:
        return self.answers


async def test_a_replica_that_is_behind_hides_no_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    """The leader knows how many tickets there are. Fewer are read again, and in the end an error."""
    monkeypatch.setattr(operator, "BEHIND", 0.0)
    assert list(await operator.all_tickets(cast(Engine, _Told([1, 2])), "eu")) == ["acme", "globex"]
    with pytest.raises(EngineError, match="0 of the 2 tickets"):
        await operator.all_tickets(cast(Engine, _Told([0] * 6)), "eu")


class _Changed(Engine):
    """An engine whose tickets are changed. `asked` are the requests. A ticket is deleted unless there is an error."""

    def __init__(self, error: ApiError | None = None) -> None:
        self.asked: list[str] = []
        self.error = error

    async def call(self, name: str, body: object = None, *, within: float = 5.0) -> dict[str, Any]:
        self.asked.append(f"{name} {body}")
        if self.error is not None:
            raise self.error
        return {}

    async def last(self, stream: str, subject: str, *, within: float) -> None:
        return None

    async def ask(self, subject: str, *given: object, **more: object) -> Any:
        raise Refused(Refusal.LEADERLESS)

    async def publish(self, subject: str, *given: object, **more: object) -> int:
        self.asked.append(subject)
        return 1


CHANGED = operator.Plan((ACME, GLOBEX), ("acme", "globex"))
FOUND = {name: Stored(number, f"ticket.eu.{name}", b"") for number, name in enumerate(("acme", "globex"), 1)}


@pytest.mark.parametrize("error", [None, ApiError(500, 10057, "no message found")])
async def test_a_tenant_that_changes_waits_for_no_other(error: ApiError | None) -> None:
    """Its new ticket follows at once. The old one may be gone already."""
    engine = _Changed(error)
    await operator.carry_out(engine, FleetFile((), "eu", ()), CHANGED, FOUND)
    delete = "STREAM.MSG.DELETE.TICKETS-eu {'seq': %d}"
    assert engine.asked == [delete % 1, "ticket.eu.acme", delete % 2, "ticket.eu.globex"]


async def test_a_ticket_that_is_not_taken_away_is_told() -> None:
    """An engine without a leader deletes nothing. So nobody is told that the tenant is removed."""
    with pytest.raises(EngineError, match="choosing a leader"):
        engine = _Changed(ApiError(503, 10008, "JetStream system temporarily unavailable"))
        await operator.carry_out(engine, FleetFile((), "eu", ()), CHANGED, FOUND)


TOLD = {"tenant": "acme", "interval": 10.0, "counts": {}, "number": 1, "findings": [], "missed": ""}


def _worker(name: str, *tenants: dict[str, Any]) -> dict[str, Any]:
    return {"worker": name, "capacity": 9, "refused": {}, "tenants": list(tenants)}


async def test_the_worker_that_polled_last_tells_of_a_tenant() -> None:
    """During a handover two workers tell of a tenant. A first poll that does not end is late after three intervals."""
    first = {**TOLD, "age": None, "whole_age": None}
    old = _worker("old", {**TOLD, "age": 2.0, "whole_age": 2.0, "held": 99.0})
    cut_off = _worker(
        "cut off", {**TOLD, "age": 90.0, "whole_age": 90.0, "held": 99.0}, {**first, "tenant": "globex", "held": 5.0}
    )
    new = _worker("new", {**first, "held": 0.1})
    found = await status.survey(cast(Engine, _Told([2], (cut_off, old, new))), "eu")
    assert [(one["worker"], one["late"]) for one in found["tenants"]] == [("old", False), ("cut off", None)]
    stuck = _worker("stuck", *({**first, "tenant": name, "held": 31.0} for name in ("acme", "globex")))
    found = await status.survey(cast(Engine, _Told([2], (stuck,))), "eu")
    assert [one["late"] for one in found["tenants"]] == [True, True]


@pytest.mark.parametrize(
    ("whole_age", "held", "blind"),
    [(5.0, 99.0, False), (30.0, 99.0, False), (31.0, 99.0, True), (None, 5.0, None), (None, 31.0, True)],
)
async def test_polls_of_which_none_is_whole_are_not_late_but_blind(
    whole_age: float | None, held: float, blind: bool | None
) -> None:
    """A tenant without a whole poll for three intervals is blind."""
    one = {**TOLD, "age": 1.0, "whole_age": whole_age, "held": held}
    worker = _worker("w", one, {**one, "tenant": "globex"})
    found = await status.survey(cast(Engine, _Told([2], (worker,))), "eu")
    assert {(row["late"], row["blind"], row["whole_age"]) for row in found["tenants"]} == {(False, blind, whole_age)}


def test_the_table_begins_with_what_is_late() -> None:
    """Late tenants come first, then blind ones. Hostile text is harmless."""
    row = {**TOLD, "worker": "w1", "age": 0.25, "late": False, "whole_age": 0.25, "blind": False}
    rows = [
        {**row, "tenant": "a"},
        {**row, "tenant": "b", "missed": "\x1b[2Jno agent", "late": True, "worker": None},
        {**row, "tenant": "c", "findings": ["RC105"], "late": None, "age": None, "whole_age": None, "blind": None},
        {**row, "tenant": "d", "findings": ["RC102", "RC105"], "whole_age": 7200.0, "blind": True, "missed": "(RC102)"},
    ]
    engine = {"nodes": [{"node": "n1", "current": False}], "leaders": {"HIST-eu": None}, "unasked": ["SNAP-eu"]}
    workers = [{"worker": "w1", "tenants": 1, "capacity": 250}]
    lines = table({"tenants": rows, "workers": workers, "engine": engine}).splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["b", "c", "d", "a"]
    assert "0.2 s LATE" in lines[1]
    assert "\x1b" not in lines[1]
    assert "never ?" in lines[2]
    assert "7200.0 s BLIND" in lines[3]
    assert lines[3].endswith("  (RC102); RC105")
    assert lines[5:] == ["workers: w1 1/250", "engine: n1 BEHIND; leaders: HIST-eu NONE, SNAP-eu ?"]


class _Answering:
    """An engine whose streams are asked. An error is raised."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    async def call(self, name: str, *, within: float) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_stream_without_a_leader_has_none() -> None:
    """While a leader is chosen, the engine names none. No node is invented for it."""
    choosing = {"cluster": {"name": "rollcall", "replicas": [{"name": "n2", "current": False}]}}
    found = await status.health(cast(Engine, _Answering(choosing)), "eu")
    assert (set(found["leaders"].values()), found["unasked"]) == ({None}, [])
    assert found["nodes"] == [{"node": "n2", "current": False}]


@pytest.mark.parametrize(
    ("error", "is_known"),
    [(ApiError(503, 10008, "no leader"), True), (ApiError(403, 1, "no"), False), (Refused(Refusal.SILENT), False)],
)
async def test_a_stream_that_cannot_be_asked_is_not_one_without_a_leader(error: Exception, is_known: bool) -> None:
    """Only the engine itself can say that there is no leader."""
    found = await status.health(cast(Engine, _Answering(error)), "eu")
    names = list(streams_of("eu"))
    assert (list(found["leaders"]), found["unasked"]) == ((names, []) if is_known else ([], names))


def test_each_node_knows_the_others() -> None:
    """A node syncs each message, and has routes to the others."""
    ports = embedded.Ports(1, 4, 7), embedded.Ports(2, 5, 8), embedded.Ports(3, 6, 9)
    text = embedded.configuration("n1", Path("/x"), embedded.Plan("some", ports), ports[0])
    assert 'routes: ["nats-route://127.0.0.1:5", "nats-route://127.0.0.1:6"]' in text
    assert "sync_interval: always" in text
    assert "cluster" not in embedded.configuration("n1", Path("/x"), embedded.Plan("some", ports[:1]), ports[0])


def test_two_engines_never_merge(tmp_path: Path) -> None:
    """Each has a cluster's name of its own, and keeps it."""
    nodes = [embedded.prepare(tmp_path / folder, 3)[0] for folder in ("a", "b", "a")]
    first, other, again = [node.configuration.read_text().partition("cluster {\n")[2].split()[1] for node in nodes]
    assert first == again != other


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="another clock counts sleep here")
def test_a_lease_runs_out_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted by the clock that goes on then."""
    monkeypatch.setattr(time, "clock_gettime", lambda clock: 7.0 if clock == time.CLOCK_BOOTTIME else 0.0)
    assert Engine(cast(Any, None)).clock() == 7.0


def test_a_workers_name_is_one_part_of_a_subject() -> None:
    """A dot of a host's name would end that part."""
    assert worker_name("host.example.com").startswith("host-example-com-")
    assert worker_name("host") != worker_name("host")
