"""A report as a self-contained HTML page. Its pictures are SVG; it has no script, font or server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxone_rollcall.version import __version__
from cxone_rollcall.views.html.escape import shown
from cxone_rollcall.views.html.page import begin
from cxone_rollcall.views.reports.html import ranges
from cxone_rollcall.views.reports.html.days import days_section, sums
from cxone_rollcall.views.reports.html.rows import rows
from cxone_rollcall.views.reports.html.style import PICTURES
from cxone_rollcall.views.reports.html.svg import patterns
from cxone_rollcall.views.reports.words import coverage, iso, title

if TYPE_CHECKING:
    from cxone_rollcall.reports.pictures import Pictures
    from cxone_rollcall.reports.report import Report

RANGES = {"adherence": ranges.adherence, "occupancy": ranges.occupancy}
"""The kinds whose rows are percentages, and what draws them."""
EXCEPTIONS = (("exceptions", "Exceptions"),)
SECTIONS = (("days", "The day"), ("sums", "Time in state"), ("rows", "Rows"))


def report(report: Report, pictures: Pictures) -> Iterator[bytes]:
    """Yield a report as one HTML page in UTF-8."""
    for piece in _pieces(report, pictures):
        yield piece.encode("utf-8", "backslashreplace")


def _pieces(report: Report, pictures: Pictures) -> Iterator[str]:
    heading = shown(title(report))
    draw = RANGES.get(report.kind)
    yield begin(f"{heading} - rollcall", style=PICTURES)
    yield f"<header><p class=where>Rollcall report on {shown(report.tenant)}</p><h1>{heading}</h1>"
    yield f"<p class=verdict>{shown(coverage(report))}</p>"
    yield f"<p class=where>From {iso(report.begin)} to {iso(report.end)}, times in {shown(report.tz)}.</p>"
    if report.notes:
        yield "<ul class=notes>" + "".join(f"<li>{shown(note)}" for note in report.notes) + "</ul>"
    own = (("picture", title(report).partition(",")[0]),) if draw else ()
    out = EXCEPTIONS if report.kind == "adherence" else ()
    places = (*own, *SECTIONS, *out)
    yield '<nav aria-label="Sections">' + " ".join(f'<a href="#{place}">{name}</a>' for place, name in places)
    yield f"</nav></header>\n<main>{patterns()}"
    if draw is not None:
        yield from draw(report)
    yield from days_section(pictures)
    yield from sums(pictures.stacked)
    yield from rows(report)
    if out and pictures.exceptions is not None:
        yield from rows(pictures.exceptions, *EXCEPTIONS[0])
    yield f"</main>\n<footer><p>Made by rollcall {__version__}. This page holds names of agents."
    yield " It loads nothing, and works without a network.</footer></body></html>\n"
