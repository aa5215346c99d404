"""A command without any settings uses the login that was stored last."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.stored_login import LOGIN

from cxone_rollcall.config.logins import FileStore, latest, note_latest
from cxone_rollcall.errors import SettingError
from cxone_rollcall.target import target_from_settings

NAMED = {"instance": "https://tenant.example", "tenant_id": None, "client_id": "me"}


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of logins in an empty folder. Nothing else is set."""
    path = tmp_path / "logins.json"
    monkeypatch.setenv("ROLLCALL_LOGINS", str(path))
    monkeypatch.chdir(tmp_path)
    return path


def stored(logins: Path) -> None:
    """Store a login as `rollcall auth login` does."""
    FileStore(LOGIN.key, logins).save(LOGIN)
    note_latest({"instance": LOGIN.instance, "client_id": LOGIN.client_id}, logins)


def test_a_plain_command_uses_it(logins: Path) -> None:
    """Without any setting, tenant and client are those of the login."""
    stored(logins)
    target = target_from_settings({})
    assert (target.base_url, target.credentials.client_id) == (LOGIN.instance, LOGIN.client_id)
    assert target.credentials.grant_type == "authorization_code"


def test_any_setting_counts_more(logins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one setting, the rest must be set, too. A login is for its own tenant."""
    stored(logins)
    monkeypatch.setenv("CXONE_INSTANCE", "other.example")
    with pytest.raises(SettingError, match="CXONE_CLIENT_ID"):
        target_from_settings({})


def test_after_a_logout_nothing_is_set(logins: Path) -> None:
    """A login that is gone is not used."""
    stored(logins)
    FileStore(LOGIN.key, logins).delete()
    with pytest.raises(SettingError, match="No settings were found"):
        target_from_settings({})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"client_id": 3}', '{"client_id": "me"}', "\udcff"])
def test_a_damaged_note_is_no_login(logins: Path, text: str) -> None:
    """A damaged note is ignored. The command says what to set."""
    logins.with_name("latest-login.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SettingError, match="No settings were found"):
        target_from_settings({})


def test_only_names_are_noted(logins: Path) -> None:
    """The note has no secret. It is read back as it was written."""
    note_latest({**NAMED, "refresh_token": "s3cret"}, logins)
    assert latest(logins) == {"instance": "https://tenant.example", "client_id": "me"}
    of_a_tenant = {**NAMED, "tenant_id": "11ed"}
    note_latest(of_a_tenant, logins)
    assert latest(logins) == of_a_tenant
    assert "s3cret" not in logins.with_name("latest-login.json").read_text()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A note that cannot be written fails nothing."""
    (tmp_path / "file").write_text("")
    note_latest(NAMED, tmp_path / "file" / "logins.json")
    assert latest(tmp_path / "file" / "logins.json") == {}
