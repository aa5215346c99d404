"""The account as one self-contained HTML page: no script, font, picture or server."""

from __future__ import annotations

from cxone_rollcall.views.html.page import account

__all__ = ["account"]
