"""Sealed logins: who opens and replaces them. Without an engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet import sealing, tickets
from cxone_rollcall.fleet.login_setup import Kept, Step, decide, logins_of
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.fleet.sealing import KEY, Held, Keys, OtherKey, Unopened, keys_of
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

OLD, NEW = "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0=", "-_-_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW4="
TOKEN = "first-refresh-s3cret"
LOGIN = Login(
    refresh_token=Secret(TOKEN), instance="https://h", client_id="c", contract="v2", granted_at=100.0, scopes=("a",)
)
RENEWED = replace(LOGIN, refresh_token=Secret("next-refresh-s3cret"))
NOBODY = ProfileFile(Path("config.toml"), {}, None, {})


def test_a_login_is_opened_as_it_was_sealed() -> None:
    """A sealed login shows nothing, and opens whole."""
    keys = Keys([OLD])
    sealed = keys.seal(Held(LOGIN, "w1"), "eu", "acme")
    assert keys.open(sealed, "eu", "acme", LOGIN.key) == Held(LOGIN, "w1")
    assert TOKEN.encode() not in sealed
    assert keys.seal(Held(LOGIN, "w1"), "eu", "acme") != sealed


@pytest.mark.parametrize(
    ("zone", "tenant", "key", "told"),
    [
        ("us", "acme", LOGIN.key, "another tenant"),
        ("eu", "globex", LOGIN.key, "another tenant"),
        ("eu", "acme", LoginKey("https://elsewhere", "c"), "another instance"),
        ("eu", "acme", LoginKey("https://h", "d"), "another instance or client"),
    ],
)
def test_a_login_opens_in_its_own_place_alone(zone: str, tenant: str, key: LoginKey, told: str) -> None:
    """A login is not used for another zone, tenant, instance or client."""
    keys = Keys([OLD])
    with pytest.raises(Unopened, match=told) as caught:
        keys.open(keys.seal(Held(LOGIN), "eu", "acme"), zone, tenant, key)
    assert not isinstance(caught.value, OtherKey)
    assert TOKEN not in str(caught.value)


def test_another_key_opens_nothing() -> None:
    """Without the key that sealed it, a login stays closed. So does a changed one."""
    sealed = Keys([OLD]).seal(Held(LOGIN), "eu", "acme")
    for keys, text in ((Keys([NEW]), sealed), (Keys([OLD]), sealed[:-8] + b"AAAAAAAA"), (Keys([OLD]), b"")):
        with pytest.raises(OtherKey, match=KEY):
            keys.open(text, "eu", "acme", LOGIN.key)


def test_what_a_newer_version_sealed_is_not_misread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that meets a newer seal can give the ticket back."""
    with monkeypatch.context() as newer:
        newer.setattr(sealing, "SCHEMA", sealing.SCHEMA + 1)
        sealed = Keys([OLD]).seal(Held(LOGIN), "eu", "acme")
    with pytest.raises(NewerSchema):
        Keys([OLD]).open(sealed, "eu", "acme", LOGIN.key)


def test_the_first_key_seals_and_each_opens() -> None:
    """While a key is replaced, both open. What the old one sealed can be told."""
    old, both, new = Keys([OLD]), Keys([NEW, OLD]), Keys([NEW])
    before, after = (keys.seal(Held(LOGIN), "eu", "acme") for keys in (old, both))
    assert both.open(before, "eu", "acme", LOGIN.key) == both.open(after, "eu", "acme", LOGIN.key) == Held(LOGIN)
    assert new.open(after, "eu", "acme", LOGIN.key) == Held(LOGIN)
    assert (both.seals_now(before), both.seals_now(after)) == (False, True)


def test_keys_come_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    """A key is in a variable, or alone in a private file. Both spellings of base64 are read."""
    path = tmp_path / "fleet.key"
    path.write_text(f"{NEW.replace('-', '+').replace('_', '/')}, {OLD}\n")
    path.chmod(0o600)
    sealed = Keys([OLD]).seal(Held(LOGIN), "eu", "acme")
    for environ in ({KEY: OLD}, {f"{KEY}_FILE": "fleet.key"}):
        assert keys_of(environ, tmp_path).open(sealed, "eu", "acme", LOGIN.key) == Held(LOGIN)
    path.chmod(0o644)
    with pytest.raises(SettingError, match="lets other users"):
        keys_of({f"{KEY}_FILE": "fleet.key"}, tmp_path)


@pytest.mark.parametrize("text", ["", " , ", "short", OLD[:-4], f"{OLD},é"])
def test_what_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    """Without a key, the error has the command that makes one."""
    with pytest.raises(SettingError, match=KEY) as caught:
        keys_of({KEY: text}, Path())
    assert "openssl rand -base64 32" in caught.value.example
    assert not text.strip(" ,") or text not in str(caught.value)


def test_the_newest_login_stays() -> None:
    """This machine's login replaces an older or unusable one. It never replaces a newer one."""
    newer, held = replace(LOGIN, granted_at=200.0), Kept(1, 150.0, Held(LOGIN))
    assert decide(None, Kept()) is Step.MISSING
    assert decide(LOGIN, Kept()) is Step.MOVE
    assert decide(None, held) is Step.NOTHING
    assert decide(newer, held) is Step.MOVE
    assert decide(LOGIN, held) is Step.OLDER
    assert decide(LOGIN, Kept(1, 250.0, Held(newer))) is Step.OLDER
    assert decide(LOGIN, Kept(1, 250.0)) is Step.MOVE
    assert decide(None, Kept(1, 250.0)) is Step.MISSING


def test_a_login_of_another_key_is_replaced_by_a_later_one_alone() -> None:
    """With a wrong key nothing is lost. After a lost key, a new login counts."""
    locked = Kept(1, 150.0, other_key=True)
    assert decide(None, locked) is decide(LOGIN, locked) is Step.LOCKED
    assert decide(replace(LOGIN, granted_at=151.0), locked) is Step.MOVE


def test_an_old_key_s_seal_is_replaced() -> None:
    """Apply seals with the first key what another one has sealed."""
    assert decide(None, Kept(1, 150.0, Held(LOGIN), sealed_now=False)) is Step.SEAL_ANEW
    assert Step.SEAL_ANEW.writes and not Step.OLDER.writes


def _tenant(name: str, **settings: str) -> FleetTenant:
    return FleetTenant(name, 10.0, {"instance": "https://h.niceincontact.com", "client_id": "c", **settings})


def test_the_grant_tells_whose_login_a_tenant_needs() -> None:
    """A tenant of a user's login has the key of `auth login`."""
    user = _tenant("acme", grant_type="authorization_code", client_secret="env:S")
    assert tickets.login_of(user, NOBODY) == LoginKey("https://h.niceincontact.com", "c")
    assert tickets.login_of(_tenant("globex", client_secret="env:S"), NOBODY) is None
    profiles = ProfileFile(Path("config.toml"), {"p": dict(user.settings)}, None, {})
    assert tickets.login_of(FleetTenant("acme", 10.0, {"profile": "p"}), profiles) is not None


def test_two_tenants_of_one_login_are_refused() -> None:
    """A login that two workers would renew is an error."""
    user = {"grant_type": "authorization_code"}
    others = [_tenant(name, client_secret="env:S") for name in ("t0", "t1")]
    found = logins_of([others[0], _tenant("acme", **user), others[1]], NOBODY)
    assert found == {"acme": LoginKey("https://h.niceincontact.com", "c")}
    with pytest.raises(SettingError, match="acme and globex have the same user's login"):
        logins_of([_tenant("acme", **user), _tenant("globex", **user)], NOBODY)
