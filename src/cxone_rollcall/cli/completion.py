"""`rollcall completion`: what lets a shell complete our command lines."""

from __future__ import annotations

import click

from cxone_rollcall.cli import tab_key, terminal

ALSO = "cxone-rollcall"
"""The other name of the command."""
SHELLS = {
    "bash": f"complete -o nosort -F _rollcall_completion {ALSO}",
    "zsh": f"compdef _rollcall_completion {ALSO}",
    "fish": f'complete --no-files --command {ALSO} --arguments "(_rollcall_completion)"',
}
"""Each shell, with the line that completes the other name as `rollcall`."""


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SHELLS)))
def command(shell: str) -> int:
    """Print the completion script of a SHELL: bash, zsh or fish.

    Its start-up file loads it: eval "$(rollcall completion bash)" in ~/.bashrc, the same with zsh in ~/.zshrc, and
    rollcall completion fish | source in ~/.config/fish/config.fish.
    """
    from click.shell_completion import get_completion_class

    shells = get_completion_class(shell)
    if shells is None:
        raise click.UsageError(f"click has no completion for {shell}")
    root = click.get_current_context().find_root()
    terminal.say(shells(root.command, {}, "rollcall", tab_key.VARIABLE).source() + SHELLS[shell])
    return 0
