"""The answers of `rollcall why` in the HTML report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.findings.account import Account
from cxone_rollcall.views.evidence import name_and_id
from cxone_rollcall.views.html.escape import code, shown
from cxone_rollcall.views.html.findings import evidence_list

if TYPE_CHECKING:
    from cxone_rollcall.why.answer import Answer


def answered(account: Account, said: Sequence[Answer]) -> Iterator[str]:
    """Yield the section of answers. Each has a sentence, evidence, and what to do."""
    yield '<section id="answers"><h2>Why</h2>'
    for answer in said:
        yield f"<article><p class=said>{shown(answer.sentence)}."
        if answer.taken_for and answer.agent is not None:
            yield f"<p>Typed {code(answer.asked_as)}, interpreted as {shown(name_and_id(answer.agent))}."
        cited = (*(evidence for finding in answer.findings for evidence in finding.evidence), *answer.proof)
        yield from evidence_list(cited, account)
        for heading, texts in (("How to confirm it", answer.settle), ("What to do", answer.fix)):
            if texts:
                yield f"<h4>{heading}</h4><ul>" + "".join(f"<li>{shown(text)}" for text in texts) + "</ul>"
        if answer.command:
            yield f"<p>Next: {code(answer.command)}"
        yield "</article>"
    yield "</section>"
