"""The account as a self-contained HTML page: no script, font, picture, server."""

from __future__ import annotations

from cxone_rollcall.views.html.page import account

__all__ = ["account"]
