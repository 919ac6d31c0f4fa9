"""`viz.command.errata`: the errata as a table."""

from nn.textbook.errata import errata
from viz.command.errata import errata_table


def test_every_number_is_in_the_table():
    """Each erratum has its line, with what the engine gives and the verdict."""
    text = errata_table()
    rows = errata()
    assert text.count(" wrong") == len(rows)
    for row in rows:
        assert row.quantity in text
        assert row.why in text
    line = next(line for line in text.splitlines() if line.strip().startswith("∂L/∂w_131 "))
    assert line.split()[1:] == ["0.001595", "0.003159356764", "0.003159356764", "wrong"]


def test_confirmations_are_counted():
    """The last line says how many numbers central differences confirm: all."""
    rows = errata()[:3]
    assert errata_table(rows).endswith(
        "3 numbers; central differences confirm the engine in 3 of them."
    )


def test_formulas_are_shown_and_bare_figures_are_not_repeated():
    """A printed formula has a line of its own; what is neither figure nor formula too."""
    text = errata_table()
    assert "printed: 2x e^(x²) e^(x²)" in text
    assert "printed: 0.001595" not in text


def test_columns_stand_below_their_headings():
    """The last one is flush left: its words begin in the same place on every line."""
    lines = errata_table().splitlines()
    (head,) = {line for line in lines if line.rstrip().endswith("verdict")}
    verdicts = [line for line in lines if line.rstrip().endswith((" wrong", " wrong formula"))]
    assert {line.index(" wrong") + 1 for line in verdicts} == {head.index("verdict")}
