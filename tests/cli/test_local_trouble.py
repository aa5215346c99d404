"""Trouble of this machine is named as such, and costs no report."""

import errno
import io
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import TOO_MANY_FILES, SettingError
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.transport.http import HttpTransport

ALONE = {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2"}


class Unwritable(io.StringIO):
    """A stream that fails like one of four broken outputs.

    They are a full disk, a closed pipe, a full pipe that does not wait, a terminal that is gone.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        """Fail."""
        raise self.error


@pytest.mark.parametrize("verbosity", ["-v", "-vv"])
@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        OSError(errno.EIO, "Input/output error"),
        ValueError("I/O operation on closed file"),
    ],
)
def test_a_log_that_cannot_be_written(
    error: Exception, verbosity: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log is dropped, and the account is whole."""
    monkeypatch.setattr(sys, "stderr", Unwritable(error))
    assert run(["check", "--demo", "--format", "json", verbosity]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["roster"] == 120


def test_notes_are_written_where_they_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    """A note to a stream that takes it is there."""
    terminal.note("said")
    assert capsys.readouterr().err == "said\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use is not deleted there")
def test_a_working_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is about the folder, not about the output."""
    folder, here = tmp_path / "gone", Path.cwd()
    folder.mkdir()
    for name, text in ALONE.items():
        monkeypatch.setenv(name, text)
    os.chdir(folder)
    folder.rmdir()
    try:
        assert run(["check"]) == 2
    finally:
        os.chdir(here)
    err = capsys.readouterr().err
    assert "working folder" in err
    assert "output" not in err


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_too_many_open_files_of_a_command(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that may open nothing more says so."""

    def refuse(work: Coroutine[object, object, object]) -> None:
        work.close()
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("cxone_rollcall.cli.signals.run", refuse)
    assert run(["check", "--demo"]) == 2
    assert TOO_MANY_FILES in capsys.readouterr().err


def connector_error(number: int) -> Exception:
    """Return what aiohttp raises when no socket can be made."""
    key = SimpleNamespace(host="h.example", port=443, ssl=True, is_ssl=True)
    return aiohttp.ClientConnectorError(key, OSError(number, os.strerror(number)))  # type: ignore[arg-type]


def plain_error(number: int) -> Exception:
    """The error of a name lookup that may open no file."""
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize("failing", [connector_error, plain_error])
async def test_too_many_open_files_of_a_connection(
    failing: Callable[[int], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that cannot be made is no fault of the host. The host is not called unreachable."""

    def refuse(*_: object, **__: object) -> None:
        raise failing(errno.EMFILE)

    async with HttpTransport("http://127.0.0.1:9", timeout=1.0, clock=lambda: 0.0) as transport:
        monkeypatch.setattr(aiohttp.ClientSession, "request", refuse)
        with pytest.raises(SettingError, match="too many files"):
            await transport.send(Request(method="GET", target="/", purpose="states"))


def test_a_case_whose_parts_contradict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that was changed is refused with a message. Its contradictions are not proven findings."""
    path = tmp_path / "case.json"
    assert run(["check", "--demo", "--contract", "incontact", "--format", "csv", "--save", str(path)]) == 0
    capsys.readouterr()
    document = json.loads(path.read_text())
    for seen in document["observations"]:
        if seen["kind"] == "StatesSeen":
            seen["facts"] |= {name: {} for name, value in seen["facts"].items() if isinstance(value, dict)}
    path.write_text(json.dumps(document))
    for format_ in ("account", "json"):
        assert run(["case", "judge", str(path), "--format", format_]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert f"{path} does not fit together" in shown.err
        assert "RC901" not in shown.err
