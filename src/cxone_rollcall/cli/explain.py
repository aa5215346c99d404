"""`rollcall explain`: the page of a finding, or all findings."""

from __future__ import annotations

import click

from cxone_rollcall.cli import tab_key, terminal
from cxone_rollcall.errors import SettingError


@click.command()
@click.argument("code", required=False, shell_complete=tab_key.completed_by(tab_key.findings))
def command(code: str | None) -> int:
    """Show a finding's page, or list all findings. CODE is a code (RC406) or name (state-filter-hides)."""
    from cxone_rollcall.findings.catalogue import FINDINGS, by_code
    from cxone_rollcall.findings.page import page_of, plain
    from cxone_rollcall.model.closest_match import closest_match

    if code is None:
        for finding in FINDINGS:
            terminal.say(f"{finding.code}  {finding.name:24}  {page_of(finding).summary}")
        return 0
    found = by_code(code)
    if found is None:
        known = [name for finding in FINDINGS for name in (finding.code, finding.name)]
        near = closest_match(code, known) or closest_match(code.upper(), known)
        hint = f"rollcall explain {near}" if near else "rollcall explain"
        raise SettingError(f"there is no finding {code!r} in this version", example=hint)
    terminal.say(plain(page_of(found)), end="")
    return 0
