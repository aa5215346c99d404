"""What each error prints, and its exit code. What options refuse before anything is asked."""

from __future__ import annotations

import errno
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import NoReturn
from unittest.mock import Mock

import click
import pytest
from tests.support.many_values import together

from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import EngineError, HistoryError, OutputError, RollcallError, SettingError
from cxone_rollcall.findings import catalogue

NO_SPACE = OSError(errno.ENOSPC, "No space left on device")
HIDDEN = PermissionError(errno.EACCES, "Permission denied", "/hidden/h.db")


@together(
    "case",
    {
        "a setting": (SettingError("a\x1bb\nc"), 2, "rollcall: a\\x1bb\nc\n"),
        "a history": (HistoryError("h", example="one\n\ntwo"), 2, "rollcall: h\n  one\n  two\n"),
        "an engine": (EngineError("e", example="x", exit_code=4), 4, "rollcall: e\n  x\n"),
        "an engine that is silent": (EngineError("e"), 3, "rollcall: e\n"),
        "an output": (OutputError("cannot write to x"), 2, "rollcall: cannot write to x\n"),
        "a full disk": (NO_SPACE, 2, "rollcall: the output could not be written: No space left on device\n"),
        "an odd error": (OSError("odd"), 2, "rollcall: the output could not be written: odd\n"),
        "a hidden file": (HIDDEN, 2, "rollcall: /hidden/h.db cannot be used: Permission denied\n"),
        "no file": (FileNotFoundError(errno.ENOENT, "gone"), 2, "rollcall: the output could not be written: gone\n"),
        "another error of ours": (RollcallError("r"), 3, "rollcall: r\n"),
        "several at once": (
            ExceptionGroup("g", [ExceptionGroup("h", [SettingError("s")]), NO_SPACE]),
            2,
            "rollcall: s\n",
        ),
        "Ctrl-C": (KeyboardInterrupt(), 130, "\nrollcall: interrupted\n"),
        "Ctrl-C at a prompt": (click.Abort(), 130, "rollcall: interrupted\n"),
        "a reader that is gone": (BrokenPipeError(), 0, ""),
        "a reader that click missed": (SystemExit(1), 0, ""),
    },
)
def test_each_error_has_its_message_and_exit_code(case: tuple[BaseException, int, str]) -> None:
    """An error is printed on stderr with what to type next. It has the exit code of its kind."""
    error, code, told = case
    assert failed(error) == (code, "", told)


def failed(error: BaseException) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of a command with this error."""

    def by_code(text: str) -> NoReturn:
        raise error

    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
        patched.setattr(catalogue, "by_code", by_code)
        code = run(["explain", "RC406"])
    return code, out.getvalue(), err.getvalue()


def test_nothing_more_is_written_after_a_failed_output(tmp_path: Path) -> None:
    """The interpreter writes out stdout at its end. After these errors that would print a second one."""
    for error in (BrokenPipeError(), SystemExit(1), NO_SPACE, OutputError("full"), KeyboardInterrupt()):
        with (tmp_path / "out").open("w") as out, pytest.MonkeyPatch.context() as patched:
            patched.setattr(catalogue, "by_code", Mock(side_effect=error))
            with redirect_stdout(out), redirect_stderr(StringIO()):
                run(["explain", "RC406"])
            out.write("what is left")
        assert (tmp_path / "out").read_text() == "", error


def test_a_fault_of_ours_is_reported_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Type and place are printed. The text may hold a secret; a variable shows it."""
    code, out, err = failed(ValueError("hunter2"))
    assert (code, out) == (3, "")
    first, second = err.splitlines()
    assert first.startswith("rollcall: internal error: ValueError at tests.cli.test_refusals:")
    assert second == "  please report it; ROLLCALL_TRACEBACK=1 shows the traceback, which may hold a secret"
    monkeypatch.setenv("ROLLCALL_TRACEBACK", "1")
    with pytest.raises(ValueError, match="hunter2"):
        failed(ValueError("hunter2"))


SERVE = ("serve", "--listen", "127.0.0.1:0")
TWO = (*SERVE, "--profile", "a", "--profile", "b")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*SERVE, "--profile", "a", "--profile", "a"), "--profile names the same profile twice\n"),
        ((*TWO, "--demo"), "--demo serves one emulated tenant: leave --profile out\n"),
        (
            (*TWO, "--instance", "h"),
            "--instance would be that of every profile: set it in each profile of config.toml\n",
        ),
        ((*TWO, "--history", "h.db"), "put {profile} into its name\n  rollcall serve --profile acme --profile globex"),
        ((*SERVE, "--backfill"), "are about a history: set --history\n  --history history.db\n"),
        ((*SERVE, "--keep", "4d"), "--backfill and --keep are about a history"),
        ((*SERVE, "--token-file", "file"), "--token-file file cannot be read: it is not text\n  openssl rand"),
        ((*SERVE, "--token-file", "none"), "--token-file none cannot be read: No such file or directory\n"),
        ((*SERVE, "--base-path", "//x"), "--base-path must be like /rollcall, not '//x'\n  --base-path /rollcall\n"),
        (("check", "--fault", "hang"), "--fault needs --demo\n  rollcall check --demo --fault batch-cut\n"),
        (
            ("check", "--demo", "--contract", "v9"),
            "--contract must be one of auto, v2, incontact\n  --contract incontact\n",
        ),
        (("check", "--demo", "--fault", "none-such"), "none-such"),
        (
            ("check", "--demo", "--updated-since", "noon"),
            "it must be a UTC time such as 2026-03-02T10:30:00Z, or now\n",
        ),
        (("check", "--demo", "--timeout", "inf"), "it must be a number of seconds\n"),
        (("check", "--demo", "--grace", "nan"), "it must be a number of seconds\n"),
        (
            ("states", "--demo", "--team", " "),
            "rollcall: --team is empty: is a shell variable unset? Give it a value, or leave it out\n",
        ),
        (("explain", "rc4066"), "rollcall: there is no finding 'rc4066' in this version\n  rollcall explain RC406\n"),
        (("explain", "batch-cuts"), "there is no finding 'batch-cuts' in this version\n  rollcall explain batch-cut\n"),
        (("explain", "zzzz"), "rollcall: there is no finding 'zzzz' in this version\n  rollcall explain\n"),
        (("case", "show", "none.json"), "rollcall: none.json cannot be read: No such file or directory\n"),
        (
            ("check", "--demo", "--save", "x", "-o", "./x"),
            "--save and --output name the same file, x\n  --save case.json",
        ),
    ],
)
def test_what_does_not_fit_is_refused(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 2 and with what to type. Nothing is requested, and nothing is made."""
    Path("file").write_bytes(b"\xff" * 40)
    assert run([*words, "-v"] if words[0] in ("check", "states", "serve") else words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "#1 " not in printed.err
    assert [path.name for path in Path().iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["ROLLCALL_SERVE_TOKEN", "ROLLCALL_SERVE_TOKEN_FILE"])
def test_a_weak_token_of_the_environment_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variable is named, its value is not. A file wins over a value."""
    Path("token").write_text("hunter2")
    Path("token").chmod(0o600)
    monkeypatch.setenv("ROLLCALL_SERVE_TOKEN", "hunter2" if name == "ROLLCALL_SERVE_TOKEN" else "x" * 40)
    if name.endswith("_FILE"):
        monkeypatch.delenv("ROLLCALL_SERVE_TOKEN")
        monkeypatch.setenv(name, "token")
    assert run([*SERVE, "--demo"]) == 2
    err = capsys.readouterr().err
    assert f"rollcall: {name}: a token has at least 16 characters and no blanks\n" in err
    assert "hunter2" not in err


@pytest.mark.parametrize("name", ["ROLLCALL_SERVE_TOKEN", "ROLLCALL_SERVE_TOKEN_FILE"])
def test_a_blank_token_of_the_environment_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A blank variable starts no board that asks for no token."""
    monkeypatch.setenv(name, " ")
    assert run([*SERVE, "--demo"]) == 2
    assert f"rollcall: {name}: a token has at least 16 characters" in capsys.readouterr().err


class Typed(StringIO):
    """A stdin on a terminal, on which a request was typed."""

    buffer = BytesIO(b"GET https://elsewhere.example/api/v2/agents HTTP/1.1\r\n\r\n")

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_a_request_is_read_from_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal a note says how to end it. Without stdin a file is asked for."""
    for name, text in (("INSTANCE", "h.example"), ("CLIENT_ID", "me"), ("CLIENT_SECRET", "hunter2")):
        monkeypatch.setenv(f"CXONE_{name}", text)
    monkeypatch.setattr(sys, "stdin", Typed())
    assert run(["request", "-"]) == 2
    assert capsys.readouterr() == (
        "",
        "paste the request, then press Enter and Ctrl-D (on Windows Ctrl-Z and Enter)\n"
        "rollcall: the request goes to elsewhere.example, which is neither the host of the settings (h.example) nor one"
        " of NICE's. Nothing was requested\n  rollcall request FILE --instance elsewhere.example\n",
    )
    monkeypatch.setattr(sys, "stdin", None)
    assert run(["request", "-"]) == 2
    assert capsys.readouterr() == ("", "rollcall: stdin is closed: give a file\n  rollcall request my-request.txt\n")


def test_v2_has_no_updated_since(capsys: pytest.CaptureFixture[str]) -> None:
    """A note says that v2 does not have the option. The account is whole."""
    assert run(["check", "--demo", "--updated-since", "now", "--probes", "off", "--format", "csv"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "--updated-since was not sent: the v2 API does not support it\n"
    assert len(printed.out.splitlines()) == 121
