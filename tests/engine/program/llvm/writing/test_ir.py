"""The builder of IR text: what it writes computes what it says."""

import ctypes

import numpy as np
import pytest

from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.writing.ir import Module, Width

WIDTH = Width(lanes=2, vectors=3)


def ran(write, *numbers, width=WIDTH):
    """Write the body of a function of an array of doubles, and run it on numbers."""
    module = Module(width)
    f = module.function("f", "ptr %a")
    write(f)
    f.do("ret void")
    loaded = machine().load(module, quick=True)
    array = np.array(numbers, dtype=float)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(loaded.addresses["f"])(array.ctypes.data)
    return array.tolist()


def count(f, place, by="1.0"):
    """Write: a number grows."""
    at = f.at("%a", place)
    f.do(f"store double {f.let(f'fadd double {f.load_double(at)}, {by}', 'x')}, ptr {at}")


def test_the_types_of_a_width():
    """One lane is a plain number; the samples of a block are its lanes."""
    assert (WIDTH.samples, Width().samples) == (6, 32)
    assert (WIDTH.vector, WIDTH.bits, WIDTH.mask) == ("<2 x double>", "<2 x i64>", "<2 x i1>")
    scalar = Width(lanes=1)
    assert (scalar.vector, scalar.bits, scalar.mask) == ("double", "i64", "i1")
    assert (WIDTH.suffix, scalar.suffix) == ("v2f64", "f64")
    assert (WIDTH.whole(7), scalar.whole(7)) == ("<i64 7, i64 7>", "7")
    assert {scalar: "one"}[Width(lanes=1)] == "one"  # interpreters are found by their width


@pytest.mark.parametrize("size", [2, 4, 8])
@pytest.mark.parametrize("many", [0, 1, 3, 4, 7, 8, 17])
def test_tiles_reach_each_number_once(size, many):
    """Several at a time, then one by one."""

    def body(f):
        def tile(wide, first):
            for k in range(wide):
                count(f, f.whole("add", first, k), f"{float(wide)}")

        f.tiles(str(many), size, tile)

    whole = many // size * size
    expected = [float(size)] * whole + [1.0] * (many - whole) + [0.0] * (20 - many)
    assert ran(body, *[0.0] * 20) == expected


def test_loops_carry_values_and_take_steps():
    """What the last round returned comes out; a loop of no rounds gives what it was given."""

    def body(f):
        def grow(_, now):
            return [f.add(now[0], now[1]), f.add(now[1], f.number(1.0))]

        for rounds, place in ((4, 0), (0, 2)):
            total, _ = f.loop(str(rounds), grow, [f.number(0.0), f.number(1.0)])
            f.store(total, f.at("%a", place))
        f.each("7", lambda i: count(f, i), step=3)

    assert ran(body, *[0.0] * 8) == [11.0, 10.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("value", [-1.0, 1.0])
def test_a_block_that_runs_only_if(value):
    """And not else."""

    def body(f):
        above = f.let(f"fcmp ogt double {f.load_double('%a')}, 0.0", "is")
        f.when(above, lambda: count(f, 1))

    assert ran(body, value, 0.0) == [value, float(value > 0)]


def test_vectors_are_read_and_written_one_behind_the_other():
    """By their number from a place on; lanes of two vectors can be picked."""

    def body(f):
        first, last = f.load("%a"), f.load("%a", 2)
        f.store(f.shuffle(first, last, [3, 0]), "%a", 1)
        f.store(f.spread(f.load_double(f.at("%a", 5))), "%a", 3)

    assert ran(body, 1, 2, 3, 4, 5, 6, 7, 8) == [1, 2, 6, 1, 5, 6, 6, 6]


def test_operations_take_blocks_too():
    """Lines for each vector; what is no block is the same for all of them."""

    def body(f):
        block = tuple(f.load("%a", k) for k in range(2))
        found = f.fma(f.sub(f.div(f.mul(block, block), f.number(2.0)), f.neg(block)), block, block)
        for k in range(2):
            f.store(found[k], "%a", k)

    assert ran(body, 1, 2, 3, 4) == [(x * x / 2 + x) * x + x for x in (1, 2, 3, 4)]


def test_choices_masks_and_bits():
    """Compared lane by lane; bits of numbers and whole numbers are told apart."""

    def body(f):
        x = f.load("%a")
        within = f.logic(
            "and", f.compare("ogt", x, f.number(0.0)), f.compare("olt", x, f.number(2.0))
        )
        f.store(f.choose(within, f.number(1.0), x), "%a")
        bits = f.to_bits(f.load("%a", 1))
        f.store(f.from_bits(f.bits("and", bits, f.width.whole(~(1 << 63)))), "%a", 1)
        shifted = f.bits("lshr", bits, f.width.whole(52))
        f.store(f.to_numbers(f.bits("and", shifted, f.width.whole(0x7FF))), "%a", 2)

    assert ran(body, 1.5, 2.5, -3.0, 1.0, 0, 0) == [1.0, 2.5, 3.0, 1.0, 1024.0, 1023.0]


def test_functions_of_other_modules_are_declared_once():
    """However often they are called."""
    module = Module(Width(lanes=1))
    f = module.function("f", "double %x", "double")
    found = "%x"
    for _ in range(2):
        found = f.call("double @c_sin", ("double",), found)
    f.do(f"ret double {f.intrinsic('fabs', found)}")
    text = module.text()
    assert text.count("declare double @c_sin(double)") == 1
    assert text.count("call double @c_sin(double") == 2
    assert f.call("void @nothing", ()) == ""
    sin = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
    loaded = machine().load(module_of_sin(), quick=True)
    assert sin(loaded.addresses["f"])(-0.5) == pytest.approx(np.sin(0.5))


def module_of_sin():
    """Write the magnitude of a sine."""
    module = Module(Width(lanes=1))
    f = module.function("f", "double %x", "double")
    f.do(f"ret double {f.intrinsic('fabs', f.call('double @c_sin', ('double',), '%x'))}")
    return module


def test_a_module_names_what_others_may_call():
    """Internal functions are its own affair."""
    module = Module(WIDTH)
    module.function("inner", "", "internal i64").do("ret i64 1")
    module.function("outer", "", "i64").do("ret i64 2")
    assert module.names() == ["outer"]
    assert module.has("inner")
    assert not module.has("none")
