"""Commands to paste. Quoted, so that text from a server cannot run anything."""

from __future__ import annotations

from shlex import join, quote


def why(agent_id: str, *options: str) -> str:
    """`rollcall why` for this agent, with these options. `--` precedes an id that begins with a dash."""
    if agent_id.startswith("-"):
        return join(("rollcall", "why", *options, "--", agent_id))
    return join(("rollcall", "why", agent_id, *options))


def remark(text: str) -> str:
    """A comment to put after a command, quoted for shells without comments."""
    harmless = all(one.isalnum() or one in " .,_-@" for one in text)
    return f"# {text if harmless else quote(text)}"
