"""The catalogue: findings by code, checks in the order they run."""

from __future__ import annotations

from cxone_rollcall.findings import (
    activity,
    agent,
    batch,
    connectivity,
    contradiction,
    credentials,
    endpoint,
    failed_requests,
    freshness,
    identifiers,
    internal,
    noise,
    own_filters,
    own_request,
    paging,
    permission,
    response,
    roster,
    state_filter,
    stuck_state,
    tenant,
    updated_since,
    user_login,
    visibility,
)
from cxone_rollcall.findings.check import Check
from cxone_rollcall.findings.finding import Finding

CHECKS: tuple[Check, ...] = (
    connectivity.host_found,
    connectivity.host_reached,
    connectivity.certificate_trusted,
    connectivity.api_answers,
    connectivity.server_works,
    connectivity.answers_in_time,
    endpoint.contract_served,
    endpoint.version_served,
    endpoint.newest_version_served,
    credentials.token_granted,
    credentials.token_lasts,
    credentials.token_accepted,
    tenant.tenant_is_ours,
    user_login.user_named,
    user_login.logged_in_user,
    permission.roster_allowed,
    permission.states_allowed,
    permission.everybody_listed,
    visibility.nobody_hidden,
    visibility.teams_visible,
    visibility.others_visible,
    permission.each_agent_allowed,
    identifiers.typed_ids,
    identifiers.agents_known,
    batch.batches_healthy,
    batch.batch_size_taken,
    batch.batch_answered_in_full,
    state_filter.state_filter,
    state_filter.state_filter_spelling,
    batch.ids_read,
    updated_since.whole_list_asked,
    batch.separator_read,
    roster.roster_filled,
    roster.page_size_given,
    roster.roster_stands_still,
    roster.roster_whole,
    roster.pages_from_one,
    paging.pages_are_known,
    response.rows_in_place,
    response.bodies_whole,
    response.bodies_decompressed,
    response.states_named,
    response.rows_agree,
    response.rows_asked_for,
    failed_requests.pace_allowed,
    failed_requests.requests_answered,
    response.answers_have_bodies,
    noise.rows_stay,
    noise.answers_agree,
    agent.agents_active,
    agent.agents_have_logged_in,
    agent.presence_settled,
    activity.inactive_elsewhere,
    activity.somebody_answered,
    stuck_state.states_move,
    freshness.clocks_agree,
    freshness.answers_fresh,
    own_filters.everybody_called,
    own_filters.every_state_shown,
    contradiction.nothing_contradicts,
    agent.logged_out,
    agent.no_row,
    failed_requests.answers_vouched,
    internal.all_explained,
    own_request.request_answered,
)
"""All checks in the order they run. Earlier stages first; checks of what is left to explain last."""

FINDINGS: tuple[type[Finding], ...] = tuple(
    sorted(
        {internal.CheckCrashed, *(finding for check in CHECKS for finding in check.finds)},
        key=lambda finding: finding.code,
    )
)
"""All findings, in the order of codes: the checks', and RC901."""


def by_code(code: str) -> type[Finding] | None:
    """The finding of a code (`RC406`) or name (`state-filter-hides`), or None. In any case of letters."""
    wanted = code.strip().casefold()
    return next((finding for finding in FINDINGS if wanted in (finding.code.casefold(), finding.name)), None)
