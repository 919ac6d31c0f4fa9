"""The flat program: what its instructions read and write, sweeps, what needs gradients."""

from engine.program.instructions import (
    Apply,
    Dot,
    FlatProgram,
    Group,
    Load,
    LogSumExp,
    written,
)
from engine.table.ops import TABLE

STEPS = (
    Load(2, uniform=0),
    Apply(3, TABLE["mul"], (0, 2)),
    Dot(4, plain=(~0, 1), left=(~1, 3), right=(0, 1)),
    Group((5, 6), columns=(3, 4), weights=(0, 1, 1, 0), biases=(2, 1)),
    LogSumExp(7, (5, 1)),
    Apply(8, TABLE["exp"], (1,)),
)


def program(outputs, wrt, differentiated=None):
    """Two inputs, two parameters, one constant."""
    count = len(outputs) if differentiated is None else differentiated
    return FlatProgram(2, 2, 2, (1.0,), STEPS, outputs, count, wrt, 9)


def test_each_instruction_says_what_it_reads_and_writes():
    """Uniforms appear as negative references, repeats are kept."""
    assert [written(s) for s in STEPS] == [(2,), (3,), (4,), (5, 6), (7,), (8,)]
    assert [s.reads for s in STEPS] == [
        (~0,),
        (0, 2),
        (~0, 1, ~1, 3, 0, 1),
        (3, 4, ~0, ~1, ~1, ~0, ~2, ~1),
        (5, 1),
        (1,),
    ]


def test_a_layer_is_as_many_dots():
    """Row by row, with its bias or without one; a dot is itself."""
    assert STEPS[3].dots == [Dot(5, (~2,), (~0, ~1), (3, 4)), Dot(6, (~1,), (~1, ~0), (3, 4))]
    assert Group((2, 3), (0,), (4, 5), ()).dots == [
        Dot(2, (), (~4,), (0,)),
        Dot(3, (), (~5,), (0,)),
    ]
    assert STEPS[2].dots == [STEPS[2]]


def test_levels_are_one_above_what_is_read():
    """Of loads 0; inputs and uniforms count nothing."""
    assert program((7,), (0,)).levels() == [0, 1, 2, 3, 4, 1]


def test_a_sweep_visits_only_what_its_output_depends_on():
    """With several outputs each has its own sweep, users first."""
    assert list(program((8,), (0,)).sweep(0)) == [5, 4, 3, 2, 1, 0]
    both = program((7, 8), (0,))
    assert list(both.sweep(0)) == [4, 3, 2, 1, 0]
    assert list(both.sweep(1)) == [5]
    assert list(program((4, 7), (0,), 1).sweep(0)) == [2, 1, 0]


def test_noted_sweeps_are_taken():
    """A program in exact order has its sweeps written down."""
    flat = FlatProgram(1, 0, 0, (), STEPS[:1], (0,), 1, (0,), 1, sweeps=((3, 1),))
    assert flat.sweep(0) == (3, 1)


def test_only_what_depends_on_wrt_is_active():
    """An input outside wrt carries no gradient, nor what is computed from it alone."""
    assert list(program((7,), (~0,)).active()) == [0, 0, 1, 1, 1, 1, 1, 1, 0]
    assert list(program((7,), (1,)).active()) == [0, 1, 0, 0, 1, 1, 1, 1, 1]
    assert not any(program((7,), ()).active())
