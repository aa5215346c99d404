"""`rollcall why`: why has this agent no state?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import account_options, demo_options, not_blank, timeout_option
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.case import Case

if TYPE_CHECKING:
    from cxone_rollcall.why import Inquiry, Match


def _named(context: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty text, such as an unset shell variable."""
    if not all(text.strip() for text in value):
        raise SettingError("AGENT is empty: is a shell variable unset?", example="rollcall why 30000000001 --demo")
    return value


@click.command(context_settings={"default_map": {"probes": "deep"}})
@click.argument("agents", metavar="AGENT...", nargs=-1, required=True, callback=_named)
@demo_options
@timeout_option
@click.option(
    "--state",
    metavar="STATE",
    callback=not_blank,
    help="Also request with this state filter, and show if it hides them.",
)
@click.option(
    "--expect-logged-in",
    "expected",
    is_flag=True,
    help='You see these agents logged in: then "not logged in" is no explanation.',
)
@account_options("account", "json", "junit", "html")
def command(**given: Any) -> int:
    """Show why agents have no state, with the proof. AGENT is an id, user name, e-mail or name.

    Exit codes as for `rollcall check`, for these agents only; 3 also if what you see contradicts the API.
    """
    with terminal.Output(given["output"]) as output:
        account, inquiry = signals.run(_ask(given))

        from cxone_rollcall.cli.check import render
        from cxone_rollcall.views import why as view
        from cxone_rollcall.why import answers

        def as_text(account: Account, **looks: Any) -> str:
            return view.answers(account, answers(account, inquiry.matches), inquiry.matches, **looks)

        for piece in render(account, given["format_"], to_file=given["output"] is not None, as_text=as_text):
            output.write(piece)
    return account.exit_code


async def _ask(given: dict[str, Any]) -> tuple[Account, Inquiry]:
    from cxone_rollcall.cli.session import opened
    from cxone_rollcall.diagnose import Probing, run_probes
    from cxone_rollcall.roll import reconcile, wait_for_absent
    from cxone_rollcall.why import ExpectedLoggedIn, Inquiry

    async with opened(given) as run:
        ledger = run.ledger
        inquiry = Inquiry(run.client, ledger, given["agents"], state=given["state"])

        async def work() -> Case:
            with terminal.progress(run.counts, shown=not given["verbose"]) as step:
                inquiry.progress = step
                await inquiry.look_up()
                _need_one_each(inquiry.matches)
                await inquiry.ask()
                await wait_for_absent(run.client, ledger, given["grace"], progress=step)
            expected = (ExpectedLoggedIn(agents=tuple(ledger.agents)),) if given["expected"] else ()
            return await run_probes(
                run.client,
                reconcile(ledger),
                (*run.facts(), *expected),
                probing=Probing(given["probes"]),
                probes=inquiry.probes(),
            )

        return await run.finish(work()), inquiry


def _need_one_each(matches: Sequence[Match]) -> None:
    """Raise `SettingError` if a text may mean several agents."""
    from cxone_rollcall.views import why as view
    from cxone_rollcall.views.text import printable

    several = [one for one in matches if len(one.agents) > 1]
    if several:
        ambiguous = "; ".join(f"{printable(one.typed)} may mean {len(one.agents)} agents" for one in several)
        examples = "\n".join(view.candidates(one) for one in several)
        raise SettingError(f"{ambiguous}: choose one", example=examples)
