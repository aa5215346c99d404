"""Reads `fleet.toml`: engine, zone, and tenants with references to their secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.definitions import BY_NAME, did_you_mean
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.config.toml_file import TomlFile, read_toml
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.time_span import parse_time_span

LARGEST = 16 << 20
"""Bytes of a `fleet.toml`. 10,000 tenants have 3 MB."""
SHORTEST_INTERVAL, LONGEST_INTERVAL = 1, 3600
SCHEMES = ("env", "file", "keyring", "profile")
"""Where a secret may be, seen from the worker."""
_TOP = ("nats", "zone", "tenant")
_KEYS = tuple(name for name in BY_NAME if name not in ("ca_bundle", "request_timeout"))
_OWN = ("id", "interval")
_SECRETS = tuple(name for name, setting in BY_NAME.items() if setting.secret)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Names of zones and tenants: each is one token of a subject."""
EXAMPLE = """\
nats = ["nats://127.0.0.1:4222"]
zone = "eu"
[[tenant]]
id = "acme"
interval = "10s"
instance = "api-na1.niceincontact.com"
access_key_id = "your-access-key-id"
access_key_secret = "env:ACME_SECRET\""""


class FleetTenant(Value, frozen=True):
    """A tenant of a fleet. `interval` is in seconds; a secret in `settings` is a reference."""

    id: str
    interval: float
    settings: Mapping[str, str]


class FleetFile(Value, frozen=True):
    """The content of a `fleet.toml`."""

    nats: tuple[str, ...]
    zone: str
    tenants: tuple[FleetTenant, ...]

    @property
    def beat(self) -> float:
        """The shortest interval."""
        return min(tenant.interval for tenant in self.tenants)


def read_fleet(path: Path, profiles: ProfileFile) -> FleetFile:
    """Read a `fleet.toml`. `profiles` are those of `config.toml`, which it may name.

    SettingError if it is unreadable or malformed, and if it has a secret itself. It quotes no value of a secret.
    """
    text = read_toml(path, largest=LARGEST)
    return parse_fleet(TomlFile(text, str(path)).values, str(path), profiles)


def parse_fleet(document: Mapping[str, object], path: str, profiles: ProfileFile) -> FleetFile:
    """The fleet in a parsed file. SettingError as for `read_fleet`."""
    _known(document, _TOP, path)
    nats, zone, tables = document.get("nats"), document.get("zone", "main"), document.get("tenant", [])
    urls = (nats,) if isinstance(nats, str) else tuple(nats) if isinstance(nats, list) else ()
    if not urls or not all(isinstance(url, str) for url in urls):
        raise SettingError(f"{path} needs nats, a list of addresses", example=EXAMPLE)
    if not isinstance(zone, str) or not NAME.fullmatch(zone):
        raise SettingError(f"zone in {path} must be letters, digits, - and _", example='zone = "eu"')
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise SettingError(f"{path} has no [[tenant]]", example=EXAMPLE)
    tenants: dict[str, FleetTenant] = {}
    for number, table in enumerate(tables, 1):
        tenant = _tenant(table, f"tenant {number} in {path}", profiles)
        if tenant.id in tenants:
            raise SettingError(f"{path} has the tenant {tenant.id} twice: each has an id of its own")
        tenants[tenant.id] = tenant
    return FleetFile(urls, zone, tuple(tenants.values()))


def _tenant(table: Mapping[str, object], where: str, profiles: ProfileFile) -> FleetTenant:
    own = table.get("id")
    if not isinstance(own, str) or not NAME.fullmatch(own):
        raise SettingError(f"the id of {where} must be letters, digits, - and _", example='id = "acme"')
    where = f"tenant {own} in {where.partition(' in ')[2]}"
    _known(table, (*_OWN, *_KEYS), where)
    settings: dict[str, str] = {}
    for key in _KEYS:
        value = table.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise SettingError(f"{key} of {where} must be text in quotes", example=f'{key} = "{BY_NAME[key].example}"')
        if key in _SECRETS:
            _check_reference(key, value, own, where, profiles)
        settings[key] = value
    profile = settings.get("profile")
    if profile is not None:
        _check_profile(profile, where, profiles)
    elif "instance" not in settings and "tenant_id" not in settings:
        raise SettingError(f"{where} has neither an instance nor a profile", example=EXAMPLE)
    return FleetTenant(own, _interval(table.get("interval", "10s"), where), settings)


def _known(table: Mapping[str, object], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise SettingError(f"{where} has the unknown key {shown(key)}.{did_you_mean(key, keys)}", example=EXAMPLE)


def _check_reference(key: str, value: str, tenant: str, where: str, profiles: ProfileFile) -> None:
    scheme, colon, rest = value.partition(":")
    if not colon or scheme not in SCHEMES or not rest.strip():
        variable = f"{re.sub('[^A-Z0-9]', '_', tenant.upper())}_SECRET"
        raise SettingError(
            f"{key} of {where} is a secret itself: this file and the engine hold only a reference to it, one of"
            f" {', '.join(f'{one}:' for one in SCHEMES)}. Whoever could read the file should get another secret.",
            example=f'{key} = "env:{variable}"',
        )
    if scheme == "profile":
        _check_profile(rest, where, profiles)


def _check_profile(name: str, where: str, profiles: ProfileFile) -> None:
    if name not in profiles.profiles:
        known = ", ".join(map(shown, profiles.profiles)) or "none"
        raise SettingError(
            f"{where} names the profile {shown(name)}, which is not in {profiles.path}; profiles there: {known}."
            + did_you_mean(name, profiles.profiles)
        )


def _interval(value: object, where: str) -> float:
    """The seconds of a text such as 10s."""
    seconds = parse_time_span(value) if isinstance(value, str) else None
    if seconds is None or not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        raise SettingError(
            f"interval of {where} must be {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} whole seconds, not"
            f" {shown(str(value))}",
            example='interval = "10s"',
        )
    return float(seconds)
