"""After a signal a command ends with 130 and its results. It leaves no half-written file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.cli.forking import Forking
from tests.cli.interrupted import EACH_SIGNAL, LATE, SIGNALS, Ended, Stage, assert_quiet, at_event, left
from tests.support.python_path import first_in_path
from tests.support.thorough import mostly_thorough, sampled
from tests.transport.raw import free_port

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")

OLD = b"what was there before"


def assert_partial(data: bytes, *, format_: str = "json") -> None:
    """Assert that a document is complete and says that it is partial. It has no unexplained absent agent."""
    text = data.decode()
    if format_ == "json":
        account = json.loads(text)
        counts = account["counts"]
        assert account["verdict"] == "interrupted"
        assert account["exit"] == 130
        assert counts["roster"] == counts["present"] + counts["logged_out"] + counts["absent"] + counts["unknown"]
        assert all(agent["standing"] != "absent" or agent["findings"] for agent in account["agents"])
    elif format_ == "junit":
        properties = {one.get("name"): one.get("value") for one in ET.fromstring(text).iter("property")}  # noqa: S314
        assert properties["verdict"] == "interrupted"
    elif format_ == "html":
        assert text.rstrip().endswith("</html>")
        assert "nterrupted" in text
    elif format_ == "csv":
        assert text.startswith("agent_id,")
        assert text.endswith("\r\n")
    else:
        assert "nterrupted" in text


@pytest.mark.parametrize("number", EACH_SIGNAL)
@pytest.mark.parametrize("contract", ["v2", pytest.param("incontact", marks=pytest.mark.thorough)])
async def test_a_signal_at_each_request(
    contract: str, number: signal.Signals, tmp_path: Path, forking: Forking
) -> None:
    """After a signal at any request, account and case are complete. Both say that they are partial."""
    stage = Stage(tmp_path, forking, contract=contract)
    whole = await stage.run("check", "--format", "json")
    assert whole.code == 0, whole.err
    requests = stage.arrived
    assert requests >= 5
    first, step = SIGNALS.index(number), len(SIGNALS)
    for at in range(1 + first, requests + 1, step):  # the next request with the next signal: each is met by one
        (tmp_path / "case.json").unlink(missing_ok=True)
        (tmp_path / "account.json").write_bytes(OLD)
        arguments = ("check", "--format", "json", "-o", "account.json", "--save", "case.json", "--timeout", "60")
        ended = await stage.run(*arguments, number=number, at=at)
        assert_quiet(ended)
        assert ended.out == b""
        assert_partial((tmp_path / "account.json").read_bytes())
        known = {agent["agent_id"] for agent in json.loads((tmp_path / "account.json").read_bytes())["agents"]}
        assert stage.told.asked <= known, "who was asked for was read of before, and is still known"
        assert json.loads((tmp_path / "case.json").read_bytes())["interrupted"] is True
        assert left(tmp_path) == ["account.json", "case.json"]


async def test_nothing_that_was_learned_is_lost(tmp_path: Path, forking: Forking) -> None:
    """The partial account has exactly what the responses so far contain."""
    stage = Stage(tmp_path, forking)
    arguments = ("check", "--format", "json", "--probes", "off", "-v")
    assert (await stage.run(*arguments)).code == 0
    for at in range(stage.arrived, 1, -1):
        ended = await stage.run(*arguments, at=at, silent=True, shown=at - 1)
        assert_quiet(ended)
        assert_partial(ended.out)
        standing = {agent["agent_id"]: agent["standing"] for agent in json.loads(ended.out)["agents"]}
        told = stage.told
        assert told.asked <= standing.keys() <= told.roster
        assert {agent_id for agent_id, said in standing.items() if said == "present"} <= told.states
        assert {agent_id for agent_id, said in standing.items() if said != "unknown"} <= told.answered


COMMANDS = [
    ("check --format account", "account"),
    ("check --format csv", "csv"),
    ("check --format junit", "junit"),
    ("check --format html", "html"),
    ("why 30000000001 --format json", "json"),
    ("why 30000000001 30000000002", "account"),
    ("states --format ndjson", ""),
    ("states --format json", ""),
    ("states --format csv", ""),
    ("agents --format json", ""),
    ("agents --format table", ""),
    ("auth token", ""),
    ("auth status", ""),
]


@pytest.mark.parametrize("later", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["first", "later"])
@pytest.mark.parametrize(("command", "format_"), sampled(COMMANDS, every=3), ids=[command for command, _ in COMMANDS])
async def test_every_command_and_format_ends_this_way(
    command: str, format_: str, later: bool, tmp_path: Path, forking: Forking
) -> None:
    """Every command that sends requests ends this way. The format and the request make no difference."""
    stage, places = Stage(tmp_path, forking), [1]
    if later:
        whole = await stage.run(*command.split())
        assert whole.code in {0, 1}, whole.err
        among = 2 + [one for one, _ in COMMANDS].index(command) % max(1, stage.arrived - 2)
        places = sorted({min(among, stage.arrived), stage.arrived})
    for at in places:
        number = SIGNALS[at % len(SIGNALS)]
        ended = await stage.run(*command.split(), at=at, number=number)
        assert_quiet(ended)
        if format_:
            assert_partial(ended.out, format_=format_)
        elif command.endswith(" json"):
            assert isinstance(json.loads(ended.out), list)
        elif command.endswith(" ndjson"):
            assert all(isinstance(json.loads(line), dict) for line in ended.out.splitlines())
        assert left(tmp_path) == []


WAITING = [
    ("check --format json", 1),
    ("check --format json --probes deep", 6),
    ("check --format json --probes off --grace 60", 6),
    ("states --format ndjson", 4),
]


@pytest.mark.parametrize(("command", "at"), sampled(WAITING, every=3), ids=["token", "probes", "grace", "stream"])
async def test_a_signal_while_waiting_for_a_response(command: str, at: int, tmp_path: Path, forking: Forking) -> None:
    """A signal ends a command that waits for a response. The response may be a token, probe, grace period or stream."""
    stage = Stage(tmp_path, forking)
    ended = await stage.run(*command.split(), at=at, silent=True)
    assert_quiet(ended)
    if "ndjson" in command:
        assert 130 > sum("state" in json.loads(line) for line in ended.out.splitlines()) >= 0
    else:
        assert_partial(ended.out)
        agents = json.loads(ended.out)["agents"]
        assert {agent["agent_id"] for agent in agents} == stage.told.roster
        present = {agent["agent_id"] for agent in agents if agent["standing"] == "present"}
        assert present == stage.told.states
        assert bool(present) == (at > 1), "who asks again, or looks closer, has had every state"


@pytest.mark.parametrize("number", EACH_SIGNAL)
@pytest.mark.parametrize("at", mostly_thorough([1, 3], quick=1))
async def test_two_signals_in_a_row(number: signal.Signals, at: int, tmp_path: Path) -> None:
    """Two signals at once, as from `timeout`, count as one. What was learned is printed, and the case is whole."""
    stage = Stage(tmp_path)
    ended = await stage.run("check", "--format", "json", "--save", "case.json", number=number, at=at, times=2)
    assert_quiet(ended)
    assert_partial(ended.out)
    json.loads((tmp_path / "case.json").read_bytes())


async def test_signals_without_end(tmp_path: Path) -> None:
    """After many signals in a row a command ends with 130. It leaves no temporary file."""
    (tmp_path / "account.json").write_bytes(OLD)
    stage = Stage(tmp_path)
    ended = await stage.run("check", "-o", "account.json", "--save", "case.json", at=2, times=200)
    assert_quiet(ended)
    assert set(left(tmp_path)) <= {"account.json", "case.json"}


IMPORTS = (
    "cxone_rollcall.cli.main",
    "click",
    "cxone_rollcall.views.text",
    "cxone_rollcall.cli.options",
    "cxone_rollcall.cli.session",
    "msgspec",
    "ssl",
    "aiohttp",
    "cxone_rollcall.client.client",
    "cxone_rollcall.cli.target",
    "cxone_rollcall.config.settings",
)


@pytest.mark.parametrize("module", sampled(IMPORTS, every=4))
async def test_before_everything_is_imported(module: str, tmp_path: Path) -> None:
    """A signal during imports ends the process with 130, without a traceback."""
    stage, number = Stage(tmp_path), SIGNALS[IMPORTS.index(module) % len(SIGNALS)]
    event = at_event(tmp_path, f"import {module}", number)
    assert_quiet(await stage.run("check", "-o", "account.txt", more=event))
    assert left(tmp_path) == []


WRITING = ["open .account.json.", "open .case.json.", "os.rename .account", "os.rename .case"]


@pytest.mark.parametrize("event", sampled(WRITING, every=2))
async def test_while_files_are_written(event: str, tmp_path: Path) -> None:
    """A signal while a file is written leaves a whole file. It is the old one or the new one."""
    (tmp_path / "account.json").write_bytes(OLD)
    stage = Stage(tmp_path)
    arguments = ("check", "--format", "json", "-o", "account.json", "--save", "case.json")
    number = SIGNALS[WRITING.index(event) % len(SIGNALS)]
    assert_quiet(await stage.run(*arguments, more=at_event(tmp_path, event, number)))
    data = (tmp_path / "account.json").read_bytes()
    assert data == OLD or json.loads(data)["schema"] == "rollcall/check/1"
    assert set(left(tmp_path)) <= {"account.json", "case.json"}
    if (tmp_path / "case.json").exists():
        json.loads((tmp_path / "case.json").read_bytes())


@pytest.mark.thorough
def test_a_signal_while_the_output_is_not_read(tmp_path: Path) -> None:
    """A command that waits for its output's reader ends at signal two."""
    command = [sys.executable, "-m", "cxone_rollcall", "states", "--demo", "--format", "json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    reader, writer = os.pipe()
    with_pipe = subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, env=environment)
    try:
        filled = b"x" * 4096
        os.set_blocking(writer, False)
        try:
            while True:  # whatever it writes finds no room
                os.write(writer, filled)
        except BlockingIOError:
            os.set_blocking(writer, True)
        assert with_pipe.stderr is not None
        while "pipe" not in _waits_in(with_pipe.pid):
            assert with_pipe.poll() is None
        while with_pipe.poll() is None:  # two that Python sees at once are one to it
            with_pipe.send_signal(signal.SIGTERM)
        with with_pipe.stderr:
            err = with_pipe.stderr.read()
        assert_quiet(Ended(with_pipe.wait(LATE), b"", err.decode()))
    finally:
        with_pipe.kill()
        with_pipe.wait()
        os.close(reader)
        os.close(writer)


def _waits_in(pid: int) -> str:
    place = Path(f"/proc/{pid}/wchan")
    if not place.exists():
        pytest.skip("needs /proc")
    return place.read_text()


SLOW_NAMES = """
import socket, time
def getaddrinfo(*arguments, **more):
    time.sleep(120)
socket.getaddrinfo = getaddrinfo
"""


@pytest.mark.parametrize("how", ["signal", "timeout"])
def test_no_thread_keeps_the_process_alive(how: str, tmp_path: Path) -> None:
    """A thread that hangs in a DNS lookup keeps no process alive. Both a signal and --timeout end it."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_NAMES)
    environment = {**os.environ, "PYTHONPATH": first_in_path(tmp_path), "CXONE_INSTANCE": "tenant.invalid"}
    environment |= {"CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2", "CXONE_CONTRACT": "v2"}
    limit = ["--timeout", "3"] if how == "timeout" else []
    command = [sys.executable, "-m", "cxone_rollcall", "check", "--format", "json", *limit]
    process = subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        if how == "signal":
            while len(os.listdir(f"/proc/{process.pid}/task")) < 2:  # noqa: PTH208  the thread is there: it looks up
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LATE)
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in err
    assert json.loads(out)["exit"] == process.returncode
    assert process.returncode == (130 if how == "signal" else 5)


LATE_WRITER = """
import sys, threading, time
from pathlib import Path
from cxone_rollcall.cli.signals import leave

def write():
    time.sleep(0.5)
    Path("written").write_text("all of it")

threading.Thread(target=write, daemon=sys.argv[1] == "daemon").start()
print("said", end="")
leave(3)
"""


@pytest.mark.parametrize("kind", ["own", "daemon"])
def test_a_thread_that_writes_may_finish(kind: str, tmp_path: Path) -> None:
    """The end waits for a thread that writes, but for no daemon. What was printed is there."""
    done = subprocess.run(
        [sys.executable, "-c", LATE_WRITER, kind], check=False, cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "said", "")
    assert (tmp_path / "written").exists() is (kind == "own")


async def test_a_hang_up_that_was_put_off(tmp_path: Path) -> None:
    """Under `nohup` SIGHUP is ignored."""
    stage = Stage(tmp_path)
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    (tmp_path / "at-event").mkdir()
    (tmp_path / "at-event" / "sitecustomize.py").write_text(ignoring)
    ended = await stage.run(
        "check", number=signal.SIGHUP, at=2, more={"PYTHONPATH": first_in_path(tmp_path / "at-event")}
    )
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize("number", EACH_SIGNAL)
def test_emulate_ends_in_order(number: signal.Signals, tmp_path: Path) -> None:
    """A signal ends `emulate` at once with 0 and without output."""
    command = [sys.executable, "-m", "cxone_rollcall", "emulate", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=LATE)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("number", EACH_SIGNAL)
async def test_a_login_that_waits_for_the_browser(number: signal.Signals, tmp_path: Path) -> None:
    """A signal ends a waiting `auth login` with 130. No login is stored, and the next command is shown."""
    stage = Stage(tmp_path, contract="incontact")
    stage.environment = {"CXONE_GRANT_TYPE": "authorization_code", "ROLLCALL_LOGINS": str(tmp_path / "logins.json")}
    arguments = ("auth", "login", "--no-browser", "--store", "file", "--port", str(free_port()))
    ended = await stage.run(*arguments, number=number, said=b"Open this address")
    assert_quiet(ended)
    assert "no login was stored" in ended.err
    assert left(tmp_path) == []
