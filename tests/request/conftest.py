"""Runs `rollcall request` against an emulated tenant, over a socket."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from quality.common.run_command import command as run_command
from tests.request.pasting import FORMS

from cxone_rollcall.emulator import Emulator
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.testing import emulator_of

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwcm9ncmFtIn0.c2lnbmF0dXJlLW9mLWEtcHJvZ3JhbQ"
"""The program's own token."""


class Explained(NamedTuple):
    """What a run of `rollcall request --format json` ended with."""

    code: int
    document: dict[str, Any]
    err: str

    @property
    def request(self) -> dict[str, Any]:
        """The member `request`."""
        found: dict[str, Any] = self.document["request"]
        return found

    @property
    def proven(self) -> set[str]:
        """The codes that are proven, without those about the agents themselves."""
        return {
            one["code"]
            for one in self.document["findings"]
            if one["strength"] == "PROVEN" and not one["code"].startswith("RC6")
        }

    @property
    def codes(self) -> set[str]:
        """All codes."""
        return {one["code"] for one in self.document["findings"]}


Explain = Callable[..., Awaitable[Explained]]


@pytest.fixture(autouse=True)
def _alone(alone: None) -> None:
    """Hide the profiles, logins and `.env` of this machine."""


def grant(emulator: Emulator, contract: str, token: str, **changes: Any) -> None:
    """Let the tenant accept this token as one of the program's."""
    one = emulator.tenant.new_grant("incontact" if contract == "incontact" else "v2", ("agent:read", "presence:read"))
    emulator.tenant.grants[token] = replace(one, **changes)


@pytest.fixture
def explain(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Explain:
    """Return what explains the request for a target. The target may name agents: `{break}`, `{busy}`, `{out}`.

    It is at the tenant's host, or at another one.
    """

    async def explaining(
        target: str,
        *faults: str | Fault,
        form: str = "curl",
        contract: str = "v2",
        host: str = "",
        headers: dict[str, str] | None = None,
        token: dict[str, Any] | None = None,
        options: tuple[str, ...] = (),
        **settings: Any,
    ) -> Explained:
        settings = {"contracts": (contract,), "agents": 120, **settings}
        emulator = emulator_of(faults=faults, **settings)
        grant(emulator, contract, TOKEN, **(token or {}))
        async with emulator.running() as address:
            sent = {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers
            file = tmp_path / "request.txt"
            file.write_text(FORMS[form]((host or address.url) + target.format(**agents(emulator)), sent))
            arguments = ["request", str(file), "--format", "json", *options]
            code = await run_command(arguments, emulator.environment(address.url))
        out, err = capsysbinary.readouterr()
        assert out, err.decode()
        return Explained(code, json.loads(out), err.decode())

    return explaining


def agents(emulator: Emulator) -> dict[str, str]:
    """Agents by what they do, and by name.

    There are two ids each for `break`, `busy` and `out`, a name and a user name.
    """
    truth = emulator.truth()
    of: dict[str, str] = {"all": ",".join(one.agent_id for one in truth)}
    for state, name in (("Break", "break"), ("Busy", "busy"), ("Available", "available"), (None, "out")):
        some = [one for one in truth if one.state == state]
        of[name] = ",".join(one.agent_id for one in some[:2])
        if some:
            of[f"{name}_name"] = some[0].name
    on_break = emulator.tenant.world.index(of["break"].partition(",")[0])
    assert on_break is not None
    of["break_user"] = emulator.tenant.world.user_id(on_break)
    of["now"] = format_timestamp(emulator.tenant.now())
    logged_in = [one.agent_id for one in truth if one.state is not None]
    of["in"], of["ins"] = logged_in[0], ",".join(logged_in[:10])
    return of
