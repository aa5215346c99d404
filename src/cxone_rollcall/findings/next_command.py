"""Commands to paste. Quoted, so that text from a server cannot run anything."""

from __future__ import annotations

from cxone_rollcall.model.shell import command_line, quoted


def why(agent_id: str, *options: str) -> str:
    """`rollcall why` for this agent, with these options. `--` precedes an id that begins with a dash."""
    if agent_id.startswith("-"):
        return command_line(("rollcall", "why", *options, "--", agent_id))
    return command_line(("rollcall", "why", agent_id, *options))


def remark(text: str) -> str:
    """A comment to put after a command, quoted for shells without comments."""
    harmless = all(one.isalnum() or one in " .,_-@" for one in text)
    return f"# {text if harmless else quoted(text)}"
