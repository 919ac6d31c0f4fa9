"""Data to learn from: the classic toy sets, and files of one's own.

In come a seed or a file; out comes `Data`, samples and targets with their names. Open `sets`
first; `csv_files` reads a table that somebody else has written.

>>> from nn import data
>>> X, y = data.moons(samples=100, noise=0.1, seed=0)
>>> len(X), len(X[0]), sorted(set(y))
(100, 2, [0, 1])
"""

from nn.data.csv_files import load_csv
from nn.data.sets import (
    SETS,
    Data,
    blobs,
    circles,
    find_set,
    moons,
    one_hot,
    regression,
    signs,
    spirals,
    xor,
)

__all__ = ["Data", "blobs", "circles", "moons", "regression", "spirals", "xor"]
__all__ += ["SETS", "find_set", "load_csv", "one_hot", "signs"]
