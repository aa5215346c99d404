"""The front door: what the commands are, and `--version` and `--help`, answered without loading anything else."""

from __future__ import annotations

import gc
import sys

from cxone_rollcall.version import __version__

COMMANDS = {
    "check": "Call the roll: account for every agent, and prove why one is missing.",
    "why": "Why has this agent no state? Takes an id, user name, e-mail or name.",
    "states": "Show who is in which state.",
    "agents": "List the roster.",
    "auth": "Log a user in; show which identity, scopes and life the token has.",
    "explain": "Show the page of a finding, or the catalogue.",
    "case": "Look through a saved case, or judge it again offline.",
    "emulate": "Run an emulated tenant on this machine.",
}
"""Each command is `command` in the file of its name."""

NEW_VALUES_BEFORE_A_COLLECTION = 50_000
PURPOSE = "Every CXone agent accounted for: who is logged in, in which state, and why one is missing."


def entry() -> None:
    """Run the command line as a process: its exit code is the process's."""
    arguments = sys.argv[1:]
    text = {"--version": version_text, "--help": help_text, "-h": help_text}.get(" ".join(arguments))
    if text is None or not _printed(text()):
        _run(arguments)


def _printed(text: str) -> bool:
    """Print a text and tell whether that went well; where not, the long way says in words what was wrong."""
    try:
        print(text, flush=True)  # noqa: T201  click is what this spares
    except OSError:
        return False
    return True


def _run(arguments: list[str]) -> None:
    # A run makes hundreds of thousands of values that stay and hardly a cycle: looking for those after every 700 new
    # ones took a twentieth of the CPU of a check of 100,000 agents. What is imported is 40,000 of them: to look through
    # that after each 20,000 took 4 ms, three times. It is this process's choice, not the library's.
    gc.set_threshold(NEW_VALUES_BEFORE_A_COLLECTION)
    from cxone_rollcall.cli import signals

    signals.take()
    sys.unraisablehook = signals.lost
    try:
        try:
            from cxone_rollcall.cli.main import run

            code = run(arguments)
        except KeyboardInterrupt:  # while it was imported
            code = signals.INTERRUPTED
        signals.leave(code)
    except KeyboardInterrupt:  # on the way out
        signals.leave(signals.INTERRUPTED)


def version_text() -> str:
    """Return what `rollcall --version` says."""
    return f"rollcall {__version__}"


def help_text() -> str:
    """Return what `rollcall --help` says."""
    cells = max(map(len, COMMANDS)) + 2
    commands = "\n".join(f"  {name:{cells}}{text}" for name, text in COMMANDS.items())
    return f"""\
Usage: rollcall COMMAND [OPTIONS]...

  {PURPOSE}

Commands:
{commands}

Options:
  --version   Show the version.
  -h, --help  Show this, or with a command its options: rollcall check --help

Without an account: rollcall check --demo"""
