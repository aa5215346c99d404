"""Opens a client, and closes its connections at the end."""

from __future__ import annotations

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
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.failure import FailureKind
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
) -> AsyncIterator[Client]:
    """A client for the tenant at `base_url` (`https://host[:port]`).

    Its connections are closed at the end. `base_url` may be "" if `tenant_id` is given: then NICE's issuer is asked
    where the tenant is. `contract` is "v2", "incontact" or "auto": the first that the host supports, beginning with the
    one that the credentials suggest. `api_version` ("34") pins the API version of `incontact`. `logins` stores the
    user's login for the grant authorization_code.

    `watcher` is called with each exchange as it is recorded; `bodies` adds headers and bodies. `run_limit` is the time
    limit of the run in seconds: a request that hangs is ended shortly before.
    """
    hurried = run_limit is not None and run_limit * HANG_SHARE < request_timeout
    longest = run_limit * HANG_SHARE if run_limit is not None and hurried else request_timeout
    contracts, why = _candidates(contract, base_url, credentials, tenant_id, api_version)
    transport = HttpTransport(base_url or ISSUER, timeout=longest, clock=time.monotonic, ca_bundle=ca_bundle)
    async with transport:
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
        )


def _candidates(
    contract: str, base_url: str, credentials: Credentials, tenant_id: str | None, api_version: str | None
) -> tuple[list[V2 | Incontact], str]:
    """The contracts to try, likeliest first, and the reason. The reason is "" if the settings name the contract."""
    v2, incontact = V2(base_url), Incontact(base_url, tenant_id=tenant_id, version=api_version)
    if contract != "auto":
        named: dict[str, V2 | Incontact] = {"v2": v2, "incontact": incontact}
        if contract not in named:
            raise ValueError(f"contract must be auto, v2 or incontact, not {contract!r}")
        return [named[contract]], ""
    if not base_url:
        return [incontact], "a tenant id alone is set, and only this contract can find a tenant by it"
    if credentials.grant_type == "client_credentials":
        return [v2, incontact], "a client without an access key is set"
    what = "an access key is set" if credentials.grant_type == "password" else "users log in"
    return [incontact, v2], what
