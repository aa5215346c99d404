"""The completion scripts complete command lines in the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxone_rollcall.cli.completion import SHELLS
from cxone_rollcall.cli.main import run

CASE = "lunch case.json"
LINES = {
    "rollcall expl": ["explain"],
    "cxone-rollcall expl": ["explain"],
    "rollcall check --prof": ["check", "--profile"],
    "rollcall check --profile acme-e": ["check", "--profile", "acme-eu"],
    "rollcall check --profile two": ["check", "--profile", "two words"],
    "rollcall check --demo --fault batch-": ["check", "--demo", "--fault", "batch-cut"],
    "rollcall check --demo --team Cla": ["check", "--demo", "--team", "Claims"],
    "rollcall explain RC40": ["explain", "RC40"],  # there are several, so nothing is added to what they share
    "rollcall explain RC406": ["explain", "RC406"],
    "rollcall help exit-c": ["help", "exit-codes"],
    "rollcall help auth stat": ["help", "auth", "status"],
    "rollcall completion f": ["completion", "fish"],
    "rollcall case show lun": ["case", "show", CASE],
}
"""What is typed, and what the Tab key makes of it."""

POSIX = pytest.mark.skipif(os.name != "posix", reason="a shell needs a terminal as POSIX has it")

# The line that was completed runs this function. Completion calls the program, because `env` knows no functions.
SPOKEN = "rollcall() { printf 'words:'; printf '<%s>' \"$@\"; echo; }\ncxone-rollcall() { rollcall \"$@\"; }"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with two profiles and a file."""
    (tmp_path / "config.toml").write_text('[profiles.acme-eu]\ninstance = "a.example"\n[profiles."two words"]\n')
    (tmp_path / CASE).touch()
    return tmp_path


def environment(place: Path) -> dict[str, str]:
    """Our command, and no settings of this machine."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    home = {"HOME": str(place), "ZDOTDIR": str(place), "ROLLCALL_CONFIG": str(place / "config.toml")}
    return {"PATH": path, "TERM": "dumb", "LANG": "C.UTF-8", **home}


def typed(place: Path, command: list[str], lines: Iterator[str]) -> str:
    """Type lines into a shell, each with the Tab key. Return what it shows."""
    import pty  # Windows has none

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(place), cwd=place, start_new_session=True
    ):
        os.close(theirs)
        os.write(ours, "".join([*(f"{line}\t\n" for line in lines), "exit\n"]).encode())
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # Linux ends a terminal that nobody has open like this
            pass
    os.close(ours)
    return shown.decode().replace("\r", "")


@POSIX
@pytest.mark.thorough
@pytest.mark.parametrize(
    ("shell", "file", "options", "before"),
    [
        ("bash", "bashrc", ["--noprofile", "--rcfile", "bashrc", "-i"], ""),
        ("zsh", ".zshrc", ["-i"], "autoload -Uz compinit\ncompinit -u -D\n"),
    ],
)
def test_the_tab_key_completes(shell: str, file: str, options: list[str], before: str, place: Path) -> None:
    """An interactive shell completes commands, options, values and files, and quotes blanks."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (place / file).write_text(f'{before}eval "$(rollcall completion {shell})"\n{SPOKEN}\n')
    shown = typed(place, [shell, *options], iter(LINES))
    for line, words in LINES.items():
        said = f"words:{''.join(f'<{word}>' for word in words)}\n"
        assert shown.count(said) == list(LINES.values()).count(words), (line, shown)


@POSIX
@pytest.mark.thorough
def test_fish_completes(place: Path) -> None:
    """Fish offers the same. Its own function says what the Tab key would add."""
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    asked = "\n".join(f"echo asked; complete --do-complete '{line}'" for line in LINES)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"rollcall completion fish | source\n{asked}"],
        env=environment(place),
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    _, *answers = done.stdout.split("asked\n")
    for (line, words), answer in zip(LINES.items(), answers, strict=True):
        offered = [one.partition("\t")[0] for one in answer.splitlines()]
        assert words[-1] in offered or words[-1] == "RC40", (line, answer)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each shell has a script that calls the program."""
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_ROLLCALL_COMPLETE={shell}_complete" in script


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Another shell is refused with the names of the three."""
    assert run(["completion", "tcsh"]) == 2
    assert "is not one of 'bash', 'zsh', 'fish'" in capsys.readouterr().err
