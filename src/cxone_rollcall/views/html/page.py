"""The beginning of each page of ours. It may load nothing."""

from __future__ import annotations

from cxone_rollcall.views.html.style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The page's Content-Security-Policy. Even if escaping failed, nothing would load or run."""


def begin(title: str, *, style: str = "") -> str:
    """A page up to its body. `title` is HTML, `style` comes after that of all pages."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{STYLE}{style}</style></head>\n<body>"
    )
