"""The entry point of the process. `--version` and `--help` are printed without loading anything else."""

from __future__ import annotations

import gc
import os
import sys

from cxone_rollcall.cli.commands import environment_text, help_text, version_text

NEW_VALUES_BEFORE_A_COLLECTION = 50_000


TEXTS = {
    "--version": version_text,
    "--version -v": environment_text,
    "-v --version": environment_text,
    "--version --verbose": environment_text,
    "--help": help_text,
    "-h": help_text,
}
"""Command lines that are answered without click, and what answers them."""


def entry() -> None:
    """Run the command line. Its exit code is the exit code of the process."""
    arguments = sys.argv[1:]
    text = TEXTS.get(" ".join(arguments))
    if text is None or not _printed(text()):
        _run(arguments)


def _printed(text: str) -> bool:
    """Print a text and return whether that worked. If not, the slow way reports the error."""
    try:
        print(text, flush=True)  # noqa: T201  without importing click
    except BrokenPipeError:  # the reader has read enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        return False
    return True


def _run(arguments: list[str]) -> None:
    # Fewer garbage collections: a run allocates many long-lived values and almost no cycles.
    gc.set_threshold(NEW_VALUES_BEFORE_A_COLLECTION)
    from cxone_rollcall.cli import signals

    signals.take()
    if not os.environ.get("ROLLCALL_TRACEBACK"):
        sys.unraisablehook = lambda _: None  # it would print a traceback that may hold a secret
    from cxone_rollcall.cli.main import run

    signals.leave(run(arguments))
