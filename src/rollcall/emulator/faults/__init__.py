"""What can be wrong with the emulated tenant: one small file for each fault, all of them listed here.

To add one: a file with a `Fault` whose docstring begins with its summary, a line in `FAULTS`, a case in
`tests/emulator/cases_reach.py` or `cases_answers.py`, or a test in `test_incontact_sight.py` or `_ways.py` there.
"""

from rollcall.emulator.faults.answer_stale import AnswerStale
from rollcall.emulator.faults.arguments import Argument, FaultArgumentError, arguments, parse, spec
from rollcall.emulator.faults.base import Fault
from rollcall.emulator.faults.batch_cut import BatchCut
from rollcall.emulator.faults.body_cut import BodyCut
from rollcall.emulator.faults.body_garbled import BodyGarbled
from rollcall.emulator.faults.body_short import BodyShort
from rollcall.emulator.faults.client_refused import ClientRefused
from rollcall.emulator.faults.clock_skewed import ClockSkewed
from rollcall.emulator.faults.connection_dropped import ConnectionDropped
from rollcall.emulator.faults.discovery_wrong import DiscoveryWrong
from rollcall.emulator.faults.forbidden import Forbidden
from rollcall.emulator.faults.foreign_tenant import ForeignTenant
from rollcall.emulator.faults.grant_refused import GrantRefused
from rollcall.emulator.faults.hang import Hang
from rollcall.emulator.faults.hidden_agents import HiddenAgents
from rollcall.emulator.faults.hostile_names import HostileNames
from rollcall.emulator.faults.html_page import HtmlPage
from rollcall.emulator.faults.ids_ignored import IdsIgnored
from rollcall.emulator.faults.key_refused import KeyRefused
from rollcall.emulator.faults.latency import Latency
from rollcall.emulator.faults.login_race import LoginRace
from rollcall.emulator.faults.next_link_elsewhere import NextLinkElsewhere
from rollcall.emulator.faults.next_link_loops import NextLinkLoops
from rollcall.emulator.faults.no_content import NoContent
from rollcall.emulator.faults.no_total import NoTotal
from rollcall.emulator.faults.no_user import NoUser
from rollcall.emulator.faults.nobody_logged_in import NobodyLoggedIn
from rollcall.emulator.faults.other_contract import OtherContract
from rollcall.emulator.faults.own_user_only import OwnUserOnly
from rollcall.emulator.faults.page_cap import PageCap
from rollcall.emulator.faults.pages_from_zero import PagesFromZero
from rollcall.emulator.faults.path_missing import PathMissing
from rollcall.emulator.faults.poison_id import PoisonId
from rollcall.emulator.faults.poll_stale import PollStale
from rollcall.emulator.faults.rate_limit import RateLimit
from rollcall.emulator.faults.rate_limit_forever import RateLimitForever
from rollcall.emulator.faults.refresh_refused import RefreshRefused
from rollcall.emulator.faults.reset import Reset
from rollcall.emulator.faults.reset_some import ResetSome
from rollcall.emulator.faults.roster_empty import RosterEmpty
from rollcall.emulator.faults.roster_shifts import RosterShifts
from rollcall.emulator.faults.roster_short import RosterShort
from rollcall.emulator.faults.rows_contradict import RowsContradict
from rollcall.emulator.faults.rows_elsewhere import RowsElsewhere
from rollcall.emulator.faults.rows_lost import RowsLost
from rollcall.emulator.faults.scope_missing import ScopeMissing
from rollcall.emulator.faults.seen_elsewhere import SeenElsewhere
from rollcall.emulator.faults.separator import Separator
from rollcall.emulator.faults.server_error import ServerError
from rollcall.emulator.faults.server_error_some import ServerErrorSome
from rollcall.emulator.faults.sign_in_redirect import SignInRedirect
from rollcall.emulator.faults.skip_ignored import SkipIgnored
from rollcall.emulator.faults.slow_drip import SlowDrip
from rollcall.emulator.faults.state_stuck import StateStuck
from rollcall.emulator.faults.state_unnamed import StateUnnamed
from rollcall.emulator.faults.team_hidden import TeamHidden
from rollcall.emulator.faults.token_expires import TokenExpires
from rollcall.emulator.faults.token_plain import TokenPlain
from rollcall.emulator.faults.token_rejected import TokenRejected
from rollcall.emulator.faults.too_many_ids import TooManyIds
from rollcall.emulator.faults.unasked_row import UnaskedRow
from rollcall.emulator.faults.version_missing import VersionMissing

# In the order of the road of an answer, which is the order that they act in when several are on.
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
    """Return the fault that a text like `batch-cut=37` describes; FaultArgumentError says what is wrong with it."""
    return parse(text, FAULTS)


__all__ = ["FAULTS", "Argument", "Fault", "FaultArgumentError", "arguments", "parse_fault", "spec"]
