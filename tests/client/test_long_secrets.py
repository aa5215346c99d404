"""An echoed token of any length is hidden before shortening."""

from __future__ import annotations

import pytest
from tests.support.scripted_client import Script, bearer, client_of, failure_of, said, v2

from cxone_rollcall.model.exchange import Request, Response


@pytest.mark.parametrize("length", [500, 985, 1000, 1625, 9000])
@pytest.mark.parametrize("name", ["error", "message", "error_description"])
async def test_an_echoed_token(length: int, name: str) -> None:
    """No part of an echoed token is in a failure."""
    token = "eyJhbGciOi" + "A1b2C3d4" * (length // 8)

    def api(request: Request) -> Response:
        return said(403, {name: f"bad token {bearer(request)}"})

    script = Script(api, grant=lambda: said(200, {"access_token": token, "expires_in": 3600}))
    failure = (await failure_of(v2(client_of(script)).states(["1"]))).failure
    assert "eyJhbG" not in f"{failure} {failure.error}"
    assert "A1b2C3d4" not in f"{failure} {failure.error}"
