"""The configurations on the page about assistants work as they stand."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from cxone_rollcall.assistants.answers import MOST_AGENTS
from cxone_rollcall.assistants.sharing import KEPT, MOST_INQUIRIES
from cxone_rollcall.assistants.texts import MOST_OF_A_MESSAGE
from cxone_rollcall.assistants.tools import TOOLS
from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.testing import emulator_of

PAGE = (Path(__file__).parents[2] / "docs" / "assistants.md").read_text(encoding="utf-8")
CONFIGURATIONS = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.thorough
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda one: next(iter(one)))
async def test_configurations_work_as_they_stand(configuration: dict[str, Any], tmp_path: Path, alone: None) -> None:
    """Each configuration starts a server for the profile that it names."""
    (servers,) = configuration.values()
    server = servers["rollcall"]
    emulator = emulator_of(12)
    async with emulator.running() as address:
        settings = {
            "instance": address.url,
            "client_id": emulator.settings.client_id,
            "client_secret": emulator.settings.client_secret,
        }
        profiles = tmp_path / "config.toml"
        profiles.touch(0o600)
        profiles.write_text(
            "[profiles.acme]\n" + "".join(f"{name} = {json.dumps(text)}\n" for name, text in settings.items())
        )
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        environment = {"PATH": path, "ROLLCALL_CONFIG": str(profiles)}
        started = StdioServerParameters(command=server["command"], args=server["args"], env=environment)
        async with Client(started) as client:
            answer = (await client.call_tool("check", {})).structured_content
    assert answer["tenant"] == "acme"
    assert answer["counts"]["roster"] == 12


def test_there_are_two_configurations() -> None:
    """The page has a configuration for two assistants."""
    assert [next(iter(one)) for one in CONFIGURATIONS] == ["mcpServers", "servers"]


def test_the_page_names_each_tool_and_argument() -> None:
    """Each tool is in the table with its arguments. Each group is named."""
    for tool in TOOLS:
        arguments = ", ".join(f"`{one.name}`" for one in tool.arguments) or "none"
        assert f"| `{tool.name}` | {arguments} |" in PAGE
    assert all(f"`{group}`" in PAGE for group in GROUPS)


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    """The limits that the page states are the limits."""
    assert (KEPT, MOST_INQUIRIES, MOST_AGENTS, MOST_OF_A_MESSAGE) == (60, 4, 100, 400)
    for text in ("One roll call a minute", "four agents a minute", "at most 100 agents", "cut at 400 characters"):
        assert text in PAGE
