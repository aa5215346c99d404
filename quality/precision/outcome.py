"""What one run came to, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality.common.run_command import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run came to, and what is wrong with it.

    `codes` are those that a healthy tenant does not have, each with its greatest strength. `wrong` says what does
    not hold of the account, `proven` which codes are PROVEN that no fault which is on leads to, `otherwise` what is
    not as it should be with these faults.
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
        """The codes above NOTE, in the order of the road."""
        return tuple(code for code, strength in sorted(self.codes.items()) if strength != "NOTE")
