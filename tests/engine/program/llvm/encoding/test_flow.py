"""Levels, activity and reach: what machine code finds is what plain loops find."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from program_examples import network, program_of
from strategies import recipes

import engine
from engine.program.instructions import written
from engine.program.llvm.encoding.columns import columns
from engine.program.llvm.encoding.flow import Flow


def plain_levels(flat, piece):
    """Find the levels one instruction after the other."""
    level, found = {}, []
    for k, step in enumerate(flat.instructions):
        here = max([k - k % piece, *(level.get(r, 0) for r in step.reads)]) + 1
        level |= dict.fromkeys(written(step), here)
        found.append(here)
    return found


def agrees(flat):
    """Compare every answer."""
    flow = Flow(flat, columns(flat.instructions))
    for piece in (1, 3, 8192):
        assert flow.levels(piece).tolist() == plain_levels(flat, piece)
    assert flow.active().tolist() == list(map(bool, flat.active()))
    for output in range(flat.differentiated):
        reached = np.flatnonzero(flow.reached(output)).tolist()
        sweep = sorted(flat.sweep(output))
        assert reached == sweep if len(flat.outputs) > 1 else set(reached) <= set(sweep)


@given(data=st.data())
def test_random_graphs(data):
    """With one output and with several, with few leaves in wrt and with all."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    order = engine.topological_order(root)
    used = [x for x in leaves if x in set(order)]
    outputs = data.draw(st.sampled_from([[root], [root, order[len(order) // 2]]]))
    wrt = data.draw(st.sampled_from([used, used[:1], used[1::2]]))
    agrees(engine.compile([*outputs, *used], used[::2], wrt, tier="python").flat)


def test_networks():
    """Layers write many slots at once."""
    inputs, parameters, loss = network(4)
    agrees(engine.compile(loss, inputs, parameters, tier="python").flat)
    agrees(engine.compile([loss, parameters[0]], inputs, parameters[:1], tier="python").flat)


def test_a_program_without_instructions():
    """An input is the output."""
    flat = program_of((0, 0, ()), 1, [], [0, 0], 2, [0])
    flow = Flow(flat, columns(flat.instructions))
    assert flow.active().tolist() == [True]
    assert flow.reached(0).tolist() == []
