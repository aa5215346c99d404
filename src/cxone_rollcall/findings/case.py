"""The case: everything that one run observed, for checks to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from cxone_rollcall.model.evidence import Evidence as Evidence

if TYPE_CHECKING:
    from cxone_rollcall.model.observations.base import Observation
    from cxone_rollcall.model.roll import Roll


Seen = TypeVar("Seen", bound="Observation")


class MissingObservation(LookupError):
    """A check asked the case for a fact that was never observed."""


class Case:
    """All that was seen in one run, for checks to judge; it knows why something was not seen.

    `explained` grows while the checks run, in the order of the catalogue: the ids that a finding explains.
    `is_explained` tells that a finding explains the whole answer.
    """

    def __init__(
        self,
        roll: Roll,
        observations: tuple[Observation, ...],
        *,
        missing: Mapping[type[Observation], str] | None = None,
    ) -> None:
        self.roll = roll
        self.explained: set[str] = set()
        self.is_explained = False
        self.reads: set[type[Observation]] = set()
        self._observations = {type(observation): observation for observation in observations}
        self._missing = dict(missing or {})

    def __contains__(self, kind: type[Observation]) -> bool:
        return kind in self._observations

    def __getitem__(self, kind: type[Seen]) -> Seen:
        observation = self.get(kind)
        if observation is None:
            raise MissingObservation(self.why_missing(kind))
        return observation

    def get(self, kind: type[Seen]) -> Seen | None:
        """Return an observation that may be missing; None where it is."""
        self.reads.add(kind)
        observation = self._observations.get(kind)
        return observation if isinstance(observation, kind) else None

    def why_missing(self, kind: type[Observation]) -> str:
        """Say why there is no such observation."""
        return self._missing.get(kind, f"nothing was seen of {kind.__name__}")
