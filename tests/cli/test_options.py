"""Options that commands share: the format, and what chooses the tenant."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.support.many_values import together

from cxone_rollcall.cli.options import format_option, output_option, tenant_options
from cxone_rollcall.errors import SettingError

FORMATS = ("account", "json", "ndjson", "csv", "junit", "html")


@click.command(name="tell")
@format_option(*FORMATS)
@output_option
def tell(format_: str, output: Path | None) -> None:
    """Print the format."""
    click.echo(format_)


@click.command(name="plain")
@format_option("table", "csv")
@output_option
def plain(format_: str, output: Path | None) -> None:
    """Print the format."""
    click.echo(format_)


def told(command: click.Command, *arguments: str) -> tuple[str, str]:
    """What a command prints on stdout and on stderr."""
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


@together(
    "case",
    [
        *((f"out.{ending}", "html") for ending in ("html", "htm", "HTML")),
        *((f"out.{ending}", "ndjson") for ending in ("ndjson", "jsonl")),
        *((f"out.{ending}", "account") for ending in ("txt", "text", "log", "out", "tmp", "2026-12-01", "7z")),
        ("out.csv", "csv"),
        ("out.json", "json"),
        ("out.xml", "junit"),
        ("out.csv.json", "json"),
        ("out", "account"),
        (".csv", "account"),
    ],
)
def test_the_end_of_a_name_chooses_the_format(case: tuple[str, str]) -> None:
    """Each usual ending has its format. Others that are no words have the first, and nothing is noted."""
    name, format_ = case
    assert told(tell, "-o", name) == told(tell, "--output", name) == (f"{format_}\n", "")


def test_without_a_file_the_first_format_is_the_default() -> None:
    """Without a file it is the first format. A format that is given wins over the name."""
    assert told(tell) == ("account\n", "")
    assert told(plain) == ("table\n", "")
    assert told(tell, "-o", "out.csv", "--format", "json") == ("json\n", "")


@together("name", ["json", "CSV", "html"])
def test_a_file_called_like_a_format_is_noted(name: str) -> None:
    """The format is the first. A line on stderr says how to get the other."""
    assert told(tell, "-o", name) == (
        "account\n",
        f"-o {name} names a file. For the format: --format {name.lower()}\n",
    )


@together(
    "case",
    [("out.json", "json"), ("out.jsonl", "ndjson"), ("out.htm", "html"), ("o k.pdf", "pdf"), ("x.csv.gz", "gz")],
)
def test_an_ending_of_another_format_is_refused(case: tuple[str, str]) -> None:
    """The message names format and command. The line to type keeps the file."""
    name, format_ = case
    with pytest.raises(SettingError) as refused:
        told(plain, "-o", name)
    assert str(refused.value) == f"{name} asks for {format_}, which plain does not have: table, csv"
    assert shlex.split(refused.value.example) == ["--format", "table", "-o", name]


@together(
    "case",
    [
        ({}, []),
        ({"demo": False, "faults": (), "instance": None}, []),
        (
            {"demo": True, "faults": ("reset", "hang"), "contract": "v2"},
            ["--demo", "--fault", "reset", "--fault", "hang", "--contract", "v2"],
        ),
        (
            {"instance": "h.example", "client_id": "me", "timeout": 5.0, "client_secret": "x"},
            ["--instance", "h.example", "--client-id", "me"],
        ),
    ],
)
def test_a_command_to_type_repeats_the_tenant(case: tuple[dict[str, Any], list[str]]) -> None:
    """What chooses the tenant is repeated: --demo, faults, settings that were given. No secret is."""
    given, words = case
    assert tenant_options(given) == words
