"""All targets."""

from __future__ import annotations

from quality.fuzz import (
    answers,
    arguments,
    casefiles,
    discovery,
    headers,
    redaction,
    requests,
    rosters,
    schedules,
    settings,
)
from quality.fuzz.target import Target

TARGETS: tuple[Target, ...] = (
    *answers.TARGETS,
    *discovery.TARGETS,
    *headers.TARGETS,
    *casefiles.TARGETS,
    *settings.TARGETS,
    *arguments.TARGETS,
    *redaction.TARGETS,
    *requests.TARGETS,
    *rosters.TARGETS,
    *schedules.TARGETS,
)
