"""The decision boundary while it is learned, as a page for a browser or as a GIF.

In comes a model after each epoch; out come stills, and a page or a GIF of them. In the source,
open `film` first; `stills` are what it keeps, `page` and `gif` what it becomes.

>>> from nn import MLP, data, fit
>>> from viz.film import BoundaryFilm
>>> X, y = data.moons(40)
>>> film = BoundaryFilm(X, y, every=5)
>>> history = fit(MLP(2, [4, 1], seed=1), X, y, loss="binary_cross_entropy", epochs=20,
...               callbacks=[film], progress=False)
>>> film
<BoundaryFilm of 5 stills>
"""

from viz.film.film import BoundaryFilm, animate_boundary
from viz.film.stills import Still

__all__ = ["BoundaryFilm", "Still", "animate_boundary"]
