"""The emulator starts, stops and is controlled without disturbing what it serves."""

import asyncio
import contextlib
import ssl
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cxone_rollcall.emulator import FAULTS, Emulator, EmulatorSettings, parse_fault

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


async def test_several_at_once(visit: Visit) -> None:
    """Several emulators run side by side, each with its own state."""
    async with visit(seed=1) as one, visit("nobody-logged-in", seed=2, agents=30) as other:
        assert one.url != other.url
        assert (await one.agents()).json["totalCount"] == 120
        assert (await other.agents()).json["totalCount"] == 30
        assert (await one.states(one.ids())).rows
        assert not (await other.states(other.ids())).rows
        assert one.emulator.requests["states", "200"] == 1


async def test_a_watcher_gets_each_response(visit: Visit) -> None:
    """A watcher gets each response, faults and limits included. It gets nothing of the control path."""
    seen: list[tuple[str, str]] = []
    emulator = Emulator(
        EmulatorSettings(agents=3, rate=0.001),
        [parse_fault("path-missing=agents")],
        watcher=lambda *answer: seen.append(answer),
    )
    async with emulator.running() as address, aiohttp.ClientSession(address.url) as session:
        for method, path in (("GET", "/api/v2/agents"), ("DELETE", "/_emulator/faults"), ("GET", "/api/v2/agents")):
            async with session.request(method, path) as answer:
                await answer.read()
        async with session.get("/api/v2/agents/states") as answer:
            await answer.read()
    assert seen == [("agents", "404"), ("agents", "401"), ("states", "429")]


async def test_runs_again() -> None:
    """An emulator that was stopped can be run again, elsewhere."""
    emulator = Emulator()
    for _ in range(2):
        async with emulator.running("localhost") as address, aiohttp.ClientSession() as session:
            assert (await session.get(f"{address.url}/api/v2/agents")).status == 401


async def test_address_taken() -> None:
    """A port in use is an OSError, and nothing is left behind."""
    async with Emulator().running() as address:
        with pytest.raises(OSError, match=str(address.port)):
            async with Emulator().running(port=address.port):
                pass


async def test_stops_while_requests_hang(noticing: Any) -> None:
    """An emulator stops while requests hang, drip or wait."""
    all_three = noticing(calls=3)
    faults = map(parse_fault, ("hang=agents", "slow-drip=at=states,seconds=1000", "latency=ms=1000000,at=token"))
    emulator = Emulator(faults=[*faults, all_three])

    async def ask(session: aiohttp.ClientSession, method: str, path: str) -> bytes:
        async with session.request(method, path) as response:
            return await response.read()

    async with contextlib.AsyncExitStack() as running:
        address = await running.enter_async_context(emulator.running())
        async with aiohttp.ClientSession(address.url) as session:
            asked = (("GET", "/api/v2/agents"), ("GET", "/api/v2/agents/states"), ("POST", "/oauth/token"))
            waiting = [asyncio.create_task(ask(session, *one)) for one in asked]
            await all_three.noticed.wait()
            await running.aclose()
            ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(one, aiohttp.ClientError) for one in ended] == [True] * 3


async def test_stops_with_idle_connections() -> None:
    """An emulator stops though clients keep their connections open."""
    async with aiohttp.ClientSession() as session:
        async with Emulator().running() as address:
            asked = (session.get(address.url + "/api/v2/agents") for _ in range(20))
            assert {response.status for response in await asyncio.gather(*asked)} == {401}
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(address.url + "/api/v2/agents")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "localhost@evil.example"},
        {"Host": "localhost:80@evil.example"},
        {"Host": "127.0.0.1:80, evil.example"},
        {"Host": "[::1]evil.example"},
        {"Host": "192.0.2.1"},
        {"Host": ""},
    ],
)
async def test_control_refuses_web_pages(visit: Visit, headers: dict[str, str]) -> None:
    """A web page can neither switch faults nor read anything. Its host name may lead here."""
    async with visit() as visitor:
        for method, path in (("POST", "faults"), ("PUT", "faults"), ("DELETE", "requests"), ("GET", "world")):
            data = '{"faults": ["roster-empty"]}' if path == "faults" else None
            reply = await visitor.ask(method, f"/_emulator/{path}", data=data, headers=headers, token="")
            assert (reply.status, list(reply.json)) == (403, ["error"])
        assert visitor.emulator.faults == ()


@pytest.mark.parametrize("host", ["localhost:1234", "LOCALHOST", "127.0.0.1", "127.9.9.9:80", "[::1]:8080"])
async def test_control_answers_programs(visit: Visit, host: str) -> None:
    """Programs are answered by any name of this machine. A typed address has no origin."""
    async with visit() as visitor:
        headers = {"Host": host, "Sec-Fetch-Site": "none"}
        assert (await visitor.ask("GET", "/_emulator/faults", headers=headers)).status == 200


async def test_control_lists(visit: Visit) -> None:
    """The control path lists known and active faults, with arguments."""
    async with visit("batch-cut=12") as visitor:
        said = (await visitor.ask("GET", "/_emulator/faults")).json
        assert said["faults"] == ["batch-cut=limit=12"]
        assert [known["name"] for known in said["known"]] == [fault.name for fault in FAULTS]
        assert all(known["summary"] for known in said["known"])


async def test_control_switches(visit: Visit) -> None:
    """Faults are set, added and taken away while the server runs."""
    async with visit() as visitor:
        ids = visitor.ids(present=True)[:20]

        async def rows_after(method: str, *specs: str) -> int:
            reply = await visitor.ask(method, "/_emulator/faults", json={"faults": specs}, token="")
            assert reply.status == 200
            return len((await visitor.states(ids)).rows)

        assert await rows_after("PUT", "batch-cut=5") == 5
        assert await rows_after("POST", "no-total", "batch-cut=3") == 3
        assert len(visitor.emulator.faults) == 3
        assert await rows_after("PUT", "batch-cut=7") == 7
        assert await rows_after("DELETE") == 20


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "must be like"),
        (b'{"faults": "reset"}', "must be like"),
        (b"[1]", "must be like"),
        (b'["rset"]', "did you mean reset"),
        (b'["reset", "batch-cut=x"]', "whole number"),
    ],
)
async def test_control_refuses(visit: Visit, body: bytes, message: str) -> None:
    """An unreadable body is a 400 with the reason, without effect."""
    async with visit("no-total") as visitor:
        for method in ("PUT", "POST"):
            reply = await visitor.ask(method, "/_emulator/faults", data=body)
            assert reply.status == 400
            assert message in reply.json["error"]
        assert [fault.name for fault in visitor.emulator.faults] == ["no-total"]


async def test_control_is_apart(visit: Visit) -> None:
    """No fault, no limit and no token touches the control path."""
    async with visit(rate=0.001) as visitor:
        for fault in FAULTS:
            visitor.emulator.switch_on([fault()])
            for _ in range(3):
                assert (await visitor.ask("GET", "/_emulator/faults", token="")).json["faults"] == [fault.name]


async def test_control_world(visit: Visit) -> None:
    """The control path shows the truth about each agent."""
    async with visit("nobody-logged-in", agents=30) as visitor:
        said = (await visitor.ask("GET", "/_emulator/world")).json
        assert said["moment"] == "2026-03-02T10:30:00Z"
        truth = [(one.agent_id, one.standing, one.state) for one in visitor.emulator.truth()]
        assert [(one["agent_id"], one["standing"], one["state"]) for one in said["agents"]] == truth
        assert {standing for _, standing, _ in truth} == {"present", "logged_out"}


async def test_control_counts(visit: Visit) -> None:
    """The control path counts requests by outcome, 429s apart. It does not count itself."""
    async with visit("rate-limit-forever=agents") as visitor:
        await visitor.agents()
        await visitor.states(visitor.ids())
        await visitor.ask("GET", "/nowhere")
        said = (await visitor.ask("GET", "/_emulator/requests")).json
        assert said["endpoints"] == {
            "agents": {"429": 1},
            "other": {"404": 1},
            "states": {"200": 1},
            "token": {"200": 1},
        }
        assert (said["total"], said["throttled"], said["most_at_once"]) == (4, 1, 1)
        assert (await visitor.ask("DELETE", "/_emulator/requests")).json["total"] == 0


@pytest.mark.parametrize(
    ("method", "path", "status"), [("PATCH", "faults", 405), ("PUT", "world", 405), ("GET", "", 404)]
)
async def test_control_knows_its_paths(visit: Visit, method: str, path: str, status: int) -> None:
    """Other paths and methods are a 404 or 405 with help."""
    async with visit() as visitor:
        reply = await visitor.ask(method, f"/_emulator/{path}")
        assert reply.status == status
        assert reply.json["error"]


async def test_faults_begin_afresh(visit: Visit) -> None:
    """A used fault starts afresh in the next emulator."""
    fault = parse_fault("server-error=times=1")
    for _ in range(2):
        async with visit() as visitor:
            visitor.emulator.switch_on([fault])
            assert [(await visitor.agents()).status for _ in range(2)] == [503, 200]


async def test_order_does_not_matter(visit: Visit) -> None:
    """The order in which faults are given does not matter."""
    answers = []
    for specs in (
        ("page-cap=10", "pages-from-zero", "roster-short"),
        ("roster-short", "pages-from-zero", "page-cap=10"),
    ):
        async with visit(*specs, agents=25) as visitor:
            answers.append([(await visitor.agents(page)).body for page in range(4)])
    assert answers[0] == answers[1]


async def test_requests_wait_side_by_side(visit: Visit) -> None:
    """With a latency set, many requests wait side by side."""
    async with visit(latency_ms=20) as visitor:
        replies = await asyncio.gather(*(visitor.agents() for _ in range(30)))
        assert Counter(reply.status for reply in replies) == {200: 30}
        assert visitor.emulator.most_at_once > 5


async def test_tls_with_a_certificate(certificate: tuple[Path, Path]) -> None:
    """With a certificate the emulator serves TLS, faults included."""
    served, trusted = (
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        ssl.create_default_context(cafile=certificate[0]),
    )
    served.load_cert_chain(*certificate)
    emulator = Emulator(EmulatorSettings(), [parse_fault("reset=agents")])
    async with emulator.running(tls=served) as address, aiohttp.ClientSession() as session:
        assert address.scheme == "https"
        url = f"https://localhost:{address.port}"
        assert (await session.post(f"{url}/oauth/token", ssl=trusted)).status == 400
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{url}/api/v2/agents", ssl=trusted)
