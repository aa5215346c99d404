"""A finding's page, read from its docstring, for terminal and website."""

from __future__ import annotations

import inspect

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.struct import Value

HEADINGS = ("What was seen", "Why agents go missing", "Fix", "Not this when", "Try it")


class Page(Value, frozen=True):
    """A finding's page: code, name, summary, and the text by heading."""

    code: str
    name: str
    summary: str
    sections: dict[str, str]

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands under "Try it", one a line."""
        lines = (line.strip() for line in self.sections["Try it"].splitlines())
        return tuple(line for line in lines if line)


def page_of(finding: type[Finding]) -> Page:
    """Parse the docstring of a finding."""
    summary, *parts = inspect.cleandoc(finding.__doc__ or "").split("\n## ")
    sections = {}
    for part in parts:
        heading, _, body = part.partition("\n")
        sections[heading] = body.strip()
    return Page(finding.code, finding.name, summary.strip(), sections)


def plain(page: Page) -> str:
    """The page for a terminal."""
    lines = [f"{page.code} {page.name}", "", page.summary]
    for heading, body in page.sections.items():
        lines += ["", heading, *(f"  {line.strip()}".rstrip() for line in body.splitlines())]
    return "\n".join(lines) + "\n"
