"""The tenant of a command. It is in the settings, or emulated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.options import settings_flags
from cxone_rollcall.client import REQUEST_TIMEOUT
from cxone_rollcall.config.definitions import CONTRACTS
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.target import Target, target_from_settings


@asynccontextmanager
async def target_of(given: dict[str, Any], *, living: bool = False) -> AsyncIterator[Target]:
    """The tenant of the settings, or an emulated one. An emulated one runs for the duration of this block.

    If it is `living`, its agents change their states as time passes.
    """
    faults = given.get("faults") or ()
    if not given.get("demo"):
        if faults:
            raise SettingError("--fault needs --demo", example="rollcall check --demo --fault batch-cut")
        yield target_from_settings(settings_flags(given), unbroken=signals.unbroken)
        return
    from cxone_rollcall.emulator import Emulator, EmulatorSettings, FaultArgumentError, parse_fault

    contract = (given.get("contract") or "v2").strip().lower()
    if contract not in CONTRACTS:
        raise SettingError(f"--contract must be one of {', '.join(CONTRACTS)}", example="--contract incontact")
    published = contract == "incontact"
    try:
        settings = EmulatorSettings(
            contracts=("incontact",) if published else ("v2",), clock="running" if living else "frozen"
        )
        emulator = Emulator(settings, [parse_fault(fault) for fault in faults])
    except FaultArgumentError as error:
        raise SettingError(str(error)) from error
    async with emulator.running() as address:
        theirs = emulator.credentials
        yield Target(
            base_url=address.url,
            shown=f"emulated tenant at {address.host}:{address.port}",
            title="Emulated tenant",
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
