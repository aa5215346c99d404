"""A response that would become huge leaves its agents unknown. The report names the limit."""

from __future__ import annotations

import json

import pytest
from quality.common.run_command import command

from cxone_rollcall.contracts.decoding import MOST_OBJECTS
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.wire import Answer, Call, Endpoint
from cxone_rollcall.testing import emulator_of


class Bomb(Fault, name="bomb"):
    """One endpoint sends this many empty objects as rows."""

    at: Endpoint
    rows: int

    def after(self, call: Call, answer: Answer) -> Answer:
        """Put the objects in place of the rows."""
        if call.endpoint != self.at:
            return answer
        body = json.loads(answer.body)
        key = next(name for name, value in body.items() if isinstance(value, list))
        return answer._replace(body=b'{"%b":[%b{}]}' % (key.encode(), b"{}," * self.rows))


@pytest.mark.parametrize("contract", ["v2", "incontact"])
@pytest.mark.parametrize(("at", "asked"), [("agents", "roster"), ("states", "states")])
async def test_a_bomb(
    contract: ContractName, at: Endpoint, asked: str, alone: None, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Whatever is huge, no agent is absent and RC507 names the limit."""
    emulator = emulator_of(30, contract, (Bomb(at=at, rows=MOST_OBJECTS + 2_000),))
    async with emulator.running() as address:
        code = await command(["check", "--format", "json"], emulator.environment(address.url))
    said = json.loads(capsysbinary.readouterr().out)
    (damaged,) = [one for one in said["findings"] if one["code"] == "RC507"]
    assert code == 3
    assert said["counts"]["absent"] == said["counts"]["logged_out"] == 0
    assert f"the response for the {asked} was too large on every try" in damaged["message"]
    assert "more than 300,000 objects" in damaged["message"]
