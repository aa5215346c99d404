"""A login in a real browser, headless Chromium.

It uses the emulator's authorize page, the client and the redirect address.
"""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Literal

import pytest
from tests.login.browser import CHROMIUM, chromium, press
from tests.support.thorough import mostly_thorough

from cxone_rollcall.client import connect
from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.login.attempt import Attempt, LoginDenied
from cxone_rollcall.login.flow import log_in
from cxone_rollcall.model.credentials import Credentials

LONGEST = 30.0

pytestmark = [pytest.mark.thorough, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")]


@pytest.mark.parametrize(
    ("contract", "button"),
    mostly_thorough([("v2", "allow"), ("incontact", "deny"), ("v2", "deny"), ("incontact", "allow")], quick=2),
)
async def test_a_user_signs_in(
    contract: Literal["v2", "incontact"], button: Literal["allow", "deny"], tmp_path: Path
) -> None:
    """A sign-in gives a renewable token, on each API. Cancelling gives none."""
    emulator = Emulator(EmulatorSettings(contracts=(contract,)))
    credentials = Credentials(grant_type="authorization_code", client_id=emulator.credentials.client_id)
    loop = asyncio.get_running_loop()
    browsing: list[asyncio.Task[None]] = []

    async def browse(address: str) -> None:
        async with chromium(address, tmp_path / "profile") as orders_to:
            await press(button, orders_to)
            await asyncio.Event().wait()  # the window stays open until the login is through

    def open_browser(address: str) -> bool:
        loop.call_soon_threadsafe(lambda: browsing.append(loop.create_task(browse(address))))
        return True

    async with emulator.running() as place, connect(place.url, credentials, contract=contract) as client:
        login = log_in(
            client,
            Attempt.begin(secrets.token_bytes),
            open_browser=open_browser,
            paste=None,
            announce=lambda _: None,
            port=0,
            timeout=LONGEST,
        )
        try:
            if button == "deny":
                with pytest.raises(LoginDenied):
                    await login
            else:
                token = await login
                assert token.refresh_token
                assert "tenantId" in {**token.claims, **token.id_claims}
        finally:
            for task in browsing:
                task.cancel()
            await asyncio.gather(*browsing, return_exceptions=True)
