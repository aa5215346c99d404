"""`rollcall auth login` and `logout`: what is stored, what is printed, exit codes. The client is a fake."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.backends.fail import Keyring as FailingKeyring
from tests.login.played import PlayedClient, PlayedRun, arrive

from cxone_rollcall.cli import session
from cxone_rollcall.cli.main import run
from cxone_rollcall.cli.session import Ending
from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.errors import SettingError
from cxone_rollcall.login.attempt import Attempt
from cxone_rollcall.login.callback_server import Listener
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret

KEY = LoginKey("https://tenant.example", "me")
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The path of the file of logins, with a keyring that fails."""
    before = keyring.get_keyring()
    keyring.set_keyring(FailingKeyring())  # type: ignore[no-untyped-call]
    path = tmp_path / "logins.json"
    monkeypatch.setenv("ROLLCALL_LOGINS", str(path))
    yield path
    keyring.set_keyring(before)


def free_port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def kept(path: Path) -> Login | None:
    """The login in the file."""
    return FileStore(KEY, path).load()


def log_in(
    monkeypatch: pytest.MonkeyPatch, path: Path, client: PlayedClient, query: str, *more: str, **target: Any
) -> tuple[int, PlayedRun]:
    """Run `auth login` with a browser that calls back with `query`. `{state}` stands for our state."""
    played = PlayedRun(client, FileStore(KEY, path), **target)
    loops: list[asyncio.AbstractEventLoop] = []

    @asynccontextmanager
    async def opened(given: dict[str, Any]) -> AsyncIterator[PlayedRun]:
        loops.append(asyncio.get_running_loop())
        async with played.opened(given) as it:
            yield it

    def browse(address: str) -> bool:
        came = arrive(client, query.format(state=client.asked["state"]))
        asyncio.run_coroutine_threadsafe(came, loops[0]).result(10)
        return True

    monkeypatch.setattr("cxone_rollcall.cli.session.opened", opened, raising=False)
    monkeypatch.setattr("webbrowser.open", browse)
    return run(["auth", "login", "--port", str(free_port()), *more]), played


def test_a_login_is_stored_and_reported(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A login is stored and described. User, tenant, business unit, place and the next command are printed."""
    client = PlayedClient(nonce="", claims={"name": "Ann\x1b Lee", "userId": "u-1", "tenantId": "11ed", "icBUId": 4242})
    options = ("--store", "file", "--client-id", "me too", "--tenant-id", "11ed")
    code, played = log_in(monkeypatch, no_keyring, client, "code=good-code&state={state}", *options)
    captured = capsys.readouterr()
    assert code == 0, captured.err
    assert played.given["grant_type"] == "authorization_code"
    login = kept(no_keyring)
    assert login is not None
    assert (login.refresh_token.reveal(), login.contract, login.tenant_id) == ("refresh", "incontact", "11ed")
    assert "userId u-1" in captured.out
    assert "\x1b" not in captured.out
    for told in ("11ed", "4242", str(no_keyring)):
        assert told in captured.out
    assert "next: rollcall check --client-id 'me too' --tenant-id 11ed\n" in captured.err
    assert "put into .env:\n  CXONE_TENANT_ID=11ed\n  CXONE_CLIENT_ID='me too'\n" in captured.err
    for secret in ("good-code", "refresh", client.asked["state"], client.asked["nonce"]):
        assert secret not in captured.out + captured.err.replace("refresh token", "")


@pytest.mark.parametrize(
    ("profile", "line"),
    [
        ("acme", '[profiles.acme]: grant_type = "authorization_code"'),
        (None, ".env: CXONE_GRANT_TYPE=authorization_code"),
    ],
)
def test_a_client_with_a_secret_has_to_choose_the_login(
    profile: str | None,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    no_keyring: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A client with a secret gets the setting that selects the login."""
    played = PlayedClient(nonce="")
    target = {"profile": profile, "sources": {"client_secret": "environment"}}
    code, _ = log_in(monkeypatch, no_keyring, played, "code=good-code&state={state}", "--store=file", **target)
    assert code == 0
    err = capsys.readouterr().err
    assert "next: rollcall check --grant-type authorization_code\n" in err
    assert line in err


def test_logging_in_again_replaces_the_login(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second login replaces the first. Without options there are none to leave out."""
    for token in ("first", "second"):
        client = PlayedClient(nonce="", refresh_token=token)
        assert log_in(monkeypatch, no_keyring, client, "code=good-code&state={state}", "--store=file")[0] == 0
    login = kept(no_keyring)
    assert login is not None
    assert login.refresh_token.reveal() == "second"
    err = capsys.readouterr().err
    assert "next: rollcall check\n" in err
    assert "leave the options out" not in err


@pytest.mark.parametrize(
    ("query", "client", "target", "words"),
    [
        ("error=access_denied&state={state}", PlayedClient, {}, "cancelled"),
        ("error=invalid_request&state={state}", PlayedClient, {}, "register this redirect address"),
        ("state={state}", PlayedClient, {}, "has no code"),
        ("code=good-code&state={state}", lambda: PlayedClient(nonce="theirs"), {}, "not issued for this login"),
        ("code=good-code&state={state}", lambda: PlayedClient(nonce="", refresh_token=""), {}, "no refresh token"),
        (
            "code=good-code&state={state}",
            lambda: PlayedClient(nonce="", claims={"tenantId": "22ff"}),
            {"tenant_id": "11ed", "sources": {"tenant_id": ".env"}},
            "CXONE_TENANT_ID (.env) is 11ed (RC206)",
        ),
    ],
)
def test_a_refused_login_keeps_nothing_and_ends_with_4(
    monkeypatch: pytest.MonkeyPatch,
    no_keyring: Path,
    capsys: pytest.CaptureFixture[str],
    query: str,
    client: Any,
    target: dict[str, Any],
    words: str,
) -> None:
    """A refused login prints reason and next command. An earlier login stays."""
    before = Login(refresh_token=Secret("old"), instance=KEY.instance, client_id="me", contract="v2", granted_at=1.0)
    FileStore(KEY, no_keyring).save(before)
    code, _ = log_in(monkeypatch, no_keyring, client(), query, "--store", "file", **target)
    captured = capsys.readouterr()
    assert (code, captured.out) == (4, "")
    assert words in captured.err
    assert "  rollcall auth login" in captured.err
    assert "--store file --port" in captured.err
    assert kept(no_keyring) == before


def test_a_code_that_is_refused_ends_with_its_finding(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failed redemption is reported like every failed request."""
    monkeypatch.setattr("cxone_rollcall.views.account.summary", lambda account: "the summary")
    code, played = log_in(monkeypatch, no_keyring, PlayedClient(), "code=bad-code&state={state}", "--store", "file")
    assert code == 4
    assert [failure.error for failure in played.ledger.failures] == ["invalid_grant"]
    assert "the summary" in capsys.readouterr().err
    assert kept(no_keyring) is None


def test_no_callback_in_time(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A timeout ends with 3, and mentions a callback of another login."""
    code, _ = log_in(
        monkeypatch, no_keyring, PlayedClient(), "code=x&state=theirs", "--store", "file", "--timeout", "1.5"
    )
    assert code == 3
    captured = capsys.readouterr()
    assert "within 1.5 s" in captured.err
    assert "does not belong to this login" in captured.err


def test_a_missing_keyring_is_reported_before_the_sign_in(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a keyring, the command fails before the browser opens. It names the option that works."""
    client = PlayedClient()
    code, _ = log_in(monkeypatch, no_keyring, client, "code=good-code&state={state}")
    assert code == 2
    assert client.asked == {}
    assert "rollcall auth login --store file" in capsys.readouterr().err


def test_another_grant_is_no_login(capsys: pytest.CaptureFixture[str]) -> None:
    """Another grant than authorization_code is refused."""
    assert run(["auth", "login", "--grant-type", "password"]) == 2
    assert "leave --grant-type out" in capsys.readouterr().err


def test_a_second_login_while_one_waits(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If another login waits on the port, this one ends with 2. It says so."""
    port, ready = free_port(), threading.Event()
    ends: list[Callable[[], object]] = []

    async def wait() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with Listener(Attempt("s", "n", Secret("v")), port, start="at-random"):
            ends.append(lambda: loop.call_soon_threadsafe(done.set))
            ready.set()
            await done.wait()

    first = threading.Thread(target=lambda: asyncio.run(wait()))
    first.start()
    try:
        assert ready.wait(10)
        code, _ = log_in(monkeypatch, no_keyring, PlayedClient(), "", "--store", "file", "--port", str(port))
    finally:
        ends[0]()
        first.join()
    assert code == 2
    assert f"another rollcall auth login is waiting on port {port}" in capsys.readouterr().err


SCRIPT = """
import sys
from pathlib import Path
from cxone_rollcall.cli import session
from cxone_rollcall.cli.main import run
from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.model.login import LoginKey
from tests.login.played import PlayedClient, PlayedRun

store = FileStore(LoginKey("https://tenant.example", "me"), Path(sys.argv[1]))
session.opened = PlayedRun(PlayedClient(nonce="", claims={"name": "Ann Lee"}), store).opened
sys.exit(run(["auth", "login", "--no-browser", "--store", "file", "--port", sys.argv[2]]))
"""


def test_an_interrupted_login_says_how_to_start_again(
    monkeypatch: pytest.MonkeyPatch, no_keyring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After Ctrl-C the next command is the same one."""

    async def interrupted(work: Coroutine[Any, Any, int], *, seconds: None) -> tuple[None, Ending]:
        work.close()
        return None, Ending(interrupted=True)

    monkeypatch.setattr(session, "opened", PlayedRun(PlayedClient(nonce=""), FileStore(KEY, no_keyring)).opened)
    monkeypatch.setattr(session, "run_limited", interrupted)
    assert run(["auth", "login", "--client-id", "me too"]) == 130
    again = "rollcall auth login --client-id 'me too'"
    assert capsys.readouterr().err == f"interrupted; no login was stored. To start again: {again}\n"


@pytest.mark.skipif(os.name != "posix", reason="signals and terminals are POSIX")
def test_ctrl_c_ends_the_waiting(no_keyring: Path) -> None:
    """An interrupted login ends at once with 130. It prints no traceback and stores nothing."""
    command = [sys.executable, "-c", SCRIPT, str(no_keyring), str(free_port())]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as login:
        assert login.stderr is not None
        said = ""
        while "https://tenant.example" not in said:
            said += (line := login.stderr.readline())
            assert line, said
        login.send_signal(signal.SIGINT)
        _, rest = login.communicate(timeout=20)
    assert login.returncode == 130
    assert "Traceback" not in rest
    assert "no login was stored" in rest
    assert not no_keyring.exists()


@pytest.mark.skipif(os.name != "posix", reason="signals and terminals are POSIX")
@pytest.mark.parametrize("ends", ["pasted", "interrupted"])
def test_a_pasted_code_or_ctrl_c_ends_the_waiting(no_keyring: Path, ends: str) -> None:
    """On a terminal, a pasted code or Ctrl-C ends the waiting."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", SCRIPT, str(no_keyring), str(free_port())]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=theirs, stdout=pipe, stderr=pipe, text=True) as login:
        os.close(theirs)
        assert login.stderr is not None
        said = ""
        while "paste that address" not in said:
            said += (line := login.stderr.readline())
            assert line, said
        if ends == "pasted":
            os.write(ours, b"good-code\n")
        else:
            login.send_signal(signal.SIGINT)
        out, rest = login.communicate(timeout=20)
    os.close(ours)
    assert "Traceback" not in rest
    assert "Fatal" not in rest
    assert (login.returncode, "Ann Lee" in out) == ((0, True) if ends == "pasted" else (130, False))


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch, no_keyring: Path) -> None:
    """Make `auth logout` use the file."""

    @asynccontextmanager
    async def target_of(given: dict[str, Any]) -> AsyncIterator[Any]:
        assert given["grant_type"] == "authorization_code"
        yield SimpleNamespace(logins=FileStore(KEY, no_keyring))

    monkeypatch.setattr("cxone_rollcall.cli.target.target_of", target_of)


@pytest.mark.usefixtures("target")
def test_logging_out_says_from_where(no_keyring: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The login is deleted and its place printed. A missing login is no error."""
    FileStore(KEY, no_keyring).save(
        Login(refresh_token=Secret("old"), instance=KEY.instance, client_id="me", contract="v2", granted_at=1.0)
    )
    assert run(["auth", "logout"]) == 0
    printed = capsys.readouterr()
    assert f"client me at https://tenant.example was deleted from {no_keyring}" in printed.out
    assert printed.err == (
        "Its current token stays valid until it expires, usually within an hour, and cannot be renewed.\n"
    )
    assert run(["auth", "logout"]) == 0
    printed = capsys.readouterr()
    assert "nothing to do" in printed.out
    assert printed.err == ""


@pytest.mark.usefixtures("target")
def test_a_store_that_cannot_be_emptied_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a store fails, logout reports it."""

    async def forget(key: LoginKey, path: Path) -> tuple[tuple[str, ...], SettingError]:
        return ("the file",), SettingError("the keyring is locked")

    monkeypatch.setattr("cxone_rollcall.config.logins.forget", forget)
    assert run(["auth", "logout"]) == 2
    captured = capsys.readouterr()
    assert "deleted from the file" in captured.out
    assert "locked" in captured.err
