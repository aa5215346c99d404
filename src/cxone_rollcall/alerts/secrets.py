"""The URLs and secrets of places: from the environment or the keyring."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from cxone_rollcall.alerts.rules import Place
from cxone_rollcall.config.secret_files import secret_of_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.host import host_of, is_loopback
from cxone_rollcall.model.pasted_text import cleaned, is_blank
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.shell import pip_install
from cxone_rollcall.model.struct import HiddenRepr

SERVICE = "rollcall-alerts"
"""The service under which the keyring keeps them."""
LEAST_KEY, MOST_KEY = 24, 64
"""Bytes of a key. Source: the Standard Webhooks specification, *Signature scheme*."""


class Address(HiddenRepr, frozen=True):
    """Where a place's messages go, and the key that signs them. `key` is None if they are not signed."""

    hidden = ("url", "key")

    place: Place
    url: Secret
    key: Secret | None


def address_of(place: Place, environ: Mapping[str, str]) -> Address:
    """The URL and key of a place. SettingError says which is missing or unusable, and does not quote it."""
    url = _kept(place, "url", place.url, place.url_in, environ)
    if place.kind == "webhook":
        _check_url(place, url)
    key = None if place.secret is None else _kept(place, "secret", place.secret, place.secret_in, environ)
    if key is not None:
        key_bytes(key, place)
    return Address(place, url, key)


def key_bytes(key: Secret, place: Place) -> bytes:
    """The bytes of a key: `whsec_` and base64. SettingError if it is no such key."""
    try:
        decoded = base64.b64decode(key.reveal().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not LEAST_KEY <= len(decoded) <= MOST_KEY:
        _refuse(
            f"the secret of {place.name} ({place.secret}) must be base64 of {LEAST_KEY} to {MOST_KEY} bytes",
            f'export {place.secret}="whsec_$(openssl rand -base64 32)"',
        )
    return decoded


def _kept(place: Place, what: str, name: str, where: str, environ: Mapping[str, str]) -> Secret:
    text = _from_environment(name, environ) if where == "env" else _from_keyring(name)
    if text is None or is_blank(text):
        source = "the environment variable" if where == "env" else "the keyring's entry"
        example = f"export {name}=..." if where == "env" else f"keyring set {SERVICE} {name}"
        _refuse(f"the {what} of {place.name} is missing: {source} {name} is not set", example)
    return Secret(cleaned(text))


def _from_environment(name: str, environ: Mapping[str, str]) -> str | None:
    return secret_of_file(name, environ, Path()) or environ.get(name)


def _from_keyring(name: str) -> str | None:
    try:
        import keyring
    except ImportError:
        _refuse("the keyring library is not installed", pip_install("keyring"))
    try:
        return keyring.get_password(SERVICE, name)
    except Exception as error:  # noqa: BLE001  each backend raises its own library's errors
        _refuse(f"the keyring cannot be used ({type(error).__name__})", f"export {name}=...")


def _check_url(place: Place, url: Secret) -> None:
    try:
        parts = urlsplit(url.reveal())
        usable = bool(parts.hostname) and parts.port != 0 and url.reveal().isprintable() and " " not in url.reveal()
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable or parts.scheme not in ("http", "https") or parts.username or parts.password:
        _refuse(f"the url of {place.name} ({place.url}) must be like https://host/path", "")
    if parts.scheme == "http" and not is_loopback(host_of(url.reveal())):
        _refuse(f"the url of {place.name} ({place.url}) must begin with https: messages name people", "")


def _refuse(message: str, example: str) -> NoReturn:
    raise SettingError(message, example=example)
