"""The words of the command line: which commands there are, and what each takes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from math import inf, isfinite
from pathlib import Path
from typing import Any, NoReturn

from nn.textbook import Network, w131, w212
from viz.command.train import TOYS
from viz.worksheets.page import WORKSHEETS

MOST_UPDATES = 50

LECTURE: dict[str, Callable[..., Network]] = {"w131": w131, "w212": w212}
"""The networks that are commands of their own."""

_NEGATIVE = re.compile(r"-(\d+\.|(\d+\.?\d*|\.\d+)[eE][+-]?\d+)")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the words after ``everypath``."""
    # argparse takes -1e-3 for an option, but nothing that begins with a space.
    return _parser().parse_args([f" {w}" if _NEGATIVE.fullmatch(w) else w for w in words])


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors point to the help."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments: -") and "s: --" not in message:
            message += '; put an expression that begins with a minus in parentheses: "(-x)"'
        self.exit(2, f"{self.prog}: {message}\nsee: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    """Describe the command line: which commands there are, and what each takes."""
    parser = _Parser(
        prog="everypath",
        description="Every path of a gradient: the lecture's networks, and your own expressions.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name in LECTURE:
        _add_lecture(commands, name)
    commands.add_parser(
        "errata",
        help="where the lecture notes are wrong: printed, engine, central differences, verdict",
        description="Compute every erratum of the lecture notes that has a number.",
    )
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


def _add_expression(command: argparse.ArgumentParser) -> None:
    command.add_argument("expression", metavar="EXPR", help='such as "tanh(w*x + b)"')
    command.add_argument(
        "numbers", nargs="*", metavar="NAME=NUMBER", help="the number of each name"
    )


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--folder", type=Path, default=Path(), help="where the files go (default: here)"
    )


def number_of(text: str) -> float | None:
    """Read a number, also with the minus sign that everypath prints; None if it is none."""
    try:
        return float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None


def _number(text: str) -> float:
    found = number_of(text)
    if found is None or not isfinite(found):
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is not a number")
    return found


def _whole(most: float, least: int, what: str) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number{what}")
        return int(text)

    return whole_number


_natural = _whole(inf, 0, "")
_positive = _whole(inf, 1, " above 0")
_count = _whole(MOST_UPDATES, 0, f" up to {MOST_UPDATES}")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(_positive(size.strip()) for size in text.split(","))
