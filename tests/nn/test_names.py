"""The textbook's names."""

from nn.names import textbook_name


def test_one_digit_indices_are_written_together():
    """w_131 is layer 1, neuron 3, input 1."""
    assert textbook_name("w", 1, 3, 1) == "w_131"
    assert textbook_name("b", 2, 9) == "b_29"


def test_two_digit_indices_are_kept_apart():
    """w_1132 could be read in two ways, so commas separate the indices."""
    assert textbook_name("w", 1, 13, 2) == "w_1,13,2"
    assert textbook_name("w", 11, 3, 2) != textbook_name("w", 1, 13, 2)


def test_a_symbol_without_indices_stands_alone():
    """The loss is just L."""
    assert textbook_name("L") == "L"
