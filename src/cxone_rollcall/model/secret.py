"""A value that must not be shown."""

from __future__ import annotations


class Secret:
    """Holds a secret text; `repr`, `str` and formatting show only that there is one.

    `reveal()` is the one way to the text, so that a search for it finds every place that handles a secret.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself: for the wire and for redaction, never for a message."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __copy__(self) -> Secret:
        return self  # nothing changes it: values that hold one can be copied, and shown by `asdict`

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __getstate__(self) -> object:
        raise TypeError("a Secret is not pickled: it would leave this process in the clear")

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not pickled: it would leave this process in the clear")
