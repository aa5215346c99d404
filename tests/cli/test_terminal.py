"""What is written to a terminal, a pipe or nowhere."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import OutputError
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.struct import replace

TOKEN = Exchange(
    number=1,
    method="POST",
    target=f"/oauth/token?{'a' * 200}",
    purpose="token",
    status=200,
    fault="",
    milliseconds=12.6,
    request_body="grant_type=x\n",
    response_headers=(("date", "a\x1bb"),),
)


class Screen(io.StringIO):
    """A stream that is a terminal. Its file number belongs to none."""

    def isatty(self) -> bool:
        """It is one."""
        return True

    def fileno(self) -> int:
        """A number that no open file has."""
        return 4_000


def test_v_shows_a_line_for_each_request(capsys: pytest.CaptureFixture[str]) -> None:
    """With -v a request is a line, cut if it is long. Without it there is no log."""
    assert terminal.watcher(0) is None
    log = terminal.watcher(1)
    assert log is not None
    log(TOKEN)
    log(replace(TOKEN, number=2, target="/x\x1b", status=None, fault="reset"))
    assert capsys.readouterr() == (
        "",
        f"#1 POST {TOKEN.target[:119]}… 200 13 ms\n#2 POST /x\\x1b - reset 13 ms\n",
    )


def test_vv_shows_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """With -vv the line is whole; headers and bodies follow. Nothing moves the cursor."""
    log = terminal.watcher(2)
    assert log is not None
    log(TOKEN)
    assert capsys.readouterr() == (
        "",
        f"#1 POST {TOKEN.target} 200 13 ms\n  > grant_type=x\n  < date: a\\x1bb\n",
    )


@together("case", {"20 columns": (20, True), "0 columns": (0, False), "unknown": (None, False)})
def test_a_note_is_wrapped_on_a_terminal(case: tuple[int | None, bool]) -> None:
    """A note is wrapped between words if the terminal has a width."""
    columns, wraps = case
    text = "one two three four five six\nseven"

    def size(descriptor: int) -> os.terminal_size:
        assert descriptor == 4_000
        if columns is None:
            raise OSError
        return os.terminal_size((columns, 5))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stderr", screen := Screen())
        patched.setattr(os, "get_terminal_size", size)
        terminal.note(text)
        lines = screen.getvalue().splitlines()
    assert (len(lines) > 2, max(map(len, lines)) <= 20) == (wraps, wraps)
    assert [line.strip() for line in lines][-1] == "seven"
    assert " ".join(map(str.strip, lines)) == text.replace("\n", " ")


def test_a_note_in_a_pipe_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe no note is wrapped. Without stderr, or if it is closed or full, it is dropped."""
    terminal.note("word " * 100)
    assert capsys.readouterr() == ("", "word " * 100 + "\n")
    closed = io.StringIO()
    closed.close()
    for stderr in (None, closed, Full()):
        with streams(sys.stdout, stderr):
            terminal.note("dropped")


class Full(io.StringIO):
    """A stream to a full disk."""

    def write(self, _: str) -> int:
        """No room is left."""
        raise OSError


@contextmanager
def streams(out: object, err: object) -> Iterator[None]:
    """These are stdout and stderr."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        yield


class Plain(io.StringIO):
    """A stream that is no terminal. Without a number it is closed."""

    def __init__(self, number: int | None = None) -> None:
        super().__init__()
        self.number = number

    def fileno(self) -> int:
        """The number of an open file."""
        if self.number is None:
            raise ValueError
        return self.number


def test_progress_is_for_a_terminal_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is drawn on a terminal that nothing else may draw on. Otherwise it is silent."""
    monkeypatch.setenv("TERM", "xterm")
    reader, pipe = os.pipe()
    drawn = {}
    with (tmp_path / "file").open("w") as file, os.fdopen(reader), os.fdopen(pipe, "w"):
        for name, out, err, shown in (
            ("both on the terminal", Screen(), Screen(), True),
            ("stdout is a file", Plain(file.fileno()), Screen(), True),
            ("no stdout", None, Screen(), True),
            ("stdout is a pipe", Plain(pipe), Screen(), True),
            ("stdout is closed", Plain(), Screen(), True),
            ("stdout is gone", Plain(4_000), Screen(), True),
            ("stderr is a file", Screen(), Plain(file.fileno()), True),
            ("not asked for", Screen(), Screen(), False),
        ):
            with streams(out, err), terminal.status_line("first", shown=shown) as show:
                show("second")
            drawn[name] = "second" in err.getvalue()
        with streams(Screen(), None), terminal.status_line("first") as show:
            show("second")
    assert [name for name, was in drawn.items() if was] == ["both on the terminal", "stdout is a file", "no stdout"]


@together("case", [((5, 120, 3), "roster 5 of 120   states 3"), ((5, None, 0), "roster 5   states 0")])
def test_progress_counts_roster_and_states(case: tuple[tuple[int, int | None, int], str]) -> None:
    """Each step shows agents read, agents in all if known, and responses."""
    counts, told = case
    said: list[object] = []

    @contextmanager
    def line(first: str, *, shown: bool) -> Iterator[Any]:
        said.extend((first, shown))
        yield said.append

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(terminal, "status_line", line)
        for shown in (True, False):
            with terminal.progress(lambda: counts, shown=shown) as step:
                step()
    assert said == ["requesting a token", True, told, "requesting a token", False, told]


def test_a_csv_is_escaped_only_on_a_terminal() -> None:
    """Names are shown safely on a terminal. A pipe gets them as they are."""
    for out, shown in ((Screen(), "a\\x1bb"), (io.StringIO(), "a\x1bb"), (None, "a\x1bb")):
        with streams(out, None):
            assert terminal.shown()("a\x1bb") == shown


def test_only_a_terminal_has_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is fitted to the columns of a terminal. A pipe has none."""
    monkeypatch.setenv("COLUMNS", "77")
    for out, cells in ((Screen(), 77), (io.StringIO(), None), (None, None)):
        with streams(out, None):
            assert terminal.cells() == cells


def test_bold_text_is_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings are bold on a terminal, plain in a pipe."""
    monkeypatch.setenv("TERM", "xterm")
    for out, shown in ((Screen(), "\x1b[1mfix\x1b[0m"), (io.StringIO(), "fix")):
        with streams(out, None):
            assert terminal.strong("fix") == shown


def test_a_reader_gets_what_is_flushed(tmp_path: Path) -> None:
    """What was written comes with a flush and at the end. After an error it is not passed on."""
    sent = tmp_path / "sent"
    with sent.open("w") as file, streams(file, None):
        with terminal.Output(None) as output:
            output.write(b"a")
            assert sent.read_bytes() == b""
            output.flush()
            assert sent.read_bytes() == b"a"
            output.write(b"b")
        assert sent.read_bytes() == b"ab"
        with suppress(KeyboardInterrupt), terminal.Output(None) as output:
            output.write(b"c")
            raise KeyboardInterrupt
        assert sent.read_bytes() == b"ab"


def test_a_process_without_stdout_is_told_so() -> None:
    """Whatever would print refuses to, before any work."""
    with streams(None, None):
        for printing in (terminal.need_stdout, lambda: terminal.say("x"), lambda: terminal.Output(None)):
            with pytest.raises(OutputError, match="cannot write to stdout: it is closed"):
                printing()


@pytest.mark.parametrize(
    "command",
    ["agents", "auth login", "auth logout", "auth status", "auth token", "check", "states", "watch", "why 7"],
)
def test_without_stdout_a_command_reads_no_settings(
    command: str, alone: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that can print nothing does not look for its tenant."""
    monkeypatch.setattr(sys, "stdout", None)
    assert run(command.split()) == 2
    assert capsys.readouterr().err == "rollcall: cannot write to stdout: it is closed\n"
