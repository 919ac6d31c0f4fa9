"""`BoundaryFilm`: a callback that watches a decision boundary while it is learned."""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from engine.arguments import positive_size
from engine.errors import ShapeError, known
from engine.files import write_atomically
from nn.learning.callbacks import Callback
from nn.learning.fit import fit
from nn.learning.history import History
from nn.model.module import Module
from viz.boundary.plane import Plane
from viz.film.gif import gif
from viz.film.page import page
from viz.film.stills import Still
from viz.formats import ThemeName, fixed_theme
from viz.pages import Page, target_of
from viz.plots.figure import require_matplotlib

SUFFIXES = (".gif", ".htm", ".html")


class BoundaryFilm(Callback, Page):
    """A callback for `nn.fit` that keeps the decision boundary every so many epochs.

    Args:
        X: Samples of two numbers, to be shown; usually those that are trained on.
        y: The class of each (see `viz.boundary.plane.Plane`).
        every: After how many epochs to take a still; the first and the last are always taken.
        cells: How finely the model is asked: so many cells along the longer side.
        threshold: As for `viz.draw_boundary`.
        title: What stands above the pictures.
        theme: ``"light"``, ``"dark"``, or ``"auto"``: a page follows the reader, a GIF is light.

    Attributes:
        stills: What was taken so far.

    Raises:
        ShapeError: If ``every`` or ``cells`` is not a positive whole number.
        UnknownNameError: If there is no such theme.

    Example:
        >>> from nn import MLP, data, fit
        >>> X, y = data.xor(20)
        >>> film = BoundaryFilm(X, y, every=2)
        >>> history = fit(MLP(2, [4, 1], seed=1), X, y, loss="binary_cross_entropy", epochs=4,
        ...               callbacks=[film], progress=False)
        >>> [still.epoch for still in film.stills]
        [1, 2, 4]
    """

    height = 680

    def __init__(
        self,
        X: Any,
        y: Any,
        *,
        every: int = 1,
        cells: int = 60,
        threshold: float | None = None,
        title: str = "Decision boundary",
        theme: ThemeName = "auto",
    ) -> None:
        fixed_theme(theme)
        self.stills: list[Still] = []
        self.title = title
        self.theme: ThemeName = theme
        self._every = positive_size(every, "every")
        self._samples = (X, y)
        self._cells = positive_size(cells, "cells")
        self._threshold = threshold
        self._plane: Plane | None = None

    def on_epoch(self, history: History) -> bool:
        """Take a still, if it is time.

        Args:
            history: What happened so far.

        Returns:
            False: training goes on.
        """
        if history.epochs == 1:  # perhaps another training, of another model
            self.stills.clear()
            self._plane = Plane(
                history.model, *self._samples, cells=self._cells, threshold=self._threshold
            )
        if history.epochs == 1 or history.epochs % self._every == 0:
            self._take(history)
        return False

    def on_end(self, history: History) -> None:
        """Take the last still.

        Args:
            history: What happened.
        """
        if self.stills and self.stills[-1].epoch != history.epochs:
            self._take(history)

    def _take(self, history: History) -> None:
        assert self._plane is not None
        self.stills.append(Still(history.epochs, history["loss"][-1], self._plane.surface()))

    def html(self) -> str:
        """Write the film as a page that needs nothing else.

        Returns:
            The page.

        Raises:
            ShapeError: If nothing was taken.
        """
        return page(self._filmed(), self.stills, self.title, self.theme)

    def gif(self, seconds: float = 6.0) -> bytes:
        """Write the film as a GIF; this needs matplotlib.

        Args:
            seconds: How long it takes.

        Returns:
            The content of the file.

        Raises:
            ShapeError: If nothing was taken.
            MissingExtraError: If matplotlib is not installed.
            ValueTypeError: If ``seconds`` is no number above 0.
        """
        return gif(self._filmed(), self.stills, self.title, fixed_theme(self.theme), seconds)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the film into a file; its suffix says as what.

        Args:
            path: Where to: ``.html`` or ``.gif``.

        Returns:
            The path.

        Raises:
            UnknownNameError: If the suffix is another.
            ShapeError: If nothing was taken.
            MissingExtraError: If a GIF is wanted and matplotlib is not installed.
            OutputError: If the file cannot be written.
        """
        target = self.check(path)
        suffix = target.suffix.lower()
        return write_atomically(target, self.gif() if suffix == ".gif" else self.html())

    @staticmethod
    def check(path: str | PathLike[str]) -> Path:
        """Check that a film can be saved under a name, for instance before a long training.

        Args:
            path: Where to.

        Returns:
            The path.

        Raises:
            UnknownNameError: If its suffix is not known.
            MissingExtraError: If a GIF is wanted and matplotlib is not installed.
        """
        target = target_of(path, SUFFIXES, f"a film knows the suffixes {known(SUFFIXES)}")
        if target.suffix.lower() == ".gif":
            require_matplotlib()
        return target

    def _filmed(self) -> Plane:
        if self._plane is None:
            raise ShapeError(
                "nothing was filmed yet; train with it: nn.fit(model, X, y, callbacks=[film])"
            )
        return self._plane

    def __repr__(self) -> str:
        return f"<BoundaryFilm of {len(self.stills)} still{'s' * (len(self.stills) != 1)}>"


def animate_boundary(
    model: Module,
    X: Any,
    y: Any,
    *,
    every: int = 1,
    title: str = "Decision boundary",
    theme: ThemeName = "auto",
    **training: Any,
) -> BoundaryFilm:
    """Train a model, and film its decision boundary meanwhile.

    Args:
        model: Takes two numbers, and returns one score, or one for each class.
        X: Samples of two numbers.
        y: The class of each.
        every: After how many epochs to take a still.
        title: What stands above the pictures.
        theme: ``"light"``, ``"dark"``, or ``"auto"``.
        **training: What else `nn.fit` takes, such as ``loss`` and ``epochs``.

    Returns:
        The film: ``save("boundary.gif")`` or ``save("boundary.html")``.

    Raises:
        EngineError: What `nn.fit` raises for what does not fit.

    Example:
        >>> from nn import MLP, data
        >>> animate_boundary(MLP(2, [4, 1], seed=1), *data.xor(20), loss="binary_cross_entropy",
        ...                  epochs=3, progress=False)
        <BoundaryFilm of 3 stills>
    """
    film = BoundaryFilm(X, y, every=every, title=title, theme=theme)
    fit(model, X, y, callbacks=[*training.pop("callbacks", ()), film], **training)
    return film
