"""All passes together: chosen by name, the same with NumPy and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import tape_of, without_numpy
from strategies import recipes

from engine import Value
from engine.errors import UnknownNameError
from engine.program.passes.passes import PASSES
from engine.program.passes.schedule import schedule


def test_an_unknown_pass_is_refused():
    """The message lists the known ones."""
    x = Value(1.0)
    with pytest.raises(UnknownNameError, match=r"'fast'.*'fold', 'fuse', 'group'"):
        tape_of([x * x], [x], passes=["fast", "fold"])
    assert list(PASSES) == ["fold", "powers", "fuse", "merge", "group"]


@given(data=st.data())
def test_passes_give_the_same_with_and_without_numpy(data):
    """Instruction by instruction, for any graph and any choice of passes."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    names = data.draw(st.sets(st.sampled_from(sorted(PASSES))))
    given_ = [root, root * leaves[0] + root], leaves[:2], leaves[2:], names
    found = schedule(tape_of(*given_))
    with without_numpy():
        plain = schedule(tape_of(*given_))
    assert list(found.instructions) == list(plain.instructions)
    assert found.outputs == plain.outputs
