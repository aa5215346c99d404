"""`rollcall watch`: everybody, live."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.alerting import alerting, alerts_option
from cxone_rollcall.cli.options import (
    agent_options,
    count_option,
    demo_options,
    interval_option,
    not_blank,
    settings_options,
    verbose_option,
)
from cxone_rollcall.cli.polling import events_until, exit_code
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.state import LOGGED_IN_STATES, meant_state
from cxone_rollcall.views.screen.choices import GLYPHS, SORTS, Choices
from cxone_rollcall.views.text import printable

if TYPE_CHECKING:
    from cxone_rollcall.alerts.desk import AlertDesk
    from cxone_rollcall.alerts.events import AlertEvent
    from cxone_rollcall.live.events import BoardShown, Event, Polled
    from cxone_rollcall.live.poller import Poller


@click.command()
@interval_option
@count_option
@agent_options
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    callback=not_blank,
    help="Show only agents in this state or sub-state. May be repeated.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    type=click.Choice(tuple(GLYPHS)),
    help="Show only agents in this group of states. May be repeated.",
)
@click.option(
    "--sort", type=click.Choice(SORTS), default=SORTS[0], show_default=True, help="Order of the list on the screen."
)
@click.option(
    "--format", "format_", type=click.Choice(("screen", "ndjson")), help="Default: screen on a terminal, else ndjson."
)
@alerts_option
@demo_options
@settings_options
@verbose_option
def command(**given: Any) -> int:
    """Watch everybody live, until Ctrl-C or q.

    On a terminal: a screen with counts by group and team, who is longest in a state, findings, and the age of the
    data. In a pipe: one JSON object a line. What a filter hides is counted.

    Exit codes: 0 if the last poll saw everybody, else as for `rollcall check`; 130 if no poll has ended.
    """
    terminal.need_stdout()
    on_terminal = terminal.cells() is not None and os.environ.get("TERM") not in ("dumb", "unknown")
    if given["format_"] == "screen" and not on_terminal:
        raise SettingError("--format screen needs a terminal", example="rollcall watch --format ndjson")
    screen = on_terminal if given["format_"] is None else given["format_"] == "screen"
    if screen and given["verbose"]:
        raise SettingError("-v would write over the screen", example="rollcall watch -v --format ndjson")
    return signals.run(_watch(given, screen=screen))


async def _watch(given: dict[str, Any], *, screen: bool) -> int:
    from cxone_rollcall.cli.candidates import asked_back
    from cxone_rollcall.cli.session import RNG, agent_option
    from cxone_rollcall.cli.target import target_of
    from cxone_rollcall.live.groups import Groups
    from cxone_rollcall.live.poller import Poller, Times
    from cxone_rollcall.roll import Selection

    choices = Choices(groups=given["groups"], states=given["states"], sort=given["sort"])
    with signals.stopping() as stopped:
        async with (
            target_of(given, living=True) as target,
            alerting(given, target, command="watch", complain=_quiet if screen else terminal.note) as desk,
        ):
            log = terminal.watcher(given["verbose"])
            async with target.connect(bodies=given["verbose"] > 1, watcher=log) as client:
                poller = Poller(
                    client,
                    run=os.urandom(4).hex(),
                    times=Times(interval=given["interval"]),
                    selection=Selection(agents=given["agents"], teams=given["teams"]),
                    groups=Groups(target.groups),
                    rng=RNG(),
                )
                with asked_back(agent_option, given):
                    polls = events_until(stopped, poller, given["count"])
                    async with aclosing(polls if desk is None else _with_alerts(polls, poller, desk)) as events:
                        if screen:
                            from cxone_rollcall.cli.live_screen import show

                            last = await show(poller, events, choices, stopped, tenant=target.shown, desk=desk)
                        else:
                            last = await _print(poller, events, choices)
    return exit_code(last, poller)


def _quiet(complaint: str) -> None:
    """The screen shows it."""


async def _with_alerts(
    events: AsyncGenerator[Event, None], poller: Poller, desk: AlertDesk
) -> AsyncGenerator[Event | AlertEvent, None]:
    """Yield the poller's events and those of alerts. Alerts come before the end of their poll."""
    from cxone_rollcall.live.events import Polled

    async with aclosing(events):
        async for event in events:
            if isinstance(event, Polled):
                for told in desk.take(poller, event):
                    yield told
            yield event


async def _print(poller: Poller, events: AsyncGenerator[Event | AlertEvent, None], choices: Choices) -> Polled | None:
    """Print each event as a line of JSON. Returns the last poll."""
    from cxone_rollcall.alerts.events import AlertEvent
    from cxone_rollcall.alerts.message import event_document
    from cxone_rollcall.live.events import BoardShown, Polled
    from cxone_rollcall.views import live
    from cxone_rollcall.views.json import encode

    last: Polled | None = None
    with terminal.Output(None) as output:
        async for event in events:
            if isinstance(event, AlertEvent):
                line = encode(event_document(event)) + b"\n"
            elif choices.said:
                line = live.filtered_line(event, poller.codes, poller.board.seats.values(), choices.shows)
            else:
                line = live.line(event, poller.codes)
            output.write(line)
            if isinstance(event, BoardShown):
                _note_misspelt(choices.states, event)
            if isinstance(event, Polled):
                last = event
                output.flush()
    return last


def _note_misspelt(states: tuple[str, ...], board: BoardShown) -> None:
    """Note the states that nobody is in and that resemble another."""
    known = [text for one in board.seats if one.state for text in (one.state.state, one.state.sub_state) if text]
    for state in states:
        if not any(map(Choices(states=(state,)).shows, board.seats)):
            near = meant_state(state, (*known, *LOGGED_IN_STATES))
            if near is not None:
                terminal.note(f"No agent is in state {state!r}. Did you mean {printable(near)}?")
