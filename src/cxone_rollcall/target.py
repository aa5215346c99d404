"""The tenant that the settings name, and a client of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path

from cxone_rollcall.client import Client, connect
from cxone_rollcall.client.authenticator import LoginStore as AnyLoginStore
from cxone_rollcall.config.load import config_path, load
from cxone_rollcall.config.logins import LoginStore
from cxone_rollcall.config.settings import Settings
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.struct import Value


class Target(Value, frozen=True, kw_only=True):
    """Address, credentials and options of a tenant.

    `base_url` is "" if only the tenant id is known. `logins` is the store of user logins, None unless the grant needs
    it. `title` is what people call it: its profile if that says which tenant it is, else the same as `shown`.
    `sources` is None for a demo. `groups` are groups of states by a state's name.
    """

    base_url: str
    shown: str
    title: str
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
    groups: Mapping[str, Group] = {}

    @asynccontextmanager
    async def connect(
        self,
        *,
        run_limit: float | None = None,
        bodies: bool = False,
        watcher: Callable[[Exchange], None] | None = None,
        may_send: Callable[[], None] | None = None,
        logins: AnyLoginStore | None = None,
    ) -> AsyncIterator[Client]:
        """Open a client for this tenant; arguments as for `connect`. `logins` is used instead of the target's own."""
        async with connect(
            self.base_url,
            self.credentials,
            contract=self.contract,
            tenant_id=self.tenant_id,
            api_version=self.api_version,
            logins=logins or self.logins,
            request_timeout=self.request_timeout,
            run_limit=run_limit,
            ca_bundle=self.ca_bundle,
            bodies=bodies,
            watcher=watcher,
            may_send=may_send,
        ) as client:
            yield client


def target_from_settings(
    flags: Mapping[str, str | None], *, unbroken: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Target:
    """Read the settings and return the tenant they name.

    `flags` maps setting names (`client_id`) to texts, or to None if not given. They come before the environment, the
    `.env` of the working folder and the profile. `unbroken` is entered while a login is stored. SettingError says what
    is missing or malformed.
    """
    settings = load(
        flags, os.environ, Path.cwd(), config_path(os.environ), is_logged_in=_is_logged_in, latest_login=_latest_login
    )
    return target_of(settings, _logins(settings, unbroken))


def target_of(settings: Settings, logins: LoginStore | None = None) -> Target:
    """The tenant of these settings. `logins` is the store of its user's login, if the grant needs one."""
    shown = str(settings.instance or f"tenant {settings.tenant_id}")
    return Target(
        base_url=settings.base_url,
        shown=shown,
        title=settings.profile if settings.profile and settings.of_profile else shown,
        contract=settings.contract,
        api_version=settings.api_version,
        logins=logins,
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
        groups=settings.groups,
    )


def _is_logged_in(key: LoginKey) -> bool:
    from cxone_rollcall.config.logins import logins_path, store_for

    return store_for(key, logins_path(os.environ)).load() is not None


def _latest_login() -> Mapping[str, str]:
    """The settings of the login stored last. {} if it is gone."""
    from cxone_rollcall.config.logins import latest, logins_path

    found = latest(logins_path(os.environ))
    if not found.get("client_id") or not (found.get("instance") or found.get("tenant_id")):
        return {}
    key = LoginKey.of(found.get("instance"), found.get("tenant_id"), found["client_id"])
    return found if _is_logged_in(key) else {}


def _logins(settings: Settings, unbroken: Callable[[], AbstractContextManager[None]]) -> LoginStore | None:
    if settings.grant_type != "authorization_code":
        return None
    from cxone_rollcall.config.logins import logins_path, store_for

    store = store_for(settings.login_key, logins_path(os.environ))
    store.unbroken = unbroken
    return store


@asynccontextmanager
async def connect_from_settings(
    profile: str | None = None, *, bodies: bool = False, watcher: Callable[[Exchange], None] | None = None
) -> AsyncIterator[Client]:
    """A client for the tenant of the settings, as for the command.

    The settings are those of the environment, of `.env` in the working folder, and of `profile` in config.toml, or of
    the profile that CXONE_PROFILE names. `bodies` and `watcher` are as for `connect`. SettingError says what is missing
    or malformed, before anything is asked.
    """
    async with target_from_settings({"profile": profile}).connect(bodies=bodies, watcher=watcher) as client:
        yield client
