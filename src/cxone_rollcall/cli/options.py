"""Options that several commands share."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from cxone_rollcall.cli import tab_key, terminal
from cxone_rollcall.config.definitions import CONTRACTS, SETTINGS, Setting
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.credentials import GRANT_TYPES
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

PROBING = ("off", "auto", "deep")


def not_blank(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Refuse an empty text. An unset shell variable must not select all agents, or the default."""
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    if any(not text.strip() for text in given):
        raise SettingError(f"{option.opts[0]} is empty: is a shell variable unset? Give it a value, or leave it out")
    return value


def timestamp(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A timestamp in the form sent to the server. `now` is this machine's time."""
    if value is None:
        return None
    seconds = time.time() if value.strip().casefold() == "now" else parse_timestamp(value)
    if seconds is None:
        raise click.BadParameter("it must be a UTC time such as 2026-03-02T10:30:00Z, or now")
    return format_timestamp(seconds)


def _finite(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("it must be a number of seconds")
    return value


def _together(*options: Decorator) -> Decorator:
    """Several options as one decorator; the help lists them in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_CHOICES: dict[str, tuple[str, ...]] = {"contract": CONTRACTS, "grant_type": GRANT_TYPES}


def _setting_option(setting: Setting, *, several: bool = False) -> Decorator:
    """The option of a setting, which may be repeated if `several`.

    Its choices are no `click.Choice`: settings have messages of their own."""
    choices = _CHOICES.get(setting.name, ())
    return click.option(
        setting.flag,
        setting.name,
        multiple=several,
        metavar=f"[{'|'.join(choices)}]" if choices else "TEXT",
        help=f"{setting.about} Overrides {setting.variable}.{' May be repeated.' if several else ''}",
        shell_complete=tab_key.completed_by(
            tab_key.profiles if setting.name == "profile" else tab_key.choices(*choices)
        ),
    )


settings_options = _together(*(_setting_option(setting) for setting in SETTINGS if setting.has_flag))
"""An option for each setting that has a flag; secrets have none."""
settings_options_of_tenants = _together(
    *(_setting_option(setting, several=setting.name == "profile") for setting in SETTINGS if setting.has_flag)
)
"""The same for a command that may have several profiles."""

verbose_option = click.option(
    "-v", "--verbose", count=True, help="Show each request; -vv shows headers and bodies, secrets replaced."
)

demo_options = _together(
    click.option(
        "--demo", is_flag=True, help="Run against an emulated tenant that starts for this run; needs no account."
    ),
    click.option(
        "--fault",
        "faults",
        multiple=True,
        metavar="NAME[=ARGS]",
        shell_complete=tab_key.completed_by(tab_key.faults),
        help="With --demo: a fault of the emulated tenant. rollcall emulate --faults lists them.",
    ),
)

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    help="Limit for the whole run in seconds; default: none.",
)

interval_option = click.option(
    "--interval",
    metavar="SECONDS",
    type=click.FloatRange(min=1, max=3600),
    callback=_finite,
    default=10.0,
    show_default=True,
    help="Time between two polls, 1 to 3600 seconds.",
)

count_option = click.option("--count", metavar="N", type=click.IntRange(min=1), help="End after N polls.")

history_option = click.option(
    "--history",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The history file of a tenant.",
)

tz_option = click.option(
    "--tz",
    metavar="ZONE",
    callback=not_blank,
    shell_complete=tab_key.completed_by(tab_key.zones),
    help="Zone of days and times, such as Europe/Berlin; default: this machine's.",
)


def _days(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,4})d", value.strip())
    if found is None:
        raise SettingError(f"--keep must be a number of days, not {value!r}", example="--keep 400d")
    return int(found[1])


recording_options = _together(
    click.option(
        "--backfill",
        is_flag=True,
        help="Fill gaps from the server's state history, where that proves them (incontact).",
    ),
    click.option(
        "--keep", metavar="DAYS", callback=_days, help="Delete what is older than this, such as 400d; default: never."
    ),
)

agent_options = _together(
    click.option(
        "--agent",
        "agents",
        multiple=True,
        metavar="AGENT",
        callback=not_blank,
        help="Only this agent: id, user name, e-mail, name or a part of a name. May be repeated.",
    ),
    click.option(
        "--team",
        "teams",
        multiple=True,
        metavar="TEAM",
        callback=not_blank,
        shell_complete=tab_key.completed_by(tab_key.teams),
        help="Only agents of this team. May be repeated.",
    ),
)
selection_options = _together(agent_options, timeout_option)

output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    is_eager=True,  # known before the format, which follows its name
    help="Write to this file instead of stdout.",
)
"""A file instead of stdout, written completely or not at all."""

FORMAT_OF_SUFFIX = {
    ".html": "html",
    ".htm": "html",
    ".csv": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".xml": "junit",
}
PLAIN = frozenset({".txt", ".text", ".log", ".out", ".tmp"})
"""Endings of a file of any text. So are those that are no words, such as a date."""


def _of_name(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """The given format, else that of the file's name, else the first."""
    if value is not None or not isinstance(option.type, click.Choice):
        return str(value)
    formats = tuple(map(str, option.type.choices))
    output: Path | None = context.params.get("output")
    if output is None:
        return formats[0]
    ending = output.suffix.lower()
    named = FORMAT_OF_SUFFIX.get(ending)
    unknown = ending[1:].isalpha() and named is None and ending not in PLAIN
    if unknown or (named is not None and named not in formats):
        raise SettingError(
            f"{output.name} asks for {named or ending[1:]}, which {context.command_path} does not have:"
            f" {', '.join(formats)}",
            example=f"--format {formats[0]} -o {quoted(str(output))}",
        )
    if output.name.lower() in formats:
        terminal.note(f"-o {output.name} names a file. For the format: --format {output.name.lower()}")
    return named or formats[0]


def format_option(*formats: str, to_file: bool = True) -> Decorator:
    """`--format`. The first is the default, unless the command writes `to_file` and its name has another."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        callback=_of_name,
        show_default=f"{formats[0]}; with -o, as the name of FILE ends" if to_file else formats[0],
    )


row_options = _together(
    format_option("table", "json", "ndjson", "csv", "singer"), output_option, settings_options, verbose_option
)
"""The options of a command that lists agents. They follow those that select the agents."""


def account_options(*formats: str) -> Decorator:
    """The options of a command that diagnoses. `formats` are those of its account."""
    return _together(
        click.option(
            "--probes",
            type=click.Choice(PROBING),
            default="auto",
            show_default=True,
            help="Further requests to find the cause: none, as needed, or all that may help.",
        ),
        click.option(
            "--grace",
            metavar="SECONDS",
            type=click.FloatRange(min=0),
            callback=_finite,
            default=0.0,
            help="Request absent agents again for this long: they may just have logged in.",
        ),
        format_option(*formats),
        output_option,
        click.option(
            "--save",
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Save the run, secrets replaced, for rollcall case. Compressed if FILE ends in .gz.",
        ),
        click.option(
            "--anonymize",
            is_flag=True,
            help="With --save: replace agents' names, user names, e-mails and user ids."
            " Agent ids, teams and the tenant stay.",
        ),
        settings_options,
        verbose_option,
    )


def settings_flags(given: dict[str, Any]) -> dict[str, str | None]:
    """The settings among a command's parameters."""
    return {setting.name: given[setting.name] for setting in SETTINGS if setting.has_flag}


def tenant_options(given: Mapping[str, Any]) -> list[str]:
    """The options of a command line that choose its tenant. They are --demo, its faults, and settings."""
    words = ["--demo"] if given.get("demo") else []
    for fault in given.get("faults") or ():
        words += ["--fault", fault]
    for setting in SETTINGS:
        if setting.has_flag and (value := given.get(setting.name)) is not None:
            words += [setting.flag, value]
    return words
