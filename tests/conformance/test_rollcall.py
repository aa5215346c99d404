"""Rollcall on the same stage, with a real user's settings only."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.stage import Stage, staged
from tests.support.thorough import mostly_thorough

from cxone_rollcall.emulator import Readings

KEY = ("access_key_id", "access_key_secret")
CLIENT = ("client_id", "client_secret")


def set_up(stage: Stage, names: tuple[str, ...], **more: str) -> None:
    """Write the `.env` of a user who has these credentials."""
    lines = [f"CXONE_{name.upper()}='{getattr(stage.emulator.credentials, name)}'" for name in names]
    lines += [f"CXONE_{name.upper()}={text}" for name, text in more.items()]
    (stage.folder / ".env").write_text("\n".join([*lines, f"CXONE_CA_BUNDLE={stage.ca}"]))
    (stage.folder / ".env").chmod(0o600)


async def checked(stage: Stage, *options: str) -> tuple[int, dict[str, Any]]:
    """Run `rollcall check` as a process; return exit code and account."""
    command = "from cxone_rollcall.cli.entry import entry; entry()"
    ended = await stage.run(sys.executable, "-c", command, "check", "--format", "json", *options)
    assert ended.out, ended.err
    return ended.code, json.loads(ended.out)


def is_true(stage: Stage, code: int, document: dict[str, Any]) -> None:
    """Assert that each agent is accounted for truthfully."""
    truth = {one.agent_id: one.standing for one in stage.emulator.truth()}
    assert {one["agent_id"]: one["standing"] for one in document["agents"]} == truth
    assert code == 0
    assert document["tenant"]["contract"] == "incontact"


async def test_an_access_key_and_an_instance(tmp_path: Path) -> None:
    """An access key, a client and a regional host are enough. The host's own discovery leads to the rest."""
    async with staged(tmp_path, agents=120) as stage:
        set_up(stage, (*KEY, *CLIENT), instance="au1.nice-incontact.com")
        is_true(stage, *await checked(stage))
        assert set(stage.proxy.hosts) == {"au1.nice-incontact.com:443"}
        (token,) = stage.of("token")
        assert token.call.headers["Authorization"].startswith("Basic ")


async def test_an_access_key_and_a_tenant_id(tmp_path: Path) -> None:
    """An access key, a client and a tenant id are enough."""
    async with staged(tmp_path, Readings(tenant_needed=True), agents=120) as stage:
        set_up(stage, (*KEY, *CLIENT), tenant_id=stage.emulator.tenant.tenant_id)
        is_true(stage, *await checked(stage))
        assert set(stage.proxy.hosts) == {"cxone.niceincontact.com:443"}


async def test_an_access_key_without_a_client(tmp_path: Path) -> None:
    """Without a client the key goes to the user hub, form B."""
    async with staged(tmp_path, agents=7) as stage:
        set_up(stage, KEY, instance="na1.nice-incontact.com")
        is_true(stage, *await checked(stage))
        (token,) = stage.of("token")
        assert token.line == "POST /authentication/v1/token/access-key"


async def test_an_untrusted_certificate(tmp_path: Path) -> None:
    """Without the proxy's authority nothing is sent, and the certificate is named."""
    async with staged(tmp_path, agents=7) as stage:
        set_up(stage, (*KEY, *CLIENT), instance="au1.nice-incontact.com")
        lines = (stage.folder / ".env").read_text().splitlines()
        (stage.folder / ".env").write_text("\n".join(line for line in lines if "CA_BUNDLE" not in line))
        code, document = await checked(stage)
        assert (code, [one["code"] for one in document["findings"]]) == (5, ["RC103"])
        assert stage.passed == []


@pytest.mark.parametrize("client_at", mostly_thorough(["header", "body"], quick=1))
async def test_keys_with_every_character(tmp_path: Path, client_at: str) -> None:
    """Keys and secrets of any characters arrive unchanged."""
    odd = {"client_secret": "s+/%=&:é", "access_key_secret": "MGXB====+%2B é", "access_key_id": "K=Y=="}
    async with staged(tmp_path, Readings(client_at=client_at), agents=7, **odd) as stage:  # type: ignore[arg-type]
        set_up(stage, (*KEY, *CLIENT), instance="au1.nice-incontact.com")
        is_true(stage, *await checked(stage))
