"""What an operator may get wrong, and unusable engines."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.fleet.stage import listening, rollcall, worker_process

from cxone_rollcall.cli.main import run
from cxone_rollcall.config.fleet import EXAMPLE
from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet import embedded, streams
from cxone_rollcall.fleet.connection import Login, check_urls, connected


@asynccontextmanager
async def _pretending(version: str) -> AsyncIterator[str]:
    """A server that only says which version of NATS it is. Yields its address."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        info = {"server_id": "x", "version": version, "max_payload": 1 << 20, "headers": True, "proto": 1}
        writer.write(f"INFO {json.dumps(info)}\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    try:
        yield f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _refusal(url: str, login: Login | None = None) -> EngineError:
    with pytest.raises(EngineError) as caught:
        async with connected([url], name="test", login=login or Login()):
            pass
    return caught.value


async def test_no_engine_is_exit_code_5() -> None:
    """Without an engine the message says how to start one."""
    error = await _refusal("nats://127.0.0.1:1")
    assert (error.exit_code, error.example) == (5, "rollcall fleet up --dir engine")
    assert str(error) == "no engine answers at nats://127.0.0.1:1"


async def test_an_old_engine_is_told_what_it_lacks() -> None:
    """An engine before 2.12 cannot serve the least loaded worker first."""
    async with _pretending("2.11.9") as url:
        error = await _refusal(url)
    assert error.exit_code == 2
    assert "NATS 2.11, which has no consumer policy `prioritized`: it must be 2.12 or newer" in str(error)


@pytest.mark.parametrize(
    "url", ["http://h:1", "nats://", "h:4222", "nats://h:x", "nats://h:0", "nats://h:99999", "nats://[h"]
)
def test_an_address_must_be_one(url: str) -> None:
    """What is no address is refused before anything is asked."""
    with pytest.raises(SettingError, match="must be like nats://HOST:PORT") as refused:
        check_urls([url])
    assert refused.value.example == "nats://127.0.0.1:4222"


@pytest.mark.parametrize("user", ["me:Tr0ub4dor", "Tr0ub4dor", ":Tr0ub4dor"])
@pytest.mark.parametrize("port", ["4222", "99999", "x"])
def test_a_password_in_an_address_is_refused_and_not_quoted(user: str, port: str) -> None:
    """A password belongs in the environment, not in arguments. Nor is it quoted if the port is wrong."""
    with pytest.raises(SettingError) as caught:
        check_urls([f"nats://{user}@h:{port}"])
    assert "ROLLCALL_NATS_PASSWORD" in str(caught.value)
    assert "Tr0ub4dor" not in str(caught.value)
    assert caught.value.example == "nats://127.0.0.1:4222"


def _single(folder: Path, *, extra: str = "", without_jetstream: bool = False) -> embedded.Node:
    (node,) = embedded.prepare(folder, 1)
    node.configuration.write_text(node.configuration.read_text() + extra)
    if without_jetstream:
        node.configuration.write_text(node.configuration.read_text().partition("jetstream")[0])
    node.start()
    return node


@pytest.mark.thorough
async def test_an_engine_without_jetstream_stores_nothing(tmp_path: Path) -> None:
    """An engine without JetStream is not one that is not there."""
    node = _single(tmp_path, without_jetstream=True)
    try:
        await listening(node)
        error = await _refusal(node.url)
    finally:
        node.stop()
    assert "stores nothing: JetStream is off" in str(error)


@pytest.mark.thorough
async def test_wrong_credentials_are_exit_code_4(tmp_path: Path) -> None:
    """A refused user is exit code 4, without its password."""
    node = _single(tmp_path, extra='authorization { user: "me", password: "right" }\n')
    try:
        await listening(node)
        error = await _refusal(node.url, Login("me", "Tr0ub4dor"))
        async with connected([node.url], name="test", login=Login("me", "right")) as engine:
            assert (await engine.call("INFO"))["streams"] == 0
    finally:
        node.stop()
    assert error.exit_code == 4
    assert "refused the user" in str(error)
    assert "Tr0ub4dor" not in str(error)


@pytest.mark.thorough
async def test_a_stream_of_somebody_else_is_not_changed_without_apply(tmp_path: Path) -> None:
    """Only apply changes a stream of other settings, and shows it first."""
    async with embedded.running(tmp_path / "engine", 1) as (node,), connected([node.url], name="test") as engine:
        theirs = {"name": "HIST-eu", "subjects": ["hist.eu.*"], "storage": "file", "max_age": 60 * 10**9}
        await engine.call("STREAM.CREATE.HIST-eu", theirs)
        path = tmp_path / "fleet.toml"
        path.write_text(EXAMPLE.replace("nats://127.0.0.1:4222", node.url))
        code, out, err = await rollcall("fleet", "apply", str(path), "--dry-run")
        assert (code, err) == (0, "")
        assert "HIST-eu: max_age is 60000000000, must be 604800000000000" in out
        assert "TICKETS-eu: is missing, will be made" in out
        code, _, err = await rollcall("fleet", "worker", "--nats", node.url, "--zone", "eu")
        assert code == 2
        assert "max_age is 60000000000" in err
        assert (await engine.call("STREAM.INFO.HIST-eu"))["config"]["max_age"] == 60 * 10**9
        assert (await rollcall("fleet", "apply", str(path)))[0] == 0
        assert (await streams.look(engine, "eu", beat=10.0)).differs == ()
        assert (await rollcall("fleet", "apply", str(path)))[1] == "nothing differs\n"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("ticket", "why"),
    [
        (b'{"schema": 2, "tenant": "acme", "interval": 1.0, "settings": {}}', b"a newer version wrote its ticket"),
        (b'{"schema": 1, "tenant": "acme"', b"its ticket is damaged"),
    ],
)
async def test_a_ticket_that_cannot_be_read_is_given_back(tmp_path: Path, ticket: bytes, why: bytes) -> None:
    """A worker gives back what it cannot read, and says why."""
    async with embedded.running(tmp_path / "engine", 1) as (node,), connected([node.url], name="test") as engine:
        await streams.make_so(engine, await streams.look(engine, "eu", beat=1.0), 1.0)
        await engine.publish("ticket.eu.acme", ticket, after=0, within=1.0)
        process = await worker_process(node.url, "eu")
        try:
            assert process.stderr is not None
            told = b""
            while b"its ticket is given back" not in told:
                told = await asyncio.wait_for(process.stderr.readline(), 20)
        finally:
            process.terminate()
            await process.communicate()
        assert told.startswith(b"acme: " + why)
        assert (await engine.call("STREAM.INFO.TICKETS-eu"))["state"]["messages"] == 1


@pytest.mark.thorough
async def test_a_secret_that_is_not_here_gives_the_ticket_back(tmp_path: Path) -> None:
    """A worker without the secret gives the ticket back and says why."""
    async with embedded.running(tmp_path / "engine", 1) as (node,):
        path = tmp_path / "fleet.toml"
        path.write_text(EXAMPLE.replace("nats://127.0.0.1:4222", node.url).replace("10s", "1s"))
        assert (await rollcall("fleet", "apply", str(path)))[0] == 0
        process = await worker_process(node.url, "eu")
        try:
            assert process.stderr is not None
            told = b""
            while b"its ticket is given back" not in told:
                told = await asyncio.wait_for(process.stderr.readline(), 20)
            assert told.startswith(b"acme: there is no secret at 'env:ACME_SECRET' on this machine")
            code, out, _ = await rollcall("fleet", "status", "--nats", node.url, "--zone", "eu", "--format", "json")
        finally:
            process.terminate()
            await process.communicate()
        (tenant,) = json.loads(out)["tenants"]
        assert code == 1
        assert (tenant["worker"], tenant["late"], tenant["age"]) == (None, True, None)
        assert "env:ACME_SECRET" in tenant["missed"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["fleet", "worker", "--nats", "nats://127.0.0.1:1"], 5),
        (["fleet", "status", "--nats", "nats://127.0.0.1:1"], 5),
        (["fleet", "tail", "--nats", "nats://127.0.0.1:1"], 5),
        (["fleet", "worker", "--zone", "e.u"], 2),
        (["fleet", "tail", "--tenant", "*"], 2),
        (["fleet", "worker", "--capacity", "0"], 2),
        (["fleet", "worker", "--capacity", "2001"], 2),
        (["fleet", "apply", "nowhere.toml"], 2),
        (["fleet", "up"], 2),
        (["fleet", "sink"], 2),
    ],
)
def test_commands_say_what_is_wrong(
    arguments: list[str], told: int, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mistake has its exit code, and no traceback."""
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == told
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.thorough
async def test_a_node_whose_port_is_taken_has_ended(tmp_path: Path) -> None:
    """A node that cannot begin is named at once, with its log."""
    (node,) = embedded.prepare(tmp_path, 1)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", node.ports.client))
        other.listen()
        node.start()
        try:
            with pytest.raises(EngineError, match=r"n1 has ended; .*n1\.log says why"):
                await embedded.ready([node])
        finally:
            node.stop()
    assert "address already in use" in (tmp_path / "n1.log").read_text()


async def test_an_engine_that_runs_is_not_started_again(tmp_path: Path) -> None:
    """Its nodes would end, and those that run answer."""
    (node,) = embedded.prepare(tmp_path, 1)
    with socket.socket() as running:
        running.bind(("127.0.0.1", node.ports.monitor))
        running.listen()
        with pytest.raises(SettingError, match=f"port {node.ports.monitor} is taken: the engine of") as refused:
            async with embedded.running(tmp_path, 1):
                pass
    assert refused.value.example == f"rollcall fleet status --nats {node.url}"
    assert node.process is None


def test_a_folder_with_another_engine_is_refused(tmp_path: Path) -> None:
    """An engine of three nodes does not become one of one."""
    embedded.prepare(tmp_path, 3)
    assert [node.name for node in embedded.prepare(tmp_path, 3)] == ["n1", "n2", "n3"]
    with pytest.raises(SettingError, match="has an engine of 3 nodes"):
        embedded.prepare(tmp_path, 1)
