"""What the Tab key completes: faults, findings, profiles, teams and zones. An error completes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Named = tuple[str, str | None]
"""A value and what it means, None if it says so itself."""
LONGEST_WAIT = 3.0
"""Seconds to wait for a tenant's roster. A user waits at the prompt for it."""
VARIABLE = "_ROLLCALL_COMPLETE"
"""The environment variable by which a shell asks for completions."""


def completed_by(
    values: Callable[[click.Context], Iterable[Named]],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """What completes a parameter with these values. Letter case does not matter."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from cxone_rollcall.model.shell import quoted

        # bash inserts a value as it stands; the other shells quote it themselves
        shown = quoted if os.environ.get(VARIABLE, "").startswith("bash") else str
        try:
            named = [one for one in values(context) if one[0].casefold().startswith(incomplete.casefold())]
        except Exception:  # noqa: BLE001  no error may garble the prompt
            return []
        return [CompletionItem(shown(value), help=meaning) for value, meaning in named]

    return complete


def choices(*values: str) -> Callable[[click.Context], Iterable[Named]]:
    """These values, without a meaning."""
    return lambda _: [(value, None) for value in values]


def faults(_: click.Context) -> Iterator[Named]:
    """The faults of the emulator."""
    from cxone_rollcall.emulator import FAULTS

    for fault in FAULTS:
        yield fault.name, (fault.__doc__ or "").strip().partition("\n")[0]


def findings(_: click.Context) -> Iterator[Named]:
    """The codes of all findings, then their names."""
    from cxone_rollcall.findings.catalogue import FINDINGS

    yield from ((finding.code, finding.name) for finding in FINDINGS)
    yield from ((finding.name, finding.code) for finding in FINDINGS)


def topics(context: click.Context) -> Iterator[Named]:
    """The topics of `rollcall help`. After a command, its subcommands."""
    from cxone_rollcall.cli.commands import COMMANDS
    from cxone_rollcall.cli.topics import TOPICS

    typed = tuple(context.params["topic"] or ())
    if not typed:
        yield from COMMANDS.items()
        yield from TOPICS.items()
        yield from (one for one in findings(context) if one[0].startswith("RC"))
        return
    root = context.find_root()
    group = root.command.get_command(root, typed[0]) if isinstance(root.command, click.Group) else None
    if isinstance(group, click.Group) and len(typed) == 1:
        yield from ((name, below.get_short_help_str()) for name, below in group.commands.items())


def profiles(_: click.Context) -> Iterator[Named]:
    """The profiles of `config.toml`."""
    from cxone_rollcall.config.load import config_path
    from cxone_rollcall.config.profiles import read_profiles

    for name, profile in read_profiles(config_path(os.environ)).profiles.items():
        yield name, str(profile["instance"]) if "instance" in profile else None


def teams(context: click.Context) -> Iterator[Named]:
    """The teams of the tenant that the command line names. Its roster is read for that."""
    import asyncio

    yield from ((team, None) for team in asyncio.run(asyncio.wait_for(_read_teams(context), LONGEST_WAIT)))


def recorded_teams(context: click.Context) -> Iterator[Named]:
    """The teams of the history that the command line names."""
    from cxone_rollcall.history.reading import reading

    with reading(context.params["history"]) as history:
        teams = {one.agent.team for people in history.people().values() for one in people}
    yield from ((team, None) for team in sorted(filter(None, teams)))


def zones(_: click.Context) -> Iterator[Named]:
    """The time zones that this machine knows."""
    from zoneinfo import available_timezones

    yield from ((zone, None) for zone in sorted(available_timezones()))


async def _read_teams(context: click.Context) -> tuple[str, ...]:
    from cxone_rollcall.cli.session import opened
    from cxone_rollcall.config.definitions import SETTINGS
    from cxone_rollcall.roll import Selection, list_roster

    given = {**dict.fromkeys(setting.name for setting in SETTINGS), **context.params}
    async with opened({**given, "timeout": LONGEST_WAIT, "verbose": 0, "save": None, "anonymize": False}) as run:
        await list_roster(run.client, run.ledger, Selection(), on_agent=lambda _: None)
        return run.ledger.selected.teams_seen
