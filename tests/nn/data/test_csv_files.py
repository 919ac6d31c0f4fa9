"""CSV files: headers, classes, and messages that name line and column."""

import pytest

from engine import UnknownNameError, ValueTypeError
from engine.errors import DataError
from nn import load_csv


@pytest.fixture
def file(tmp_path):
    """Write a file and return its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "set.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_names_of_columns_and_classes(file):
    """Texts in the target column are classes, numbered alphabetically."""
    path = file("kind,petal,sepal\nvirginica,6,2.5\nsetosa,1.4,-5e-1\n")
    data = load_csv(path, target="kind")
    assert data.X == [[6.0, 2.5], [1.4, -0.5]]
    assert data.y == [1, 0]
    assert data.classes == ("setosa", "virginica")
    assert data.columns == ("petal", "sepal")


@pytest.mark.parametrize(
    ("cells", "expected"), [(["1", "0"], [1, 0]), (["1.0", "3"], [1, 3]), (["0.5", "3"], [0.5, 3])]
)
def test_numbers_as_targets(file, cells, expected):
    """Whole ones stay whole if all are."""
    data = load_csv(file("".join(f"1,2,{cell}\n" for cell in cells)))
    assert data.y == expected
    assert {type(t) for t in data.y} == {type(expected[0])}
    assert (data.X, data.classes, data.columns) == ([[1.0, 2.0]] * 2, (), ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(file, delimiter):
    """The first line tells; quotes keep a delimiter inside a cell."""
    data = load_csv(file(f'a b{delimiter}"c{delimiter}d"\n1{delimiter}2\n'))
    assert (data.X, data.y, data.columns) == ([[1.0]], [2], ("a b",))


def test_a_delimiter_that_was_given(file):
    """Any single character."""
    assert load_csv(file("1 2\n3 4\n"), delimiter=" ").X == [[1.0], [3.0]]
    with pytest.raises(DataError, match="a delimiter is one character, not '::'"):
        load_csv(file("1::2\n"), delimiter="::")


def test_headers(file):
    """Found if no cell beside the target is a number; can be said; text targets do not mislead."""
    assert load_csv(file("a,b\n1,2\n")).columns == ("a",)
    assert load_csv(file("1,yes\n2,no\n")).columns == ()
    assert load_csv(file("a,7\n1,2\n")).columns == ("a",)
    assert load_csv(file("x,1,yes\ny,2,no\n"), drop=[0]).X == [[1.0], [2.0]]
    years = load_csv(file("2020,2021\n1,2\n"), header=True)
    assert (years.columns, years.X) == (("2020",), [[1.0]])
    assert load_csv(file("a,b\n1,2\n"), target=0, header=True).X == [[2.0]]


def test_columns_left_out(file):
    """By name or place; their cells may be anything."""
    path = file("id,a,b,y\nx1,1,2,0\nx2,3,4,1\n")
    assert load_csv(path, "y", drop=["id"]).X == [[1.0, 2.0], [3.0, 4.0]]
    assert load_csv(path, "y", drop=["id", 2]).columns == ("a",)
    assert load_csv(path, "y", drop=["id"]).split(0.5)[0].columns == ("a", "b")


def test_blank_lines_spaces_and_a_byte_order_mark(file):
    """Do no harm; Windows line ends neither."""
    data = load_csv(file("\ufeff a , y \r\n\r\n 1 , 2 \r\n,\r\n3,4\r\n"), target="y")
    assert (data.X, data.y, data.columns) == ([[1.0], [3.0]], [2, 4], ("a",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,y\n1,2\nx,3\n", r"line 3, column 1 \(a\): 'x' is not a number"),
        ("a,y\n1,2\n,3\n", r"line 3, column 1 \(a\): the value is missing \(''\)"),
        ("a,y\n1,2\n?,3\n", r"line 3, column 1 \(a\): the value is missing \('\?'\)"),
        ("a,y\n1,2\n\nNaN,3\n", r"line 4, column 1 \(a\): the value is missing \('NaN'\)"),
        ("a,y\n1,2\n1e999,3\n", r"line 3, column 1 \(a\): '1e999' is not finite"),
        ("a,y\n1,2\n2,inf\n", r"line 3, column 2 \(y\): 'inf' is not finite"),
        ("a,y\n1,yes\n2,\n", r"line 3, column 2 \(y\): the value is missing"),
        ("1,2\n3,x,\n", "line 2: it has 3 cells, but the first has 2"),
        ("1,2\nx,4\n", "line 2, column 1: 'x' is not a number"),
        ("", "is empty"),
        ("\n , \n", "is empty"),
        ("a,y\n", "has names of columns but no samples"),
        ("y\n1\n", "has no column left beside the target"),
        ('a,y\n"1,2\n', "is no CSV file, or a damaged one: unexpected end of data"),
    ],
)
def test_damaged_files(file, text, message):
    """Each message says what is wrong, and where."""
    with pytest.raises(DataError, match=message):
        load_csv(file(text))


def test_unknown_columns(file):
    """The known ones are listed."""
    path = file("a,b,b\n1,2,3\n")
    with pytest.raises(UnknownNameError, match="no column 'c'; its columns are 'a', 'b', 'b'"):
        load_csv(path, "c")
    with pytest.raises(UnknownNameError, match="no column 3: it has 3, so they are 0 to 2"):
        load_csv(path, 3)
    with pytest.raises(UnknownNameError, match="no column 'c'; its columns have no names"):
        load_csv(path, "c", header=False)
    with pytest.raises(DataError, match="has 2 columns 'b'; say which by its place"):
        load_csv(path, "b")


def test_files_that_cannot_be_read(file, tmp_path):
    """Missing, a folder, another encoding, an unknown encoding."""
    with pytest.raises(DataError, match=r"cannot read .*: No such file"):
        load_csv(tmp_path / "no.csv")
    with pytest.raises(DataError, match="cannot read"):
        load_csv(tmp_path)
    path = file("größe,y\n1,2\n", "latin-1")
    with pytest.raises(DataError, match="encoding utf-8-sig: byte 2 is 0xf6; try encoding='latin"):
        load_csv(path)
    assert load_csv(path, encoding="latin-1").columns == ("größe",)
    with pytest.raises(UnknownNameError, match="there is no encoding 'utf-9'"):
        load_csv(path, encoding="utf-9")


@pytest.mark.parametrize("cell", ["n/a", "4..5", "-", "2,5 "])
def test_a_number_that_is_none_makes_no_classes_of_the_others(tmp_path, cell):
    """One slip of the pen among measurements is an error, and the line is named."""
    path = tmp_path / "d.csv"
    path.write_text(f"x;y\n1;2.5\n2;3\n3;{cell}\n4;5.5\n")
    with pytest.raises(DataError, match=r"line 4, column 2 \(y\): .* line 2 has '2.5'"):
        load_csv(path)


def test_decimal_commas_are_no_names_of_classes(tmp_path):
    """They are numbers, written as in many countries."""
    path = tmp_path / "d.csv"
    path.write_text("x;y\n1;2,5\n2;3,5\n")
    with pytest.raises(DataError, match="comma in the place of the point"):
        load_csv(path)


def test_whole_numbers_and_texts_are_classes(tmp_path):
    """The names of classes may be numerals."""
    path = tmp_path / "d.csv"
    path.write_text("x,y\n1,7\n2,none\n3,7\n")
    assert load_csv(path).classes == ("7", "none")


def test_a_quoted_name_does_not_choose_the_delimiter(tmp_path):
    """Commas in quotes separate nothing."""
    path = tmp_path / "d.csv"
    path.write_text('"a, b, c";x;y\n1;2;0\n3;4;1\n')
    assert load_csv(path).columns == ("a, b, c", "x")


@pytest.mark.parametrize("drop", [1, "x"])
def test_drop_is_a_list(tmp_path, drop):
    """A single column in its place is an error that shows how to write it."""
    path = tmp_path / "d.csv"
    path.write_text("x,z,y\n1,2,0\n3,4,1\n")
    with pytest.raises(ValueTypeError, match=r"write drop=\["):
        load_csv(path, drop=drop)
