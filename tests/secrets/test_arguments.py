"""No secret can be given as an argument. Other users could read it in the process list."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import click
import pytest

from cxone_rollcall.cli import main
from cxone_rollcall.cli.commands import COMMANDS
from cxone_rollcall.config.definitions import SETTINGS

WORDS = ("secret", "password", "passphrase", "token", "credential", "key", "code", "bearer", "cookie", "auth")
ALLOWED = {
    "--access-key-id": "a name, not a key",
    "--tls-key": "the path of a file",
    "--token-file": "the path of a file",
    "--token-life": "a number",
}
"""Options that sound like one and take none."""
SOUNDS_LIKE_ONE = {"explain code": "the code of a finding"}
"""Arguments that do."""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command, with subcommands."""
    waiting = [(name, importlib.import_module(f"cxone_rollcall.cli.{name}").command) for name in COMMANDS]
    while waiting:
        name, command = waiting.pop()
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            below = [(one, command.get_command(context, one)) for one in command.list_commands(context)]
            waiting += [(f"{name} {one}", found) for one, found in below if found is not None]


def parameters() -> Iterator[tuple[str, click.Parameter]]:
    """Yield each parameter of each command that takes a value."""
    for name, command in commands():
        for parameter in command.params:
            if not getattr(parameter, "is_flag", False) and not getattr(parameter, "count", False):
                yield name, parameter


def test_no_option_takes_a_secret() -> None:
    """No option or argument sounds like a secret, except known harmless ones."""
    seen = set()
    for name, parameter in parameters():
        spellings = {*parameter.opts, *parameter.secondary_opts, parameter.name or ""}
        if any(word in spelt.lower() for spelt in spellings for word in WORDS):
            known = set(parameter.opts) & ALLOWED.keys() | {f"{name} {parameter.name}"} & SOUNDS_LIKE_ONE.keys()
            assert known, (name, parameter.opts)
            seen |= known
    assert seen == ALLOWED.keys() | SOUNDS_LIKE_ONE.keys()
    assert len({name for name, _ in parameters()}) >= len(COMMANDS)


def test_no_option_sets_a_secret_setting() -> None:
    """No parameter has the name of a secret setting. The search does find the other settings."""
    names = {parameter.name for _, parameter in parameters()}
    assert names & {one.name for one in SETTINGS if one.secret} == set()
    assert names >= {one.name for one in SETTINGS if one.has_flag}
    assert not any(one.secret and one.has_flag for one in SETTINGS)


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.secret], ids=lambda one: one.name)
def test_a_secret_as_an_option_is_refused(setting: object, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret as an argument is refused without being repeated."""
    assert main.run(["check", setting.flag, "mK7typed7Km"]) == 2  # type: ignore[attr-defined]
    said = capsys.readouterr()
    assert "mK7typed7Km" not in said.out + said.err
