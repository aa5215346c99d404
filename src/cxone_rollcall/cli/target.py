"""The tenant of a run. It is in the settings, or emulated."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.options import settings_flags
from cxone_rollcall.client import REQUEST_TIMEOUT
from cxone_rollcall.config.definitions import CONTRACTS
from cxone_rollcall.config.load import config_path, load
from cxone_rollcall.config.logins import LoginStore
from cxone_rollcall.config.settings import Settings
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Value


class Target(Value, frozen=True, kw_only=True):
    """Address, credentials and options of a tenant.

    `base_url` is "" if only the tenant id is known. `logins` is the store of user logins, None unless the grant needs
    it. `sources` is None for a demo.
    """

    base_url: str
    shown: str
    contract: str = "auto"
    api_version: str | None = None
    logins: LoginStore | None = None
    credentials: Credentials
    request_timeout: float
    ca_bundle: Path | None = None
    profile: str | None = None
    tenant_id: str | None = None
    hints: tuple[str, ...] = ()
    sources: Mapping[str, str] | None = None


@asynccontextmanager
async def target_of(given: dict[str, Any]) -> AsyncIterator[Target]:
    """The tenant of the settings, or an emulated one. An emulated one runs for the duration of this block."""
    faults = given.get("faults") or ()
    if not given.get("demo"):
        if faults:
            raise SettingError("--fault needs --demo", example="rollcall check --demo --fault batch-cut")
        yield target_from_settings(settings_flags(given))
        return
    from cxone_rollcall.emulator import Emulator, EmulatorSettings, FaultArgumentError, parse_fault

    contract = (given.get("contract") or "v2").strip().lower()
    if contract not in CONTRACTS:
        raise SettingError(f"--contract must be one of {', '.join(CONTRACTS)}", example="--contract incontact")
    published = contract == "incontact"
    try:
        settings = EmulatorSettings(contracts=("incontact",) if published else ("v2",))
        emulator = Emulator(settings, [parse_fault(fault) for fault in faults])
    except FaultArgumentError as error:
        raise SettingError(str(error)) from error
    async with emulator.running() as address:
        theirs = emulator.credentials
        yield Target(
            base_url=address.url,
            shown=f"emulated tenant at {address.host}:{address.port}",
            contract="incontact" if published else "v2",
            api_version=given.get("api_version"),
            credentials=Credentials(
                grant_type="password" if published else "client_credentials",
                client_id=theirs.client_id,
                client_secret=Secret(theirs.client_secret),
                access_key_id=theirs.access_key_id if published else None,
                access_key_secret=Secret(theirs.access_key_secret) if published else None,
            ),
            request_timeout=REQUEST_TIMEOUT,
        )


def _logins(settings: Settings, base_url: str) -> LoginStore | None:
    if settings.grant_type != "authorization_code":
        return None
    from cxone_rollcall.config.logins import logins_path, store_for

    key = LoginKey.of(base_url, settings.tenant_id, settings.client_id or "")
    store = store_for(key, logins_path(os.environ))
    store.unbroken = signals.unbroken
    return store


def target_from_settings(flags: Mapping[str, str | None]) -> Target:
    """Read the settings and return the tenant they name; raises `SettingError`."""
    settings = load(flags, os.environ, Path.cwd(), config_path(os.environ))
    base_url = settings.instance.url if settings.instance else ""
    return Target(
        base_url=base_url,
        shown=str(settings.instance or f"tenant {settings.tenant_id}"),
        contract=settings.contract,
        api_version=settings.api_version,
        logins=_logins(settings, base_url),
        credentials=Credentials(
            grant_type=settings.grant_type,
            grant_is_guessed=settings.sources["grant_type"] == "default",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            access_key_id=settings.access_key_id if settings.access_key_secret else None,
            access_key_secret=settings.access_key_secret,
        ),
        request_timeout=settings.request_timeout,
        ca_bundle=settings.ca_bundle,
        profile=settings.profile,
        tenant_id=settings.tenant_id,
        hints=settings.hints,
        sources=settings.sources,
    )
