"""The command ``everypath``.

Exit codes: 0 when all went well, 1 for a mistake in what was asked (one line on standard error
says which, never a traceback), 2 for a command line that cannot be read.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from engine import EngineError, OutputError, Value, ValueTypeError, path_table
from engine.labels import number
from nn.data.sets import Data
from nn.textbook import Network, w131, w212
from viz.boundary.picture import draw_boundary
from viz.command.errata import errata_table
from viz.command.expression import read_expression
from viz.command.figures import write_figures
from viz.command.lecture import footnote, omitted, report, updated
from viz.command.train import TOYS, announced, toy, train_toy
from viz.drawing import draw
from viz.film.film import BoundaryFilm
from viz.stepping.page import stepper
from viz.worksheets.page import WORKSHEETS, worksheet, write_worksheet

MOST_UPDATES = 50
_NEGATIVE = re.compile(r"-(\d+\.|(\d+\.?\d*|\.\d+)[eE][+-]?\d+)")
_RESULTS = ("y", "f", "z", *(f"y_{k}" for k in range(1, 1000)))  # names for a result

_LECTURE: dict[str, Callable[..., Network]] = {"w131": w131, "w212": w212}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The words after ``everypath``; None for those of the process.

    Returns:
        The exit code.
    """
    given = sys.argv[1:] if arguments is None else arguments
    # argparse takes -1e-3 for an option, but nothing that begins with a space.
    options = _parser().parse_args([f" {w}" if _NEGATIVE.fullmatch(w) else w for w in given])
    try:
        with _any_letter_can_be_printed():
            options.run(options)
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


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors point to the help."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments: -") and "s: --" not in message:
            message += '; put an expression that begins with a minus in parentheses: "(-x)"'
        self.exit(2, f"{self.prog}: {message}\nsee: {self.prog} --help\n")


def _parser() -> _Parser:
    parser = _Parser(
        prog="everypath",
        description="Every path of a gradient: the lecture's networks, and your own expressions.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in _LECTURE:
        _add_lecture(commands, name)
    errata = commands.add_parser(
        "errata",
        help="where the lecture notes are wrong: printed, engine, central differences, verdict",
        description="Compute every erratum of the lecture notes that has a number.",
    )
    errata.set_defaults(run=lambda _: print(errata_table()))
    _add_draw(commands)
    _add_step(commands)
    _add_train(commands)
    _add_worksheet(commands)
    figures = commands.add_parser(
        "figures",
        help="redraw the figures of the lecture notes, paths in colour",
        description="Write the networks and graphs of the lecture notes as SVG files.",
    )
    _add_folder(figures)
    figures.set_defaults(run=_figures)
    return parser


def _add_lecture(commands: argparse._SubParsersAction[_Parser], name: str) -> None:
    weight = f"w_{name[1:]}"
    command = commands.add_parser(
        name,
        help=f"the gradient of {weight} in the lecture's network, beside the printed one",
        description=f"Build the network of the lecture notes node by node, print the gradient of "
        f"{weight}, its routes, and why the printed figure differs; write {name}.svg (the "
        f"network), {name}-nodes.svg (every recorded node) and {name}.html (step by step).",
    )
    command.add_argument(
        "--bias",
        nargs=2,
        type=_number,
        default=[0.0, 0.0],
        metavar=("B1", "B2"),
        help="the bias of each layer (default: 0 0, which the printed values belong to)",
    )
    command.add_argument(
        "--updates",
        type=_count,
        default=0,
        metavar="N",
        help="let the page also play N updates of all weights, with learning rate 1",
    )
    _add_folder(command)
    command.set_defaults(run=_lecture, name=name)


def _add_draw(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "draw",
        help='draw an expression: everypath draw "tanh(w*x + b)" w=0.5 x=2 b=-1',
        description="Compute an expression, print its gradient with respect to each name, and "
        "draw its graph.",
    )
    _add_expression(command)
    command.add_argument(
        "-o",
        "--output",
        default="expression.svg",
        help="the file to write: .svg, .png, .html, .dot or .mmd (default: expression.svg)",
    )
    command.add_argument(
        "--paths", metavar="NAME", help="print every path from this name, and draw them in colour"
    )
    command.set_defaults(run=_draw)


def _add_step(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "step",
        help='a page that steps through an expression: everypath step "x*x + x" x=3',
        description="Write a page that walks the forward pass and the backward sweep of an "
        "expression; it opens in any browser, without a network.",
    )
    _add_expression(command)
    command.add_argument(
        "-o", "--output", default="expression.html", help="the file (default: expression.html)"
    )
    command.set_defaults(run=_step)


def _add_train(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "train",
        help="train a small network on a toy set, and draw its decision boundary",
        description="Train a network on points in the plane, print what came of it, and write "
        "the picture of its decision boundary.",
    )
    command.add_argument("name", metavar="SET", help=", ".join(TOYS))
    how = command.add_mutually_exclusive_group()
    how.add_argument(
        "--compiled",
        action="store_true",
        default=True,
        help="record the graph once, compile it and replay it (the default)",
    )
    how.add_argument(
        "--eager",
        action="store_false",
        dest="compiled",
        help="record every step anew, node by node, as in the lectures; the same numbers, slower",
    )
    options: list[tuple[str, Callable[[str], Any], Any, str]] = [
        ("--epochs", _positive, 100, "how many steps, each over all samples (default: 100)"),
        ("--hidden", _sizes, (16, 16), "the sizes of the hidden layers (default: 16,16)"),
        ("--lr", _number, 0.05, "the learning rate (default: 0.05)"),
        ("--seed", _natural, 0, "the seed of samples and weights (default: 0)"),
        ("--samples", _positive, None, "how many samples (default: 100; 150 of spirals)"),
        ("--noise", _number, None, "how noisy they are (default: as usual for the set)"),
    ]
    for option, kind, default, text in options:
        command.add_argument(option, type=kind, default=default, metavar="N", help=text)
    command.add_argument(
        "--animate", metavar="FILE", help="also film the boundary while training: .gif or .html"
    )
    command.add_argument("--save", metavar="FILE", help="also save the model: .json")
    command.add_argument("--png", action="store_true", help="draw the boundary as .png, not .svg")
    _add_folder(command)
    command.set_defaults(run=_train)


def _add_worksheet(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "worksheet",
        help="a page with blanks to fill in, and its answer key: everypath worksheet w131",
        description="Write a worksheet for one gradient, and its answer key: given numbers, "
        "forward pass, routes, local derivatives, products, sum, update, common mistakes.",
    )
    command.add_argument("name", metavar="NAME", help=", ".join(WORKSHEETS))
    command.add_argument(
        "--seed",
        nargs="+",
        type=_natural,
        default=[None],
        metavar="N",
        help="new numbers, so that each student has their own; several seeds make several pages "
        "(default: the numbers of the lecture notes)",
    )
    command.add_argument(
        "--digits", type=_natural, default=4, help="the decimals to work with, 2 to 8 (default: 4)"
    )
    command.add_argument(
        "--eta", type=_number, default=1.0, help="the learning rate of the update (default: 1)"
    )
    command.add_argument(
        "--latex", action="store_true", help="write LaTeX (.tex) and not Markdown (.md)"
    )
    _add_folder(command)
    command.set_defaults(run=_worksheet)


def _add_expression(command: argparse.ArgumentParser) -> None:
    command.add_argument("expression", metavar="EXPR", help='such as "tanh(w*x + b)"')
    command.add_argument(
        "numbers", nargs="*", metavar="NAME=NUMBER", help="the number of each name"
    )


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--folder", type=Path, default=Path(), help="where the files go (default: here)"
    )


def _number(text: str) -> float:
    found = _float(text)
    if found is None or not isfinite(found):
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is not a number")
    return found


def _float(text: str) -> float | None:
    """Read a number, also with the minus sign that everypath prints; None if it is none."""
    try:
        return float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(_positive(size.strip()) for size in text.split(","))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_UPDATES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number up to {MOST_UPDATES}")
    return int(text)


def _lecture(options: argparse.Namespace) -> None:
    net = _LECTURE[options.name](bias=tuple(options.bias))
    print(report(net))
    weight, file = net[net.focus], options.folder / options.name
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
    taken = leaves.keys()
    y.label = y.label or next(name for name in _RESULTS if name not in taken)
    return y, leaves


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = (part.strip() for part in text.partition("="))
    given = _float(value)
    if given is None or not name.isidentifier():
        raise ValueTypeError(f"{text!r} is not NAME=NUMBER; write it like x=2")
    return name, given
