"""`rollcall record`: everybody over time, in a history file."""

from __future__ import annotations

import os
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import (
    count_option,
    demo_options,
    history_option,
    interval_option,
    recording_options,
    settings_options,
    verbose_option,
)
from cxone_rollcall.cli.polling import events_until, exit_code
from cxone_rollcall.errors import HistoryError
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from cxone_rollcall.history.recording import Recording
    from cxone_rollcall.live.events import Polled
    from cxone_rollcall.live.poller import Poller


@click.command()
@history_option
@interval_option
@count_option
@recording_options
@demo_options
@settings_options
@verbose_option
def command(**given: Any) -> int:
    """Record who is in which state when, until Ctrl-C.

    FILE is made if it is not there. What is stored survives a crash and a power cut. A gap in the data, also while
    nothing recorded, is kept as a gap with its cause, never bridged.

    Exit codes: 0 if the last poll saw everybody, else as for `rollcall check`; 130 if no poll has ended;
    2 if polls could not be written.
    """
    return signals.run(_record(given))


async def _record(given: dict[str, Any]) -> int:
    from cxone_rollcall.cli.session import RNG
    from cxone_rollcall.cli.target import target_of
    from cxone_rollcall.history.recording import Recording
    from cxone_rollcall.history.store import writing
    from cxone_rollcall.live.events import Polled
    from cxone_rollcall.live.groups import Groups
    from cxone_rollcall.live.poller import Poller, Times

    last: Polled | None = None
    with signals.stopping() as stopped:
        async with target_of(given, living=True) as target:
            title, log = target.title, terminal.watcher(given["verbose"])
            with writing(given["history"], tenant=title) as store:
                async with target.connect(bodies=given["verbose"] > 1, watcher=log) as client:
                    poller = Poller(
                        client,
                        run=os.urandom(8).hex(),
                        times=Times(interval=given["interval"]),
                        groups=Groups(target.groups),
                        rng=RNG(),
                    )
                    recording = Recording(store, terminal.note, keep=given["keep"])
                    recording.begin(poller)
                    terminal.note(f"recording {title} in {store.path} every {given['interval']:g} s (Ctrl-C ends)")
                    with terminal.status_line("the first poll", shown=not given["verbose"]) as show:
                        polls = events_until(stopped, poller, given["count"])
                        async with aclosing(polls) as events, recording.filling(given["backfill"]):
                            async for event in events:
                                await recording.take(event)
                                if isinstance(event, Polled):
                                    _tell_trouble(last, event)
                                    last = event
                                    show(_progress(event, recording))
                terminal.note(_summary(recording, poller))
                if recording.waiting:
                    raise HistoryError(
                        f"{counted(recording.waiting, 'poll')} could not be written: {recording.trouble}"
                    )
    return exit_code(last, poller)


def _tell_trouble(before: Polled | None, now: Polled) -> None:
    """Print a line when polls begin to fail, and when that ends."""
    was_ok = before is None or before.ok
    if was_ok and not now.ok:
        terminal.note(f"poll {now.poll} is not whole: {now.missed}")
    elif now.ok and not was_ok:
        terminal.note(f"poll {now.poll} is whole again")


def _progress(poll: Polled, recording: Recording) -> str:
    counts = poll.counts
    agents = counted(counts["roster"], "agent")
    return (
        f"poll {poll.poll}   {agents}, {counts['present']} present, {counts['unknown']} unknown"
        f"   {counted(recording.changes, 'change')} stored{'' if poll.ok else '   not whole: ' + poll.missed}"
    )


def _summary(recording: Recording, poller: Poller) -> str:
    if not poller.poll:
        return "no poll has ended"
    return f"{counted(recording.polls, 'poll')} and {counted(recording.changes, 'change')} are stored"
