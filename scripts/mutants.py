"""Change one token of the source at a time, and see which changes no test notices.

``python scripts/mutants.py 40 --seed 1 engine/routes nn`` draws 40 mutations of the files below
``engine/routes`` and ``nn``, tries each of them in a copy of the checkout against the one test
file that mirrors the changed file, and prints those that lived: a line that may be turned round
while its own tests stay green. The same seed draws the same mutations as long as the source is
the same. A mutation that changes nothing anybody can see is no fault; any other needs a test.
"""

from __future__ import annotations

import argparse
import ast
import io
import keyword
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SECONDS = 180
"""A test file that takes longer has noticed: the mutation loops for ever."""

SWAPS = {
    "+": ("-",),
    "-": ("+",),
    "*": ("/", "+"),
    "/": ("*",),
    "//": ("/",),
    "%": ("*",),
    "+=": ("-=",),
    "-=": ("+=",),
    "<<": (">>",),
    ">>": ("<<",),
    "|": ("&",),
    "&": ("|",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "is": ("is not",),
    "in": ("not in",),
    "not": ("",),
    "and": ("or",),
    "or": ("and",),
    "if": ("if not",),
    "elif": ("elif not",),
    "while": ("while not",),
    "break": ("continue",),
    "continue": ("break",),
    "True": ("False",),
    "False": ("True",),
    "None": ("0",),
    "min": ("max",),
    "max": ("min",),
    "any": ("all",),
    "all": ("any",),
}
"""Token -> what may stand in its place. A whole number becomes the next one."""

CALLED = {"min", "max", "any", "all"}

JUDGES = {
    "engine/program/llvm/encoding/limits.py": "tests/engine/program/llvm/encoding/test_encode.py",
}
"""Source file -> the test file that judges it, where none mirrors it."""

Place = tuple[int, int]
"""A line, from 1, and a column in bytes, from 0, as Python's parser counts them."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One token of a text, and what stands in its place."""

    line: int
    column: int
    old: str
    new: str

    def on(self, source: str) -> str:
        """Write the token's replacement into the text."""
        lines = source.splitlines(keepends=True)
        line = lines[self.line - 1]
        lines[self.line - 1] = line[: self.column] + self.new + line[self.column + len(self.old) :]
        return "".join(lines)


def mutations(source: str) -> list[Mutation]:
    """List the mutations of a text, in the order of its tokens; a few are not Python."""
    lines = source.splitlines()
    left_alone = list(_left_alone(ast.parse(source)))

    def counts(mutation: Mutation) -> bool:
        before = lines[mutation.line - 1][: mutation.column]
        place = (mutation.line, len(before.encode()))
        return not any(start <= place < end for start, end in left_alone)

    return [mutation for mutation in _of_tokens(source) if counts(mutation)]


def _of_tokens(source: str) -> Iterator[Mutation]:
    """Swap each token for what may stand in its place."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    strings = ["", *(token.string for token in tokens), ""]
    for token, before, after in zip(tokens, strings, strings[2:], strict=False):
        old = token.string
        if token.type == tokenize.NUMBER and old.isdigit():
            yield Mutation(*token.start, old, str(int(old) + 1))
        if token.type not in (tokenize.OP, tokenize.NAME):
            continue
        if old == "*" and not _ends_an_operand(before):
            continue  # it unpacks
        if (old == "is" and after == "not") or (old == "in" and before == "not"):
            continue  # two words; `not` itself is taken out
        if old in CALLED and (after != "(" or before == "."):
            continue
        for new in SWAPS.get(old, ()):
            yield Mutation(*token.start, old, new)


def _ends_an_operand(text: str) -> bool:
    """Say whether an operand ends with this token, so that an operator follows."""
    return (text[-1:].isalnum() and not keyword.iskeyword(text)) or text[-1:] in tuple("_)]}\"'")


def _left_alone(tree: ast.Module) -> Iterator[tuple[Place, Place]]:
    """Find what only states: imports, asserts, types, decorators, what is for type checkers."""
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Assert():
                yield _span(node)
            case ast.For() | ast.comprehension():
                yield _end(node.target), _start(node.iter)  # the word `in`
            case ast.AnnAssign() | ast.arg(annotation=ast.expr()):
                assert node.annotation is not None
                yield _span(node.annotation)
            case ast.If(test=ast.Name("TYPE_CHECKING")):
                yield _span(node)
            case ast.keyword(arg="strict"):
                yield _span(node.value)
            case ast.FunctionDef() | ast.ClassDef():
                for decorator in node.decorator_list:
                    yield _span(decorator)
                    if isinstance(decorator, ast.Name) and decorator.id == "overload":
                        yield _span(node)
                if isinstance(node, ast.FunctionDef) and node.returns is not None:
                    yield _span(node.returns)


def _start(node: ast.expr | ast.stmt | ast.arg) -> Place:
    return node.lineno, node.col_offset


def _end(node: ast.expr | ast.stmt | ast.arg) -> Place:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset


def _span(node: ast.expr | ast.stmt | ast.arg) -> tuple[Place, Place]:
    return _start(node), _end(node)


def is_python(source: str) -> bool:
    """Say whether a text parses."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def test_file(path: Path) -> Path:
    """Name the test file that mirrors a source file, both relative to the root."""
    mirror = f"tests/{path.parent.as_posix()}/test_{path.name}"
    return Path(JUDGES.get(path.as_posix(), mirror))


def sources(places: Sequence[str], root: Path = ROOT) -> list[Path]:
    """List the hand-written source files at or below some places, relative to the root."""
    found = set()
    for place in places:
        path = root / place
        found |= {path} if path.suffix == ".py" else set(path.rglob("*.py"))
    return sorted(
        path.relative_to(root)
        for path in found
        if path.name != "__init__.py" and not path.match("engine/core/arithmetic.py")
    )


def lives(path: Path, mutation: Mutation, copy: Path) -> bool:
    """Try a mutation in a copy of the checkout; say whether the mirrored tests stay green."""
    original = (copy / path).read_text("utf-8")
    (copy / path).write_text(mutation.on(original), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, str(test_file(path))],
            cwd=copy,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
            capture_output=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        (copy / path).write_text(original, encoding="utf-8")
    return done.returncode == 0


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Draw the sample, try it, print what lived; 1 if anything did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("count", type=int, help="how many mutations")
    parser.add_argument("places", nargs="*", default=["engine", "nn", "viz"], metavar="PATH")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_intermixed_args(arguments)

    pool = []
    for path in sources(chosen.places, root):
        if not (root / test_file(path)).exists():
            print(f"{path}: no {test_file(path)}")
            continue
        text = (root / path).read_text("utf-8")
        pool += [(path, text, mutation) for mutation in mutations(text)]
    random.Random(chosen.seed).shuffle(pool)
    valid = (one for one in pool if is_python(one[2].on(one[1])))
    sample = list(islice(valid, chosen.count))

    lived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")
        shutil.copytree(root, copy, ignore=ignored)
        for path, text, mutation in sample:
            if lives(path, mutation, copy):
                lived += 1
                line = text.splitlines()[mutation.line - 1]
                place = f"{path}:{mutation.line}:{mutation.column + 1}"
                print(f"{place} {mutation.old!r} -> {mutation.new!r}  {line.strip()}", flush=True)
    print(f"{len(sample)} tried, {len(sample) - lived} caught, {lived} lived")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
