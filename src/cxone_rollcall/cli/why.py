"""`rollcall why`: why has this agent no state?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.options import account_options, demo_options, not_blank, tenant_options, timeout_option
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.case import Case

if TYPE_CHECKING:
    from cxone_rollcall.findings.account import Account


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
    help="Only agents in this state, as the API filters them, and show whom that hides.",
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
        account = signals.run(_ask(given))

        from cxone_rollcall.cli.check import render

        for piece in render(
            account, given["format_"], to_file=given["output"] is not None, detailed=given["verbose"] > 0
        ):
            output.write(piece)
    return account.exit_code


async def _ask(given: dict[str, Any]) -> Account:
    from cxone_rollcall.cli.candidates import asked_back
    from cxone_rollcall.cli.session import opened
    from cxone_rollcall.diagnose import Probing, run_probes
    from cxone_rollcall.findings.next_command import why as why_command
    from cxone_rollcall.roll import reconcile, wait_for_absent
    from cxone_rollcall.why import ExpectedLoggedIn, Inquiry

    async with opened(given) as run:
        ledger = run.ledger
        inquiry = Inquiry(run.client, ledger, given["agents"], state=given["state"])

        async def work() -> Case:
            with terminal.progress(run.counts, shown=not given["verbose"]) as step:
                inquiry.progress = step
                with asked_back(lambda agent_id: why_command(agent_id, *tenant_options(given)), given):
                    await inquiry.look_up()
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

        return await run.finish(work())
