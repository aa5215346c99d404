"""An object that repeats a key is refused. JSON leaves open which value counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import FailureKind

Read = Callable[[Response], object]
V2_ROSTER, V2_STATES = V2().read_roster, V2().read_states
ROSTER, STATES = Incontact("").read_roster, Incontact("").read_states
AGENT = '{"agentId":1,"userName":"a"}'
STATE = '{"agentId":1,"agentStateId":1,"agentStateName":"Available"}'


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (V2_ROSTER, '{"entities":[{"id":1}],"entities":[{"id":2}]}'),
        (V2_ROSTER, '{"entities":[],"entities":[{"id":2}],"totalCount":2}'),
        (V2_ROSTER, '{"entities":[{"id":1}],"entities":[],"totalCount":1}'),
        (V2_ROSTER, '{"entities":[{"id":1}],"totalCount":1,"totalCount":2}'),
        (V2_STATES, '{"entities":[{"agentId":1,"state":"Busy"}],"entities":[]}'),
        (V2_STATES, '{"entities":[],"entities":[{"agentId":1,"state":"Busy"}]}'),
        (V2_STATES, '{"entities":[{"agentId":1,"state":"Busy","state":"Logged Out"}]}'),
        (V2_STATES, '{"entities":[{"agentId":1,"state":"Busy","agentId":2}]}'),
        (V2_STATES, '{"items":[{"agentId":1,"state":7,"state":"Busy"}]}'),
        (ROSTER, f'{{"agents":[{AGENT}],"agents":[]}}'),
        (ROSTER, f'{{"agents":[{AGENT}],"totalRecords":1,"totalRecords":2}}'),
        (ROSTER, '{"agents":[{"agentId":1,"agentId":2}]}'),
        (ROSTER, f'{{"totalRecords":1,"agents":[{AGENT}],"totalRecords":2}}'),
        (ROSTER, f'{{"totalRecords":1,"agents":[{AGENT}],"links":[],"totalRecords":2}}'),
        (ROSTER, f'{{"agents":[{AGENT[:-1]},"skills":[1]}}],"totalRecords":1,"totalRecords":2}}'),
        (ROSTER, '{"agents":[{"agentId":1,"userName":"]"}],"totalRecords":1,"totalRecords":2}'),
        (STATES, f'{{"agentStates":[{STATE}],"agentStates":[{STATE}]}}'),
        (STATES, f'{{"agentStates":[{STATE[:-1]},"agentStateId":0,"agentStateName":"LoggedOut"}}]}}'),
        (STATES, f'{{"resultSet":{{"agentStates":[{STATE}],"agentStates":[]}}}}'),
    ],
)
def test_a_repeated_key(read: Read, body: str) -> None:
    """A response that repeats an important key is damaged.

    Such keys are those of a list, a count, an id and a state.
    """
    with pytest.raises(UnusableAnswer) as refused:
        read(Response(status=200, headers={}, body=body.encode()))
    assert refused.value.kind is FailureKind.DAMAGED
    assert "stands twice" in refused.value.detail


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (V2_ROSTER, '{"entities":[{"id":1,"name":"entities"}],"totalCount":1,"page":{"totalCount":1}}'),
        (V2_STATES, '{"entities":[{"agentId":1,"state":"Busy","last":{"state":"Break","agentId":1}}]}'),
        (V2_STATES, '{"entities":[{"agentId":1,"state":"Busy","subState":"\\"state\\": \\"state\\""}]}'),
        (ROSTER, '{"agents":[{"agentId":1,"supervisor":{"agentId":2}}],"totalRecords":1}'),
        (STATES, f'{{"agentStates":[{STATE[:-1]},"previous":{{"agentStateId":0,"agentId":1}}}}]}}'),
    ],
)
def test_the_same_name_elsewhere(read: Read, body: str) -> None:
    """A name in an inner object or text is no repeated key."""
    answer = read(Response(status=200, headers={}, body=body.encode()))
    assert answer.complaint == ""  # type: ignore[attr-defined]
