"""The commands and the texts of `rollcall --help` and `rollcall --version`."""

from __future__ import annotations

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

PURPOSE = "Every CXone agent accounted for: who is logged in, in which state, and why one is missing."


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
