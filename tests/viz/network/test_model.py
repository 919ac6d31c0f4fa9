"""Mistakes in a description are named where they are made."""

import pytest

from engine.errors import ShapeError, UnknownNameError
from viz.network.model import Circle, Link, Network, Route

PART = (("x", "1"),)


def pair(**changes):
    """Return the arguments of a network of two circles, with changes."""
    return {
        "headings": ("in", "out"),
        "circles": (Circle("x", 0, PART), Circle("y", 1, PART)),
        "links": (Link("x", "y"),),
    } | changes


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: Circle("x", 0, PART, "neuron"), UnknownNameError, "'neuron' is not known"),
        (lambda: Circle("x", 0, ()), ShapeError, "has 0 parts"),
        (lambda: Circle("x", 0, PART * 3), ShapeError, "has 3 parts"),
        (lambda: Circle("x", -1, PART), ShapeError, "column -1"),
        (lambda: Circle("x", 0, PART, row=-1), ShapeError, "row -1"),
        (lambda: Circle("x", 0, PART, row=float("nan")), ShapeError, "row nan"),
        (lambda: Link("x", "y", style="bold"), UnknownNameError, "style 'bold'"),
        (lambda: Route(0, (), "r"), ShapeError, "no links"),
        (lambda: Route(-1, (("x", "y"),), "r"), ShapeError, "colour -1"),
        (lambda: Route(0, (("x", "y"), ("z", "w")), "r"), ShapeError, "between 'y' and 'z'"),
    ],
)
def test_parts_check_themselves(make, error, says):
    """Each part names what is wrong with it."""
    with pytest.raises(error, match=says):
        make()


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"circles": ()}, ShapeError, "at least one circle"),
        ({"circles": (Circle("x", 0, PART),) * 2}, ShapeError, "two circles are named 'x'"),
        ({"headings": ("in",)}, ShapeError, "headings for 1 columns"),
        ({"links": (Link("x", "z"),)}, UnknownNameError, "no circle 'z'"),
        ({"links": (Link("y", "x"),)}, ShapeError, "have to lead to the right"),
        (
            {"circles": (Circle("x", 0, PART), Circle("y", 0, PART))},
            ShapeError,
            "from column 0 to column 0",
        ),
        ({"links": (Link("x", "y"),) * 2}, ShapeError, "comes twice"),
        ({"links": (), "routes": (Route(0, (("x", "y"),), "r"),)}, UnknownNameError, "not a link"),
        (
            {"circles": (Circle("x", 0, PART, row=0), Circle("y", 0, PART)), "links": ()},
            ShapeError,
            "1 of 2 circles have a row",
        ),
        (
            {"circles": (Circle("x", 0, PART, row=0), Circle("y", 0, PART, row=0.5)), "links": ()},
            ShapeError,
            "would overlap",
        ),
    ],
)
def test_a_network_checks_how_its_parts_fit(changes, error, says):
    """A network names the part that does not fit the others."""
    with pytest.raises(error, match=says):
        Network(**pair(**changes))


def test_a_good_network_is_accepted():
    """What fits is taken as it is."""
    network = Network(**pair(routes=(Route(0, (("x", "y"),), "r"),)))
    assert network.links[0].ends == ("x", "y")
    assert network.links[0].weight is None, "a link is drawn without one unless it is given"
    rows = (Circle("x", 0, PART, row=0), Circle("y", 0, PART, row=1))
    assert Network(**pair(circles=rows, links=())).circles == rows, "one apart is enough"
    assert Route(0, (("x", "y"), ("y", "z")), "r").colour == 0
