"""A `.env` from a foreign repository cannot redirect a stored secret.

The rule: there are three places (session, `.env`, profile). A secret goes to the instance that
was set in its own place. Certificates are trusted with a secret of their own place, or if the session names them.
Variables that are not settings have no effect.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from cxone_rollcall.config.load import config_path, load
from cxone_rollcall.config.logins import logins_path
from cxone_rollcall.config.settings import Settings, resolve
from cxone_rollcall.config.sources import Group, Source
from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.errors import SettingError

GROUPS: tuple[Group, ...] = ("session", "dotenv", "profile")
BUNDLE = {"ca_bundle": "/ca.pem"}
WHOLE = {"instance": "one.example.com", "client_id": "me", "client_secret": "hunter2"}
KEY = {"instance": "one.example.com", "access_key_id": "key", "access_key_secret": "hunter2"}
LOGIN = {"instance": "one.example.com", "client_id": "me", "grant_type": "authorization_code"}


def resolved(**values: Mapping[str, str]) -> Settings:
    """Resolve what each group sets."""
    return resolve([Source(label=f"the {group}", group=group, values=values.get(group, {})) for group in GROUPS])


def refused(**values: Mapping[str, str]) -> str:
    """Return the refusal that these sources lead to."""
    with pytest.raises(SettingError) as caught:
        resolved(**values)
    assert "hunter2" not in str(caught.value) + caught.value.example
    return str(caught.value)


@pytest.mark.parametrize("credentials", [WHOLE, KEY])
@pytest.mark.parametrize(("of_bundle", "of_secret"), [*product(GROUPS, GROUPS)])
def test_certificates_are_trusted_with_secrets_of_their_own_place(
    of_bundle: Group, of_secret: Group, credentials: dict[str, str]
) -> None:
    """CXONE_CA_BUNDLE applies to secrets from its own place. From the session it applies to any secret."""
    values: dict[Group, dict[str, str]] = {group: {} for group in GROUPS}
    values[of_secret] |= credentials
    values[of_bundle] |= BUNDLE
    if of_bundle in ("session", of_secret):
        assert resolved(**values).ca_bundle == Path("/ca.pem")
    else:
        said = refused(**values)
        assert said.startswith(f"CXONE_CA_BUNDLE (the {of_bundle}) is not trusted with CXONE_")
        assert f"_SECRET (the {of_secret}): it was not set beside it." in said


def test_the_same_certificates_named_twice_are_the_same() -> None:
    """A bundle is trusted if the secret's place names the same file. Another file is refused."""
    other = {"ca_bundle": "/other.pem"}
    assert resolved(dotenv=BUNDLE, profile=WHOLE | BUNDLE).ca_bundle == Path("/ca.pem")
    refused(dotenv=BUNDLE, profile=WHOLE | other)
    assert resolved(session=BUNDLE, dotenv=other, profile=WHOLE | other).ca_bundle == Path("/ca.pem")


def test_every_secret_in_use_is_guarded() -> None:
    """A client secret next to an access key follows the rule. An unused secret is no error."""
    both = KEY | {"client_id": "me", "client_secret": "hunter2"}
    assert "CXONE_CLIENT_SECRET" in refused(dotenv=KEY | BUNDLE, profile=WHOLE)
    assert resolved(dotenv=both | BUNDLE).ca_bundle
    assert resolved(dotenv=WHOLE | BUNDLE, profile={"access_key_secret": "hunter2"}).access_key_secret is None


@pytest.mark.parametrize("of_login", GROUPS)
def test_a_dotenv_names_no_certificates_for_a_login(of_login: Group) -> None:
    """Certificates of a `.env` are not trusted with a user login. A login is stored outside the settings."""
    values: dict[Group, dict[str, str]] = {group: {} for group in GROUPS}
    values[of_login] |= LOGIN
    for of_bundle in GROUPS:
        now = values | {of_bundle: values[of_bundle] | BUNDLE}
        if of_bundle == "dotenv":
            assert "is not trusted with a user's login" in refused(**now)
        else:
            assert resolved(**now).ca_bundle == Path("/ca.pem")


def test_with_a_tenant_id_in_place_of_the_instance() -> None:
    """With only a tenant id, certificates from another place are refused too."""
    by_tenant = {"tenant_id": "11ed", "access_key_id": "key", "access_key_secret": "hunter2"}
    assert "CXONE_ACCESS_KEY_SECRET" in refused(session=by_tenant, dotenv=BUNDLE)
    assert resolved(session=by_tenant | BUNDLE).ca_bundle


OF_THE_PROCESS = (
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PYTHONHTTPSVERIFY",
    "NETRC",
    "ROLLCALL_LOGINS",
    "ROLLCALL_CONFIG",
    "ROLLCALL_TRACEBACK",
    "PYTHON_KEYRING_BACKEND",
    "BROWSER",
    "XDG_CONFIG_HOME",
    "HOME",
)
"""Variables that affect a process, and are not our settings."""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return a `config.toml` with a profile that holds a secret."""
    config = tmp_path / "config.toml"
    config.write_text("[profiles.acme]\n" + "".join(f'{name} = "{text}"\n' for name, text in WHOLE.items()))
    config.chmod(0o600)
    return config


def test_foreign_variables_have_no_effect(tmp_path: Path, profile: Path) -> None:
    """Proxies, certificates, key logs and our paths are not read from `.env`."""
    (tmp_path / ".env").write_text("".join(f"{name}={tmp_path}/theirs\n" for name in OF_THE_PROCESS))
    before = dict(os.environ)
    settings = load({}, {}, tmp_path, profile)
    assert dict(os.environ) == before
    assert str(settings.instance) == "one.example.com"
    assert settings.ca_bundle is None
    assert "theirs" not in str(settings)
    assert not {config_path(os.environ), logins_path(os.environ)} & {tmp_path / "theirs"}


@pytest.mark.parametrize(
    "line",
    [
        "CXONE_TENANT_ID=theirs",
        "CXONE_CONTRACT=incontact",
        "CXONE_API_VERSION=3",
        "CXONE_CLIENT_ID=theirs",
        "CXONE_PROFILE=acme",
        "CXONE_REQUEST_TIMEOUT=1",
        "CXONE_GRANT_TYPE=authorization_code",
    ],
)
def test_what_a_dotenv_may_set_beside_a_stored_secret(tmp_path: Path, profile: Path, line: str) -> None:
    """Whatever other settings say, the secret goes only to its own instance."""
    (tmp_path / ".env").write_text(f"{line}\n")
    settings = load({}, {}, tmp_path, profile)
    assert settings.instance is not None
    assert settings.instance.url == "https://one.example.com"
    assert settings.client_secret is not None


async def test_a_real_run_in_a_hostile_folder(tmp_path: Path) -> None:
    """A proxy in a `.env` gets no connection. Files named there are neither read nor written."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        theirs = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        lines = [f"{name}={theirs if 'roxy' in name.lower() else tmp_path / name}\n" for name in OF_THE_PROCESS]
        (tmp_path / ".env").write_text("".join([*lines, f"HTTP_PROXY={theirs}\n"]))
        emulator = Emulator(EmulatorSettings(agents=7))
        async with emulator.running() as address:
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "cxone_rollcall", "check"],
                env={**os.environ, **emulator.environment(address.url)},
                cwd=tmp_path,
                capture_output=True,
                check=False,
            )
        assert (done.returncode, done.stderr) == (0, b"")
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert os.listdir(tmp_path) == [".env"]  # noqa: PTH208
