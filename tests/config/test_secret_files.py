"""Secrets in files that the environment names."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.many_values import together

from cxone_rollcall.config import secret_files
from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.load import load
from cxone_rollcall.config.secret_files import secret_of_file
from cxone_rollcall.config.settings import Settings
from cxone_rollcall.errors import SettingError

CLIENT = {"CXONE_INSTANCE": "api.example.com", "CXONE_CLIENT_ID": "me"}
HUNTER = "CXONE_CLIENT_SECRET_FILE"
WRITTEN = "printf %s 'the secret' > cxone_client_secret"


def secret(folder: Path, content: bytes | str, mode: int = 0o400, name: str = "secret") -> Path:
    """Return a file with this content and mode."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def loaded(folder: Path, **environ: str) -> Settings:
    """Return the settings of a client whose environment has these variables too."""
    return load({}, CLIENT | environ, folder, folder / "config.toml")


def refused(folder: Path, environ: Mapping[str, str]) -> SettingError:
    """Return the refusal of this environment. It shows no secret."""
    with pytest.raises(SettingError) as caught:
        loaded(folder, **environ)
    assert "hunter2" not in str(caught.value) + caught.value.example
    return caught.value


@together(
    "content",
    {
        "as it is": ("hunter2", "hunter2"),
        "one line break": ("hunter2\n", "hunter2"),
        "one line break of Windows": ("hunter2\r\n", "hunter2"),
        "blanks are sent": (" hunter2 ", " hunter2 "),
        "a byte order mark": (b"\xef\xbb\xbfhunter2", "hunter2"),
        "signs of a shell": ("$h'unter\"2=%+", "$h'unter\"2=%+"),
    },
)
def test_a_secret_is_read_from_its_file(
    content: tuple[str | bytes, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A secret is what its file holds, without a last line break."""
    text, wanted = content
    folder = tmp_path_factory.mktemp("run")
    settings = loaded(folder, **{HUNTER: str(secret(folder, text))})
    assert settings.client_secret is not None
    assert settings.client_secret.reveal() == wanted
    assert settings.sources["client_secret"] == f"file of {HUNTER}"


def test_an_access_key_too(tmp_path: Path) -> None:
    """The secret of an access key may be in a file. A relative path begins at the working directory."""
    secret(tmp_path, "hunter2")
    settings = loaded(tmp_path, CXONE_ACCESS_KEY_ID="key", CXONE_ACCESS_KEY_SECRET_FILE="secret")
    assert settings.grant_type == "password"
    assert settings.access_key_secret is not None


@together(
    "content",
    {
        "empty": ("\n", "is empty", WRITTEN),
        "two lines": ("hunter2\nhunter2\n", "more than one line", WRITTEN),
        "a line of an environment file": ("CXONE_CLIENT_SECRET=hunter2\n", "only what follows the =", WRITTEN),
        "an export": ("export CXONE_CLIENT_SECRET=hunter2\n", "only what follows the =", WRITTEN),
        "no text": (b"\xff\xfehunter2", "not UTF-8", WRITTEN),
        "too large": ("hunter2" * 200_000, "too large", ""),
    },
)
def test_a_file_that_is_no_secret(
    content: tuple[str | bytes, str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file must have one line. The refusal says how to write it."""
    text, said, example = content
    folder = tmp_path_factory.mktemp("run")
    error = refused(folder, {HUNTER: str(secret(folder, text))})
    assert said in str(error)
    assert error.example == example


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is refused. The text may be the secret, so it is not shown."""
    error = refused(tmp_path, {HUNTER: "hunter2"})
    assert f"{HUNTER} names no file that can be read (No such file or directory)" in str(error)
    assert error.example == f"{HUNTER}=/run/secrets/cxone_client_secret"


def test_a_folder(tmp_path: Path) -> None:
    """A folder is refused, with the form that names a file."""
    error = refused(tmp_path, {HUNTER: str(tmp_path)})
    assert error.example == f"{HUNTER}={tmp_path / 'cxone_client_secret'}"


def test_both_variables(tmp_path: Path) -> None:
    """A secret that is set twice is refused. Which one counts is not guessed."""
    path = secret(tmp_path, "hunter2")
    error = refused(tmp_path, {HUNTER: str(path), "CXONE_CLIENT_SECRET": "hunter2"})
    assert error.example == "unset CXONE_CLIENT_SECRET"
    assert loaded(tmp_path, **{HUNTER: str(path), "CXONE_CLIENT_SECRET": ""}).client_secret is not None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o444, 0o640, 0o644])
def test_a_file_that_others_can_read(tmp_path: Path, mode: int) -> None:
    """A file that others can read is refused, with the right mode."""
    error = refused(tmp_path, {HUNTER: str(secret(tmp_path, "hunter2", mode))})
    assert f"its mode ({mode:04o})" in str(error)
    assert f"of uid {os.geteuid()} with mode 0400" in str(error)
    assert error.example == f"sudo chown {os.geteuid()} secret && sudo chmod 400 secret"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_we_cannot_read(tmp_path: Path) -> None:
    """A file that we may not read is refused, with its owner."""
    error = refused(tmp_path, {HUNTER: str(secret(tmp_path, "hunter2", 0))})
    assert "may not read" in str(error)


def test_a_file_that_may_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder may hide its files. The text may then be the secret, and is not shown."""

    def hidden(path: Path, *_: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(secret_files, "read_file", hidden)
    monkeypatch.setattr(os, "stat", hidden)
    with pytest.raises(SettingError) as caught:
        secret_of_file("CXONE_CLIENT_SECRET", {HUNTER: "hunter2"}, tmp_path)
    assert "(Permission denied)" in str(caught.value)
    assert "hunter2" not in str(caught.value) + caught.value.example


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_mount_of_kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of root that the user's group may read is accepted."""
    path = secret(tmp_path, "hunter2", 0o440)
    status = list(path.stat())
    status[4] = 0
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    check_private(path, os.stat_result(status), "a secret")


def test_a_dotenv_names_no_file(tmp_path: Path) -> None:
    """A `.env` cannot choose which file of the user is sent."""
    path = secret(tmp_path, "hunter2")
    lines = [f"{name}={text}" for name, text in (CLIENT | {HUNTER: str(path)}).items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    with pytest.raises(SettingError, match="only the environment may name a file with a secret"):
        load({}, {}, tmp_path, tmp_path / "config.toml")


def test_a_misspelt_name(tmp_path: Path) -> None:
    """A variable named almost like that of a file is asked about."""
    error = refused(tmp_path, {"CXONE_CLIENTSECRET_FILE": "/run/secrets/x"})
    assert f"did you mean {HUNTER}?" in str(error)


def test_any_variable_may_name_a_file(tmp_path: Path) -> None:
    """Secrets of alerts and the token of `serve` are read alike."""
    path = secret(tmp_path, "hunter2\n")
    assert secret_of_file("ROLLCALL_CHAT", {"ROLLCALL_CHAT_FILE": str(path)}, tmp_path) == "hunter2"
    assert secret_of_file("ROLLCALL_CHAT", {"ROLLCALL_CHAT": "x", "ROLLCALL_CHAT_FILE": " "}, tmp_path) is None
