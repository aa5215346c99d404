"""Logins move from an operator's machine into a fleet. With an engine in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fleet.memory import Memory
from tests.fleet.test_operator import NO_LEADER, set_up
from tests.fleet.test_sealing import LOGIN, NEW, OLD

from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet import sealing
from cxone_rollcall.fleet.engine import API
from cxone_rollcall.fleet.login_setup import LoginSetup, Step
from cxone_rollcall.fleet.logins import Logins
from cxone_rollcall.fleet.sealing import Held, Keys
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.struct import replace

WANTED = {"acme": LOGIN.key}
LATER = replace(LOGIN, granted_at=200.0)
COMMAND = "--instance https://h --client-id c"


def _store(folder: Path) -> FileStore:
    return FileStore(LOGIN.key, folder / "logins.json")


def _setup(memory: Memory, folder: Path, *keys: str, wanted: dict[str, LoginKey] | None = None) -> LoginSetup:
    logins = Logins(memory.engine, "eu", lambda: Keys(list(keys)))
    return LoginSetup(
        memory.engine,
        logins,
        WANTED if wanted is None else wanted,
        lambda key: FileStore(key, folder / "logins.json"),
    )


def _held(memory: Memory, key: str = OLD) -> list[Held]:
    return [Keys([key]).open(one.data, "eu", "acme", LOGIN.key) for one in memory.kept["TOKENS-eu"]]


async def test_a_login_moves_and_its_copy_is_deleted(tmp_path: Path) -> None:
    """A later one replaces it, an older one does not. What no tenant needs is deleted."""
    memory = await set_up()
    setup, store = _setup(memory, tmp_path, OLD), _store(tmp_path)
    place = f"its login moves from {store.place} into the fleet"
    for login in (LOGIN, LATER):
        store.save(login)
        steps, gone = await setup.look(exists=login is LATER)
        assert (steps, gone, setup.line("acme", steps["acme"])) == ({"acme": Step.MOVE}, [], f"tenant acme: {place}")
        assert setup.failure(steps) is None
        await setup.carry_out(steps, gone)
        assert (_held(memory), store.load()) == ([Held(login)], None)
    assert await setup.look(exists=True) == ({"acme": Step.NOTHING}, [])
    assert [step for step in Step if not step.value] == [Step.NOTHING]  # no text is shown for it
    store.save(LOGIN)
    steps, gone = await setup.look(exists=True)
    assert setup.line("acme", steps["acme"]).endswith(f"Delete that one: rollcall auth logout {COMMAND}")
    await setup.carry_out(steps, gone)
    assert (_held(memory), store.load()) == ([Held(LATER)], LOGIN)
    none = _setup(memory, tmp_path, wanted={})
    assert await none.look(exists=False) == ({}, [])
    assert await none.look(exists=True) == ({}, ["acme"])
    await none.carry_out({}, ["acme", "never-was"])
    assert memory.kept["TOKENS-eu"] == []


async def test_what_an_old_key_sealed_is_sealed_anew(tmp_path: Path) -> None:
    """Until then both keys are needed. With the new one alone, it is locked."""
    memory = await set_up()
    _store(tmp_path).save(LOGIN)
    await _setup(memory, tmp_path, OLD).carry_out({"acme": Step.MOVE}, [])
    locked = _setup(memory, tmp_path, NEW)
    steps, _ = await locked.look(exists=True)
    failure = locked.failure(steps)
    assert failure is not None
    assert "tenant acme: its login is sealed with another key than those in ROLLCALL_FLEET_KEY" in str(failure)
    assert failure.example == f"rollcall auth login {COMMAND}"
    both = _setup(memory, tmp_path, NEW, OLD)
    steps, gone = await both.look(exists=True)
    assert steps == {"acme": Step.SEAL_ANEW}
    await both.carry_out(steps, gone)
    assert _held(memory, NEW) == [Held(LOGIN)]
    assert await both.look(exists=True) == ({"acme": Step.NOTHING}, [])


async def test_a_login_that_is_renewed_meanwhile_is_looked_at_again(tmp_path: Path) -> None:
    """A worker may have written a newer one. Then that one stays."""
    memory = await set_up()
    setup, store = _setup(memory, tmp_path, OLD), _store(tmp_path)
    store.save(LOGIN)
    request, raced = memory.request, list[Any]()

    async def race(subject: str, data: bytes, **given: Any) -> Any:
        if subject == "token.eu.acme" and not raced:
            raced.append(await request(subject, Keys([OLD]).seal(Held(LATER), "eu", "acme"), headers=None))
        return await request(subject, data, **given)

    memory.request = race  # type: ignore[method-assign]
    await setup.carry_out({"acme": Step.MOVE}, [])
    assert (_held(memory), store.load()) == ([Held(LATER)], LOGIN)


async def test_a_login_that_cannot_be_read_stops_nothing_else(tmp_path: Path) -> None:
    """One of another place is missing. One of a newer version, or of an engine without a leader, is an error."""
    memory = await set_up()
    setup = _setup(memory, tmp_path, OLD)
    await memory.engine.publish("token.eu.acme", Keys([OLD]).seal(Held(LOGIN), "eu", "other"), after=0, within=1.0)
    steps, _ = await setup.look(exists=True)
    assert steps == {"acme": Step.MISSING}
    failure = setup.failure(steps)
    assert failure is not None and "nobody has logged in for it" in str(failure)
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(sealing, "SCHEMA", sealing.SCHEMA + 1)
        sealed = Keys([OLD]).seal(Held(LOGIN), "eu", "acme")
    await memory.engine.publish("token.eu.acme", sealed, after=None, within=1.0)
    with pytest.raises(EngineError, match="a newer version sealed the login of tenant acme") as refused:
        await setup.look(exists=True)
    assert refused.value.exit_code == 2
    for begin in (f"{API}.STREAM.MSG.GET", f"{API}.STREAM.INFO"):
        memory.errors = {begin: NO_LEADER}
        with pytest.raises(EngineError):
            await _setup(memory, tmp_path, OLD, wanted=WANTED if "GET" in begin else {}).look(exists=True)
    memory = await set_up()
    memory.errors = {"token.eu.acme": NO_LEADER}
    _store(tmp_path).save(LOGIN)
    with pytest.raises(EngineError, match="stores nothing now"):
        await _setup(memory, tmp_path, OLD).carry_out({"acme": Step.MOVE}, [])
    assert _store(tmp_path).load() == LOGIN


async def test_without_a_key_nothing_is_done(tmp_path: Path) -> None:
    """The engine is not even asked. A login of a tenant's id has its own options."""

    def no_keys() -> Keys:
        raise SettingError("no key")

    memory = await set_up()
    asked = len(memory.sent)
    setup = LoginSetup(memory.engine, Logins(memory.engine, "eu", no_keys), WANTED, lambda key: _store(tmp_path))
    with pytest.raises(SettingError, match="no key"):
        await setup.look(exists=True)
    assert len(memory.sent) == asked
    failure = _setup(memory, tmp_path, wanted={"b": LoginKey("tenant:b1", "c")}).failure({"b": Step.MISSING})
    assert failure is not None and failure.example == "rollcall auth login --tenant-id b1 --client-id c"
    odd = LoginKey("https://b.example.com/tenant:b1", "c")
    failure = _setup(memory, tmp_path, wanted={"b": odd}).failure({"b": Step.MISSING})
    assert failure is not None and failure.example == f"rollcall auth login --instance {odd.instance} --client-id c"
