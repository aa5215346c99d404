"""A connection that the engine ends for good."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest
from tests.fleet.stage import listening, rollcall_process, signal_node

from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import embedded, streams
from cxone_rollcall.fleet.connection import Login, connected

pytestmark = pytest.mark.thorough


def _users(password: str) -> str:
    return f"authorization: {json.dumps({'users': [{'user': 'eu', 'password': password}]})}\n"


COMMANDS = [
    ("fleet", "worker", "--nats"),
    ("fleet", "tail", "--tenant", "other", "--nats"),
    ("fleet", "sink", "--dir", "days", "--nats"),
    ("serve", "--listen", "127.0.0.1:0", "--fleet"),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_password_that_is_changed_ends_a_command(
    command: tuple[str, ...], is_restarted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine closes the connection, or refuses the next one.

    The command says so and ends."""
    monkeypatch.chdir(tmp_path)
    (node,) = embedded.prepare(tmp_path / "engine", 1)
    node.configuration.write_text(node.configuration.read_text() + _users("old"))
    node.start()
    try:
        await listening(node)
        async with connected([node.url], name="test", login=Login("eu", "old"), zone="eu") as engine:
            await streams.make_so(engine, await streams.look(engine, "eu", beat=1.0), 1.0)
        environ = {"ROLLCALL_NATS_USER": "eu", "ROLLCALL_NATS_PASSWORD": "old", "ROLLCALL_CONFIG": ""}
        process = await rollcall_process(*command, node.url, "--zone", "eu", environ=environ)
        try:
            assert process.stderr is not None
            await process.stderr.readline()  # it is connected
            node.configuration.write_text(node.configuration.read_text().replace('"old"', '"new"'))
            if is_restarted:
                await asyncio.to_thread(node.stop)
                await asyncio.to_thread(node.start)
            else:
                signal_node(node, signal.SIGHUP)
            _, said = await asyncio.wait_for(process.communicate(), 45)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        assert process.returncode == 4, said
        assert b"refused the user" in said
        assert b"error at" not in said.lower()
    finally:
        node.stop()


async def test_a_client_that_is_closed_without_a_word_ends_the_block(tmp_path: Path) -> None:
    """Else a command would go on for ever without its engine."""
    async with embedded.running(tmp_path / "engine", 1) as (node,):
        with pytest.raises(EngineError, match="has closed the connection"):
            async with connected([node.url], name="test") as engine:
                await engine.nats._close(engine.nats.CLOSED, do_cbs=False)  # noqa: SLF001  as it does while connecting
                await asyncio.Event().wait()
