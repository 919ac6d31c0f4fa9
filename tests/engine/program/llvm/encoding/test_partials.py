"""What a sweep needs to know about the partials of a row."""

from engine.program.llvm.encoding.partials import reads
from engine.table.ops import TABLE


def test_partials_say_what_they_read():
    """The result, operands, or nothing."""
    found = {name: reads(TABLE[name]) for name in ("add", "mul", "div", "exp", "neg")}
    assert found["add"] == ((), ())
    assert found["mul"] == ((2,), (1,))
    assert 1 not in found["div"][0]
    assert (found["exp"], found["neg"]) == (((0,),), ((),))
