"""The command as an assistant starts it. The SDK's own client asks it."""

from __future__ import annotations

import asyncio
import json
import os
import select
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import aiohttp
import pytest
from mcp import Client, StdioServerParameters
from tests.history.recorded import recorded

from cxone_rollcall.testing import emulator_of

ROLLCALL = (sys.executable, "-m", "cxone_rollcall", "mcp")
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def call(number: int, tool: str, **arguments: str) -> dict[str, Any]:
    """A tool's call as a message."""
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


class Raw:
    """A process of ours, and messages as lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.stdin, self.stdout, self.stderr = process.stdin, process.stdout, process.stderr

    async def send(self, *messages: dict[str, Any]) -> None:
        """Send these messages."""
        self.stdin.writelines([json.dumps(one).encode() + b"\n" for one in messages])
        await self.stdin.drain()

    async def read(self) -> dict[str, Any]:
        """The next message. Every line of stdout is one."""
        message = json.loads(await self.stdout.readline())
        assert message["jsonrpc"] == "2.0"
        return dict(message)


@asynccontextmanager
async def started(*options: str) -> AsyncIterator[Raw]:
    """Run the command. It ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *ROLLCALL,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    try:
        yield Raw(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.thorough
@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_the_sdk_asks_over_stdio(contract: str, tmp_path: Path, alone: None) -> None:
    """An assistant asks every tool of the command about an emulated tenant."""
    file = tmp_path / "history.db"
    async with recorded(file, contract, agents=20) as here, here.recorder() as running:
        await running.polls(3)
    emulator = emulator_of(20, contract)
    async with emulator.running() as address:
        server = StdioServerParameters(
            command=ROLLCALL[0],
            args=[*ROLLCALL[1:], "--history", str(file)],
            env={**os.environ, **emulator.environment(address.url)},
        )
        async with Client(server) as client:
            for tool, arguments in (
                ("check", {}),
                ("who_is_logged_in", {"group": "available"}),
                ("why_missing", {"agent": "30000000001"}),
                ("explain", {"code": "RC601"}),
            ):
                result = await client.call_tool(tool, arguments)
                assert not result.is_error, result.content
            today = await client.call_tool("agent_today", {"agent": "30000000001"})
            # The recorded tenant lives on a day of its own, so all of today is unknown.
            assert today.structured_content["known_seconds"] == 0
            counts = (await client.call_tool("check", {})).structured_content["counts"]
        assert counts["present"] == sum(one.standing == "present" for one in emulator.truth())


@pytest.mark.thorough
async def test_a_cancelled_call_is_answered_by_the_next(alone: None) -> None:
    """A cancelled call's roll call answers the next call. Stdout has nothing but messages."""
    async with started("--demo", "-v") as raw:
        await raw.send(HELLO)
        assert (await raw.read())["id"] == 1
        await raw.send(
            READY,
            call(2, "check"),
            {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}},
            call(3, "check"),
        )
        answered = [one for one in [await raw.read()] if one["id"] == 3] or [await raw.read()]
        assert answered[0]["result"]["structuredContent"]["complete"] is True
        raw.stdin.close()
        assert await raw.process.wait() == 0
        assert await raw.stdout.read() == b""
        said = (await raw.stderr.read()).decode()
        assert said.count("GET /api/v2/agents?") == 2  # one roll call of two pages
        assert "Traceback" not in said


@pytest.mark.thorough
async def test_closing_stdin_ends_a_roll_call_under_way(alone: None) -> None:
    """Closing stdin during a roll call ends the command with 0."""
    async with started("--demo", "--fault", "latency=700", "-v") as raw:
        await raw.send(HELLO)
        await raw.read()
        await raw.send(READY, call(2, "check"))
        assert b"POST" in await raw.stderr.readline()  # the roll call has begun
        raw.stdin.close()
        assert await raw.process.wait() == 0


@pytest.mark.thorough
async def test_a_signal_ends_it(alone: None) -> None:
    """Ctrl-C ends the command with 0 while stdin stays open."""
    async with started("--demo") as raw:
        await raw.send(HELLO)
        await raw.read()
        raw.process.terminate()
        assert await raw.process.wait() == 0
        assert await raw.stderr.read() == b""


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="a pipe that does not block, and SIGTERM")
def test_a_signal_ends_it_while_no_answer_is_read(alone: None) -> None:
    """A signal ends the command while its answer waits for the reader."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b" " * select.PIPE_BUF)
    os.set_blocking(writing, True)
    with Popen([*ROLLCALL, "--demo", "-v"], stdin=PIPE, stdout=writing, stderr=PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.writelines([json.dumps(one).encode() + b"\n" for one in (HELLO, READY, call(2, "check"))])
        process.stdin.flush()
        assert any(b"GET /api/v2/agents?" in line for line in process.stderr)  # HELLO was answered before
        process.terminate()
        assert process.wait() == 0
    os.close(reading)
    os.close(writing)


@pytest.mark.thorough
async def test_a_line_that_is_no_message_is_survived(alone: None) -> None:
    """Lines that are no messages are refused. The next question is answered."""
    async with started("--demo") as raw:
        raw.stdin.write(b"hello\n\xff\xfe\n[1, 2]\n")
        await raw.send(HELLO)
        messages = [await raw.read()]
        while "result" not in messages[-1]:
            messages.append(await raw.read())
        assert messages[-1]["id"] == 1


@pytest.mark.thorough
async def test_the_sdk_asks_over_http(alone: None) -> None:
    """Over HTTP the answers are the same. Other hosts and origins are refused."""
    async with started("--demo", "--contract", "incontact", "--listen", "127.0.0.1:0") as raw:
        url = (await raw.stderr.readline()).decode().split(" at ")[1].split()[0]
        async with Client(url) as client:
            first, second = await asyncio.gather(client.call_tool("check", {}), client.call_tool("check", {}))
        assert first.structured_content["as_of"] == second.structured_content["as_of"]
        assert first.structured_content["complete"] is True
        async with aiohttp.ClientSession() as session:
            for headers, status in (
                ({"Host": "evil.example"}, 421),
                ({"Host": "evil.example:80"}, 421),
                ({"Origin": "http://evil.example"}, 403),
                ({"Origin": "null"}, 403),
                ({"Content-Type": "text/plain"}, 400),
            ):
                sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers}
                async with session.post(url, data=json.dumps(HELLO), headers=sent) as answer:
                    assert answer.status == status, headers
            async with session.post(url, data=b" " * 100_000, headers={"Content-Type": "application/json"}) as answer:
                assert answer.status == 413
        raw.process.terminate()
        assert await raw.process.wait() == 0
        assert await raw.stdout.read() == b""
