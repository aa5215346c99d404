"""The faults of the emulated tenant, one file for each kind.

To add one: in the file of its kind a `Fault` whose docstring starts with its summary, a line in `FAULTS`, a case in
`tests/emulator/cases_reach.py` or `cases_answers.py`, or a test in `test_incontact_sight.py` or `_ways.py` there.
"""

from cxone_rollcall.emulator.faults import (
    agents,
    batch,
    body,
    connection,
    freshness,
    identity,
    noise,
    paging,
    permission,
    rows,
    server,
    throttling,
)
from cxone_rollcall.emulator.faults.arguments import Argument, FaultArgumentError, arguments, parse, spec
from cxone_rollcall.emulator.faults.fault import Fault

# In the order in which a response passes them; if several are on, they act in this order.
FAULTS: tuple[type[Fault], ...] = (
    connection.Reset,
    connection.ResetSome,
    connection.Hang,
    connection.SlowDrip,
    connection.HtmlPage,
    connection.SignInRedirect,
    server.ServerError,
    server.ServerErrorSome,
    server.PathMissing,
    server.OtherContract,
    server.VersionMissing,
    server.DiscoveryWrong,
    connection.Latency,
    connection.ConnectionDropped,
    identity.ClientRefused,
    identity.GrantRefused,
    identity.KeyRefused,
    identity.RefreshRefused,
    identity.TokenExpires,
    identity.TokenRejected,
    identity.ForeignTenant,
    identity.NoUser,
    identity.TokenPlain,
    permission.ScopeMissing,
    permission.Forbidden,
    permission.HiddenAgents,
    permission.TeamHidden,
    permission.OwnUserOnly,
    batch.Separator,
    batch.IdsIgnored,
    batch.TooManyIds,
    batch.BatchCut,
    batch.PoisonId,
    paging.RosterEmpty,
    paging.PageCap,
    paging.PagesFromZero,
    paging.PagingIgnored,
    paging.SkipIgnored,
    paging.NextLinkLoops,
    paging.NextLinkElsewhere,
    paging.RosterShifts,
    paging.RosterShort,
    paging.NoTotal,
    body.RowsElsewhere,
    rows.HostileNames,
    rows.StateUnnamed,
    agents.StateStuck,
    rows.RowsContradict,
    batch.UnaskedRow,
    rows.RowsLost,
    noise.TwoBackends,
    noise.RowsComeAndGo,
    agents.LoginRace,
    agents.SeenElsewhere,
    agents.NobodyLoggedIn,
    body.BodyCut,
    body.BodyShort,
    body.BodyGarbled,
    body.NoContent,
    throttling.RateLimit,
    throttling.RateLimitForever,
    freshness.ClockSkewed,
    freshness.AnswerStale,
    freshness.PollStale,
    noise.AnswersCached,
)


def parse_fault(text: str) -> Fault:
    """The fault that a text such as `batch-cut=37` describes. Raises FaultArgumentError."""
    return parse(text, FAULTS)


__all__ = ["FAULTS", "Argument", "Fault", "FaultArgumentError", "arguments", "parse_fault", "spec"]
