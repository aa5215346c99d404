"""Settings: `.env`, `config.toml`, and instances as users paste them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.config.load import load
from cxone_rollcall.config.settings import Settings
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.instance import Instance
from quality.fuzz.target import Target, must

SHORTEST_SECRET = 12
"""Shorter secrets may occur in a message by chance."""


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="rollcall-fuzz-"))


def feed_files(data: bytes) -> None:
    """Load a `.env` and a `config.toml`, separated by a byte 0xFF."""
    dotenv, _, profiles = data.partition(b"\xff")
    folder = _folder()
    (folder / ".env").write_bytes(dotenv)
    config = folder / "config.toml"
    config.write_bytes(profiles)
    config.chmod(0o600)
    try:
        settings = load({}, {}, folder, config)
    except SettingError as refused:
        must(bool(str(refused)), "a refusal has a message")
        return
    _of_settings(settings)


def _of_settings(settings: Settings) -> None:
    shown = repr(settings)
    for secret in (settings.client_secret, settings.access_key_secret):
        text = secret.reveal() if secret is not None else ""
        public = {str(getattr(settings, one.name)) for one in SETTINGS if not one.secret}
        if len(text) >= SHORTEST_SECRET and not any(text in one for one in public):
            must(text not in shown, "a secret is not shown", text)
    must(settings.request_timeout > 0, "the time limit is positive", settings.request_timeout)
    if settings.instance is not None:
        _of_an_instance(settings.instance)


def feed_instance(data: bytes) -> None:
    """Parse a text as an instance."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        instance = Instance.parse(text)
    except SettingError as refused:
        must(
            len(text) < SHORTEST_SECRET or text not in str(refused), "a message does not repeat the value", str(refused)
        )
        return
    _of_an_instance(instance)


def _of_an_instance(instance: Instance) -> None:
    must(Instance.parse(instance.url) == instance, "an instance parses to itself", instance.url)
    parts = urlsplit(instance.url)
    must(parts.hostname == instance.host and parts.port == instance.port, "a URL leads to the instance", instance.url)
    must(instance.host.isascii() and instance.host.isprintable() and "@" not in parts.netloc, "a host is plain")
    must(instance.scheme == "https" or instance.is_loopback, "no secret travels unencrypted", instance.url)


def _files() -> Iterator[bytes]:
    yield "\n".join(f"{one.line}" for one in SETTINGS if one.name not in ("profile", "ca_bundle")).encode()
    table = "".join(
        f'{one.name} = "{one.example}"\n' for one in SETTINGS if one.name not in ("profile", "ca_bundle", "api_version")
    )
    yield b"CXONE_PROFILE=acme\n\xff" + f'default_profile = "acme"\n[profiles.acme]\n{table}'.encode()
    yield b"\xef\xbb\xbfexport CXONE_INSTANCE='127.0.0.1:8080'\nCXONE_CLIENT_SECRET=a-long-secret-of-a-test\n"
    yield b"\xff[profiles.a]\nrequest_timeout = 1e400\n[profiles.b]\ninstance='[::1]:8080'\n"


def _instances() -> Iterator[bytes]:
    for text in (
        "api-us-01.nice-incontact.com",
        "https://api-na1.niceincontact.com:443/incontactapi/",
        "http://localhost:8080",
        "[::1]:8080",
        "http://127.0.0.1",
        "https:host.example",
        "user:password@host",
        "b\u00fccher.example",
        "0x7f.1",
        "'quoted.example'",
    ):
        yield text.encode()


SETTING_FILES = Target(
    name="settings",
    about="`.env` and `config.toml`, loaded as a run does",
    feed=feed_files,
    seeds=_files,
    words=(
        *(one.variable.encode() + b"=" for one in SETTINGS),
        *(one.name.encode() + b' = "' for one in SETTINGS),
        *(b"[profiles.", b"default_profile", b"export ", b"\xff", b'"""', b"'", b"\\u0000", b"nan", b"inf", b"1e400"),
    ),
)
INSTANCE = Target(
    name="instance",
    about="instances as users paste them",
    feed=feed_instance,
    seeds=_instances,
    words=(b"https://", b"http:", b"//", b"[", b"]", b"::1", b"@", b"%40", b"xn--", b"127.0.0.1", b"localhost", b"0x"),
)
TARGETS = (SETTING_FILES, INSTANCE)
