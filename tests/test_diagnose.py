"""What a report says of the tenant that was asked."""

from __future__ import annotations

from tests.roll.lists import BASE, CREDENTIALS, ListTenant

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.diagnose import tenant_asked


def test_a_report_says_how_the_tenant_was_chosen() -> None:
    """What pins the tenant or the version is kept, with remarks."""
    client = Client(Incontact(BASE), ListTenant({}), CREDENTIALS, base_url=BASE)
    asked = tenant_asked(client, tenant_id="t", pinned_version="34", hints=("a remark",))
    assert (asked.instance, asked.contract, asked.grant_type) == (client.instance, "incontact", client.grant_type)
    assert (asked.tenant_id, asked.pinned_version, asked.hints) == ("t", "34", ("a remark",))
    plain = tenant_asked(client)
    assert (plain.tenant_id, plain.pinned_version, plain.hints) == (None, None, ())
