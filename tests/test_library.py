"""Rollcall as a library. Names, help, settings, programs without an event loop, JSON and logs."""

from __future__ import annotations

import inspect
import io
import json
import logging
import pydoc
import re
import threading
import typing
from collections.abc import Iterator
from contextlib import asynccontextmanager
from enum import EnumType
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.scripted_client import CREDENTIALS
from tests.support.written import assert_as_written

import cxone_rollcall
from cxone_rollcall import Probing, Selection, SettingError, Verdict, check, check_sync, connect, connect_from_settings
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.probes import ProbesAsked
from cxone_rollcall.testing import CxoneTenant, emulated
from cxone_rollcall.views import json as documents

PAGE = (Path(__file__).parents[1] / "docs" / "python.md").read_text()


@pytest.mark.parametrize("name", cxone_rollcall.__all__)
def test_every_public_name_has_help(name: str) -> None:
    """`help` of each public name works, and `dir` lists it."""
    value = getattr(cxone_rollcall, name)
    assert name in dir(cxone_rollcall)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert name in pydoc.render_doc(value, renderer=pydoc.plaintext)  # type: ignore[attr-defined]


def test_only_public_names_are_listed() -> None:
    """`dir` lists public names, and those that each module has."""
    assert {name for name in dir(cxone_rollcall) if not name.startswith("__")} == set(cxone_rollcall.__all__) - {
        "__version__"
    }


@pytest.mark.parametrize(
    "name",
    [name for name in cxone_rollcall.__all__ if issubclass(type(getattr(cxone_rollcall, name)), msgspec.StructMeta)],
)
def test_every_field_is_documented(name: str) -> None:
    """docs/python.md names each field of each public value."""
    section = PAGE.partition(f"### `{name}`\n")[2].partition("\n### ")[0]
    fields = getattr(cxone_rollcall, name).__struct_fields__
    assert [field for field in fields if f"`{field}`" not in section] == []


def test_public_signatures_stay() -> None:
    """Parameters, fields and defaults of public names are those of `signatures.txt`.

    Programs rely on them.
    """
    lines = [line for name in sorted(cxone_rollcall.__all__) for line in _signatures(name)]
    assert_as_written(Path(__file__).with_name("signatures.txt"), "\n".join(lines) + "\n")


def _signatures(name: str) -> Iterator[str]:
    value = getattr(cxone_rollcall, name)
    members = vars(value) if inspect.isclass(value) else {}
    if isinstance(value, EnumType):
        yield f"{name}: {list(map(str, value))}"
    elif inspect.isfunction(value) or isinstance(value, msgspec.StructMeta) or "__init__" in members:
        yield f"{name}{_signature(value)}"
    methods = {name: one for name, one in members.items() if inspect.isfunction(one) and not name.startswith("_")}
    yield from (f"    {name}{_signature(one)}" for name, one in methods.items())


def _signature(value: Any) -> str:
    """Its parameters with their defaults, without types, and without addresses in memory."""
    signature = inspect.signature(value)
    parameters = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    text = str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))
    return re.sub(r"<[^<>]*(<[^<>]*>)?[^<>]* at \w+>", "...", text)


async def test_settings_of_the_environment(cxone_tenant: CxoneTenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """`connect_from_settings` uses the settings that the command uses. A watcher gets each request and its body."""
    for variable, value in cxone_tenant.environment.items():
        monkeypatch.setenv(variable, value)
    seen: list[Exchange] = []
    async with connect_from_settings(bodies=True, watcher=seen.append) as client:
        account = await check(client)
    assert account.counts["roster"] == len(cxone_tenant.agents)
    assert len(seen) == account.requests.sent
    assert all(one.response_body for one in seen)


async def test_settings_of_a_profile(
    cxone_tenant: CxoneTenant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A profile of config.toml is chosen by its name. An unknown one is refused with those that exist."""
    config = tmp_path / "config.toml"
    lines = (f"{name.removeprefix('CXONE_').lower()} = {value!r}" for name, value in cxone_tenant.environment.items())
    config.write_text("\n".join(("[profiles.acme]", *lines)))
    config.chmod(0o600)
    monkeypatch.setenv("ROLLCALL_CONFIG", str(config))
    async with connect_from_settings(profile="acme") as client:
        assert (await check(client)).counts["roster"] == len(cxone_tenant.agents)
    with pytest.raises(SettingError, match="acme"):
        async with connect_from_settings(profile="acne"):
            pytest.fail("there is no such profile")


async def test_missing_settings_are_named() -> None:
    """Without settings, `SettingError` names what is missing."""
    with pytest.raises(SettingError, match="No settings were found") as missing:
        async with connect_from_settings():
            pytest.fail("nothing is set")
    assert missing.value.example.startswith("CXONE_INSTANCE=")


def test_a_program_without_an_event_loop(cxone_tenant: CxoneTenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check_sync` returns the account to synchronous code. It takes what `check` takes."""
    for variable, value in cxone_tenant.environment.items():
        monkeypatch.setenv(variable, value)
    account = check_sync(connect_from_settings())
    assert account.counts["roster"] == len(cxone_tenant.agents)
    (one, *_) = cxone_tenant.agents
    selected = check_sync(connect_from_settings(), Selection(agents=(one.agent_id,)), probing=Probing.DEEP)
    assert [entry.agent.agent_id for entry in selected.roll.entries] == [one.agent_id]
    assert selected.case[ProbesAsked].most == 40


async def test_a_notebook(cxone_tenant: CxoneTenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check_sync` works where an event loop runs already, as in a notebook."""
    for variable, value in cxone_tenant.environment.items():
        monkeypatch.setenv(variable, value)
    assert check_sync(connect_from_settings()).counts["roster"] == len(cxone_tenant.agents)


def test_errors_reach_synchronous_code() -> None:
    """A wrong argument raises in the caller, and no thread is left."""
    before = threading.active_count()
    with pytest.raises(SettingError):
        check_sync(connect("ftp://tenant.example", CREDENTIALS))
    assert threading.active_count() == before


def test_an_interrupt_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the waiting thread cancels the run and closes its connections."""
    entered, left = threading.Event(), threading.Event()

    @asynccontextmanager
    async def hanging() -> typing.AsyncIterator[typing.Any]:
        entered.set()
        try:
            await cxone_rollcall.diagnose.asyncio.Event().wait()  # type: ignore[attr-defined]
            yield None
        finally:
            left.set()

    def interrupted(self: object, timeout: float | None = None) -> None:
        entered.wait()
        raise KeyboardInterrupt

    running = "concurrent.futures.Future.result"
    original = cxone_rollcall.diagnose.Future.result  # type: ignore[attr-defined]
    calls = iter([interrupted])
    monkeypatch.setattr(running, lambda self, timeout=None: next(calls, original)(self, timeout))
    with pytest.raises(KeyboardInterrupt):
        check_sync(hanging())
    assert left.is_set()


async def test_the_account_as_json() -> None:
    """`to_json` gives what the command prints."""
    async with emulated(12) as world:
        account = await check(world.client)
    document = json.loads(account.to_json())
    assert document["schema"] == "rollcall/check/1"
    assert document["counts"] == account.counts
    assert account.to_json().encode() == b"".join(documents.account(account))


async def test_logs_without_secrets() -> None:
    """Each exchange is logged under `cxone_rollcall`, without a secret of the run."""
    log, text = logging.getLogger("cxone_rollcall"), io.StringIO()
    handler = logging.StreamHandler(text)
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        async with emulated(12, "incontact") as world:
            account = await check(world.client)
            token = await world.client.token()
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    lines = text.getvalue().splitlines()
    assert len([line for line in lines if line.startswith("#")]) == account.requests.sent
    assert any(Verdict.COMPLETE in line for line in lines)
    settings = world.emulator.settings
    for secret in (token.access_token.reveal(), settings.client_secret, settings.access_key_secret):
        assert secret not in text.getvalue()
