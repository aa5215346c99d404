"""The faults of the emulated tenant, one file each.

To add one: a file with a `Fault` whose docstring starts with its summary, a line in `FAULTS`, a case in
`tests/emulator/cases_reach.py` or `cases_answers.py`, or a test in `test_incontact_sight.py` or `_ways.py` there.
"""

from cxone_rollcall.emulator.faults.answer_stale import AnswerStale
from cxone_rollcall.emulator.faults.arguments import Argument, FaultArgumentError, arguments, parse, spec
from cxone_rollcall.emulator.faults.batch_cut import BatchCut
from cxone_rollcall.emulator.faults.body_cut import BodyCut
from cxone_rollcall.emulator.faults.body_garbled import BodyGarbled
from cxone_rollcall.emulator.faults.body_short import BodyShort
from cxone_rollcall.emulator.faults.client_refused import ClientRefused
from cxone_rollcall.emulator.faults.clock_skewed import ClockSkewed
from cxone_rollcall.emulator.faults.connection_dropped import ConnectionDropped
from cxone_rollcall.emulator.faults.discovery_wrong import DiscoveryWrong
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.faults.forbidden import Forbidden
from cxone_rollcall.emulator.faults.foreign_tenant import ForeignTenant
from cxone_rollcall.emulator.faults.grant_refused import GrantRefused
from cxone_rollcall.emulator.faults.hang import Hang
from cxone_rollcall.emulator.faults.hidden_agents import HiddenAgents
from cxone_rollcall.emulator.faults.hostile_names import HostileNames
from cxone_rollcall.emulator.faults.html_page import HtmlPage
from cxone_rollcall.emulator.faults.ids_ignored import IdsIgnored
from cxone_rollcall.emulator.faults.key_refused import KeyRefused
from cxone_rollcall.emulator.faults.latency import Latency
from cxone_rollcall.emulator.faults.login_race import LoginRace
from cxone_rollcall.emulator.faults.next_link_elsewhere import NextLinkElsewhere
from cxone_rollcall.emulator.faults.next_link_loops import NextLinkLoops
from cxone_rollcall.emulator.faults.no_content import NoContent
from cxone_rollcall.emulator.faults.no_total import NoTotal
from cxone_rollcall.emulator.faults.no_user import NoUser
from cxone_rollcall.emulator.faults.nobody_logged_in import NobodyLoggedIn
from cxone_rollcall.emulator.faults.other_contract import OtherContract
from cxone_rollcall.emulator.faults.own_user_only import OwnUserOnly
from cxone_rollcall.emulator.faults.page_cap import PageCap
from cxone_rollcall.emulator.faults.pages_from_zero import PagesFromZero
from cxone_rollcall.emulator.faults.path_missing import PathMissing
from cxone_rollcall.emulator.faults.poison_id import PoisonId
from cxone_rollcall.emulator.faults.poll_stale import PollStale
from cxone_rollcall.emulator.faults.rate_limit import RateLimit
from cxone_rollcall.emulator.faults.rate_limit_forever import RateLimitForever
from cxone_rollcall.emulator.faults.refresh_refused import RefreshRefused
from cxone_rollcall.emulator.faults.reset import Reset
from cxone_rollcall.emulator.faults.reset_some import ResetSome
from cxone_rollcall.emulator.faults.roster_empty import RosterEmpty
from cxone_rollcall.emulator.faults.roster_shifts import RosterShifts
from cxone_rollcall.emulator.faults.roster_short import RosterShort
from cxone_rollcall.emulator.faults.rows_contradict import RowsContradict
from cxone_rollcall.emulator.faults.rows_elsewhere import RowsElsewhere
from cxone_rollcall.emulator.faults.rows_lost import RowsLost
from cxone_rollcall.emulator.faults.scope_missing import ScopeMissing
from cxone_rollcall.emulator.faults.seen_elsewhere import SeenElsewhere
from cxone_rollcall.emulator.faults.separator import Separator
from cxone_rollcall.emulator.faults.server_error import ServerError
from cxone_rollcall.emulator.faults.server_error_some import ServerErrorSome
from cxone_rollcall.emulator.faults.sign_in_redirect import SignInRedirect
from cxone_rollcall.emulator.faults.skip_ignored import SkipIgnored
from cxone_rollcall.emulator.faults.slow_drip import SlowDrip
from cxone_rollcall.emulator.faults.state_stuck import StateStuck
from cxone_rollcall.emulator.faults.state_unnamed import StateUnnamed
from cxone_rollcall.emulator.faults.team_hidden import TeamHidden
from cxone_rollcall.emulator.faults.token_expires import TokenExpires
from cxone_rollcall.emulator.faults.token_plain import TokenPlain
from cxone_rollcall.emulator.faults.token_rejected import TokenRejected
from cxone_rollcall.emulator.faults.too_many_ids import TooManyIds
from cxone_rollcall.emulator.faults.unasked_row import UnaskedRow
from cxone_rollcall.emulator.faults.version_missing import VersionMissing

# In the order in which a response passes them; if several are on, they act in this order.
FAULTS: tuple[type[Fault], ...] = (
    Reset,
    ResetSome,
    Hang,
    SlowDrip,
    HtmlPage,
    SignInRedirect,
    ServerError,
    ServerErrorSome,
    PathMissing,
    OtherContract,
    VersionMissing,
    DiscoveryWrong,
    Latency,
    ConnectionDropped,
    ClientRefused,
    GrantRefused,
    KeyRefused,
    RefreshRefused,
    TokenExpires,
    TokenRejected,
    ForeignTenant,
    NoUser,
    TokenPlain,
    ScopeMissing,
    Forbidden,
    HiddenAgents,
    TeamHidden,
    OwnUserOnly,
    Separator,
    IdsIgnored,
    TooManyIds,
    BatchCut,
    PoisonId,
    RosterEmpty,
    PageCap,
    PagesFromZero,
    SkipIgnored,
    NextLinkLoops,
    NextLinkElsewhere,
    RosterShifts,
    RosterShort,
    NoTotal,
    RowsElsewhere,
    HostileNames,
    StateUnnamed,
    StateStuck,
    RowsContradict,
    UnaskedRow,
    RowsLost,
    LoginRace,
    SeenElsewhere,
    NobodyLoggedIn,
    BodyCut,
    BodyShort,
    BodyGarbled,
    NoContent,
    RateLimit,
    RateLimitForever,
    ClockSkewed,
    AnswerStale,
    PollStale,
)


def parse_fault(text: str) -> Fault:
    """Return the fault that a text such as `batch-cut=37` describes, or raise FaultArgumentError."""
    return parse(text, FAULTS)


__all__ = ["FAULTS", "Argument", "Fault", "FaultArgumentError", "arguments", "parse_fault", "spec"]
