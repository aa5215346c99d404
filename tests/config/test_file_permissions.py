"""A file with a secret must be private, or is refused."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.sources import dotenv_source
from cxone_rollcall.errors import SettingError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file modes and owners are a POSIX matter")

OPEN = [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o666]
A_GROUPS_TO_READ = [0o640, 0o440]


def dotenv(folder: Path, text: str, mode: int) -> Path:
    """Write a `.env` of this mode."""
    path = folder / ".env"
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", OPEN)
@pytest.mark.parametrize(
    "name",
    [
        "CXONE_CLIENT_SECRET",
        "CXONE_ACCESS_KEY_SECRET",
        "CXONE_CLIENTSECRET",
        "CXONE_CLIENT_SECRTE",
        "cxone_acces_key_sekret",
        "CXONE_MY_OWN_SECRET_OF_OLD",
    ],
)
def test_a_dotenv_with_a_secret_that_others_may_read(tmp_path: Path, mode: int, name: str) -> None:
    """A file with a secret that others can access is refused. A misspelt name of the secret makes no difference."""
    path = dotenv(tmp_path, f"{name}='hunter2'\n", mode)
    with pytest.raises(SettingError) as caught:
        dotenv_source(path)
    assert f"its mode ({mode:04o})" in str(caught.value)
    assert caught.value.example == f"chmod 600 {path}"
    assert "hunter2" not in str(caught.value) + caught.value.example


def test_the_suggested_command_fixes_it(tmp_path: Path) -> None:
    """The command in the refusal fixes the file. Its folder may have any name."""
    folder = tmp_path / "a folder; of 'mine'"
    folder.mkdir()
    path = dotenv(folder, "CXONE_CLIENT_SECRET=hunter2\n", 0o644)
    with pytest.raises(SettingError) as caught:
        dotenv_source(path)
    subprocess.run(["sh", "-c", caught.value.example], check=True)
    assert dotenv_source(path).values == {"client_secret": "hunter2"}


@pytest.mark.parametrize("mode", [*OPEN, 0o600, 0o400])
@pytest.mark.parametrize(
    "text",
    [
        "CXONE_INSTANCE=a.example.com\n",
        "CXONE_CLIENT_SECRET=''\n",
        "MY_SECRET=of-others\n",
        "CXONE_CLIENT_SECRET_FILE=/run/secrets/x\n",
        "CXONE_CLIENTID=me\n",
        "CXONE_ACCESS_KEY=me\n",
    ],
)
def test_a_dotenv_without_a_secret_of_ours(tmp_path: Path, mode: int, text: str) -> None:
    """A file without a secret may have any mode."""
    assert dotenv_source(dotenv(tmp_path, text, mode)) is not None


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_dotenv_that_only_the_user_can_access(tmp_path: Path, mode: int) -> None:
    """A file that only its user can access is read."""
    assert dotenv_source(dotenv(tmp_path, "CXONE_CLIENT_SECRET=hunter2\n", mode)).values == {"client_secret": "hunter2"}


USER, OTHER, ROOT = 1000, 1001, 0


def owned(path: Path, owner: int, mode: int) -> os.stat_result:
    """Return the status of a file with this owner and mode."""
    path.touch()
    fields = list(path.stat())
    fields[0], fields[4] = stat.S_IFREG | mode, owner
    return os.stat_result(fields)


@pytest.mark.parametrize(
    ("user", "owner"), [(USER, USER), (USER, ROOT), (ROOT, ROOT), (ROOT, USER)], ids=lambda uid: f"uid {uid}"
)
@pytest.mark.parametrize("mode", [0o600, 0o400, *OPEN])
def test_a_file_of_the_user_or_of_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, owner: int, mode: int
) -> None:
    """The user's files and root's are read, unless their mode is open.

    Root reads any owner's file. A file that root gave to a group may be readable by it.
    """
    monkeypatch.setattr(os, "geteuid", lambda: user)
    path = tmp_path / "x"
    status = owned(path, owner, mode)
    if mode not in OPEN or ((user, owner) == (USER, ROOT) and mode in A_GROUPS_TO_READ):
        check_private(path, status, "a secret")
        return
    with pytest.raises(SettingError, match=f"its mode \\({mode:04o}\\)") as caught:
        check_private(path, status, "a secret")
    assert caught.value.example.startswith("sudo chown" if (user, owner) == (USER, ROOT) else "chmod 600 ")
    mounted = {(USER, ROOT): "set defaultMode: 0440 and fsGroup", (ROOT, ROOT): "set defaultMode: 0400 and no fsGroup"}
    assert mounted.get((user, owner), "") in str(caught.value)
    assert str(caught.value).endswith("lets other users of this machine at it") == (owner != ROOT)


def test_every_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mode is accepted if it gives others nothing. A file from root may also be readable by its group."""
    path = tmp_path / "x"

    def taken(user: int, owner: int) -> set[int]:
        monkeypatch.setattr(os, "geteuid", lambda: user)
        modes = set()
        for mode in range(0o1000):
            with suppress(SettingError):
                check_private(path, owned(path, owner, mode), "a secret")
                modes.add(mode)
        return modes

    alone = {mode << 6 for mode in range(8)}
    assert taken(USER, USER) == taken(ROOT, USER) == taken(ROOT, ROOT) == alone
    assert taken(USER, ROOT) == alone | {mode | 0o040 for mode in alone}


AS_SOMEBODY = """
import dotenv.parser, encodings.utf_8_sig, os, sys
from pathlib import Path
from cxone_rollcall.config.sources import dotenv_source
from cxone_rollcall.errors import SettingError
os.setgroups([4242])
os.setgid(1000)
os.setuid(1000)
try:
    print(sorted(dotenv_source(Path(sys.argv[1])).values))
except SettingError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(("mode", "owner", "says"), [(0o440, 0, "client_secret"), (0o444, 0, "defaultMode: 0440")])
def test_a_secret_that_kubernetes_mounts(mode: int, owner: int, says: str) -> None:
    """A mounted `.env` in Kubernetes is read as 0440, refused as 0444.

    It is a link to a file of root's and of the pod's group.
    """
    with tempfile.TemporaryDirectory() as name:  # that of pytest is closed to others
        folder = Path(name)
        folder.chmod(0o755)
        data = folder / "..data"
        data.mkdir(mode=0o755)
        path = dotenv(data, "CXONE_CLIENT_SECRET=hunter2\n", mode)
        os.chown(path, owner, 4242)
        (folder / ".env").symlink_to("..data/.env")
        command = [sys.executable, "-c", AS_SOMEBODY, str(folder / ".env")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert says in done.stdout
    assert "hunter2" not in done.stdout


@pytest.mark.parametrize("mode", [0o600, *OPEN])
def test_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    """A file of another user is refused even with mode 0600. That user can read and change it."""
    monkeypatch.setattr(os, "geteuid", lambda: USER)
    path = tmp_path / "it's mine"
    with pytest.raises(SettingError, match=rf"belongs to another user of this machine \(uid {OTHER}\)") as caught:
        check_private(path, owned(path, OTHER, mode), "a secret")
    quoted = shlex.quote(str(path))
    assert caught.value.example == f'sudo chown "$(id -u)" {quoted} && chmod 600 {quoted}'


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_root_reads_a_dotenv_that_a_container_was_given(tmp_path: Path, mode: int) -> None:
    """Root reads a `.env` of another user, unless its mode is open."""
    path = dotenv(tmp_path, "CXONE_CLIENT_SECRET=hunter2\n", mode)
    os.chown(path, 12345, -1)
    if mode == 0o600:
        assert dotenv_source(path).values == {"client_secret": "hunter2"}
        return
    with pytest.raises(SettingError, match="its mode") as caught:
        dotenv_source(path)
    assert caught.value.example == f"chmod 600 {path}"
