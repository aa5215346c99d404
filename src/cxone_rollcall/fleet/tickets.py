"""Tickets: what a worker needs to poll a tenant, without its secret."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cxone_rollcall.config.definitions import BY_NAME
from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile, chosen_profile
from cxone_rollcall.config.references import secret_of
from cxone_rollcall.config.settings import resolve
from cxone_rollcall.config.sources import Source, Sourced, pick
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.struct import replace
from cxone_rollcall.target import Target, target_of

SCHEMA = 1


def encode(tenant: FleetTenant) -> bytes:
    """A tenant as its ticket. The same tenant gives the same bytes."""
    return json.dumps(
        {"schema": SCHEMA, "tenant": tenant.id, "interval": tenant.interval, "settings": dict(tenant.settings)},
        sort_keys=True,
    ).encode()


def decode(data: bytes) -> FleetTenant:
    """The tenant of a ticket. NewerSchema if a newer version wrote it, ValueError if it is none."""
    try:
        given = json.loads(data)
        if given["schema"] > SCHEMA:
            raise NewerSchema
        return FleetTenant(str(given["tenant"]), float(given["interval"]), dict(given["settings"]))
    except (KeyError, TypeError):
        raise ValueError from None


def target(tenant: FleetTenant, environ: Mapping[str, str], profiles: ProfileFile) -> Target:
    """The tenant's address and credentials. Its secrets are resolved here, on this machine. SettingError says what is
    missing. The store of a user's login is not part of it.
    """
    secret = {key: secret_of(value, key, environ, profiles) for key, value in _secrets(tenant).items()}
    settings = resolve(_sources(tenant, {**tenant.settings, **secret}, profiles))
    return target_of(replace(settings, groups=profiles.groups))


def login_of(tenant: FleetTenant, profiles: ProfileFile) -> LoginKey | None:
    """The login that the tenant is polled with, if any. SettingError as for `target`."""
    secrets = _secrets(tenant)
    sources = _sources(tenant, {name: one for name, one in tenant.settings.items() if name not in secrets}, profiles)
    grant = pick(BY_NAME["grant_type"], sources)
    if grant is None or grant.text.lower().replace("-", "_") != "authorization_code":
        return None
    return resolve(sources).login_key


def _sources(tenant: FleetTenant, values: Mapping[str, str], profiles: ProfileFile) -> list[Source]:
    own = Source(label=f"tenant {tenant.id} of the fleet", group="session", values=values)
    if "profile" not in tenant.settings:
        return [own]
    profile = chosen_profile(profiles, Sourced(BY_NAME["profile"], tenant.settings["profile"], own))
    return [own] if profile is None else [own, profile]


def _secrets(tenant: FleetTenant) -> dict[str, str]:
    return {key: value for key, value in tenant.settings.items() if BY_NAME[key].secret}
