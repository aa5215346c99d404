"""The outcome of one run."""

from __future__ import annotations

from dataclasses import dataclass

from quality.common.run_command import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run, and what is wrong with it.

    `codes` maps each code that a healthy tenant does not have to its highest strength. `wrong` lists errors of the
    account, `proven` the PROVEN codes that none of the faults leads to, `otherwise` other deviations.
    """

    setting: Setting
    exit: int
    codes: dict[str, str]
    sent: int
    probes: int
    seconds: float
    wrong: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()

    @property
    def serious(self) -> tuple[str, ...]:
        """The codes above NOTE, sorted."""
        return tuple(code for code, strength in sorted(self.codes.items()) if strength != "NOTE")
