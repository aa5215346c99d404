"""Rule 7: the users of a zone reach nothing of another zone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.stage import SECRET, listening, worker_process

from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.fleet import embedded, operator, status, streams
from cxone_rollcall.fleet.boards import Boards
from cxone_rollcall.fleet.connection import Login, connected
from cxone_rollcall.fleet.engine import API, Engine, Refused, streams_of, tokens_of
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.view import View
from cxone_rollcall.live.events import Event, Polled

pytestmark = pytest.mark.thorough

OPERATOR, EU, US = Login("operator", "o"), Login("eu", "e"), Login("us", "u")


def _users() -> str:
    zones = [
        {"user": login.user, "password": login.password, "permissions": streams.permissions(str(login.user))}
        for login in (EU, US)
    ]
    return f"authorization: {json.dumps({'users': [{'user': 'operator', 'password': 'o'}, *zones]})}\n"


@asynccontextmanager
async def _as(url: str, login: Login, zone: str) -> AsyncIterator[Engine]:
    async with connected([url], name="test", login=login, zone=zone) as engine:
        yield engine


async def _refused(engine: Engine, subject: str, data: bytes = b"") -> bool:
    """Whether nothing comes of a request. The engine does not say that it may not be sent."""
    try:
        await engine.ask(subject, data, within=0.3)
    except Refused as refused:
        return refused.why in (Refusal.SILENT, Refusal.LEADERLESS)
    return False


async def test_a_zone_reaches_nothing_of_another(tmp_path: Path) -> None:
    """A user pulls, writes, reads, counts and deletes nothing elsewhere."""
    (node,) = embedded.prepare(tmp_path, 1)
    node.configuration.write_text(node.configuration.read_text() + _users())
    node.start()
    try:
        await listening(node)
        async with _as(node.url, OPERATOR, "eu") as engine:
            for zone in ("eu", "us"):
                await streams.make_so(engine, await streams.look(engine, zone, beat=1.0), 1.0)
                file = FleetFile((), zone, (FleetTenant("acme", 1.0, {"instance": "h"}),))
                await operator.carry_out(engine, file, operator.plan(file.tenants, {}), {})
                await engine.publish(f"hist.{zone}.acme", zone.encode(), after=0, within=1.0)
                await engine.publish(f"snap.{zone}.acme.0", zone.encode(), after=0, within=1.0)
                await engine.publish(f"token.{zone}.acme", zone.encode(), after=0, within=1.0)
        heard: list[str] = []

        async def hear(message: object) -> None:
            heard.append(message.subject)  # type: ignore[attr-defined]

        async with _as(node.url, EU, "eu") as engine, _as(node.url, US, "us") as other:
            for subject in (
                "live.us.>",
                "live.>",
                ">",
                "pace.us.*",
                "hist.us.acme",
                "_INBOX.>",
                "_INBOX.us.>",
                "$JS.API.>",
            ):
                await engine.listen(subject, hear)
            theirs = (*streams_of("us"), tokens_of("us"))
            pull = json.dumps({"batch": 1, "expires": 10**8, "group": "workers", "priority": 0}).encode()
            forbidden = {
                f"{API}.CONSUMER.MSG.NEXT.{theirs[0]}.workers": pull,
                **dict.fromkeys(
                    ("ticket.us.acme", "ticket.eu.new", "hist.us.acme", "snap.us.acme.0", "token.us.acme"), b"x"
                ),
                **{f"{API}.STREAM.MSG.GET.{name}": b'{"seq": 1}' for name in theirs},
                **{f"{API}.DIRECT.GET.{name}": b'{"seq": 1}' for name in theirs},
                **{f"{API}.STREAM.MSG.DELETE.{name}": b'{"seq": 1}' for name in theirs},
                **{f"{API}.{verb}.{name}": b"" for name in theirs for verb in ("STREAM.PURGE", "STREAM.DELETE")},
                **{f"{API}.STREAM.INFO.{name}": b"" for name in theirs},
                f"{API}.STREAM.NAMES": b"",
                "holder.us.acme": b"who ",
                "fleet.us.status": b"",
                "pace.us.key": b"{}",
                f"$JS.ACK.{theirs[0]}.workers.1.1.1.1.0": b"+ACK",
            }
            assert [subject for subject, data in forbidden.items() if not await _refused(engine, subject, data)] == []
            assert await other.publish("hist.us.acme", b"more", after=1, within=1.0) == 2
            assert await other.publish("token.us.acme", b"more", after=1, within=1.0) == 2
            own = await other.last(tokens_of("us"), "token.us.acme", within=1.0)
            assert own is not None and own.data == b"more"
            last = await other.last(theirs[1], "hist.us.acme", within=1.0)
            assert last is not None
            assert last.data == b"more"
            assert (await other.call(f"STREAM.INFO.{theirs[0]}"))["state"]["messages"] == 1
            await asyncio.sleep(0.1)
            assert heard == []
    finally:
        node.stop()


class _Readers:
    """Readers of the boards. `missed` are the reasons that polls had."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    async def join(self, tenant: str, view: View) -> None:
        """Nothing is kept of the tenant."""

    async def leave(self, tenant: str) -> None:
        """Nothing was kept."""

    def take(self, tenant: str, event: Event) -> None:
        """Keep the reason of a poll."""
        if isinstance(event, Polled):
            self.missed.append(event.missed)


async def test_a_zone_can_do_its_own_work(tmp_path: Path) -> None:
    """The permissions are enough for a worker, the status and the boards."""
    (node,) = embedded.prepare(tmp_path, 1)
    node.configuration.write_text(node.configuration.read_text() + _users())
    node.start()
    try:
        await listening(node)
        tenant = FleetTenant(
            "acme", 1.0, {"instance": "http://127.0.0.1:1", "client_id": "c", "client_secret": f"env:{SECRET}"}
        )
        file = FleetFile((), "eu", (tenant,))
        async with _as(node.url, OPERATOR, "eu") as engine:
            await streams.make_so(engine, await streams.look(engine, "eu", beat=1.0), 1.0)
            await operator.carry_out(engine, file, operator.plan(file.tenants, {}), {})
        environ = {"ROLLCALL_NATS_USER": "eu", "ROLLCALL_NATS_PASSWORD": "e", SECRET: "s"}
        process = await worker_process(node.url, "eu", environ)
        try:
            async with _as(node.url, EU, "eu") as engine:
                found, blind = dict[str, Any](), dict[str, Any]()
                for _ in range(100):
                    found = await status.survey(engine, "eu")
                    (blind,) = found["tenants"]
                    if blind["blind"] and "no agent could be asked for" in blind["missed"]:  # not only too slow
                        break
                    await asyncio.sleep(0.1)
                assert "no agent could be asked for" in blind["missed"]
                assert (blind["late"], blind["blind"], status.exit_code(found)) == (False, True, 3)
                assert await operator.last_sequence(engine, "eu") > 0
                readers = _Readers()
                boards = Boards(engine, "eu", 1.0, readers)
                while not any("no agent could be asked for" in one for one in readers.missed):
                    await boards.look()
        finally:
            process.terminate()
            await process.communicate()
        assert process.returncode == 0
    finally:
        node.stop()
