"""Machine code that walks a recorded graph: it reads Python's objects, and changes none.

``walk(frame)`` does what `engine.program.recording.capture.Walk.visit` does, in the same order: it
takes nodes from a stack, puts those back whose operands are not written yet, writes the others as
rows, and remembers each node's reference in a hash table. It returns 1 whenever some room is
short, with everything it needs to go on in the frame, `UNMADE` at a node whose slots were never
filled, and 0 when the stack is empty.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.program.llvm.machine.walk_table import FIELDS, MISSING, POINTERS, get, put, write_table
from engine.program.llvm.writing.ir import Module, Shape
from engine.program.recording.tape import NONE

UNMADE = 2
"""A user's own class has not called ``Value.__init__``."""


class Offsets(NamedTuple):
    """Where things are in Python's objects, in bytes.

    Attributes:
        kind: The type, in every object.
        size: The number of items, in a tuple.
        items: The first item, in a tuple.
        a: The slots of a node, see `engine.core.node`.
        b: The same.
        db: The same.
        op: The same.
    """

    kind: int
    size: int
    items: int
    a: int
    b: int
    db: int
    op: int


def write_walk(offsets: Offsets) -> str:
    """Write the module: ``walk``, ``fill`` and ``find``.

    Args:
        offsets: Where things are in objects.

    Returns:
        Its text.
    """
    module = Module(Shape(lanes=1, vectors=1))
    write_table(module)
    _Walk(module, offsets).write()
    return module.text()


class _Walk:
    """Writes ``walk``."""

    def __init__(self, module: Module, offsets: Offsets) -> None:
        self.f = module.function("walk", "ptr %frame", "i64")
        self.at = offsets
        self.given = {
            name: self.f.field("%frame", k, "ptr" if name in POINTERS else "i64")
            for k, name in enumerate(FIELDS)
        }

    def write(self) -> None:
        f = self.f
        f.jump("next")
        f.begin("next")
        top = get(f, "top")
        f.do(f"br i1 {f.let(f'icmp eq i64 {top}, 0', 'is')}, label %done, label %room")
        f.begin("room")
        self.require_room(top)
        f.begin("visit")
        node = f.field(f.at(self.given["stack"], f.whole("sub", top, 1), "i64"), 0)
        self.branch(f.let(f"icmp ne i64 {self.lookup(node)}, {MISSING}", "is"), "drop", "fresh")
        f.begin("fresh")
        a, b, op = (self.read(node, offset) for offset in (self.at.a, self.at.b, self.at.op))
        self.branch(f.let(f"icmp eq i64 {a}, 0", "is"), "unmade", "made")
        f.begin("made")
        self.branch(self.is_none(a), "leaf", "operation")
        f.begin("operation")
        self.branch(self.is_none(b), "not_two", "two")
        f.begin("two")
        self.write_two(a, b)
        f.begin("not_two")
        db = self.read(node, self.at.db)
        is_list = f.let(f"icmp eq i64 {self.read(a, self.at.kind)}, {self.given['tuple']}", "is")
        self.branch(is_list, "many", "one")
        f.begin("one")
        self.write_one(a, db)
        f.begin("many")
        self.write_many(a, db, top)
        self.write_rows(op)
        f.begin("leaf")
        self.insert(node, self.other(node))
        f.jump("drop")
        f.begin("written")
        slot = get(f, "slot")
        self.insert(node, f.whole("sub", slot, 1))
        f.jump("drop")
        f.begin("drop")
        put(f, "top", f.whole("sub", top, 1))
        f.jump("next")
        f.begin("short")
        f.do("ret i64 1")
        f.begin("unmade")
        f.do(f"ret i64 {UNMADE}")
        f.begin("done")
        f.do("ret i64 0")

    # ------------------------------------------------------------ small parts

    def branch(self, condition: str, then: str, otherwise: str) -> None:
        self.f.do(f"br i1 {condition}, label %{then}, label %{otherwise}")

    def read(self, thing: str, offset: int) -> str:
        """Read a word of an object."""
        f = self.f
        return f.field(f.at(f.let(f"inttoptr i64 {thing} to ptr", "p"), offset, "i8"), 0)

    def is_none(self, thing: str) -> str:
        return self.f.let(f"icmp eq i64 {thing}, {self.given['none']}", "is")

    def lookup(self, thing: str) -> str:
        table, mask = self.given["table"], self.given["mask"]
        return self.f.let(f"call i64 @lookup(ptr {table}, i64 {mask}, i64 {thing})", "n")

    def insert(self, thing: str, reference: str) -> None:
        self.f.do(f"call void @insert(ptr %frame, i64 {thing}, i64 {reference})")

    def append(self, name: str, counter: str, value: str, kind: str = "i32") -> None:
        """Append a number to an array."""
        f = self.f
        count = get(f, counter)
        if kind == "i32":
            value = f.let(f"trunc i64 {value} to i32", "word")
        f.do(f"store {kind} {value}, ptr {f.at(self.given[name], count, kind)}")
        put(f, counter, f.whole("add", count, 1))

    def push(self, thing: str) -> None:
        self.append("stack", "top", thing, "i64")

    def other(self, thing: str) -> str:
        """Write a leaf or a number down; refer to it."""
        self.append("others", "other_count", thing, "i64")
        reference = get(self.f, "other")
        put(self.f, "other", self.f.whole("sub", reference, 1))
        return reference

    def require_room(self, top: str) -> None:
        """Leave unless there is room for one more node, however it is made."""
        f, given = self.f, self.given
        need = get(f, "need")
        fits = "true"
        for taken, room in (
            (f.whole("add", top, need), given["stack_room"]),
            (f.whole("add", get(f, "row"), 2), given["row_room"]),
            (f.whole("add", get(f, "other_count"), need), given["other_room"]),
            (f.whole("add", get(f, "listed_count"), need), given["list_room"]),
            (f.whole("add", get(f, "list_count"), 1), given["list_room"]),
            (f.whole("add", get(f, "known_count"), 2), given["known_room"]),
            (f.whole("shl", get(f, "used"), 1), given["mask"]),
        ):
            enough = f.let(f"icmp slt i64 {taken}, {room}", "is")
            fits = f.let(f"and i1 {fits}, {enough}", "is")
        self.branch(fits, "visit", "short")

    # ------------------------------------------------------------ the kinds of nodes

    def placed(self, thing: str) -> str:
        """Look an operand up; if it is not written yet, it is next."""
        f = self.f
        reference, later, here = self.lookup(thing), f.label("later"), f.label("here")
        self.branch(f.let(f"icmp eq i64 {reference}, {MISSING}", "is"), later, here)
        f.begin(later)
        self.push(thing)
        f.jump("next")
        f.begin(here)
        return reference

    def write_two(self, a: str, b: str) -> None:
        self.pair(self.placed(a), self.placed(b))

    def pair(self, x: str, y: str) -> None:
        """Go on with one or two operands."""
        put(self.f, "x", x)
        put(self.f, "y", y)
        self.f.jump("pair")

    def write_one(self, a: str, db: str) -> None:
        """Write an operation on one node, and perhaps on a number right or left of it."""
        f = self.f
        alone = self.placed(a)
        self.branch(self.is_none(db), "lone", "with_number")
        f.begin("lone")
        self.pair(alone, str(NONE))
        f.begin("with_number")
        left = f.let(f"icmp eq i64 {self.read(db, self.at.kind)}, {self.given['tuple']}", "is")
        self.branch(left, "on_the_left", "on_the_right")
        f.begin("on_the_left")
        self.pair(self.other(self.read(db, self.at.items)), alone)
        f.begin("on_the_right")
        self.pair(alone, self.other(db))

    def write_many(self, a: str, db: str, top: str) -> None:
        """Write a list of operands; first those that are not written yet go on the stack."""
        f = self.f
        count = self.read(a, self.at.size)
        every = f.let(f"select i1 {self.is_none(db)}, i64 {a}, i64 {db}", "tuple")
        total = self.read(every, self.at.size)
        room = f.whole("add", total, 4)
        enough = f.let(f"icmp sle i64 {room}, {get(f, 'need')}", "is")
        self.branch(enough, "enough", "too_long")
        f.begin("too_long")
        put(f, "need", room)
        f.jump("short")
        f.begin("enough")

        def item(of: str, k: str) -> str:
            return self.read(f.whole("add", of, f.whole("shl", k, 3)), self.at.items)

        def later(k: str, _: list[str]) -> list[str]:
            last = f.whole("sub", f.whole("sub", count, 1), k)
            thing = item(a, last)
            missing = f.let(f"icmp eq i64 {self.lookup(thing)}, {MISSING}", "is")
            f.when(missing, lambda: self.push(thing))
            return []

        f.loop(count, later)
        whole = f.let(f"icmp eq i64 {get(f, 'top')}, {top}", "is")
        self.branch(whole, "complete", "next")
        f.begin("complete")

        def write(k: str, _: list[str]) -> list[str]:
            thing = item(every, k)
            number, node, after = (f.label(name) for name in ("number", "node", "after"))
            is_number = f.let(
                f"icmp eq i64 {self.read(thing, self.at.kind)}, {self.given['float']}", "is"
            )
            self.branch(is_number, number, node)
            f.begin(number)
            self.append("listed", "listed_count", self.other(thing))
            f.jump(after)
            f.begin(node)
            self.append("listed", "listed_count", self.lookup(thing))
            f.jump(after)
            f.begin(after)
            return []

        f.loop(total, write)
        put(f, "length", total)
        f.jump("list")

    def write_rows(self, op: str) -> None:
        """Write the row of an operation on one or two operands, or on a list."""
        f, none = self.f, str(NONE)
        f.begin("pair")
        first, second = get(f, "x"), get(f, "y")
        code = f.let(f"call i64 @code(ptr %frame, i64 {op})", "code")
        of_list = f.let(f"icmp sle i64 {code}, {self.given['lists_up_to']}", "is")
        self.branch(of_list, "short_list", "row")
        f.begin("row")
        self.row(code, first, second)
        f.jump("written")
        f.begin("short_list")
        self.append("listed", "listed_count", first)
        has_second = f.let(f"icmp ne i64 {second}, {none}", "is")
        f.when(has_second, lambda: self.append("listed", "listed_count", second))
        put(f, "length", f.whole("add", 1, f.let(f"zext i1 {has_second} to i64", "n")))
        f.jump("list")
        f.begin("list")
        self.write_list(op)

    def write_list(self, op: str) -> None:
        """Write the row of a list; that of a mean is a sum, then a division."""
        f, none = self.f, str(NONE)
        code = f.let(f"call i64 @code(ptr %frame, i64 {op})", "code")
        is_mean = f.let(f"icmp eq i64 {code}, {self.given['mean']}", "is")
        written = f.let(f"select i1 {is_mean}, i64 {self.given['sum']}, i64 {code}", "code")
        self.append("list_ends", "list_count", get(f, "row"))
        self.append("list_ends", "list_count", get(f, "listed_count"))
        self.row(written, none, none)

        def divide() -> None:
            slot = f.whole("sub", get(f, "slot"), 1)
            number = f.whole("add", f.whole("shl", get(f, "length"), 1), 1)
            self.row(self.given["div"], slot, self.other(number))

        f.when(is_mean, divide)
        f.jump("written")

    def row(self, code: str, first: str, second: str) -> None:
        f = self.f
        row = get(f, "row")
        for name, value in (("codes", code), ("first", first), ("second", second)):
            word = f.let(f"trunc i64 {value} to i32", "word")
            f.do(f"store i32 {word}, ptr {f.at(self.given[name], row, 'i32')}, align 4")
        put(f, "row", f.whole("add", row, 1))
        put(f, "slot", f.whole("add", get(f, "slot"), 1))
