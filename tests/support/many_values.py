"""Many small values in one test. Pytest takes longer to collect a test than most values take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


def together(
    argument: str, values: Mapping[str, Any] | Iterable[Any], *, thorough: Iterable[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test once for all these values. Each value that fails is reported with its name.

    A value without a name is named as it is written. Each value named in `thorough` gets its own run, marked as
    thorough.
    """
    values = values if isinstance(values, Mapping) else {str(value): value for value in values}
    late = set(thorough)
    quick = {name: value for name, value in values.items() if name not in late}
    runs = [pytest.param(quick, id=f"{len(quick)} {argument}s")]
    runs += [pytest.param({name: values[name]}, id=name, marks=pytest.mark.thorough) for name in sorted(late)]

    def of(test: Callable[..., None]) -> Callable[..., None]:
        def each(_values: Mapping[str, Any], **given: Any) -> None:
            failed: list[Exception] = []
            for name, value in _values.items():
                try:
                    test(**{argument: value}, **given)
                except Exception as error:  # noqa: BLE001  raised below, with all others
                    error.add_note(f"{argument}: {name}")
                    failed.append(error)
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(_values)} {argument}s", failed)

        signature = inspect.signature(test)
        asked = [one for name, one in signature.parameters.items() if name != argument]
        first = inspect.Parameter("_values", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        each.__signature__ = signature.replace(parameters=[first, *asked])  # type: ignore[attr-defined]
        each.__name__, each.__qualname__, each.__doc__ = test.__name__, test.__qualname__, test.__doc__
        each.__module__ = test.__module__
        each.__dict__.update(test.__dict__)
        marked: Callable[..., None] = pytest.mark.parametrize("_values", runs)(each)
        return marked

    return of
