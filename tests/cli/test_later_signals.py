"""Later signals: which end the process at once, and which wait. A login that is being stored is waited for."""

import asyncio
import errno
import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.cli.interrupted import LATE
from tests.support.python_path import first_in_path

from cxone_rollcall.cli import signals
from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")


class EndedAtOnce(BaseException):
    """The process would have ended."""


class Times:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def end(code: int) -> None:
    """The end of the process, which no further signal interrupts."""
    assert {signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)} == {signal.SIG_IGN}
    raise EndedAtOnce(code)


@pytest.fixture
def taken() -> Iterator[None]:
    """Signals are handled as in a command, until the test ends."""
    before = signals.take()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, taken: None) -> Times:
    """The clock by which the time between two signals is measured."""
    times = Times()
    monkeypatch.setattr(signals, "_clock", times)
    monkeypatch.setattr(signals, "_end", end)
    monkeypatch.setattr(signals, "_first_at", None)
    monkeypatch.setattr(signals, "_put_off", [])
    return times


def send(number: signal.Signals = signal.SIGTERM) -> None:
    """Send a signal to this process, and let Python see it."""
    signal.raise_signal(number)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_second_signal(clock: Times, second: signal.Signals) -> None:
    """A second signal counts as the first for half a second.

    It may be of another kind; later it ends the process at once.
    """
    seen: list[str] = []
    with signals.on_first(lambda: seen.append("first")):
        send()
        for later in (0.0, 0.125, 0.25, 0.0625):
            clock.now += later
            send(second)
        assert seen == ["first"]
        clock.now += 0.0625
        with pytest.raises(EndedAtOnce, match="130"):
            send(second)


def test_a_signal_that_nothing_waits_for(clock: Times) -> None:
    """Without work to cancel, the first signal ends the process at once. Work that is done is not cancelled."""
    assert clock.now
    seen: list[str] = []
    with signals.on_first(lambda: seen.append("cancelled")):
        pass
    with pytest.raises(EndedAtOnce, match="130"):
        send()
    assert seen == []


def test_an_unbroken_step_ends_before_the_process(clock: Times) -> None:
    """Signals during an unbroken step end the process after it."""
    done: list[str] = []

    def work() -> None:
        with signals.on_first(lambda: done.append("cancelled")), signals.unbroken():
            with signals.unbroken():
                send()
                clock.now += 10
                send()
                send(signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("beyond")

    with pytest.raises(EndedAtOnce):
        work()
    assert done == ["cancelled", "inner", "outer"]


def test_one_signal_cancels_and_the_process_goes_on(clock: Times) -> None:
    """One signal cancels. The process goes on to print what it has learned."""
    assert clock.now
    with signals.on_first(lambda: None), signals.unbroken():
        send()
    with signals.unbroken():
        pass


@pytest.mark.parametrize("goes_on", [0, 100])
def test_a_signal_cancels_the_work_of_a_run(clock: Times, goes_on: int) -> None:
    """The first signal cancels the work, and the run ends as interrupted. Work that is done ends this way, too."""
    assert clock.now
    reached: list[str] = []

    async def work() -> None:
        try:
            send()
            for _ in range(goes_on):
                await asyncio.sleep(0)
            reached.append("end")
        finally:
            reached.append("cleanup")

    with pytest.raises(KeyboardInterrupt):
        signals.run(work())
    assert reached == (["cleanup"] if goes_on else ["end", "cleanup"])


def test_a_run_has_its_handlers_and_gives_back_those_before() -> None:
    """While work runs, signals are handled here. Afterwards the handlers are those from before."""

    async def work() -> list[object]:
        return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    handlers = signals.run(work())
    assert handlers[0] is handlers[1]
    assert handlers[0] not in before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("traceback", ["", "1"])
def test_libraries_log_nothing(
    traceback: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logs of libraries may hold a secret. ROLLCALL_TRACEBACK prints them."""

    async def work() -> None:
        logging.getLogger("asyncio").error("hunter2")

    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setenv("ROLLCALL_TRACEBACK", traceback)
    signals.run(work())
    assert capsys.readouterr() == ("", "hunter2\n" if traceback else "")


def test_an_error_of_the_work_is_that_of_the_run() -> None:
    """What the work raises without a signal, the run raises."""

    async def work() -> None:
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        signals.run(work())


def test_work_that_no_thread_has_begun_is_dropped() -> None:
    """At the end threads are not awaited, and begin nothing more."""
    go_on, begun = threading.Event(), list[threading.Thread]()

    def wait() -> None:
        begun.append(threading.current_thread())
        go_on.wait(20)

    async def work() -> None:
        for _ in range(40):  # more than there are threads
            asyncio.get_running_loop().run_in_executor(None, wait)

    signals.run(work())
    at_the_end = begun.copy()
    go_on.set()
    for thread in at_the_end:
        thread.join()
    assert len(begun) == len(at_the_end) < 40


class Hanging:
    """A thread that does not end. `got` are the seconds that all were waited for."""

    daemon = False
    got: list[float] = []  # noqa: RUF012  of the test

    def join(self, seconds: float) -> None:
        """Wait in vain."""
        self.got.append(seconds)
        Times.now += seconds


def test_hanging_threads_share_one_second(taken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end all threads together get one second, and daemons none."""
    daemon = Hanging()
    daemon.daemon = True
    monkeypatch.setattr(Hanging, "got", [])
    monkeypatch.setattr(Times, "now", 1000.0)
    monkeypatch.setattr(signals, "time", SimpleNamespace(monotonic=Times()))
    monkeypatch.setattr(threading, "enumerate", lambda: [daemon, threading.main_thread(), Hanging(), Hanging()])
    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(EndedAtOnce, match="3"):
        signals.leave(3)
    assert Hanging.got == [1.0, 0.0]


class Full:
    """A stream that takes nothing any more."""

    def flush(self) -> None:
        """Fail, as on a full disk."""
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("how", ["full", "closed", "none"])
def test_output_that_is_lost_changes_no_exit_code(how: str, taken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code stays, though nothing more can be written."""
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    stream = {"full": Full(), "closed": closed, "none": None}[how]
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(EndedAtOnce, match="3"):
        signals.leave(3)


async def test_the_lock_of_a_login_is_unbroken(clock: Times, tmp_path: Path) -> None:
    """While a login is renewed, no signal ends the process. The renewed login is stored first."""
    key = LoginKey("https://h.example", "me")
    new = Login(
        refresh_token=Secret("the-new-one"), instance=key.instance, client_id="me", contract="v2", granted_at=1.0
    )
    store = FileStore(key, tmp_path / "logins.json")
    store.unbroken = signals.unbroken
    with signals.on_first(lambda: None):
        send()
    clock.now += 5
    with pytest.raises(EndedAtOnce):
        async with store.lock():
            send()
            await asyncio.to_thread(store.save, new)
    assert store.load() == new
    assert (store.key, store.place, store.delete()) == (key, str(tmp_path / "logins.json"), True)


SLOW = """
import json, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Asked(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        print("asked", flush=True)
        sys.stdin.readline()
        body = json.dumps({"access_token": "a", "refresh_token": "the-new-one", "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST
    def log_message(self, *_): pass
server = HTTPServer(("127.0.0.1", 0), Asked)
print(server.server_port, flush=True)
server.serve_forever()
"""


def test_a_renewal_that_signals_cut_short(tmp_path: Path) -> None:
    """After any number of signals, a renewed refresh token is stored. The process ends then."""
    server = subprocess.Popen([sys.executable, "-c", SLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        key, path = LoginKey(url, "me"), tmp_path / "logins.json"
        FileStore(key, path).save(
            Login(refresh_token=Secret("the-old-one"), instance=url, client_id="me", contract="v2", granted_at=1.0)
        )
        settings = {"CXONE_INSTANCE": url, "CXONE_CLIENT_ID": "me", "CXONE_GRANT_TYPE": "authorization_code"}
        # A signal counts as a second one at once: half a second need not be waited for.
        (tmp_path / "sitecustomize.py").write_text("import cxone_rollcall.cli.signals as s\ns.SAME_SIGNAL = 0.0\n")
        settings |= {"ROLLCALL_LOGINS": str(path), "CXONE_CONTRACT": "v2", "PYTHONPATH": first_in_path(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "cxone_rollcall", "check"],
            env={**os.environ, **settings},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert server.stdout.readline() == "asked\n"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        server.stdin.write("\n" * 20)
        server.stdin.flush()
        process.communicate(timeout=LATE)
    finally:
        server.kill()
        server.communicate()
    assert process.returncode == 130
    kept = json.loads(path.read_text())["logins"]
    assert [login["refresh_token"] for login in kept.values()] == ["the-new-one"]
