"""The Tab key completes faults, findings, profiles and teams."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from cxone_rollcall.cli import tab_key
from cxone_rollcall.cli.main import cli


def completed(*words: str) -> list[str]:
    """Return what completes the last word, in zsh: values without quotes."""
    return [value for value, _ in explained(*words)]


def explained(*words: str) -> list[tuple[str, str | None]]:
    """Return what completes the last word, and what each means."""
    *before, last = words
    shell = ShellComplete(cli, {}, "rollcall", "_ROLLCALL_COMPLETE")
    return [(item.value, item.help) for item in shell.get_completions(before, last)]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("chec",), ["check"]),
        (("check", "--demo", "--fault", "batch-"), ["batch-cut"]),
        (("emulate", "--fault", "batch-"), ["batch-cut"]),
        (("explain", "rc406"), ["RC406"]),
        (("explain", "state-filter-h"), ["state-filter-hides"]),
        (("check", "--contract", "i"), ["incontact"]),
        (("check", "--grant-type", "auth"), ["authorization_code"]),
        (("check", "--demo", "--team", "sup"), ["Support Tier 1", "Support Tier 2"]),
        (("states", "--demo", "--contract", "incontact", "--team", "Cl"), ["Claims"]),
        (("check", "--demo", "--team", "zzz"), []),
    ],
)
def test_values_are_completed(words: tuple[str, ...], values: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults, findings, choices and the tenant's teams complete what was typed."""
    monkeypatch.setattr(tab_key, "LONGEST_WAIT", 60.0)
    assert completed(*words) == values


def test_profiles_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profiles of config.toml are completed, with their hosts. A malformed file completes nothing."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("ROLLCALL_CONFIG", str(path))
    path.write_text('[profiles.acme]\ninstance = "a.example"\n[profiles.lab]\n')
    assert explained("check", "--profile", "") == [("acme", "a.example"), ("lab", None)]
    assert completed("check", "--profile", "l") == ["lab"]
    path.write_text("[[[")
    assert completed("check", "--profile", "") == []


def test_teams_without_a_tenant_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    """Without settings no team is completed, and nothing is printed."""
    monkeypatch.chdir(tmp_path)
    assert completed("check", "--team", "") == []


def test_bash_gets_quoted_values(tmp_path: Path) -> None:
    """Values with blanks are quoted, because bash inserts them unchanged."""
    words = {"COMP_WORDS": "rollcall check --profile a", "COMP_CWORD": "3"}
    (tmp_path / "config.toml").write_text('[profiles."acme lab"]\n[profiles."acme\'s"]\n')
    done = subprocess.run(
        [sys.executable, "-m", "cxone_rollcall"],
        env={**words, "_ROLLCALL_COMPLETE": "bash_complete", "ROLLCALL_CONFIG": str(tmp_path / "config.toml")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["plain,'acme lab'", 'plain,"acme\'s"']
    assert done.stderr == ""
