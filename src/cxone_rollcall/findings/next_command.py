"""Commands that a user is told to type: whatever a server calls an agent or a state, the shell runs nothing else."""

from __future__ import annotations

from shlex import join, quote


def why(agent_id: str, *options: str) -> str:
    """Return `rollcall why` for this agent with these options; an id that begins like an option is told to be none."""
    if agent_id.startswith("-"):
        return join(("rollcall", "why", *options, "--", agent_id))
    return join(("rollcall", "why", agent_id, *options))


def remark(text: str) -> str:
    """Return what may stand behind a command: a comment, quoted where a shell that knows none would run it."""
    harmless = all(one.isalnum() or one in " .,_-@" for one in text)
    return f"# {text if harmless else quote(text)}"
