"""The stores of logins: a file or the keyring. Each instance and client has one login, and one renewal at a time."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailingKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked
from tests.config.stored_login import KEY, LOGIN, OTHER

from cxone_rollcall.config.logins import FileStore, KeyringStore, forget, keep, logins_path, store_for
from cxone_rollcall.config.logins.store import from_record, to_record
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret


class RememberingKeyring(KeyringBackend):
    """A keyring in a dictionary."""

    name = "Remembering"
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """The stored login."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store it."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.kept[service, username]


class LockedKeyring(RememberingKeyring):
    """A locked keyring, whose error quotes its arguments."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fail."""
        raise KeyringLocked(f"not for {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise KeyringLocked(f"cannot keep {password}")


class EmptyChain(ChainerBackend):
    """A chain of keyrings without any."""

    backends = ()


class ForgetfulKeyring(RememberingKeyring):
    """A keyring that accepts everything and stores nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Drop it."""


@pytest.fixture(autouse=True)
def ring() -> Iterator[RememberingKeyring]:
    """Put a keyring in the place of the user's own."""
    before = keyring.get_keyring()
    fake = RememberingKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the file of logins, in a missing folder."""
    return tmp_path / "data" / "logins.json"


def test_the_file_is_where_the_environment_says(tmp_path: Path) -> None:
    """ROLLCALL_LOGINS names the file; the default is the data folder."""
    assert logins_path({"ROLLCALL_LOGINS": str(tmp_path / "x.json")}) == tmp_path / "x.json"
    assert logins_path({}).parts[-2:] == ("rollcall", "logins.json")


def test_a_login_belongs_to_its_instance_else_to_its_tenant() -> None:
    """A login's key is its instance, else its tenant id. Case and blanks make no difference."""
    assert LoginKey.of("https://a", "T", "me") == LoginKey("https://a", "me")
    assert LoginKey.of(None, "11ED 1", "me") == LoginKey("tenant:11ed%201", "me")
    with pytest.raises(ValueError, match="belongs"):
        LoginKey.of(None, None, "me")


def test_a_stored_login_is_read_back_unchanged(path: Path) -> None:
    """Both stores give back the very login."""
    for store in (FileStore(KEY, path), KeyringStore(KEY, path)):
        assert store.load() is None
        store.save(LOGIN)
        assert store.load() == LOGIN
        assert store.key == KEY
        assert store.delete()
        assert not store.delete()
        assert store.load() is None


def test_only_the_user_can_access_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this user can access files and folder. The folder has nothing else but locks. No other folder is needed."""
    monkeypatch.setattr(tempfile, "tempdir", str(path / "no folder"))
    FileStore(KEY, path).save(LOGIN)
    record = {**to_record(LOGIN), "scopes": ["openid", "agent:read"]}
    document = {"schema": "rollcall/logins/1", "logins": {"https://api.example.com me": record}}
    assert path.read_text() == json.dumps(document, indent=1) + "\n"
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {one.name for one in path.parent.iterdir()} <= {"logins.json", "logins.json.lock"}


def test_logins_of_others_stay(path: Path) -> None:
    """Saving or deleting a login leaves the file's other logins unchanged."""
    FileStore(KEY, path).save(LOGIN)
    document = json.loads(path.read_text())
    document["logins"]["of a newer rollcall"] = {"what": "ever"}
    path.write_text(json.dumps(document))
    theirs = FileStore(OTHER, path)
    theirs.save(_for(OTHER))
    assert FileStore(KEY, path).delete()
    assert theirs.load() == _for(OTHER)
    assert json.loads(path.read_text())["logins"]["of a newer rollcall"] == {"what": "ever"}


def _for(key: LoginKey, refresh_token: str = "theirs") -> Login:
    return Login(
        refresh_token=Secret(refresh_token),
        instance=key.instance,
        client_id=key.client_id,
        contract="v2",
        granted_at=1.0,
    )


def test_the_last_login_takes_the_file_with_it(path: Path) -> None:
    """A file without logins is not left behind."""
    FileStore(KEY, path).save(LOGIN)
    FileStore(KEY, path).delete()
    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_file_that_others_may_read_is_refused(path: Path) -> None:
    """A store of mode 0644 is neither read nor written. The error has the command to fix it."""
    FileStore(KEY, path).save(LOGIN)
    path.chmod(0o644)
    for attempt in (FileStore(KEY, path).load, lambda: FileStore(KEY, path).save(LOGIN), FileStore(KEY, path).delete):
        with pytest.raises(SettingError, match="0644") as refused:
            attempt()
        assert refused.value.example == f"chmod 600 {path}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON (line 1)"),
        (b'{"schema": "rollcall/logins/1",\n"logins": {"s3cret', "it is not JSON (line 2)"),
        (b"\xff\xfe s3cret", "it is not JSON (its text is damaged)"),
        (b"[]", "its schema is not rollcall/logins/1"),
        (b'{"logins": {}}', "its schema is not rollcall/logins/1"),
        (b'{"schema": "rollcall/logins/2", "logins": {}}', "its schema is not rollcall/logins/1"),
        (b'{"schema": "rollcall/logins/1", "logins": []}', "it has no object named logins"),
        (b"[" * 100_000, "it is not JSON (its text is damaged)"),
    ],
)
def test_a_damaged_file_is_refused_and_kept(path: Path, content: bytes, why: str) -> None:
    """An unreadable file is neither overwritten nor quoted. The error has the command to move it away."""
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    for attempt in (FileStore(KEY, path).load, lambda: FileStore(KEY, path).save(LOGIN), FileStore(KEY, path).delete):
        with pytest.raises(SettingError) as refused:
            attempt()
        assert str(refused.value) == (
            f"the logins in {path} cannot be used: {why}. The file was not changed; move it away and log in again, or"
            " fix it"
        )
        assert refused.value.example == f"mv {path} {path}.broken"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"refresh_token": ""}, "lacks a required text"),
        ({"refresh_token": 7}, "lacks a required text"),
        ({"granted_at": "yesterday"}, "does not say when it was granted"),
        ({"granted_at": True}, "does not say when it was granted"),
        ({"granted_at": 10**400}, "does not say when it was granted"),
        ({"granted_at": 1e308}, "does not say when it was granted"),
        ({"granted_at": float("nan")}, "does not say when it was granted"),
        ({"scopes": "openid"}, "are not a list of texts"),
        ({"scopes": [7]}, "are not a list of texts"),
        ({"instance": "https://evil.example.com"}, "belongs to another instance or client"),
        ({"client_id": "another"}, "belongs to another instance or client"),
    ],
)
def test_an_entry_that_was_edited_is_refused(path: Path, change: dict[str, object], why: str) -> None:
    """A damaged entry gives no token. It lacks a field, or names another instance than its key."""
    record = {**to_record(LOGIN), **change}
    path.parent.mkdir()
    path.write_text(json.dumps({"schema": "rollcall/logins/1", "logins": {str(KEY): record}}))
    path.chmod(0o600)
    with pytest.raises(SettingError, match=f"its entry {why}") as refused:
        FileStore(KEY, path).load()
    assert refused.value.example == f"mv {path} {path}.broken"


def test_fields_that_may_be_missing() -> None:
    """Tenant, user and scopes of a login may be unknown."""
    record = {name: value for name, value in to_record(LOGIN).items() if name not in {"tenant_id", "user", "scopes"}}
    login = from_record(record, KEY)
    assert (login.tenant_id, login.user, login.scopes) == (None, None, None)


def test_a_login_is_kept_under_its_own_key(path: Path) -> None:
    """No store takes a login of another instance."""
    for store in (FileStore(OTHER, path), KeyringStore(OTHER, path)):
        with pytest.raises(ValueError, match="own key"):
            store.save(LOGIN)


def test_service_and_user_name_in_the_keyring(path: Path, ring: RememberingKeyring) -> None:
    """In the keyring the service is rollcall, the user name the key. The place has the keyring's name."""
    KeyringStore(KEY, path).save(LOGIN)
    assert list(ring.kept) == [("rollcall", "https://api.example.com me")]
    assert KeyringStore(KEY, path).place == "the keyring (Remembering)"


@pytest.mark.parametrize("backend", [FailingKeyring, NullKeyring, EmptyChain])
def test_without_a_keyring_the_file_is_offered(path: Path, backend: type[KeyringBackend]) -> None:
    """Without a keyring nothing is stored. The error names the option for a file."""
    keyring.set_keyring(backend())
    store = KeyringStore(KEY, path)
    assert store.load() is None
    assert not store.delete()
    assert store.place == "the keyring"
    for attempt in (lambda: store.save(LOGIN), lambda: store_for(KEY, path, "keyring")):
        with pytest.raises(SettingError, match="no keyring") as refused:
            attempt()
        assert "--store file" in refused.value.example


def test_a_missing_library_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the library is missing, the error says what to install. It also says what works without it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SettingError, match="not installed") as refused:
        store_for(KEY, path, "keyring")
    assert "-m pip install keyring" in refused.value.example
    assert store_for(KEY, path).load() is None


@pytest.mark.parametrize("backend", [LockedKeyring, ForgetfulKeyring])
def test_a_keyring_that_fails_is_no_missing_login(path: Path, backend: type[RememberingKeyring]) -> None:
    """A keyring that is locked or stores nothing is an error. Nothing is quoted."""
    keyring.set_keyring(backend())
    store = KeyringStore(KEY, path)
    with pytest.raises(SettingError) as refused:
        store.save(LOGIN)
    assert "--store file" in refused.value.example
    assert "r3fresh" not in str(refused.value)
    if backend is LockedKeyring:
        with pytest.raises(SettingError, match="locked"):
            store.load()
        with pytest.raises(SettingError, match="locked"):
            store.delete()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("KeyringLocked", "is locked: unlock it and try again"),
        ("LockedException", "is locked: unlock it and try again"),
        ("InitError", "is locked: unlock it and try again"),
        ("DBusError", "cannot be used (DBusError)"),
    ],
)
def test_why_a_keyring_fails(path: Path, monkeypatch: pytest.MonkeyPatch, error: str, why: str) -> None:
    """Each library has its own error for a locked keyring."""

    def fail(*_: object) -> None:
        raise type(error, (Exception,), {})("s3cret")

    monkeypatch.setattr(RememberingKeyring, "get_password", fail)
    with pytest.raises(SettingError) as refused:
        KeyringStore(KEY, path).load()
    assert str(refused.value) == f"the keyring {why}; a 0600 file can store the login instead"
    assert refused.value.example == "rollcall auth login --store file"


def test_an_entry_of_the_keyring_that_is_damaged_is_refused(path: Path, ring: RememberingKeyring) -> None:
    """A damaged entry of the keyring leads to logging out."""
    ring.kept["rollcall", str(KEY)] = "s3cret"
    with pytest.raises(SettingError) as refused:
        KeyringStore(KEY, path).load()
    assert str(refused.value) == (
        "the login in the keyring (Remembering) cannot be used: its entry is not JSON; delete it and log in again"
    )
    assert refused.value.example == "rollcall auth logout"


async def test_a_renewed_login_stays_in_its_store(path: Path) -> None:
    """A renewed login is saved where it was stored."""
    assert isinstance(store_for(KEY, path), KeyringStore)
    await keep(LOGIN, path, "file")
    assert isinstance(store_for(KEY, path), FileStore)
    assert isinstance(store_for(OTHER, path), KeyringStore)


async def test_a_new_login_replaces_the_old_one_in_either_store(path: Path, ring: RememberingKeyring) -> None:
    """A new login replaces the old one, in whichever store."""
    await keep(_for(KEY, "first"), path, "keyring")
    await keep(_for(KEY, "second"), path, "file")
    assert ring.kept == {}
    await keep(_for(KEY, "third"), path, "keyring")
    assert FileStore(KEY, path).load() is None
    await keep(LOGIN, path, "keyring")
    assert store_for(KEY, path).load() == LOGIN


async def test_a_login_is_kept_in_a_file_beside_a_locked_keyring(path: Path) -> None:
    """A login can be stored in the file although the keyring fails."""
    keyring.set_keyring(LockedKeyring())
    assert (await keep(LOGIN, path, "file")).load() == LOGIN


async def test_a_login_is_forgotten_everywhere(path: Path) -> None:
    """Logout deletes from both stores, and names them."""
    FileStore(KEY, path).save(LOGIN)
    KeyringStore(KEY, path).save(LOGIN)
    assert await forget(KEY, path) == ((str(path), "the keyring (Remembering)"), None)
    assert await forget(KEY, path) == ((), None)


async def test_a_store_that_fails_does_not_keep_the_other_from_forgetting(path: Path) -> None:
    """What can be deleted is deleted, and the failure is reported."""
    FileStore(KEY, path).save(LOGIN)
    keyring.set_keyring(LockedKeyring())
    places, failed = await forget(KEY, path)
    assert places == (str(path),)
    assert failed is not None
    assert "locked" in str(failed)
