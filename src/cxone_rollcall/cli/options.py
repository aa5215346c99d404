"""The options that several commands share."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cxone_rollcall.config import SETTINGS
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

PROBING = ("off", "auto", "deep")


def not_blank(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Refuse an empty text: a shell variable that is not set must not ask for everybody."""
    given = value if isinstance(value, tuple) else () if value is None else (value,)
    if any(not text.strip() for text in given):
        raise SettingError(f"{option.opts[0]} is empty: is a shell variable not set? Leave it out to ask for everybody")
    return value


def moment(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Read a moment as it is sent; `now` is this machine's time."""
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
    """Add one option for each setting that may come from a flag; secrets never do."""
    for setting in reversed([one for one in SETTINGS if one.has_flag]):
        text = f"Overrides {setting.variable}."
        command = click.option(setting.flag, setting.name, metavar="TEXT", help=text)(command)
    return command


def verbose_option(command: F) -> F:
    """Add `-v`: each request as one line; `-vv`: headers and bodies too, secrets replaced."""
    return click.option(
        "-v", "--verbose", count=True, help="Show each request; -vv shows headers and bodies, secrets replaced."
    )(command)


def demo_options(command: F) -> F:
    """Add `--demo`, and the faults that its tenant may have."""
    command = click.option(
        "--fault", "faults", multiple=True, metavar="NAME[=ARGS]", help="With --demo: a fault of the emulated tenant."
    )(command)
    return click.option(
        "--demo", is_flag=True, help="Ask an emulated tenant that is started for this run; needs no account."
    )(command)


def timeout_option(command: F) -> F:
    """Add `--timeout`: the limit of the whole run."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        callback=_finite,
        help="Seconds that the whole run may take.",
    )(command)


def selection_options(command: F) -> F:
    """Add the options that say whom to call, and for how long."""
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
        help="Only this agent: id, username, e-mail or name. May be repeated.",
    )(command)


def diagnosis_options(command: F) -> F:
    """Add `--probes`: how much is asked to tell causes apart; and `--grace`: how long who is absent is asked again."""
    command = click.option(
        "--grace",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        callback=_finite,
        default=0.0,
        help="Ask again for this long for who has no state: somebody may have just logged in.",
    )(command)
    return click.option(
        "--probes",
        type=click.Choice(PROBING),
        default="auto",
        show_default=True,
        help="Further questions: none, those that tell open causes apart, or all that may tell something.",
    )(command)


def save_options(command: F) -> F:
    """Add `--save`: a file for the whole run, to be judged again; and `--anonymize`: without people."""
    command = click.option(
        "--anonymize",
        is_flag=True,
        help="In the file of --save, stand-ins for agents' names, user names, e-mails and user ids."
        " Agent ids, teams and the tenant stay.",
    )(command)
    return click.option(
        "--save",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Keep the run as a case, secrets replaced: rollcall case judge FILE. Packed where FILE ends in .gz.",
    )(command)


def output_option(command: F) -> F:
    """Add `--output`: a file instead of stdout, written whole or not at all."""
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, not to stdout."
    )(command)


def settings_flags(given: dict[str, Any]) -> dict[str, str | None]:
    """Pick the settings out of a command's parameters."""
    return {setting.name: given[setting.name] for setting in SETTINGS if setting.has_flag}
