"""A fault as text is read back as the same fault."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together

from cxone_rollcall.emulator import FAULTS, Fault, FaultArgumentError, parse_fault
from cxone_rollcall.emulator.faults import arguments, spec
from cxone_rollcall.emulator.faults.batch import BatchCut
from cxone_rollcall.emulator.faults.identity import TokenExpires


def test_arguments_are_read() -> None:
    """A bare value sets the first argument, KEY=VALUE any. Others have their default."""
    assert parse_fault("batch-cut") == BatchCut()
    assert parse_fault("batch-cut=12") == BatchCut(limit=12)
    assert parse_fault(" batch-cut=12, how = ids ") == BatchCut(limit=12, how="ids")
    assert parse_fault("token-expires=life=0.5") == TokenExpires(life=0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bach-cut", "no fault 'bach-cut'; did you mean batch-cut.*Known faults: .*reset"),
        ("Batch_Cut", "did you mean batch-cut"),
        ("", "Known faults"),
        ("zzz", "no fault 'zzz'. Known faults"),
        ("batch-cut=", "nothing after its ="),
        ("batch-cut=many", "limit of the fault batch-cut must be a whole number from 1 to 1e.09, not 'many'"),
        ("batch-cut=0", "from 1"),
        ("batch-cut=how=rows,37", "cannot read '37'"),
        ("batch-cut=how=cells", "how of the fault batch-cut must be rows.ids, not 'cells'"),
        ("batch-cut=size=3", "no argument 'size': it takes limit, how"),
        ("batch-cut=1,limit=2", "given twice"),
        ("other-contract=yes", "cannot read 'yes'"),
        ("other-contract=at=any", "it takes none"),
        ("latency=nan", "ms of the fault latency"),
        ("latency=inf", "ms of the fault latency"),
        ("reset=times=0", "times of the fault reset"),
    ],
)
def test_wrong_faults_are_refused(text: str, message: str) -> None:
    """A wrong fault is refused with the known names and the nearest."""
    with pytest.raises(FaultArgumentError, match=message):
        parse_fault(text)


@together("fault", {fault.name: fault for fault in FAULTS})
def test_every_fault_is_described(fault: type[Fault]) -> None:
    """Each fault has a name, a summary, codes, and explained arguments. The summary has one or two sentences."""
    assert fault.name == fault.name.lower().replace("_", "-")
    assert fault.summary.endswith(".")
    assert all(code.startswith("RC") and code[2:].isdecimal() for code in fault.codes)
    taken = arguments(fault)
    assert all(argument.about and argument.kind for argument in taken)
    assert not fault.bare or taken[0].name == fault.bare


def test_names_are_unique() -> None:
    """No two faults share a name."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@given(st.data())
def test_spec_reads_back(data: st.DataObject) -> None:
    """A fault's text is read back as the same fault."""
    fault = data.draw(st.sampled_from(FAULTS))
    values: list[tuple[str, object]] = []
    for argument in arguments(fault):
        match argument.kind:
            case "whole number":
                values.append((argument.name, data.draw(st.integers(1, 1000))))
            case "number":
                values.append((argument.name, data.draw(st.floats(0.5, 1000))))
            case "text":
                values.append((argument.name, data.draw(st.text("abc-", min_size=1))))
            case choices:
                values.append((argument.name, data.draw(st.sampled_from(choices.split("|")))))
    text = fault.name + ("=" + ",".join(f"{name}={value}" for name, value in values) if values else "")
    assert parse_fault(spec(parse_fault(text))) == parse_fault(text)


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text at all is read, or refused as what it is."""
    with contextlib.suppress(FaultArgumentError):
        parse_fault(text)
