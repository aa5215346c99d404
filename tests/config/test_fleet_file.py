"""Reads `fleet.toml` and the references in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import keyring
import pytest
from tests.support.written import assert_as_written

from cxone_rollcall.config.fleet import EXAMPLE, FleetFile, FleetTenant, parse_fleet, read_fleet
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.config.references import secret_of
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.shell import pip_install

WRITTEN = Path(__file__).with_name("fleet_words.txt")
PROFILES = ProfileFile(
    Path("config.toml"), {"globex": {"instance": "h.example", "client_secret": "s3cret", "access_key_secret": 7}}
)
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


@pytest.mark.parametrize("scheme", ["env:X", "file:/run/secrets/eu:acme", "keyring:acme", "profile:globex"])
def test_each_kind_of_reference_is_taken(tmp_path: Path, scheme: str) -> None:
    """A secret may be in four kinds of places."""
    assert _read(tmp_path, f'{HEAD}{TENANT}client_secret = "{scheme}"\n').tenants[0].settings["client_secret"] == scheme


MISTAKES = {
    "empty": "",
    "nats, a number": "nats = 7\n",
    "nats, an empty list": "nats = []\n",
    "nats, a list of numbers": HEAD.replace('"nats://127.0.0.1:4222"', "7") + TENANT,
    "no TOML": "nats = [\n",
    "no tenant": HEAD,
    "no tenant, an empty list": HEAD + "tenant = []\n",
    "no tenant, a number": HEAD + "tenant = 1\n",
    "no tenant, a list of numbers": HEAD + "tenant = [1]\n",
    "an unknown key": HEAD + "tenants = 1\n" + TENANT,
    "zone, two tokens": HEAD.replace("eu", "e.u") + TENANT,
    "zone, a number": HEAD.replace('"eu"', "7") + TENANT,
    "a tenant twice": HEAD + TENANT + TENANT,
    "id, two tokens": HEAD + TENANT + TENANT.replace("acme", "a.b"),
    "id, a number": HEAD + TENANT.replace('"acme"', "7"),
    "no id": HEAD + TENANT.replace('id = "acme"\n', ""),
    "an unknown key of a tenant": HEAD + TENANT + 'acces_key_id = "x"\n',
    "a key that is no text": HEAD + TENANT + "client_id = 7\n",
    "certificates, of one machine": HEAD + TENANT + 'ca_bundle = "x"\n',
    "a timeout": HEAD + TENANT + 'request_timeout = "20"\n',
    "an unknown profile": HEAD + TENANT + 'profile = "glob"\n',
    "an unknown profile of a secret": HEAD + TENANT + 'client_secret = "profile:nobody"\n',
    "a secret": HEAD + TENANT.replace("acme", "acme-eu") + 'client_secret = "Tr0ub4dor"\n',
    "neither instance nor profile": HEAD + TENANT.replace('instance = "h.example"\n', ""),
    **{
        f"interval {value}": HEAD + TENANT.replace('"10s"', value)
        for value in ('"0s"', '"500ms"', '"3601s"', "10", "true", '"-1s"', '""')
    },
}


def test_words_are_as_written(tmp_path: Path) -> None:
    """Each mistake has its own message, with an example to paste."""
    lines = []
    for name, text in MISTAKES.items():
        with pytest.raises(SettingError) as refused:
            _read(tmp_path, text)
        said = "\n    ".join(
            (str(refused.value), *refused.value.example.replace(EXAMPLE, "(the example)").splitlines())
        )
        assert "Tr0ub4dor" not in said
        lines.append(f"{name}\n    {said}\n\n".replace(str(tmp_path), "HERE"))
    assert_as_written(WRITTEN, "".join(lines))


@pytest.mark.parametrize(("there", "known"), [({}, "none."), ({"a": {}, "b": {}}, "'a', 'b'.")])
def test_an_unknown_profile_lists_those_of_this_machine(there: dict[str, dict[str, object]], known: str) -> None:
    """An unknown profile is answered with the profiles of this machine."""
    document = {"nats": "nats://h", "tenant": [{"id": "acme", "profile": "globex"}]}
    with pytest.raises(SettingError) as refused:
        parse_fleet(document, "fleet.toml", ProfileFile(Path("config.toml"), there))
    assert str(refused.value) == (
        f"tenant acme in fleet.toml names the profile 'globex', which is not in config.toml; profiles there: {known}"
    )


def test_the_fewest_keys_and_the_longest_interval() -> None:
    """One address may stand without a list. The zone is main, and a tenant id is enough."""
    tenants = [{"id": "a", "tenant_id": "11ed"}, {"id": "b", "instance": "h.example", "interval": "1h"}]
    tenants.append({"id": "c", "tenant_id": "11ee", "interval": "1s"})
    assert parse_fleet({"nats": "nats://h", "tenant": tenants}, "fleet.toml", PROFILES) == FleetFile(
        nats=("nats://h",),
        zone="main",
        tenants=(
            FleetTenant("a", 10.0, {"tenant_id": "11ed"}),
            FleetTenant("b", 3600.0, {"instance": "h.example"}),
            FleetTenant("c", 1.0, {"tenant_id": "11ee"}),
        ),
    )


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet.toml has at most 16 MiB. The file of a secret has 1 MiB."""
    monkeypatch.chdir(tmp_path)
    path = Path("large")
    path.touch()
    os.truncate(path, 16 * 1024 * 1024 + 1)
    with pytest.raises(SettingError, match=r"^large is too large: it has more than 16,777,216 bytes$"):
        read_fleet(path, PROFILES)
    with pytest.raises(SettingError, match=r"^'file:large' is too large: it has more than 1,048,576 bytes$"):
        secret_of("file:large", "client_secret", {}, PROFILES)


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
    """A reference is looked up in this environment, files and profiles. Its name may have a colon."""
    path = tmp_path / "eu:secret"
    path.write_text("in a file\n")
    path.chmod(0o600)
    environ = {"ACME": "in the environment"}
    assert secret_of("env:ACME", "client_secret", environ, PROFILES) == "in the environment"
    assert secret_of(f"file:{path}", "client_secret", environ, PROFILES) == "in a file"
    assert secret_of("profile:globex", "client_secret", environ, PROFILES) == "s3cret"


@pytest.mark.parametrize(
    ("reference", "why", "example"),
    [
        ("env:GONE", "there is no secret at 'env:GONE' on this machine", "export GONE=..."),
        (
            "file:/nowhere/x",
            "'file:/nowhere/x' cannot be read: No such file or directory",
            "printf %s 'the secret' > /nowhere/x",
        ),
        (
            "profile:globex",
            "there is no secret at 'profile:globex' on this machine",
            "[profiles.globex]\naccess_key_secret = ...",
        ),
        (
            "profile:gone",
            "there is no secret at 'profile:gone' on this machine",
            "[profiles.gone]\naccess_key_secret = ...",
        ),
        ("Tr0ub4dor", "access_key_secret is no reference to a secret", 'access_key_secret = "env:ACME_SECRET"'),
    ],
)
def test_a_reference_to_nothing_is_refused(reference: str, why: str, example: str) -> None:
    """A missing secret is named by its reference, never quoted. The example shows how to put it there."""
    with pytest.raises(SettingError) as caught:
        secret_of(reference, "access_key_secret", {}, PROFILES)
    assert (str(caught.value), caught.value.example) == (why, example)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A secret in a file is for this user alone."""
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(0o644)
    with pytest.raises(SettingError, match=rf"^{path} holds a secret, and its mode \(0644\) lets other users"):
        secret_of(f"file:{path}", "client_secret", {}, PROFILES)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty: it must hold the secret"),
        ("a\nb\n", "has more than one line: it must hold the secret and nothing else"),
        (
            "CXONE_CLIENT_SECRET=Tr0ub4dor\n",
            "has a line CXONE_CLIENT_SECRET=...: it must hold only what follows the =",
        ),
        ("\xff", "is not UTF-8 text: it must hold the secret and nothing else"),
    ],
)
def test_a_file_that_is_not_one_secret_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    """The file of a reference has one line, with the secret alone."""
    monkeypatch.chdir(tmp_path)
    path = Path("secret")
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(SettingError) as caught:
        secret_of("file:secret", "client_secret", {}, PROFILES)
    assert (str(caught.value), caught.value.example) == (f"'file:secret' {why}", "printf %s 'the secret' > secret")


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
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingError, match="'keyring:acme' needs the keyring library") as refusal:
        found()
    assert refusal.value.example == pip_install("keyring")
