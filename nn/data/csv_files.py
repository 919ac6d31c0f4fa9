"""Read samples from a CSV file, and say where something in it is wrong.

A file has a row for each sample and a column for each number; one column is the target. Lines and
columns are counted from 1 in messages, as in an editor or a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.arguments import is_list
from engine.errors import DataError, UnknownNameError, ValueTypeError, known
from nn.data.sets import Data

DELIMITERS = ",;\t|"
"""What may stand between the columns; the first line tells which."""


class _Line(NamedTuple):
    """A row of the file, and the number of the line it is on."""

    number: int
    cells: list[str]


def load_csv(
    path: str | os.PathLike[str],
    target: str | int = -1,
    *,
    drop: Sequence[str | int] = (),
    header: bool | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8-sig",
) -> Data:
    r"""Read samples from a CSV file.

    Args:
        path: The file.
        target: The column to be predicted: its name, or its place, counted from 0 (-1 is the
            last). If it holds texts, they are the names of classes, which get numbers in
            alphabetical order; whole numbers stay whole.
        drop: Columns to leave out, by name or place.
        header: Whether the first line has the names of the columns; None if that shows: it has
            if no cell of it is a number, except perhaps in the target's column.
        delimiter: What separates the cells; None for whichever of comma, semicolon, tab and bar
            is most frequent in the first line.
        encoding: The encoding of the text.

    Returns:
        The data; ``data.classes`` has the names of the classes, ``data.columns`` those of the
        columns.

    Raises:
        DataError: If the file cannot be read, is empty, has rows of unequal lengths, or a cell
            that should be a finite number is not; the message names the line and the column.
        UnknownNameError: If there is no such column.
        ValueTypeError: If ``drop`` is no list.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "iris.csv")
        ...     _ = path.write_text("petal,sepal,kind\n1.4,5.1,setosa\n4.7,7.0,versicolor\n")
        ...     data = load_csv(path, target="kind")
        >>> data.X, data.y, data.classes
        ([[1.4, 5.1], [4.7, 7.0]], [0, 1], ('setosa', 'versicolor'))
    """
    if not is_list(drop):
        raise ValueTypeError(f"drop is a list of columns, not {drop!r}; write drop=[{drop!r}]")
    first, *rest = _lines(Path(path), delimiter, encoding)
    width = len(first.cells)
    for line in rest:
        if len(line.cells) != width:
            raise DataError(
                f"{path}, line {line.number}: it has {len(line.cells)} cells, but the first has "
                f"{width}; every row needs one for each column"
            )
    named = _has_names(first, target, drop) if header is None else header
    names = first.cells if named else [""] * width
    rows = rest if named else [first, *rest]
    if not rows:
        raise DataError(f"{path} has names of columns but no samples")
    place = _place(target, names, path)
    without = {_place(column, names, path) for column in drop} | {place}
    chosen = [k for k in range(width) if k not in without]
    if not chosen:
        raise DataError(f"{path} has no column left beside the target; samples need at least one")
    X = [[_number(line, k, names, path) for k in chosen] for line in rows]  # noqa: N806 - X is what everyone calls it
    columns = tuple(names[k] for k in chosen) if named else ()
    if not all(_is_number(line.cells[place]) for line in rows):
        texts = [_text(line, place, names, path) for line in rows]
        _check_classes(rows, place, names, path)
        classes = tuple(sorted(set(texts)))
        return Data(X, [classes.index(text) for text in texts], classes, columns)
    numbers = [_number(line, place, names, path) for line in rows]
    whole = all(number.is_integer() for number in numbers)
    return Data(X, [int(number) for number in numbers] if whole else numbers, (), columns)


def _check_classes(rows: Sequence[_Line], place: int, names: Sequence[str], path: object) -> None:
    """Refuse a column of numbers in which some cells are none: they are no names of classes."""
    for line in rows:
        cell = line.cells[place]
        if _is_number(cell) and not float(cell).is_integer():
            wrong = next(other for other in rows if not _is_number(other.cells[place]))
            raise DataError(
                f"{_at(wrong, place, names, path)}: {wrong.cells[place]!r} is not a number, but "
                f"line {line.number} has {cell!r} there; numbers are written like 2.5"
            )
    if all(_DECIMAL_COMMA.fullmatch(line.cells[place]) for line in rows):
        raise DataError(
            f"{_at(rows[0], place, names, path)}: {rows[0].cells[place]!r} has a comma in the "
            "place of the point; numbers are written like 2.5"
        )


def _lines(path: Path, delimiter: str | None, encoding: str) -> list[_Line]:
    """Read the rows that are not blank."""
    try:
        text = path.read_text(encoding)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; give a CSV file") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not text in the encoding {encoding}: byte {error.start} is "
            f"{error.object[error.start]:#04x}; try encoding='latin-1' or 'utf-16'"
        ) from None
    except LookupError:
        raise UnknownNameError(
            f"there is no encoding {encoding!r}; usual ones are 'utf-8', 'latin-1' and 'utf-16'"
        ) from None
    start = _QUOTED.sub("", text.lstrip().partition("\n")[0])
    between = max(DELIMITERS, key=start.count) if delimiter is None else delimiter
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
        lines = [_Line(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except csv.Error as error:
        raise DataError(f"{path} is no CSV file, or a damaged one: {error}") from None
    except TypeError:
        raise DataError(f"a delimiter is one character, not {delimiter!r}") from None
    lines = [line for line in lines if any(line.cells)]
    if not lines:
        raise DataError(f"{path} is empty; it needs a row for each sample")
    return lines


def _has_names(first: _Line, target: str | int, drop: Sequence[str | int]) -> bool:
    """Tell whether the first line has the names of the columns."""
    if isinstance(target, str) or any(isinstance(column, str) for column in drop):
        return True
    cells = first.cells
    aside = {column % len(cells) for column in (target, *drop) if isinstance(column, int)}
    return not any(_is_number(cell) for k, cell in enumerate(cells) if k not in aside)


def _place(column: str | int, names: Sequence[str], path: object) -> int:
    """Find a column by its name or its place."""
    if isinstance(column, int) and not isinstance(column, bool):
        if not -len(names) <= column < len(names):
            raise UnknownNameError(
                f"{path} has no column {column}: it has {len(names)}, so they are 0 to "
                f"{len(names) - 1}, or -1 for the last"
            )
        return column % len(names)
    if column not in names:
        shown = f"its columns are {known(names)}" if any(names) else "its columns have no names"
        raise UnknownNameError(f"{path} has no column {column!r}; {shown}")
    if names.count(column) > 1:
        raise DataError(
            f"{path} has {names.count(column)} columns {column!r}; say which by its place, "
            "counted from 0"
        )
    return names.index(column)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(line: _Line, k: int, names: Sequence[str], path: object) -> float:
    """Read a cell as a finite number."""
    cell = _text(line, k, names, path)
    if not _is_number(cell):
        raise DataError(f"{_at(line, k, names, path)}: {cell!r} is not a number")
    number = float(cell)
    if not math.isfinite(number):
        raise DataError(f"{_at(line, k, names, path)}: {cell!r} is not finite; leave that row out")
    return number


def _text(line: _Line, k: int, names: Sequence[str], path: object) -> str:
    cell = line.cells[k]
    if cell.lower() in _MISSING:
        raise DataError(
            f"{_at(line, k, names, path)}: the value is missing ({cell!r}); put one in, or leave "
            "that row out"
        )
    return cell


_MISSING = {"", "nan", "?"}
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+")
_QUOTED = re.compile(r'"[^"]*"')


def _at(line: _Line, k: int, names: Sequence[str], path: object) -> str:
    name = f" ({names[k]})" if names[k] else ""
    return f"{path}, line {line.number}, column {k + 1}{name}"
