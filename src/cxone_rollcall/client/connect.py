"""Opens a client for one tenant."""

from __future__ import annotations

import math
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cxone_rollcall.client.client import Client
from cxone_rollcall.client.sender import REQUEST_TIMEOUT
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.incontact.discovery import ISSUER
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.instance import Instance
from cxone_rollcall.transport.http import HttpTransport
from cxone_rollcall.transport.recorder import Recorder

if TYPE_CHECKING:
    from cxone_rollcall.client.authenticator import LoginStore

HANG_SHARE = 0.9
"""Share of a run's time limit for one request. The rest is for the report."""


@asynccontextmanager
async def connect(
    base_url: str,
    credentials: Credentials,
    *,
    contract: str = "auto",
    tenant_id: str | None = None,
    api_version: str | None = None,
    logins: LoginStore | None = None,
    request_timeout: float = REQUEST_TIMEOUT,
    run_limit: float | None = None,
    ca_bundle: Path | None = None,
    bodies: bool = False,
    watcher: Callable[[Exchange], None] | None = None,
    may_send: Callable[[], None] | None = None,
) -> AsyncIterator[Client]:
    """A client for the tenant at `base_url` (`https://host[:port]`). Its connections are closed at the end.

    `base_url` is a host or a URL, of which the path is ignored; without a scheme it is https, or http for this machine.
    It may be "" if `tenant_id` is given: then NICE's issuer is asked where the tenant is. `contract` is "v2",
    "incontact" or "auto", which takes the first that the host supports, beginning with the one that the credentials are
    for. `api_version` ("34") pins the API version of `incontact`. `logins` stores the user's login for the grant
    authorization_code. `ca_bundle` is a PEM file of the certificates to trust instead of the system's.

    `watcher` is called with each exchange as it is recorded; `bodies` adds headers and bodies. `request_timeout` is in
    seconds, and so is `run_limit`, the time limit of the run: a request that hangs is ended shortly before. `may_send`
    is called when a request would be written next, over an open connection, and prevents it by raising.

    SettingError, before anything is asked, if an argument is none of this.
    """
    if base_url or tenant_id is None:
        base_url = Instance.parse(base_url, named="base_url", line='connect("{}", credentials)').url
    if api_version is not None and not re.fullmatch(r"[1-9][0-9]{0,2}", api_version):
        raise SettingError("api_version must be the number of a version", example='api_version="34"')
    for name, seconds in (("request_timeout", request_timeout), ("run_limit", run_limit)):
        if seconds is not None and not 0 < seconds < math.inf:
            raise SettingError(f"{name} must be a number of seconds above 0", example=f"{name}=20")
    hurried = run_limit is not None and run_limit * HANG_SHARE < request_timeout
    longest = run_limit * HANG_SHARE if run_limit is not None and hurried else request_timeout
    contracts, why = _candidates(contract, base_url, credentials, tenant_id, api_version)
    async with HttpTransport(
        base_url or ISSUER, timeout=longest, clock=time.monotonic, ca_bundle=ca_bundle, may_send=may_send
    ) as transport:
        yield Client(
            contracts[0],
            transport,
            credentials,
            others=contracts[1:],
            logins=logins,
            base_url=base_url or ISSUER,
            why=why,
            recorder=Recorder(bodies=bodies, watcher=watcher),
            once=frozenset({FailureKind.TIMED_OUT}) if hurried else frozenset(),
            run_limit=run_limit,
            tenant_id=tenant_id,
        )


def _candidates(
    contract: str, base_url: str, credentials: Credentials, tenant_id: str | None, api_version: str | None
) -> tuple[list[V2 | Incontact], str]:
    """The contracts to try, likeliest first, and the reason. The reason is "" if the settings name the contract."""
    v2, incontact = V2(base_url), Incontact(base_url, tenant_id=tenant_id, version=api_version)
    if contract != "auto":
        named: dict[str, V2 | Incontact] = {"v2": v2, "incontact": incontact}
        if contract not in named:
            raise SettingError("contract must be auto, v2 or incontact", example='contract="incontact"')
        return [named[contract]], ""
    if not base_url:
        return [incontact], "a tenant id alone is set, and only this contract can find a tenant by it"
    if credentials.grant_type == "client_credentials":
        return [v2, incontact], "a client without an access key is set"
    what = "an access key is set" if credentials.grant_type == "password" else "users log in"
    return [incontact, v2], what
