"""The account as one page that needs nothing else: no script, no font, no picture, no server."""

from __future__ import annotations

from cxone_rollcall.views.html.page import account

__all__ = ["account"]
