"""The commands and the texts of `rollcall --help` and `rollcall --version`."""

from __future__ import annotations

from cxone_rollcall.version import __version__

COMMANDS = {
    "check": "Account for every agent, and prove why one is missing.",
    "request": "Why does the request of your own program get [] or too little?",
    "why": "Why has this agent no state? Takes an id, user name, e-mail or name.",
    "watch": "Watch everybody live: a screen on a terminal, NDJSON in a pipe.",
    "serve": "Serve a live board to browsers, with SSE, JSON and Prometheus metrics.",
    "record": "Record who is in which state when, in a history file.",
    "history": "Check a history file, or delete a person from it, or export it.",
    "report": "Report on a history: time in state, sessions, gaps, adherence.",
    "mcp": "Let assistants ask the same questions, read-only (Model Context Protocol).",
    "states": "Show who is in which state.",
    "agents": "List the roster.",
    "auth": "Log a user in; show the current identity, scopes and token expiry.",
    "explain": "Show the page of a finding, or list all findings.",
    "case": "Show a saved run, or judge it again offline.",
    "alerts": "Check a file of alerts, and send a trial.",
    "fleet": "Poll many tenants on many machines.",
    "emulate": "Run an emulated tenant on this machine.",
    "completion": "Print the completion script of bash, zsh or fish.",
    "help": "Explain a command, or a topic such as exit-codes.",
}
"""Each command is the `command` of the file with its name."""

PURPOSE = "Who is logged in to CXone, in which state, and why an agent is missing."


def version_text() -> str:
    """The output of `rollcall --version`."""
    return f"rollcall {__version__}"


def environment_text() -> str:
    """The output of `rollcall --version -v`: Python, the platform and the libraries."""
    import platform
    from importlib.metadata import PackageNotFoundError, requires, version

    lines = [version_text(), f"Python {platform.python_version()} ({platform.python_implementation()})"]
    lines.append(platform.platform())
    for line in requires("cxone-rollcall") or ():
        name, _, condition = line.partition(";")
        if "extra" in condition:
            continue
        library = name.translate(dict.fromkeys(map(ord, "<>=!~[ "), "\0")).partition("\0")[0]
        try:
            lines.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            lines.append(f"{library} is not installed")
    return "\n".join(lines)


def help_text() -> str:
    """The output of `rollcall --help`."""
    cells = max(map(len, COMMANDS)) + 2
    commands = "\n".join(f"  {name:{cells}}{text}" for name, text in COMMANDS.items())
    return f"""\
Usage: rollcall COMMAND [OPTIONS]...

  {PURPOSE}

Commands:
{commands}

Options:
  --version   Show the version; with -v also those of Python, platform and libraries.
  -h, --help  Show this help; the options of a command: rollcall check --help

Exit codes, settings and other topics: rollcall help
To try it without an account: rollcall check --demo"""
