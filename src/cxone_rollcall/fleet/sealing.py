"""Seals the logins of users. Only who has the key can read them, and each opens in its own place alone."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.logins.store import from_record, to_record
from cxone_rollcall.config.secret_files import secret_of_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.shell import pip_install
from cxone_rollcall.model.struct import Value

KEY = "ROLLCALL_FLEET_KEY"
MAKE = f"(umask 077 && openssl rand -base64 32 > fleet.key) && export {KEY}_FILE=$PWD/fleet.key"
"""Makes a key, for a shell."""
SCHEMA = 1
_URL_SAFE = str.maketrans("+/", "-_")


class Held(Value, frozen=True):
    """A login as a fleet keeps it. `renewing` is the worker that has begun to renew it, "" if none has."""

    login: Login
    renewing: str = ""


class Unopened(SettingError):
    """There is no login that this machine can use."""


class OtherKey(Unopened):
    """A login is sealed with a key that is not here."""


class Keys:
    """The keys of a fleet. The first one seals, each one opens. SettingError if one is no key."""

    def __init__(self, keys: list[str]) -> None:
        if importlib.util.find_spec("cryptography") is None:
            raise SettingError(
                "a fleet seals the logins of users with the library cryptography, which is not installed",
                example=pip_install("cryptography"),
            )
        from cryptography.fernet import Fernet, MultiFernet

        try:
            made = [Fernet(key.translate(_URL_SAFE)) for key in keys]
        except ValueError:
            raise SettingError(
                f"{KEY} is no key: it must be 32 random bytes in base64, or several such keys with commas in between",
                example=MAKE,
            ) from None
        self._first, self._all = made[0], MultiFernet(made)

    def seal(self, held: Held, zone: str, tenant: str) -> bytes:
        """A login, to be kept for this tenant alone."""
        place = {"schema": SCHEMA, "zone": zone, "tenant": tenant, "renewing": held.renewing}
        return self._first.encrypt(json.dumps({**place, "login": to_record(held.login)}).encode())

    def open(self, sealed: bytes, zone: str, tenant: str, key: LoginKey) -> Held:
        """The login of this tenant, instance and client.

        Raises `OtherKey`, `Unopened` if it was sealed for another place, and `NewerSchema`.
        """
        from cryptography.fernet import InvalidToken

        try:
            content = json.loads(self._all.decrypt(sealed))
        except InvalidToken:
            raise OtherKey(f"its login is sealed with another key than those in {KEY}") from None
        if content["schema"] > SCHEMA:
            raise NewerSchema
        if (content["zone"], content["tenant"]) != (zone, tenant):
            raise Unopened("its login is that of another tenant: somebody has put it there")
        try:
            return Held(from_record(content["login"], key), content["renewing"])
        except ValueError:
            raise Unopened("its login is that of another instance or client") from None

    def seals_now(self, sealed: bytes) -> bool:
        """Whether the first key has sealed this."""
        from cryptography.fernet import InvalidToken

        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True


def keys_of(environ: Mapping[str, str], folder: Path) -> Keys:
    """The keys in the environment, or in the file that it names. A relative path starts from `folder`.

    SettingError if there is none, or if other users can read the file.
    """
    text = secret_of_file(KEY, environ, folder) or environ.get(KEY, "")
    keys = text.replace(",", " ").split()
    if not keys:
        raise SettingError(
            f"a fleet seals the logins of users, and this machine has no key: set {KEY} or {KEY}_FILE", example=MAKE
        )
    return Keys(keys)
