"""Tickets: what a worker needs to poll a tenant, without its secret."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cxone_rollcall.config.definitions import BY_NAME
from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile, chosen_profile
from cxone_rollcall.config.references import secret_of
from cxone_rollcall.config.settings import resolve
from cxone_rollcall.config.sources import Source, Sourced
from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet.records import NewerSchema
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
    except (KeyError, TypeError) as error:
        raise ValueError(f"a ticket lacks {error}") from None


def target(tenant: FleetTenant, environ: Mapping[str, str], profiles: ProfileFile) -> Target:
    """The tenant's address and credentials. Its secrets are resolved here, on this machine. SettingError says what is
    missing.
    """
    secret = {key: secret_of(value, key, environ, profiles) for key, value in _secrets(tenant).items()}
    own = Source(label=f"tenant {tenant.id} of the fleet", group="session", values={**tenant.settings, **secret})
    sources = [own]
    if "profile" in tenant.settings:
        choice = Sourced(BY_NAME["profile"], tenant.settings["profile"], own)
        profile = chosen_profile(profiles, choice)
        sources += [profile] if profile is not None else []
    settings = resolve(sources)
    if settings.grant_type == "authorization_code":
        raise SettingError(
            f"tenant {tenant.id} is that of a user's login, whose token only one machine can renew: a fleet takes an"
            " access key or a client"
        )
    return target_of(replace(settings, groups=profiles.groups))


def _secrets(tenant: FleetTenant) -> dict[str, str]:
    return {key: value for key, value in tenant.settings.items() if BY_NAME[key].secret}
