"""The case: everything that one run observed, for checks to judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxone_rollcall.model.observations.base import Kind, Observation, Observations
from cxone_rollcall.model.roll import Roll


class MissingObservation(LookupError):
    """A check asked the case for a fact that was never observed."""


class Case(Observations):
    """All that one run observed, and why the rest was not observed.

    Four facts grow while the checks run, in the order of the catalogue. Ids of agents: `explained` by any finding,
    `to_fix` by one that is not benign, `contradicted` by something that shows them logged in. `is_explained` is True
    once a finding explains the whole response.
    """

    def __init__(
        self,
        roll: Roll,
        observations: Iterable[Observation],
        *,
        missing: Mapping[type[Observation], str] | None = None,
    ) -> None:
        super().__init__(observations)
        self.roll = roll
        self.explained: set[str] = set()
        self.to_fix: set[str] = set()
        self.contradicted: set[str] = set()
        self.is_explained = False
        self.reads: set[type[Observation]] = set()
        self._missing = dict(missing or {})

    def __getitem__(self, kind: type[Kind]) -> Kind:
        observation = self.get(kind)
        if observation is None:
            raise MissingObservation(self.why_missing(kind))
        return observation

    def get(self, kind: type[Kind]) -> Kind | None:
        """The observation of this class, or None."""
        self.reads.add(kind)
        return super().get(kind)

    def why_missing(self, kind: type[Observation]) -> str:
        """Why there is no observation of this class."""
        return self._missing.get(kind, kind.unseen)
