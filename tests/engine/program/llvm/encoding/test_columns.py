"""The tables of a program say what its instructions say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import network
from strategies import recipes

import engine
from engine.program.instructions import Apply, Dot, Group, Load, LogSumExp
from engine.program.llvm.encoding.columns import columns, written
from engine.program.passes.passes import PASSES
from engine.program.passes.schedule import schedule


def read_back(c):
    """Write the instructions that tables speak of."""

    def lists(table, at):
        return [tuple(line.tolist()) for line in table[1:, table[0] == at]]

    found = {at: Load(out, uniform) for at, out, uniform in c.loads.T.tolist()}
    for rows in c.applied:
        for at, op, out, *operands in rows.T.tolist():
            found[at] = Apply(out, c.ops[op], tuple(operands))
    for at, out in c.dots.T.tolist():
        found[at] = Dot(out, *lists(c.plain, at), *lists(c.pairs, at))
    for at, first, rows, width in c.groups.T.tolist():
        (weights,), (slots,) = lists(c.weights, at), lists(c.columns, at)
        of_rows, biases = lists(c.biases, at)
        assert (len(slots), len(weights)) == (width, rows * width)
        assert of_rows == tuple(range(len(biases)))
        found[at] = Group(tuple(range(first, first + rows)), slots, weights, biases)
    for at, out in c.logsumexps.T.tolist():
        found[at] = LogSumExp(out, *lists(c.exponents, at))
    return [found[at] for at in range(c.total)]


def agrees(flat):
    """Compare, as it is and with all parameters loaded; say what the tables are."""
    for program in (flat, schedule(flat.instructions.tape, loading=True)):
        tables = columns(program.instructions)
        assert read_back(tables) == list(program.instructions)
        slots = written(tables).slots.tolist()
        assert sorted(slots) == list(range(program.inputs, program.slots))
        widths = [len(step.operands) for step in program.instructions if isinstance(step, Apply)]
        assert tables.most_operands == max(widths, default=1)


@given(data=st.data())
def test_tables_hold_every_instruction(data):
    """On any graph, after any passes, with several outputs."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    order = engine.topological_order(root)
    used = [x for x in leaves if x in set(order)]
    outputs = data.draw(st.sampled_from([[root], [root, order[len(order) // 2], used[0]]]))
    passes = data.draw(st.sets(st.sampled_from(sorted(PASSES))))
    agrees(engine.compile(outputs, used[::2], used, tier="python", passes=passes).flat)


@pytest.mark.parametrize("dots", [False, True])
def test_tables_hold_dense_layers(dots):
    """Between which other rows stand."""
    inputs, parameters, loss = network(5, dots=dots)
    flat = engine.compile(loss, inputs, parameters, tier="python").flat
    assert sum(isinstance(step, Group) for step in flat.instructions) == 2
    agrees(flat)
