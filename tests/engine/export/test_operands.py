"""Scalars read as vectors."""

from engine.export.operands import Number, Numbers, Part, Pick, Scalar, Stack, gather

WIDTHS = {"x": 4, "v1": 2}


def lanes(name, *found):
    """Name some lanes of a vector."""
    return [Scalar(name, lane) for lane in found]


def test_consecutive_lanes_are_a_part():
    """From anywhere; whole if they are all."""
    assert gather(lanes("x", 1, 2), WIDTHS) == Part("x", 1, 3, whole=False)
    assert gather(lanes("v1", 0, 1), WIDTHS) == Part("v1", 0, 2, whole=True)
    assert gather(lanes("x", 3), WIDTHS) == Part("x", 3, 4, whole=False)


def test_scattered_lanes_of_one_vector_are_picked():
    """In any order, repeats included."""
    assert gather(lanes("x", 2, 0, 0), WIDTHS) == Pick("x", (2, 0, 0))


def test_numbers_are_a_vector():
    """Numbers alone need nothing else."""
    assert gather([Number(1.0), Number(-2.0)], WIDTHS) == Numbers((1.0, -2.0))


def test_a_mixture_is_stacked():
    """Each run is one piece."""
    given = [*lanes("x", 0, 1), *lanes("v1", 1), Number(0.5), Number(0.25), Scalar("s1", None)]
    assert gather(given, WIDTHS) == Stack(
        (
            Part("x", 0, 2, whole=False),
            Part("v1", 1, 2, whole=False),
            Numbers((0.5, 0.25)),
            Scalar("s1", None),
        )
    )
    assert gather([Scalar("s1", None)] * 2, WIDTHS) == Stack((Scalar("s1", None),) * 2)
    assert gather([Scalar("s1", None)], WIDTHS) == Stack((Scalar("s1", None),))
