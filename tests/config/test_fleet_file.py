"""Reads `fleet.toml` and the references in it."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest

from cxone_rollcall.config.fleet import EXAMPLE, FleetFile, read_fleet
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.config.references import secret_of
from cxone_rollcall.errors import SettingError

PROFILES = ProfileFile(Path("config.toml"), {"globex": {"instance": "h.example", "client_secret": "s3cret"}})
HEAD = 'nats = ["nats://127.0.0.1:4222"]\nzone = "eu"\n'
TENANT = '[[tenant]]\nid = "acme"\ninterval = "10s"\ninstance = "h.example"\n'


def _read(tmp_path: Path, text: str) -> FleetFile:
    path = tmp_path / "fleet.toml"
    path.write_text(text)
    return read_fleet(path, PROFILES)


def test_the_example_is_read(tmp_path: Path) -> None:
    """The example of every message is a fleet.toml."""
    fleet = _read(tmp_path, EXAMPLE)
    assert (fleet.nats, fleet.zone, fleet.beat) == (("nats://127.0.0.1:4222",), "eu", 10.0)
    assert fleet.tenants[0].settings["access_key_secret"] == "env:ACME_SECRET"


def test_the_beat_is_the_shortest_interval(tmp_path: Path) -> None:
    """The shortest interval is the beat of the fleet."""
    text = HEAD + TENANT + TENANT.replace("acme", "globex").replace("10s", "1m30s") + TENANT.replace("acme", "c")
    assert _read(tmp_path, text.replace('"10s"', '"5s"', 1)).beat == 5.0


@pytest.mark.parametrize("key", ["access_key_secret", "client_secret"])
@pytest.mark.parametrize("secret", ["Tr0ub4dor", "https://x", "env:", "vault:x", "Env:X", " env:X"])
def test_a_secret_in_the_file_is_refused_and_not_quoted(tmp_path: Path, key: str, secret: str) -> None:
    """A secret itself is refused, and the message does not show it."""
    with pytest.raises(SettingError) as caught:
        _read(tmp_path, f'{HEAD}{TENANT}{key} = "{secret}"\n')
    assert str(caught.value) == (
        f"{key} of tenant acme in {tmp_path}/fleet.toml is a secret itself: this file and the engine hold only a"
        " reference to it, one of env:, file:, keyring:, profile:. Whoever could read the file should get another"
        " secret."
    )
    assert caught.value.example == f'{key} = "env:ACME_SECRET"'


@pytest.mark.parametrize("scheme", ["env:X", "file:/run/secrets/acme", "keyring:acme", "profile:globex"])
def test_each_kind_of_reference_is_taken(tmp_path: Path, scheme: str) -> None:
    """A secret may be in four kinds of places."""
    assert _read(tmp_path, f'{HEAD}{TENANT}client_secret = "{scheme}"\n').tenants[0].settings["client_secret"] == scheme


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs nats"),
        ("nats = 7\n", "needs nats"),
        ("nats = []\n", "needs nats"),
        ("nats = [\n", "not valid TOML"),
        (HEAD, "has no [[tenant]]"),
        (HEAD + "tenants = 1\n" + TENANT, "Did you mean 'tenant'?"),
        (HEAD.replace("eu", "e.u") + TENANT, "zone in"),
        (HEAD + TENANT + TENANT, "the tenant acme twice"),
        (HEAD + TENANT.replace("acme", "a.b"), "the id of tenant 1"),
        (HEAD + TENANT.replace('id = "acme"\n', ""), "the id of tenant 1"),
        (HEAD + TENANT + 'acces_key_id = "x"\n', "Did you mean 'access_key_id'?"),
        (HEAD + TENANT + "client_id = 7\n", "client_id of tenant acme"),
        (HEAD + TENANT + 'profile = "glob"\n', "names the profile 'glob'"),
        (HEAD + TENANT + 'client_secret = "profile:nobody"\n', "names the profile 'nobody'"),
        (HEAD + TENANT.replace('instance = "h.example"\n', ""), "neither an instance nor a profile"),
        *((HEAD + TENANT.replace('"10s"', value), "interval of tenant acme") for value in ('"0s"', '"500ms"', '"61m"')),
        *(
            (HEAD + TENANT.replace('"10s"', value), "interval of tenant acme")
            for value in ("10", "true", '"-1s"', '""')
        ),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """Each mistake has its own message, with an example to paste."""
    with pytest.raises(SettingError) as caught:
        _read(tmp_path, text)
    assert told in str(caught.value)


def test_a_profile_may_be_the_tenant(tmp_path: Path) -> None:
    """A tenant that is a profile needs no instance here."""
    fleet = _read(tmp_path, f'{HEAD}[[tenant]]\nid = "globex"\nprofile = "globex"\n')
    assert fleet.tenants[0].settings == {"profile": "globex"}
    assert fleet.tenants[0].interval == 10.0


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is not there is a clear error."""
    with pytest.raises(SettingError, match=r"fleet\.toml cannot be read"):
        read_fleet(tmp_path / "fleet.toml", PROFILES)


def test_references_are_resolved_where_the_worker_runs(tmp_path: Path) -> None:
    """A reference is looked up in this environment, files and profiles."""
    path = tmp_path / "secret"
    path.write_text("in a file\n")
    path.chmod(0o600)
    environ = {"ACME": "in the environment"}
    assert secret_of("env:ACME", "client_secret", environ, PROFILES) == "in the environment"
    assert secret_of(f"file:{path}", "client_secret", environ, PROFILES) == "in a file"
    assert secret_of("profile:globex", "client_secret", environ, PROFILES) == "s3cret"


@pytest.mark.parametrize("reference", ["env:GONE", "file:/nowhere/x", "profile:globex", "profile:gone", "Tr0ub4dor"])
def test_a_reference_to_nothing_is_refused(reference: str) -> None:
    """A missing secret is named by its reference, never quoted."""
    with pytest.raises(SettingError) as caught:
        secret_of(reference, "access_key_secret", {}, PROFILES)
    assert "Tr0ub4dor" not in str(caught.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A secret in a file is for this user alone."""
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(0o644)
    with pytest.raises(SettingError, match="lets other users"):
        secret_of(f"file:{path}", "client_secret", {}, PROFILES)


@pytest.mark.parametrize("text", ["", "a\nb\n", "CXONE_CLIENT_SECRET=Tr0ub4dor\n", "\xff"])
def test_a_file_that_is_not_one_secret_is_refused(tmp_path: Path, text: str) -> None:
    """The file of a reference has one line, with the secret alone."""
    path = tmp_path / "secret"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(SettingError) as caught:
        secret_of(f"file:{path}", "client_secret", {}, PROFILES)
    assert "Tr0ub4dor" not in str(caught.value)


def test_a_secret_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found as the docs store it. A keyring that cannot be used is said to be."""

    def found() -> str:
        return secret_of("keyring:acme", "client_secret", {}, PROFILES)

    entries: dict[tuple[str, str], str] = {("rollcall-fleet", "acme"): "hunter2"}
    monkeypatch.setattr(keyring, "get_password", lambda *entry: entries.get(entry))
    assert found() == "hunter2"
    entries.clear()
    with pytest.raises(SettingError, match="there is no secret at 'keyring:acme' on this machine") as refusal:
        found()
    assert refusal.value.example == "keyring set rollcall-fleet acme"
    monkeypatch.setattr(keyring, "get_password", lambda service: None)
    with pytest.raises(SettingError, match=r"'keyring:acme': the keyring cannot be used \(TypeError\)"):
        found()
