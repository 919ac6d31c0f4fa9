"""The command ``everypath``.

Exit codes: 0 when all went well, 1 for a mistake in what was asked (one line on standard error
says which, never a traceback), 2 for a command line that cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain, count
from pathlib import Path

from engine import EngineError, OutputError, Value, ValueTypeError, path_table
from engine.labels import number
from nn.data.sets import Data
from viz.boundary.picture import draw_boundary
from viz.command.errata import errata_table
from viz.command.expression import read_expression
from viz.command.figures import write_figures
from viz.command.lecture import footnote, omitted, report, updated
from viz.command.options import LECTURE, number_of, parse
from viz.command.train import announced, toy, train_toy
from viz.drawing import draw
from viz.film.film import BoundaryFilm
from viz.stepping.page import stepper
from viz.worksheets.page import worksheet, write_worksheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The words after ``everypath``; None for those of the process.

    Returns:
        The exit code.
    """
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        with _any_letter_can_be_printed():
            _JOBS[options.command](options)
            print(end="", flush=True)
    except EngineError as error:
        print(f"everypath: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # pragma: no cover - in a process of its own, see the tests
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Whoever read our output has seen enough (`everypath w131 | head`); say no more.
        if not isinstance(error, BrokenPipeError):  # a full disk
            print(f"everypath: {error}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def _any_letter_can_be_printed() -> Iterator[None]:
    """Let an output that knows no ∂, as a pipe on Windows or in the locale C, show a ``?``."""
    stream = sys.stdout
    if not isinstance(stream, TextIOWrapper) or stream.errors not in {"strict", "surrogateescape"}:
        yield
        return
    before = stream.errors
    stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        stream.reconfigure(errors=before)


def _lecture(options: argparse.Namespace) -> None:
    net = LECTURE[options.command](bias=tuple(options.bias))
    print(report(net))
    weight, file = net[net.focus], options.folder / options.command
    network = draw(
        net.L, view="network", highlight=weight, omitted=omitted(net), footnote=footnote(net)
    )
    nodes = draw(net.L, view="nodes", highlight=weight)
    print()
    print(f"Wrote {network.save(f'{file}.svg')}: the network, the routes of the weight in colour")
    print(f"      {nodes.save(f'{file}-nodes.svg')}: every recorded node")
    page = stepper(
        net.L,
        title=f"Step by step: {net.title}",
        highlight=weight,
        updates=[later.L for later in updated(net, options.updates)],
    )
    print(f"      {page.save(f'{file}.html')}: the sweep step by step, for a browser")


def _figures(options: argparse.Namespace) -> None:
    for file in write_figures(options.folder):
        print(file)


def _draw(options: argparse.Namespace) -> None:
    y, leaves = _read(options)
    y.backward()
    print(f"{y.label} = {options.expression} = {number(y.data, 10)}")
    for name, leaf in leaves.items():
        print(f"∂{y.label}/∂{name} = {number(leaf.grad, 10)}")
    if options.paths:
        print()
        print(path_table(y, options.paths, by="nodes"))
    drawing = draw(y, view="nodes", highlight=options.paths)
    print(f"\nWrote {drawing.save(options.output)}")


def _step(options: argparse.Namespace) -> None:
    y, _ = _read(options)
    print(f"Wrote {stepper(y, 'nodes', title=options.expression).save(options.output)}")


def _train(options: argparse.Namespace) -> None:
    data = toy(options.name, options.samples, options.noise, options.seed)
    film = _film(options, data)
    file = options.folder / f"{options.name}{'.png' if options.png else '.svg'}"
    for wanted in (file, options.save, options.animate):
        _refuse_without_folder(wanted)
    print(announced(options.name, data, options.hidden, options.lr), flush=True)
    run = train_toy(
        options.name,
        data,
        hidden=options.hidden,
        epochs=options.epochs,
        lr=options.lr,
        seed=options.seed,
        compiled=options.compiled,
        callbacks=[] if film is None else [film],
    )
    print(run.report())
    if options.save:
        run.model.save(options.save)  # first: it is what the training was for
    picture = draw_boundary(run.model, data.X, data.y, title=run.title)
    print(f"Wrote {picture.save(file)}: the decision boundary")
    if options.save:
        print(f"      {options.save}: the model")
    if film is not None:
        print(f"      {film.save(options.animate)}: the boundary while it was learned")


def _refuse_without_folder(file: str | Path | None) -> None:
    """Complain about a file before the training, which would be lost."""
    if file is not None and not Path(file).parent.is_dir():
        raise OutputError(
            f"cannot write {file}: the folder {Path(file).parent} does not exist; create it, or "
            "choose another"
        )


def _film(options: argparse.Namespace, data: Data) -> BoundaryFilm | None:
    """Make the film that is asked for, of some fifty stills; complain before the training."""
    if options.animate is None:
        return None
    film = BoundaryFilm(
        data.X, data.y, every=max(1, options.epochs // 50), title=options.name.capitalize()
    )
    film.check(options.animate)
    return film


def _worksheet(options: argparse.Namespace) -> None:
    for seed in options.seed:
        page = worksheet(options.name, seed, options.digits, options.eta)
        for file in write_worksheet(page, options.name, options.folder, latex=options.latex):
            print(f"Wrote {file}")


def _read(options: argparse.Namespace) -> tuple[Value, dict[str, Value]]:
    options.expression = options.expression.strip()
    numbers: dict[str, float] = {}
    for name, given in map(_assignment, options.numbers):
        if name in numbers:
            raise ValueTypeError(f"{name} is given more than once; give each name one number")
        numbers[name] = given
    y, leaves = read_expression(options.expression, numbers)
    names = chain("yfz", (f"y_{k}" for k in count(1)))
    y.label = y.label or next(name for name in names if name not in leaves)
    return y, leaves


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = (part.strip() for part in text.partition("="))
    given = number_of(value)
    if given is None or not name.isidentifier():
        raise ValueTypeError(f"{text!r} is not NAME=NUMBER; write it like x=2")
    return name, given


def _errata(_: argparse.Namespace) -> None:
    print(errata_table())


_JOBS: dict[str, Callable[[argparse.Namespace], None]] = {
    **dict.fromkeys(LECTURE, _lecture),
    "errata": _errata,
    "draw": _draw,
    "step": _step,
    "train": _train,
    "worksheet": _worksheet,
    "figures": _figures,
}
