"""A zone with one tenant of a user's login."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.fernet import Fernet
from tests.fleet.stage import rollcall_process
from tests.fleet.user import CLIENT, log_in

from cxone_rollcall.emulator import Emulator
from cxone_rollcall.fleet.embedded import Node
from cxone_rollcall.fleet.engine import Engine, tokens_of
from cxone_rollcall.fleet.sealing import KEY, Held, Keys
from cxone_rollcall.model.login import Login, LoginKey

PATIENCE = 30.0


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Scene:
    """A zone with one tenant, `acme`, of a user's login. `key` is in the file that all commands read it from."""

    def __init__(
        self, folder: Path, nodes: list[Node], engine: Engine, zone: str, emulator: Emulator, url: str
    ) -> None:
        self.folder = folder
        self.engine = engine
        self.zone = zone
        self.emulator = emulator
        self.url = url
        self.login_key = LoginKey(url, CLIENT)
        self.logins = folder / "logins.json"
        self.key = Fernet.generate_key().decode()
        self.key_file = folder.with_name(f"{zone}.key")  # no part of what must be without secrets
        self.use_key(self.key)
        self.fleet = folder / "fleet.toml"
        self._nats = ",".join(node.url for node in nodes)
        self._tenants = (
            f"nats = {json.dumps([node.url for node in nodes])}\nzone = {json.dumps(zone)}\n[[tenant]]\n"
            f'id = "acme"\ninterval = "1s"\ninstance = "{url}"\ncontract = "v2"\nclient_id = "{CLIENT}"\n'
            'grant_type = "authorization_code"\n'
        )
        self.fleet.write_text(self._tenants)
        self._workers: list[asyncio.subprocess.Process] = []

    def use_key(self, text: str) -> None:
        """Change the file of the key."""
        self.key_file.write_text(text)
        self.key_file.chmod(0o600)

    def add_tenant(self, more: str) -> None:
        """Add a tenant to fleet.toml."""
        self.fleet.write_text(f"{self._tenants}[[tenant]]\n{more}")

    async def log_in(self) -> Login:
        """Log a user in on this machine."""
        return await log_in(self.url, self.logins)

    async def run(self, *arguments: str, **environ: str) -> Ended:
        """Run a command to its end."""
        process = await self._start(*arguments, **environ)
        out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def apply(self, *options: str, **environ: str) -> Ended:
        """Apply fleet.toml."""
        return await self.run("fleet", "apply", str(self.fleet), *options, **environ)

    async def worker(self, **environ: str) -> asyncio.subprocess.Process:
        """Start a worker."""
        process = await self._start("fleet", "worker", "--nats", self._nats, "--zone", self.zone, **environ)
        self._workers.append(process)
        return process

    async def _start(self, *arguments: str, **environ: str) -> asyncio.subprocess.Process:
        own = {f"{KEY}_FILE": str(self.key_file), KEY: "", "ROLLCALL_LOGINS": str(self.logins), "ROLLCALL_CONFIG": ""}
        return await rollcall_process(
            *arguments, environ={**own, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", **environ}
        )

    async def end(self) -> bytes:
        """End the workers. Returns what they wrote."""
        told = b""
        for worker in self._workers:
            if worker.returncode is None:
                worker.terminate()
            told += b"".join(await worker.communicate())
        self._workers.clear()
        return told

    async def status(self) -> dict[str, Any]:
        """How the tenant is."""
        ended = await self.run("fleet", "status", "--nats", self._nats, "--zone", self.zone, "--format", "json")
        assert ended.out, ended.err
        tenants: list[dict[str, Any]] = json.loads(ended.out)["tenants"]
        return next(one for one in tenants if one["tenant"] == "acme")

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is true."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while not done():
            assert loop.time() < end, self.emulator.requests
            await asyncio.sleep(0.02)

    async def polled(self, times: int = 2) -> None:
        """Wait until the tenant has answered some more polls."""
        before = self._answers("states", "200")
        await self.until(lambda: self._answers("states", "200") >= before + times)

    def _answers(self, endpoint: str, outcome: str) -> int:
        return self.emulator.requests[endpoint, outcome]

    @property
    def refused(self) -> int:
        """How many refresh tokens were refused."""
        return self._answers("token", "400")

    async def sealed(self) -> bytes:
        """What the engine keeps."""
        stored = await self.engine.last(tokens_of(self.zone), f"token.{self.zone}.acme", within=2.0)
        return b"" if stored is None else stored.data

    async def held(self, key: str = "") -> Held:
        """The login that the engine keeps."""
        return Keys([key or self.key]).open(await self.sealed(), self.zone, "acme", self.login_key)

    async def renewed(self, before: Login) -> Login:
        """Wait until the engine has another token than before."""
        for _ in range(1500):
            held = await self.held()
            if held.login.refresh_token != before.refresh_token and not held.renewing:
                return held.login
            await asyncio.sleep(0.01)
        raise AssertionError("the login is not renewed")


async def told_by(worker: asyncio.subprocess.Process, begin: str) -> str:
    """The first line of a worker that begins so."""
    assert worker.stderr is not None
    line = b""
    while not line.startswith(begin.encode()):
        line = await asyncio.wait_for(worker.stderr.readline(), PATIENCE)
    return line.decode()
