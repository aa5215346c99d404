"""`rollcall auth`: user logins, and what the token allows. It never prints a secret."""

from __future__ import annotations

import click

from cxone_rollcall.cli.auth.login import login
from cxone_rollcall.cli.auth.logout import logout
from cxone_rollcall.cli.auth.status import status
from cxone_rollcall.cli.auth.token import token

command = click.Group(
    commands=[login, status, token, logout],
    help="Log a user in and out; show the current identity, scopes and token expiry. Never prints a secret.",
)
