"""Which tenant is which."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.identity import TenantIdentity, identifier

ONE = TenantIdentity(tenant_id="one", business_unit="460", account="api.example.com client")


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (ONE, False),
        (TenantIdentity(tenant_id="one", business_unit="7", account="other"), False),
        (TenantIdentity(tenant_id="two", business_unit="460", account=ONE.account), True),
        (TenantIdentity(business_unit="460", account="other"), False),
        (TenantIdentity(business_unit="461", account=ONE.account), True),
        (TenantIdentity(account=ONE.account), False),
        (TenantIdentity(account="other"), True),
        (TenantIdentity(), False),
    ],
    ids=str,
)
def test_the_surest_part_that_both_have_decides(other: TenantIdentity, differs: bool) -> None:
    """A tenant id beats a business unit, and both beat the client."""
    assert ONE.differs_from(other) is differs
    assert other.differs_from(ONE) is differs


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (4600000, "4600000"),
        (-17, "-17"),
        (" 4600000 ", "4600000"),
        ("A1B2", "a1b2"),
        ("", None),
        (None, None),
        (True, None),
        (1.5, None),
        ("x" * 65, None),
        (10**400, None),
        ("a\nb", None),
        ([], None),
    ],
)
def test_numbers_and_texts_have_one_spelling(value: object, wanted: str | None) -> None:
    """A number and its text are the same part. Anything else is None."""
    assert identifier(value) == wanted
