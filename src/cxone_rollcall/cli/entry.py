"""The process: answers `--version` and `--help` without loading anything else, and runs every other command."""

from __future__ import annotations

import gc
import os
import sys

from cxone_rollcall.cli.commands import help_text, version_text

NEW_VALUES_BEFORE_A_COLLECTION = 50_000


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
    if not os.environ.get("ROLLCALL_TRACEBACK"):
        sys.unraisablehook = lambda _: None  # it would print a traceback that may hold a secret
    from cxone_rollcall.cli.main import run

    signals.leave(run(arguments))
