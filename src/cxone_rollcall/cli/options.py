"""Options that several commands share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cxone_rollcall.config import SETTINGS
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

F = TypeVar("F", bound="Callable[..., Any]")

PROBING = ("off", "auto", "deep")


def not_blank(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Refuse an empty text: an unset shell variable must not select all agents."""
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    if any(not text.strip() for text in given):
        raise SettingError(f"{option.opts[0]} is empty: is a shell variable unset? Leave it out to select all agents")
    return value


def timestamp(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Read a timestamp and return it as it is sent; `now` is this machine's time."""
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


def settings_options(command: F) -> F:
    """Add an option for each setting that has a flag; secrets have none."""
    for setting in reversed([one for one in SETTINGS if one.has_flag]):
        text = f"{setting.about} Overrides {setting.variable}."
        command = click.option(setting.flag, setting.name, metavar="TEXT", help=text)(command)
    return command


def verbose_option(command: F) -> F:
    """Add `-v` (each request in one line) and `-vv` (headers and bodies too, secrets replaced)."""
    return click.option(
        "-v", "--verbose", count=True, help="Show each request; -vv shows headers and bodies, secrets replaced."
    )(command)


def demo_options(command: F) -> F:
    """Add `--demo` and the faults of its tenant."""
    command = click.option(
        "--fault", "faults", multiple=True, metavar="NAME[=ARGS]", help="With --demo: a fault of the emulated tenant."
    )(command)
    return click.option(
        "--demo", is_flag=True, help="Run against an emulated tenant that starts for this run; needs no account."
    )(command)


def timeout_option(command: F) -> F:
    """Add `--timeout`, the limit of the whole run."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        callback=_finite,
        help="Limit for the whole run in seconds; default: none.",
    )(command)


def selection_options(command: F) -> F:
    """Add the options that select agents, and the time limit."""
    command = timeout_option(command)
    command = click.option(
        "--team", "teams", multiple=True, callback=not_blank, help="Only agents of this team. May be repeated."
    )(command)
    return click.option(
        "--agent",
        "agents",
        multiple=True,
        metavar="AGENT",
        callback=not_blank,
        help="Only this agent: id, user name, e-mail or name. May be repeated.",
    )(command)


def diagnosis_options(command: F) -> F:
    """Add `--probes` (further requests to tell causes apart) and `--grace` (how long to retry absent agents)."""
    command = click.option(
        "--grace",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        callback=_finite,
        default=0.0,
        help="Request absent agents again for this long: they may just have logged in.",
    )(command)
    return click.option(
        "--probes",
        type=click.Choice(PROBING),
        default="auto",
        show_default=True,
        help="Further requests to find the cause: none, as needed, or all that may help.",
    )(command)


def save_options(command: F) -> F:
    """Add `--save` (keep the run in a file) and `--anonymize` (without personal data)."""
    command = click.option(
        "--anonymize",
        is_flag=True,
        help="With --save: replace agents' names, user names, e-mails and user ids."
        " Agent ids, teams and the tenant stay.",
    )(command)
    return click.option(
        "--save",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Save the run, secrets replaced, for rollcall case. Compressed if FILE ends in .gz.",
    )(command)


def output_option(command: F) -> F:
    """Add `--output`: a file instead of stdout, written completely or not at all."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead of stdout."
    )(command)


def settings_flags(given: dict[str, Any]) -> dict[str, str | None]:
    """The settings among a command's parameters."""
    return {setting.name: given[setting.name] for setting in SETTINGS if setting.has_flag}
