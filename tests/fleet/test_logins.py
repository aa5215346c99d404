"""Tenants of a user's login, renewed by one worker after another. With real nodes.

Each test has a zone of its own. The emulated tenant's refresh tokens work once, as those of many tenants do.
"""

from __future__ import annotations

import asyncio
import hashlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from tests.fleet.scene import PATIENCE, Scene, told_by
from tests.fleet.user import CLIENT

from cxone_rollcall.config.logins import store_for
from cxone_rollcall.emulator import Emulator, EmulatorSettings, Readings, parse_fault
from cxone_rollcall.fleet.connection import connected
from cxone_rollcall.fleet.embedded import Node, running
from cxone_rollcall.fleet.sealing import KEY

pytestmark = [pytest.mark.thorough, pytest.mark.asyncio(loop_scope="module")]


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
