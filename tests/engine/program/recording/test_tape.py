"""The tape's columns: codes, operands of every number, other names for references."""

from array import array

from engine.program.recording import tape
from engine.program.recording.tape import (
    FUSED,
    NONE,
    Codes,
    Rows,
    constant_key,
    operands,
    renamed,
    terms,
)
from engine.table.ops import TABLE


def rows():
    """A product, a sine and a fused dot."""
    found = Rows()
    found.append(TABLE["mul"], (0, ~1))
    found.append(TABLE["sin"], (1, NONE))
    found.append(FUSED, (NONE, NONE))
    found.lists[2] = ((~1,), (~0, 1), (0, 2))
    return found


def test_operations_are_numbered_as_they_come():
    """From 1 on; 0 is for what a pass has removed."""
    codes = Codes()
    assert [codes[op] for op in (FUSED, TABLE["sin"], FUSED)] == [1, 2, 1]
    assert codes.ops == [None, FUSED, TABLE["sin"]]


def test_equal_constants_are_one():
    """Every nan is, 0.0 and -0.0 are not."""
    numbers = [0.0, -0.0, 1.5, -1.5, float("inf"), -float("inf"), float("nan")]
    keys = [constant_key(x) for x in numbers]
    assert len(set(keys)) == len(numbers)
    assert keys == [constant_key(float(repr(x))) for x in numbers]


def test_rows_give_back_their_operands():
    """Two, one, or those of a fused dot."""
    assert list(map(rows().args, range(3))) == [(0, ~1), (1,), ((~1,), (~0, 1), (0, 2))]
    assert list(operands(rows().args(2))) == [~1, ~0, 1, 0, 2]
    assert list(operands((3, 4))) == [3, 4]


def test_references_to_uniforms_get_other_numbers():
    """From a certain one on, in columns and in lists."""
    found = rows()
    found.lists = {2: (~0, ~1, 2, ~2)}
    found.rename([~2, ~1], ~1)
    assert found.args(0) == (0, ~2)
    assert found.args(1) == (1,)
    assert found.args(2) == (~0, ~2, 2, ~1)


def test_lists_of_both_kinds_are_renamed():
    """Plain ones, and the three of a fused dot."""
    assert renamed((1, 2), lambda r: r + 1) == (2, 3)
    assert renamed(((1,), (), (2,)), lambda r: r + 1) == ((2,), (), (3,))
    assert renamed((), lambda r: r + 1) == ()


def test_a_view_is_the_same_memory():
    """What NumPy writes, Python reads."""
    column = array("i", [1, 2, 3])
    tape.view(column)[1] = 7
    assert list(column) == [1, 7, 3]


def test_terms_reads_every_kind_of_sum():
    """A sum, a dot, a fused dot."""
    assert terms(TABLE["sum"], (3, 4)) == ((3, 4), (), ())
    assert terms(TABLE["dot"], (3, 4)) == ((), (3,), (4,))
    assert terms(TABLE["dot"], (3, 4, 5)) == ((5,), (3,), (4,))
    assert terms(FUSED, ((1,), (2,), (3,))) == ((1,), (2,), (3,))
