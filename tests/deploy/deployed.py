"""What the files of `deploy/` say, as values."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import yaml

from cxone_rollcall.cli.main import cli

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
USER = 10001
"""The user of the image."""


def instructions(containerfile: str) -> list[tuple[str, str]]:
    """Return each instruction and its text. Lines that go on are joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", containerfile, flags=re.MULTILINE))
    found = (line.partition(" ") for line in joined.splitlines() if line.strip())
    return [(name, " ".join(text.split())) for name, _, text in found]


def container() -> list[tuple[str, str]]:
    """Return the instructions of our Containerfile."""
    return instructions((DEPLOY / "Containerfile").read_text())


def last_stage() -> dict[str, str]:
    """Return the instructions of the image that runs. Of two alike, the last."""
    stages = container()
    start = max(number for number, (name, _) in enumerate(stages) if name == "FROM")
    return dict(stages[start:])


def of_image(name: str) -> list[str]:
    """Return the words of `ENTRYPOINT`, `CMD` or the command of `HEALTHCHECK`."""
    text = last_stage()[name]
    words = json.loads(text[text.index("[") :])
    return [str(word) for word in words]


def manifests(name: str) -> list[Any]:
    """Return the documents of a YAML file of `deploy/`."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def unit() -> dict[str, list[str]]:
    """Return the values of each key of the systemd unit."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "rollcall.service").read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def parsed(words: list[str]) -> click.Context:
    """Parse a command without running it. click.UsageError if the command line refuses it."""
    name, *arguments = words
    command: click.Command = importlib.import_module(f"cxone_rollcall.cli.{name}").command
    return command.make_context(f"rollcall {name}", list(arguments), parent=click.Context(cli, **cli.context_settings))


def of_unit() -> list[str]:
    """Return the words of the service's command, after `rollcall`."""
    _, *words = shlex.split(unit()["ExecStart"][0])
    return words
