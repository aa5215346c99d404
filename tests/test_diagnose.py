"""What a report says of the tenant that was asked."""

from __future__ import annotations

import pytest
from tests.roll.lists import BASE, CREDENTIALS, ListTenant

from cxone_rollcall import Verdict
from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.diagnose import check, tenant_asked
from cxone_rollcall.emulator import parse_fault
from cxone_rollcall.testing import emulated


def test_a_report_says_how_the_tenant_was_chosen() -> None:
    """What pins the tenant or the version is kept, with remarks."""
    client = Client(Incontact(BASE), ListTenant({}), CREDENTIALS, base_url=BASE)
    asked = tenant_asked(client, tenant_id="t", pinned_version="34", hints=("a remark",))
    assert (asked.instance, asked.contract, asked.grant_type) == (client.instance, "incontact", client.grant_type)
    assert (asked.tenant_id, asked.pinned_version, asked.hints) == ("t", "34", ("a remark",))
    plain = tenant_asked(client)
    assert (plain.tenant_id, plain.pinned_version, plain.hints) == (None, None, ())


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_a_client_that_was_refused_asks_anew(contract: str) -> None:
    """What was refused in one check proves nothing in the next one."""
    async with emulated(20, contract, clock="manual", token_life=600) as tenant:
        tenant.emulator.switch_on([parse_fault("token-rejected")])
        assert (await check(tenant.client)).verdict is Verdict.REFUSED
        tenant.emulator.switch_on([])
        for _ in range(2):
            tenant.emulator.advance(601)
            account = await check(tenant.client)
            assert (account.verdict, account.counts["unknown"]) == (Verdict.COMPLETE, 0)
