"""The entry point: version, help, unknown commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from cxone_rollcall.cli.entry import entry
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import EngineError, HistoryError, SettingError
from cxone_rollcall.version import __version__


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"]])
def test_the_short_way_prints_what_click_prints(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fast version and help print exactly what click prints."""
    assert run(arguments) == 0
    through_click = capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["rollcall", *arguments])
    entry()
    assert capsys.readouterr().out == through_click


def test_a_command_that_does_not_exist_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt command ends with 2 and says so on stderr."""
    assert run(["chek"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "chek" in captured.err


def test_the_module_runs_like_the_command() -> None:
    """`python -m cxone_rollcall` is `rollcall`."""
    done = subprocess.run(
        [sys.executable, "-m", "cxone_rollcall", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"rollcall {__version__}\n"


@pytest.mark.parametrize("advice", ["", "rollcall check"])
@pytest.mark.parametrize(("kind", "code"), [(SettingError, 2), (HistoryError, 2), (EngineError, 3)])
def test_what_is_printed_of_an_error(
    kind: Callable[..., Exception],
    code: int,
    advice: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error is printed as one line. The command that helps follows, if there is one."""

    def fails(*_: object, **__: object) -> None:
        raise kind("it cannot be used", example=advice) if advice else kind("it cannot be used")

    monkeypatch.setattr("cxone_rollcall.cli.main.cli.main", fails)
    assert run(["check"]) == code
    assert capsys.readouterr().err.splitlines() == ["rollcall: it cannot be used", *([f"  {advice}"] if advice else [])]
