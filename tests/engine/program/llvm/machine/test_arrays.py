"""NumPy's arrays as machine code sees them."""

import numpy as np

from engine.program.llvm.blocks.linking import kit
from engine.program.llvm.machine import arrays
from engine.program.llvm.machine.calls import python_function
from engine.program.llvm.machine.runtime import machine


class Table(np.ndarray):
    """A subclass, which may do anything."""


def test_only_arrays_that_need_no_reading_fit():
    """Type, kind of number, order in memory and shape must all be right."""
    words = arrays.fitting(3, 4)
    fits = python_function(kit(machine().shape).fits, "fits", words.ctypes.data)
    table, row = np.ones((4, 3)), np.ones(4)
    assert fits(table, row) == 1
    assert fits(table[1:], row) == 1
    assert fits(np.ones((1, 3)), row) == 1
    strange = (
        table.T,
        np.ones((3, 4)).T,
        table[:, ::-1],
        np.asfortranarray(table),
        table[::2],
        row,
        table.tolist(),
        None,
        1.0,
        "table",
        np.float64(1.0),
        np.array(1.0),
        table.astype(">f8"),
        table.astype(int),
        table.astype(np.float32),
        np.ones((4, 2)),
        np.ma.array(table),
        table.view(Table),
        table[:0],
        np.ones((1, 4, 3)),
        np.broadcast_to(np.ones(3), (4, 3)),
    )
    assert not any(fits(given, row) for given in strange)
    strange = (
        row[None],
        np.ones(5),
        np.ones(8)[::2],
        row.astype(int),
        row.tolist(),
        None,
        np.array(1.0),
        table,
    )
    assert not any(fits(table, given) for given in strange)


def test_arrays_are_as_expected(monkeypatch):
    """Here; where a member is somewhere else, that is seen."""
    assert arrays.as_expected()
    for member in ("TYPE", "DATA", "DIMENSIONS", "DTYPE", "FLAGS"):
        with monkeypatch.context() as patch:
            patch.setattr(arrays, member, arrays.DATA + 24 if member != "FLAGS" else arrays.DATA)
            assert not arrays.as_expected()
