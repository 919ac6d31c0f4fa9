"""Arrays as machine code reads them: which fit, and that they are given back."""

import sys

import numpy as np
import pytest

from engine.program.llvm.blocks.linking import interpreter
from engine.program.llvm.machine.calls import python_function
from engine.program.llvm.machine.runtime import machine


class Table(np.ndarray):
    """A subclass, which may do anything."""

    def __len__(self):
        return 1


@pytest.fixture(scope="module")
def fits():
    """Ask whether arrays fit a program of 3 inputs and 4 live uniforms."""
    sizes = np.array([3, 4])
    address = interpreter(machine().width).fits
    function = python_function(address, "fits", sizes.ctypes.data)
    yield function
    assert sizes.tolist() == [3, 4]


def test_only_arrays_that_need_no_reading_fit(fits):
    """Kind of number, order in memory and shape must all be right; the samples are counted."""
    table, row = np.ones((4, 3)), np.ones(4)
    frozen = np.ones(4)
    frozen.flags.writeable = False
    assert fits(table, row) == 4
    assert fits(table[1:], frozen) == 3
    assert fits(np.ones((1, 3)), row) == 1
    assert fits(table.view(Table), row) == 4
    assert fits(memoryview(table), row) == 4
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
        b"table",
        np.float64(1.0),
        np.array(1.0),
        table.astype(">f8"),
        table.astype(int),
        table.astype(np.float32),
        table.astype(complex),
        table.astype(object),
        np.zeros((4, 3), dtype="f8,f8"),
        np.ones((4, 2)),
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
        row.astype(np.float32),
        row.tolist(),
        None,
        np.array(1.0),
        table,
    )
    assert not any(fits(table, given) for given in strange)


def test_arrays_are_given_back(fits):
    """Whether they fitted or not, nothing holds their memory any more."""
    row = np.ones(4)
    for table in (np.ones((4, 3)), np.ones((3, 4)).T, np.ones((4, 2))):
        before = sys.getrefcount(table), sys.getrefcount(row)
        fits(table, row)
        assert (sys.getrefcount(table), sys.getrefcount(row)) == before
