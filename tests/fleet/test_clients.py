"""What a worker needs to open a tenant's client. With an engine in memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fleet.test_operator import set_up
from tests.fleet.test_sealing import LOGIN, NEW, OLD

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet.clients import Clients
from cxone_rollcall.fleet.engine import API
from cxone_rollcall.fleet.logins import Logins
from cxone_rollcall.fleet.sealing import KEY, Held, Keys
from cxone_rollcall.fleet.shared_pace import SharedPace
from cxone_rollcall.model.state import AgentState

PROFILES = ProfileFile(Path("config.toml"), {}, None, {"lunch": "unavailable"})
OF_A_USER = {"instance": "https://h", "client_id": "c", "grant_type": "authorization_code"}
OF_A_CLIENT = {"instance": "https://h", "client_id": "c", "client_secret": "env:SECRET"}


async def test_what_is_missing_is_known_before_a_tenant_is_polled() -> None:
    """A secret, a login, or its key. A tenant without a user's login needs no login."""
    memory = await set_up()
    sent: list[tuple[str, bytes]] = []
    pace = SharedPace("eu", "w1", lambda subject, data: sent.append((subject, data)))
    reads = f"{API}.STREAM.MSG.GET.TOKENS-eu"
    user, secret = {KEY: OLD}, {"SECRET": "x"}
    given: tuple[tuple[dict[str, str], dict[str, str], bool, str], ...] = (
        (OF_A_USER, user, False, "nobody has logged in for it"),
        (OF_A_USER, {}, True, "this machine has no key"),
        (OF_A_USER, {KEY: NEW}, True, "sealed with another key"),
        (OF_A_USER, user, True, ""),
        (OF_A_CLIENT, {}, True, "SECRET"),
        (OF_A_CLIENT, secret, True, ""),
    )
    for settings, environ, has_login, missing in given:
        if has_login and not memory.kept["TOKENS-eu"]:
            await Logins(memory.engine, "eu", lambda: Keys([OLD])).write("acme", Held(LOGIN), after=0)
        memory.sent.clear()
        preparing = Clients(memory.engine, "eu", "w1", PROFILES, environ, pace).prepare(
            FleetTenant("acme", 1.0, settings)
        )
        if missing:
            with pytest.raises(SettingError, match=missing):
                await preparing
        else:
            connect, groups = await preparing
            assert groups.of(AgentState("1", "Lunch")) == "unavailable"
            async with connect(lambda: None) as client:
                assert client.pace.on_pause is not None
                client.pace.on_pause(3.0)
            ((subject, told),) = sent
            assert (subject.startswith("pace.eu."), json.loads(told)) == (True, {"worker": "w1", "seconds": 3.0})
            sent.clear()
        assert any(subject == reads for subject, _, _ in memory.sent) is (settings is OF_A_USER), settings
