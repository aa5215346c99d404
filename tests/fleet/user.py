"""A user of an emulated tenant, who signs in."""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp

from cxone_rollcall.client import connect
from cxone_rollcall.config.logins import keep
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.login import Login

CLIENT = "emulated-client"
BACK, VERIFIER = "http://127.0.0.1:8765/callback", "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def log_in(url: str, logins: Path) -> Login:
    """Log a user in on `v2`. The login is stored in a file."""
    credentials = Credentials(grant_type="authorization_code", client_id=CLIENT)
    async with connect(url, credentials, contract="v2") as client, aiohttp.ClientSession() as browser:
        page = await client.authorize_url(redirect_uri=BACK, state="s", nonce="n", challenge=CHALLENGE)
        async with browser.post(page, data={"decision": "allow"}, allow_redirects=False) as answer:
            code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        token = await client.redeem(code, redirect_uri=BACK, verifier=VERIFIER)
    assert token.refresh_token is not None
    login = Login(
        refresh_token=token.refresh_token, instance=url, client_id=CLIENT, contract="v2", granted_at=time.time()
    )
    await keep(login, logins, "file")
    return login
