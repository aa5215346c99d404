"""Options that several commands share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

PROBING = ("off", "auto", "deep")


def not_blank(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Refuse an empty text. An unset shell variable must not select all agents."""
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    if any(not text.strip() for text in given):
        raise SettingError(f"{option.opts[0]} is empty: is a shell variable unset? Leave it out to select all agents")
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


settings_options = _together(
    *(
        click.option(setting.flag, setting.name, metavar="TEXT", help=f"{setting.about} Overrides {setting.variable}.")
        for setting in SETTINGS
        if setting.has_flag
    )
)
"""An option for each setting that has a flag; secrets have none."""

verbose_option = click.option(
    "-v", "--verbose", count=True, help="Show each request; -vv shows headers and bodies, secrets replaced."
)

demo_options = _together(
    click.option(
        "--demo", is_flag=True, help="Run against an emulated tenant that starts for this run; needs no account."
    ),
    click.option(
        "--fault", "faults", multiple=True, metavar="NAME[=ARGS]", help="With --demo: a fault of the emulated tenant."
    ),
)

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    help="Limit for the whole run in seconds; default: none.",
)

selection_options = _together(
    click.option(
        "--agent",
        "agents",
        multiple=True,
        metavar="AGENT",
        callback=not_blank,
        help="Only this agent: id, user name, e-mail or name. May be repeated.",
    ),
    click.option(
        "--team", "teams", multiple=True, callback=not_blank, help="Only agents of this team. May be repeated."
    ),
    timeout_option,
)

output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead of stdout."
)
"""A file instead of stdout, written completely or not at all."""


def format_option(*formats: str) -> Decorator:
    """`--format`; the first format is the default."""
    return click.option("--format", "format_", type=click.Choice(formats), default=formats[0], show_default=True)


row_options = _together(
    format_option("table", "json", "ndjson", "csv"), output_option, settings_options, verbose_option
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
