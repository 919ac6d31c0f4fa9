"""Every erratum with a number: the printed is wrong, the engine is confirmed."""

import pytest

from nn.textbook import Erratum, errata
from nn.textbook.errata import scalar_relu

ROWS = errata()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.quantity}")
def test_the_printed_is_wrong_and_the_engine_is_right(row):
    """By central differences where it is a derivative, and by the verdict of the numbers."""
    assert row.confirmed
    assert row.verdict in {"wrong", "wrong formula"}
    assert row.why
    if row.figure is not None:
        assert f"{row.figure:g}" in row.printed or row.printed == "all the cross terms cancel"


def test_every_numbered_erratum_is_there():
    """Those of the list that have a number."""
    assert list(dict.fromkeys(row.number for row in ROWS)) == [
        "E1",
        "E2",
        "E3",
        "E4",
        "E5",
        "E7",
        "E8",
        "E13",
        "E14",
        "E16",
        "E18",
        "E19",
        "E20",
        "E21",
        "E22",
        "E24",
        "E26",
        "E26c",
        "E27",
        "E28",
    ]


@pytest.mark.parametrize(
    ("quantity", "by_formula", "engine"),
    [
        ("∂L/∂w_131", 0.001579678382, 0.003159356764),
        ("w_131 after η = 1", -0.3015796784, -0.3031593568),
        ("∂L/∂w_212", -0.06518835309, -0.1303767062),
        ("w_212 after η = 1", 0.8651883531, 0.9303767062),
        ("yhat_1 with b = [0.5 0.3]", 0.7703359891, 0.7819824952),
        ("L", 0.6458, 0.1054911158),
        ("L after one update of b_21 and b_22", 0.1706573094, 0.06281728744),
        ("dy/dx at x = 1", 14.7781122, 82.38711135),
        ("dy/dx at x = 0.5", 1.648721271, 4.636804375),
        ("∂L/∂yhat_1", 0.4593280218, -0.4593280218),
        ("d(g/h)/dx, g = x², h = x, x = 3", 2.0, 1.0),
        ("∂L/∂a_21, class 1 right", -0.7703359891, -0.2296640109),
        ("∂L/∂a_22, class 1 right", 0.0, 0.2296640109),
        ("∂L/∂b_2", 19.5, 6.5),
        ("∂L/∂w_1", -6.0, 0.0),
        ("∂L/∂b_1", -3.0, 0.0),
        ("∂L/∂w_2", 33.0, 82.5),
        ("∂L/∂Z_22", -0.2296640109, 0.2296640109),
        ("the sum of column 1", 0.353836906, 0.0),
        ("∂L/∂w_131 with cross-entropy", -0.02232212574, 0.004464425149),
        ("∂y/∂w_1", -0.1491464521, 0.1491464521),
        ("∂y/∂w_2", -0.2982929041, 0.2982929041),
        ("∂L/∂w_11 of W_rec", 3.0, 0.0),
        ("∂L/∂w_12 of W_rec", 6.0, 0.0),
        ("c_1", 3.0, 6.0),
        ("∂c_1/∂w_13", 0.0, 1.0),
    ],
)
def test_the_numbers(quantity, by_formula, engine):
    """What the printed formula gives and what is right, to ten digits."""
    row = next(row for row in ROWS if row.quantity == quantity)
    assert row.by_formula == pytest.approx(by_formula, rel=1e-9, abs=1e-15)
    assert row.engine == pytest.approx(engine, rel=1e-9, abs=1e-15)


def test_the_batch_mean_is_a_factor_of_n():
    """Three samples, so the printed rule gives three times too much."""
    (row,) = [row for row in ROWS if row.number == "E24"]
    assert row.by_formula == pytest.approx(3 * row.engine, rel=1e-12)


def test_a_right_figure_beside_a_wrong_formula():
    """0.1058 is right to its digits, but not by the printed formula."""
    (row,) = [row for row in ROWS if row.number == "E4"]
    assert row.verdict == "wrong formula"


def test_what_is_right_is_called_right():
    """The verdict is the numbers', not the list's."""

    def row(figure, by_formula, engine, differences=None):
        return Erratum("", "", "q", "f", figure, by_formula, engine, differences, "")

    assert row(None, 2.0, 2.0).verdict == "right"
    assert row(2.01, 2.0, 2.0).verdict == "right"
    assert row(2.1, None, 2.0).verdict == "wrong"
    assert row(2.01, None, 2.0).verdict == "right"
    assert not row(None, 2.0, 2.0, 2.1).confirmed
    assert str(row(None, None, 2.0)) == " q: printed f, engine 2 -> right"


def test_how_rows_print():
    """Figures beside figures, formulas with what they give."""
    assert str(ROWS[0]).startswith("E1 ∂L/∂w_131: printed 0.001595, engine 0.003159356764, diff")
    (row,) = [row for row in ROWS if row.number == "E13"]
    assert "printed g' (1/h) (g/h²) h' = 2, engine 1, differences" in str(row)


def test_one_neuron_per_layer():
    """A network in its scalar form, with as many layers as given."""
    net = scalar_relu(2.0, ((1.0, 0.5), (2.0, -1.0), (3.0, 1.0)), 2.0)
    assert net.values("h_1", "h_2", "f") == [2.5, 4.0, 13.0]
    assert net.gradient("w_2") == 82.5


def test_what_a_row_does_not_have_is_none():
    """A printed figure, a formula that gives a number, a derivative to be taken by differences."""
    figures = {row.number for row in ROWS if row.figure is not None}
    assert figures == {"E1", "E2", "E3", "E4", "E18", "E22"}
    assert [row.number for row in ROWS if row.by_formula is None] == ["E18", "E22"]
    undifferentiated = [row.number for row in ROWS if row.differences is None]
    assert undifferentiated == [*["E3"] * 8, "E4", "E18", "E21", "E28"]
