"""All settings of a run, compared as a whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.config.stored_login import LOGIN

from cxone_rollcall.config.load import load
from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.config.settings import DEFAULT_REQUEST_TIMEOUT, resolve
from cxone_rollcall.config.sources import environment_source, flag_sources
from cxone_rollcall.model.instance import Instance
from cxone_rollcall.model.secret import Secret

EVERYTHING = {
    "CXONE_INSTANCE": " 'https://API.example.com:8443/' ",
    "CXONE_GRANT_TYPE": "Password",
    "CXONE_CLIENT_ID": '"me"',
    "CXONE_CLIENT_SECRET": " 'quoted' ",
    "CXONE_ACCESS_KEY_ID": "key",
    "CXONE_ACCESS_KEY_SECRET": "your-access-key-secret\n",
    "CXONE_TENANT_ID": "t",
    "CXONE_CONTRACT": "INCONTACT",
    "CXONE_API_VERSION": "V034.0",
    "CXONE_CA_BUNDLE": "here.pem",
    "CXONE_REQUEST_TIMEOUT": "7.5",
    "CXONE_INSTANCES": "stray",
}


def test_every_setting(tmp_path: Path) -> None:
    """Each setting is read, and what looks wrong about secrets is told."""
    (tmp_path / "here.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    settings = load({"client_id": "flagged"}, EVERYTHING, tmp_path, tmp_path / "config.toml")
    assert settings.instance == Instance.parse("https://api.example.com:8443")
    assert (settings.contract, settings.grant_type, settings.api_version) == ("incontact", "password", "34")
    assert (settings.client_id, settings.client_secret) == ("flagged", Secret(" 'quoted' "))
    assert (settings.access_key_id, settings.access_key_secret) == ("key", Secret("your-access-key-secret\n"))
    assert (settings.tenant_id, settings.profile, settings.of_profile) == ("t", None, False)
    assert (settings.ca_bundle, settings.request_timeout) == (tmp_path / "here.pem", 7.5)
    assert dict(settings.sources) == {
        **{name.removeprefix("CXONE_").lower(): "environment" for name in EVERYTHING if name != "CXONE_INSTANCES"},
        "client_id": "--client-id",
    }
    assert settings.hints == (
        "CXONE_CLIENT_SECRET (environment) begins and ends with a quote, which is sent too; docker --env-file keeps"
        " quotes.",
        "CXONE_CLIENT_SECRET (environment) begins or ends with a blank, which is sent too.",
        "CXONE_ACCESS_KEY_SECRET (environment) ends with a line break, which is sent too.",
    )
    assert settings.groups == {}


def test_the_fewest_settings() -> None:
    """What is not set has its default, and its source says so."""
    environ = {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "your-client-secret"}
    settings = resolve([*flag_sources({"contract": None}), environment_source(environ, Path())])
    assert (settings.contract, settings.grant_type) == ("auto", "client_credentials")
    assert (settings.access_key_id, settings.access_key_secret, settings.tenant_id) == (None, None, None)
    assert (settings.api_version, settings.profile, settings.ca_bundle) == (None, None, None)
    assert settings.request_timeout == DEFAULT_REQUEST_TIMEOUT
    assert dict(settings.sources) == {
        "contract": "default",
        "grant_type": "default",
        "request_timeout": "default",
        "instance": "environment",
        "client_id": "environment",
        "client_secret": "environment",
    }
    assert settings.hints == ("CXONE_CLIENT_SECRET (environment) is still the text of the example.",)


def test_a_profile_says_which_tenant_it_is(tmp_path: Path) -> None:
    """A profile is of the tenant if its instance is used."""
    file = tmp_path / "config.toml"
    file.write_text('[profiles.a]\ninstance = "h.example"\nclient_id = "me"\nclient_secret = "hunter22"\n')
    file.chmod(0o600)
    secret = {"CXONE_CLIENT_SECRET": "x"}
    assert load({}, {}, tmp_path, file).of_profile
    assert load({}, {"CXONE_INSTANCE": "h.example", **secret}, tmp_path, file).of_profile
    assert not load({}, {"CXONE_INSTANCE": "other.example", **secret}, tmp_path, file).of_profile


def test_the_last_login_counts_if_nothing_is_set(tmp_path: Path) -> None:
    """Without any setting, those of the latest login are used."""
    file, last = tmp_path / "config.toml", {"instance": "h.example", "client_id": "me"}
    settings = load({}, {}, tmp_path, file, is_logged_in=lambda _: True, latest_login=lambda: last)
    assert (settings.grant_type, settings.client_id) == ("authorization_code", "me")
    assert dict(settings.sources) == {
        "contract": "default",
        "grant_type": "a user has logged in",
        "request_timeout": "default",
        "instance": "the last auth login",
        "client_id": "the last auth login",
    }
    environ = {"CXONE_INSTANCE": "other.example", "CXONE_CLIENT_ID": "you"}
    own = load({}, environ, tmp_path, file, is_logged_in=lambda _: True, latest_login=lambda: last)
    assert own.client_id == "you"


def test_a_login_is_on_the_disk_before_it_replaces_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new file is synced when it is whole. The old token may be used up, so nothing may be lost."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    path = tmp_path / "logins.json"
    FileStore(LOGIN.key, path).save(LOGIN)
    assert synced == [path.stat().st_size]
    assert path.read_text().endswith("}\n")
