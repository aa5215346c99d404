"""Tenants of a user's login, renewed by one worker after another. With real nodes.

Each test has a zone of its own. The emulated tenant's refresh tokens work once, as those of many tenants do.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from tests.fleet.stage import rollcall_process
from tests.fleet.user import CLIENT, log_in

from cxone_rollcall.config.logins import store_for
from cxone_rollcall.emulator import Emulator, EmulatorSettings, Readings, parse_fault
from cxone_rollcall.fleet.connection import connected
from cxone_rollcall.fleet.embedded import Node, running
from cxone_rollcall.fleet.engine import Engine, tokens_of
from cxone_rollcall.fleet.sealing import KEY, Held, Keys
from cxone_rollcall.model.login import Login, LoginKey

pytestmark = [pytest.mark.thorough, pytest.mark.asyncio(loop_scope="module")]

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Node]]:
    """An engine of three nodes."""
    async with running(tmp_path_factory.mktemp("engine"), 3) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def scene(nodes: list[Node], tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A zone, and an emulated tenant whose tokens live for four seconds."""
    zone = hashlib.sha256(request.node.name.encode()).hexdigest()[:8]
    folder = tmp_path / "scene"
    folder.mkdir()
    emulator = Emulator(
        EmulatorSettings(agents=7, clock="running", token_life=4, readings=Readings(refresh_rotates=True))
    )
    async with emulator.running() as address, connected([one.url for one in nodes], name="test", zone=zone) as engine:
        made = Scene(folder, nodes, engine, zone, emulator, address.url)
        try:
            yield made
        finally:
            await made.end()


async def test_a_login_moves_into_the_fleet(scene: Scene) -> None:
    """`fleet apply` seals the login of this machine, once, and says so. A dry run only says so."""
    login = await scene.log_in()
    told = f"tenant acme: its login moves from {scene.logins} into the fleet"
    assert told in (await scene.apply("--dry-run")).out.splitlines()
    assert store_for(scene.login_key, scene.logins).load() == login
    applied = await scene.apply()
    assert (applied.code, applied.err) == (0, "")
    assert told in applied.out.splitlines()
    assert (await scene.held()).login == login
    assert not scene.logins.exists()
    assert (await scene.apply()).out == "nothing differs\n"


async def test_a_successor_goes_on_with_the_renewed_token(scene: Scene) -> None:
    """A worker is killed right after a renewal. The next one renews the new token, and none is refused."""
    login = await scene.log_in()
    assert (await scene.apply()).code == 0
    first = await scene.worker()
    login = await scene.renewed(await scene.renewed(login))
    first.kill()
    await scene.worker()
    await scene.renewed(login)
    await scene.polled()
    assert scene.refused == 0
    assert (await scene.status())["missed"] == ""


async def test_a_login_is_handed_over_while_it_is_renewed(scene: Scene) -> None:
    """SIGTERM during a slow renewal loses no token. The successor waits for it."""
    login = await scene.log_in()
    assert (await scene.apply()).code == 0
    first = await scene.worker()
    login = await scene.renewed(login)
    scene.emulator.switch_on([parse_fault("latency=1500,at=token")])
    await scene.worker()
    for _ in range(1500):
        if (await scene.held()).renewing:
            break
        await asyncio.sleep(0.01)
    first.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(first.wait(), PATIENCE) == 0
    scene.emulator.switch_on([])
    await scene.renewed(await scene.renewed(login))
    await scene.polled()
    assert scene.refused == 0


async def test_a_key_is_replaced_while_workers_run(scene: Scene) -> None:
    """A new key needs no restart. It is added, comes first, and then is alone."""
    new = Fernet.generate_key().decode()
    login = await scene.log_in()
    assert (await scene.apply()).code == 0
    await scene.worker()
    for keys in (f"{scene.key},{new}", f"{new},{scene.key}"):
        scene.use_key(keys)
        assert (await scene.apply()).code == 0
        await scene.polled()
    scene.use_key(new)
    assert (await scene.held(new)).login != login
    scene.key = new
    await scene.renewed(await scene.renewed(login))
    await scene.polled()
    assert scene.refused == 0
    assert (await scene.end()).count(b"\n") == 2  # it began and ended


async def test_apply_seals_with_the_first_key(scene: Scene) -> None:
    """`fleet apply` seals with a new key what nobody renews."""
    new = Fernet.generate_key().decode()
    login = await scene.log_in()
    assert (await scene.apply()).code == 0
    scene.use_key(f"{new},{scene.key}")
    assert "tenant acme: its login is sealed with the first key" in (await scene.apply()).out
    assert (await scene.held(new)).login == login
    assert (await scene.apply()).out == "nothing differs\n"


async def test_a_worker_without_the_key_gives_the_ticket_back(scene: Scene) -> None:
    """Workers that cannot open the login say why. Another one polls the tenant."""
    await scene.log_in()
    assert (await scene.apply()).code == 0
    none, wrong = "this machine has no key: set ROLLCALL_FLEET_KEY", "its login is sealed with another key"
    for key, told in (("", none), (Fernet.generate_key().decode(), wrong)):
        worker = await scene.worker(**{f"{KEY}_FILE": "", KEY: key})
        line = await told_by(worker, "acme: ")
        assert told in line
        assert "its ticket is given back" in line
        assert told in (await scene.status())["missed"]
        if key:
            await scene.worker()
            await scene.polled()
        await scene.end()


async def test_an_older_login_is_not_put_back(scene: Scene) -> None:
    """A copy of the login from before does not replace it."""
    await scene.log_in()
    copy = scene.logins.read_bytes()
    assert (await scene.apply()).code == 0
    await scene.worker()
    renewed = await scene.renewed((await scene.held()).login)
    await scene.end()
    scene.logins.write_bytes(copy)
    scene.logins.chmod(0o600)
    applied = await scene.apply()
    assert applied.code == 0
    assert "the fleet's login stays" in applied.out
    assert f"rollcall auth logout --instance {scene.url} --client-id {CLIENT}" in applied.out
    assert (await scene.held()).login.granted_at == renewed.granted_at
    await scene.worker()
    await scene.polled()
    assert scene.refused == 0


async def test_who_logs_in_anew_heals_a_refused_login(scene: Scene) -> None:
    """A revoked login is RC208 until a new one is applied. No worker is restarted."""
    await scene.log_in()
    assert (await scene.apply()).code == 0
    await scene.worker()
    await scene.polled()
    scene.emulator.switch_on([parse_fault("refresh-refused")])
    status: dict[str, Any] = {}
    for _ in range(30):
        status = await scene.status()
        if status["findings"] and status["counts"]["unknown"] == status["counts"]["roster"]:
            break
    assert status["findings"] == ["RC208"]
    assert (status["counts"]["unknown"], status["late"]) == (status["counts"]["roster"], False)
    await scene.log_in()
    scene.emulator.switch_on([])
    assert "its login moves from" in (await scene.apply()).out
    await scene.polled()
    for _ in range(30):
        status = await scene.status()
        if not status["findings"]:
            break
    assert (status["findings"], status["counts"]["unknown"]) == ([], 0)


async def test_without_a_login_the_other_tenants_are_applied(scene: Scene) -> None:
    """A missing login is an error with the command to type. The other tenants are applied."""
    scene.add_tenant(
        'id = "globex"\ninstance = "http://127.0.0.1:1"\naccess_key_id = "k"\naccess_key_secret = "env:S"\n'
    )
    applied = await scene.apply()
    assert applied.code == 2
    assert "tenant acme: nobody has logged in for it" in applied.err
    assert f"rollcall auth login --instance {scene.url} --client-id {CLIENT}" in applied.err
    assert "2 tenants in zone" in applied.out
    assert "nobody has logged in for it" in await told_by(await scene.worker(), "acme: ")
    await scene.log_in()
    assert (await scene.apply()).code == 0


async def test_without_the_key_apply_changes_nothing(scene: Scene) -> None:
    """A missing key is an error with the command that makes one. A wrong key leaves the login as it is."""
    await scene.log_in()
    none = await scene.apply(**{f"{KEY}_FILE": ""})
    assert (none.code, none.out) == (2, "")
    assert "openssl rand -base64 32" in none.err
    assert scene.logins.exists()
    assert (await scene.apply()).code == 0
    held = await scene.held()
    wrong = await scene.apply(**{f"{KEY}_FILE": "", KEY: Fernet.generate_key().decode()})
    assert wrong.code == 2
    assert "sealed with another key than those in ROLLCALL_FLEET_KEY" in wrong.err
    assert await scene.held() == held


async def test_after_a_lost_key_the_user_logs_in_anew(scene: Scene) -> None:
    """A login that nobody can open is replaced by a later one."""
    await scene.log_in()
    assert (await scene.apply()).code == 0
    scene.key = Fernet.generate_key().decode()
    scene.use_key(scene.key)
    assert (await scene.apply()).code == 2
    login = await scene.log_in()
    assert (await scene.apply()).code == 0
    assert (await scene.held()).login == login


async def test_a_removed_tenant_leaves_no_login(scene: Scene) -> None:
    """The login of a tenant that is taken out is deleted."""
    await scene.log_in()
    assert (await scene.apply()).code == 0
    assert await scene.sealed()
    scene.add_tenant(
        'id = "globex"\ninstance = "http://127.0.0.1:1"\naccess_key_id = "k"\naccess_key_secret = "env:S"\n'
    )
    scene.fleet.write_text(scene.fleet.read_text().replace("acme", "beta").replace(CLIENT, "other-client"))
    applied = await scene.apply()
    assert "tenant acme: its login is deleted" in applied.out
    assert await scene.sealed() == b""


async def test_no_refresh_token_is_stored_or_logged(
    scene: Scene, nodes: list[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 7: tokens and keys are in no log or store folder."""
    login = await scene.log_in()
    copy = scene.logins.read_bytes()
    tokens = {login.refresh_token.reveal()}
    applied = await scene.apply()
    worker = await scene.worker()
    for _ in range(2):
        login = await scene.renewed(login)
        tokens.add(login.refresh_token.reveal())
    worker.kill()
    await scene.worker()
    login = await scene.renewed(login)
    tokens.add(login.refresh_token.reveal())
    status = await scene.run("fleet", "status", "--nats", nodes[0].url, "--zone", scene.zone, "--format", "json")
    told = await scene.end() + "".join((*applied[1:], *status[1:])).encode()
    stored = [
        path.read_bytes() for node in nodes for path in sorted(node.configuration.parent.rglob("*")) if path.is_file()
    ]
    stored += [path.read_bytes() for path in sorted(scene.folder.rglob("*")) if path.is_file()]
    contents = b"".join(stored) + told
    assert len(tokens) == 4
    assert await scene.sealed() in contents
    for secret in (*tokens, scene.key):
        assert secret.encode() not in contents
    assert login.refresh_token.reveal().encode() not in copy
