"""A login is renewed by one process at a time. Logins of several instances share a file without loss."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.config.stored_login import KEY, LOGIN, OTHER

from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.config.logins.store import renewal_lock
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the file of logins."""
    return tmp_path / "rollcall" / "logins.json"


async def test_a_lock_that_is_held_too_long(path: Path) -> None:
    """A lock held too long is an error that names its file. Other logins have other locks."""
    async with renewal_lock(path, KEY):
        async with renewal_lock(path, OTHER):
            pass
        with pytest.raises(SettingError, match=r"for 0\.1 s, .* \(it holds .*/logins\.json\.[0-9a-f]{16}\.lock\)$"):
            async with renewal_lock(path, KEY, longest_wait=0.1):
                pass
    async with renewal_lock(path, KEY, longest_wait=0.1):
        pass


async def test_waiting_for_the_lock_can_be_cancelled(path: Path) -> None:
    """A cancelled wait leaves the lock to others."""
    async with renewal_lock(path, KEY):
        waiting = asyncio.create_task(_take(path))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await _take(path)


async def _take(path: Path) -> None:
    async with renewal_lock(path, KEY, longest_wait=1.0):
        pass


async def test_a_lock_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """If the folder cannot be made, the error says why."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"lock cannot be locked: (Not a directory|File exists)$"):
        async with renewal_lock(tmp_path / "file" / "logins.json", KEY):
            pass
    with pytest.raises(SettingError, match="cannot be stored"):
        FileStore(KEY, tmp_path / "file" / "logins.json").save(LOGIN)


RENEWER = """
import asyncio, pathlib, sys
from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.model.login import LoginKey
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

path, issuer, count = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
store = FileStore(LoginKey("https://api.example.com", "me"), path)

async def renew():
    for _ in range(count):
        async with store.lock():
            login = store.load()
            number = int(issuer.read_text())
            if login.refresh_token.reveal() != f"token-{number}":
                sys.exit("a refresh token was used twice")
            await asyncio.sleep(0)
            issuer.write_text(str(number + 1))
            store.save(replace(login, refresh_token=Secret(f"token-{number + 1}")))

asyncio.run(renew())
"""


def test_processes_renew_one_after_the_other(path: Path, tmp_path: Path) -> None:
    """Three processes that renew at once use each refresh token once."""
    store = FileStore(KEY, path)
    store.save(replace(LOGIN, refresh_token=Secret("token-0")))
    issuer = tmp_path / "issuer"
    issuer.write_text("0")
    command = [sys.executable, "-c", RENEWER, str(path), str(issuer), "15"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    kept = store.load()
    assert kept is not None
    assert kept.refresh_token.reveal() == "token-45" == f"token-{issuer.read_text()}"


def test_processes_that_write_other_logins_lose_none(path: Path) -> None:
    """Logins of several instances saved at once are all stored. They share one file."""
    script = (
        "import pathlib, sys; from cxone_rollcall.config.logins import FileStore;"
        "from cxone_rollcall.model.login import *;"
        "from cxone_rollcall.model.secret import Secret\n"
        "for i in range(10):\n"
        "    login = Login(refresh_token=Secret('t'), instance=f'https://{sys.argv[2]}-{i}', client_id='me',"
        " contract='v2', granted_at=1.0)\n"
        "    FileStore(login.key, pathlib.Path(sys.argv[1])).save(login)"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in ("a", "b")]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(json.loads(path.read_text())["logins"]) == 20
