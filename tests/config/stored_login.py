"""A stored login, and the keys of two."""

from __future__ import annotations

from cxone_rollcall.model.login import Login, LoginKey
from cxone_rollcall.model.secret import Secret

KEY = LoginKey("https://api.example.com", "me")
LOGIN = Login(
    refresh_token=Secret("r3fresh"),
    instance=KEY.instance,
    client_id=KEY.client_id,
    contract="incontact",
    tenant_id="11ed",
    user="Ann Lee",
    granted_at=1_700_000_000.0,
    scopes=("openid", "agent:read"),
)
OTHER = LoginKey("https://other.example.com", "me")
