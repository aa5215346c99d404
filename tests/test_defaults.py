"""What nobody gives or sets is empty: a default hides nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.test_architecture import trees

NOT_EMPTY = frozenset(
    {
        "alerts/rules.py Place.kind",
        "alerts/rules.py Place.secret_in",
        "alerts/rules.py Place.timeout",
        "alerts/rules.py Place.url_in",
        "assistants/tools.py Tool.asks_tenant",
        "config/definitions.py Setting.has_flag",
        "contracts/v2/contract.py V2.separators",
        "fleet/login_setup.py Kept.sealed_now",
        "history/backfill.py Past.complete",
        "history/interval.py Person.on_roster",
        "live/events.py Polled.asked",
        "live/poller.py Times.interval",
        "model/credentials.py Credentials.grant_type",
        "model/failure.py Failure.tries",
        "model/observations/access.py AnswersDated.poll_is_dated",
        "model/observations/access.py TokenGranted.status",
        "model/observations/base.py Observation.unseen",
        "model/observations/base.py TenantAsked.has_client",
        "model/observations/base.py TenantAsked.roster_rows",
        "model/observations/base.py TenantAsked.states_rows",
        "model/observations/probes.py Activity.certain",
        "model/observations/probes.py BusinessUnitAsked.pointer",
        "model/observations/roster.py RosterRead.readings",
        "model/observations/roster.py RosterRead.settled",
        "model/observations/states.py Contradiction.one_response",
        "model/token.py Token.status",
        "model/token.py Token.token_type",
        "request/candidates.py Known.separator",
        "request/har.py _Request.method",
        "roll/agent_search.py Match.exact",
        "target.py Target.contract",
        "views/screen/choices.py Choices.sort",
        "views/screen/page.py Scene.is_unicode",
    }
)
"""Members whose default says something: choices, and what is usual."""

GIVEN = frozenset(
    {
        "alerts/reading.py _time.least = 1.0",
        "casefile/diff.py differences.names = True",
        "cli/fleet/options.py engine_of.beat = 2.0",
        "cli/live_screen.py page.is_unicode = True",
        "cli/options.py format_option.to_file = True",
        "cli/session.py run_probes.probing = 'auto'",
        "cli/terminal.py say.end = '\\n'",
        "cli/terminal.py status_line.shown = True",
        "client/authorized_sender.py __init__.retries = True",
        "client/connect.py connect.contract = 'auto'",
        "client/sender.py send.retries = True",
        "contracts/decoding.py decode.quoted = True",
        "contracts/decoding.py decode_plain.quoted = True",
        "contracts/decoding.py words_in.depth = 3",
        "contracts/envelope.py _objects_in.depth = 3",
        "errors.py __init__.exit_code = 3",
        "fleet/connection.py connected.beat = 2.0",
        "fleet/connection.py connected.zone = 'main'",
        "fleet/engine.py call.within = 5.0",
        "fleet/engine.py read.within = 2.0",
        "history/state_history.py end.whole = True",
        "model/closest_match.py closest_match.cutoff = 0.6",
        "model/instance.py parse.line = 'CXONE_INSTANCE={}'",
        "model/instance.py parse.named = 'CXONE_INSTANCE'",
        "model/timestamp.py format_timestamp.timespec = 'milliseconds'",
        "reports/adherence/notes.py _listed.separator = ', '",
        "roll/pages/linked.py __init__.doubts_empty = True",
        "testing.py emulated.agents = 120",
        "testing.py emulated.contract = 'v2'",
        "testing.py emulated_in_thread.agents = 120",
        "testing.py emulated_in_thread.contract = 'v2'",
        "testing.py emulator_of.agents = 120",
        "testing.py emulator_of.contract = 'v2'",
        "views/csv.py lines.delimiter = ','",
        "views/reports/csv.py report.delimiter = ','",
        "views/reports/html/rows.py rows.heading = 'Rows'",
        "views/reports/html/rows.py rows.name = 'rows'",
        "views/why.py candidates.roster = 'rollcall agents'",
    }
)
"""Parameters whose default says something."""


@cache
def members() -> dict[str, ast.AnnAssign]:
    """Return the class members with a default, by file and name."""
    return {
        f"{file} {one.name}.{ast.unparse(node.target)}": node
        for file, tree in trees().items()
        if not file.startswith("emulator/")
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
        for node in one.body
        if isinstance(node, ast.AnnAssign) and node.value is not None
    }


def test_what_may_be_none_is_none_by_default() -> None:
    """What is unknown is None, neither empty nor 0."""
    optional = {name: node.value for name, node in members().items() if "None" in ast.unparse(node.annotation)}
    assert len(optional) > 100
    assert [name for name, one in optional.items() if isinstance(one, ast.Constant) and one.value is not None] == []


def test_defaults_are_empty() -> None:
    """A value that nobody has set is False, 0 or empty."""
    assert {name for name, node in members().items() if not _is_empty(node.value)} == NOT_EMPTY


def parameters() -> Iterator[tuple[str, ast.arg, ast.expr | None]]:
    """Yield each parameter with its function, and its default. Without one, the default is None."""
    for file, tree in trees().items():
        functions = (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        for one in functions if not file.startswith("emulator/") else ():
            given = [*one.args.posonlyargs, *one.args.args]
            last = given[len(given) - len(one.args.defaults) :]
            both = (
                *zip(last, one.args.defaults, strict=True),
                *zip(one.args.kwonlyargs, one.args.kw_defaults, strict=True),
            )
            yield from ((f"{file} {one.name}", arg, default) for arg, default in both)


def test_defaults_of_parameters_are_empty() -> None:
    """An argument that nobody gives is None, False, 0 or empty."""
    found = set()
    for function, parameter, default in parameters():
        optional = parameter.annotation is not None and "None" in ast.unparse(parameter.annotation)
        says = isinstance(default, ast.Constant) and default.value is not None
        if default is not None and (not _is_empty(default) or (optional and says)):
            found.add(f"{function}.{parameter.arg} = {ast.unparse(default)}")
    assert found == GIVEN


def _is_empty(node: ast.AST | None) -> bool:
    """Whether a literal is empty. Calls and names are not judged."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_empty, node.elts))
    return not isinstance(node, ast.Constant) or not node.value
