"""The client: combines a contract, a transport and a token. Python programs import this."""

from __future__ import annotations

from cxone_rollcall.client.authenticator import LoginStore
from cxone_rollcall.client.bearer import MOST_RENEWALS, TOKENS_IN_A_ROW
from cxone_rollcall.client.client import Client
from cxone_rollcall.client.connect import connect
from cxone_rollcall.client.contract_probe import discovery_request, probe_contract
from cxone_rollcall.client.incontact_api import IncontactApi
from cxone_rollcall.client.run_log import RunLog
from cxone_rollcall.client.sender import MOST_REDIRECTS, MOST_THROTTLES, REQUEST_TIMEOUT, error_of
from cxone_rollcall.client.v2_api import V2Api
from cxone_rollcall.contracts.protocol import Answered, RosterPage, StateRows

__all__ = [
    "MOST_REDIRECTS",
    "MOST_RENEWALS",
    "MOST_THROTTLES",
    "REQUEST_TIMEOUT",
    "TOKENS_IN_A_ROW",
    "Answered",
    "Client",
    "IncontactApi",
    "LoginStore",
    "RosterPage",
    "RunLog",
    "StateRows",
    "V2Api",
    "connect",
    "discovery_request",
    "error_of",
    "probe_contract",
]
