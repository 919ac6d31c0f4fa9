"""What the walk in machine code remembers: its frame, a hash table of objects, operations' codes.

See `engine.program.llvm.machine.walk_code`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.recording.tape import NONE

if TYPE_CHECKING:
    from engine.program.llvm.writing.ir import Function, Module

FIELDS = (
    "none",
    "tuple",
    "float",
    "mean",
    "sum",
    "div",  # what to compare with, and codes
    "table",
    "mask",
    "used",
    "stack",
    "top",
    "stack_room",
    "known",
    "known_count",
    "known_room",
    "lists_up_to",
    "codes",
    "first",
    "second",
    "row",
    "row_room",
    "slot",
    "others",
    "other_count",
    "other_room",
    "other",
    "listed",
    "listed_count",
    "list_ends",
    "list_count",
    "list_room",
    "need",
    "x",
    "y",
    "length",
)
"""The words of a frame.

``table`` holds pairs (object, reference). ``known`` are operations; a code is an index into them,
and those of functions of a list are the first, 1 up to ``lists_up_to``. ``slot`` is the next row's
slot, ``other`` the reference of the next leaf or number; ``others`` are those objects, or ``2 n +
1`` for the number n. ``listed`` are the operands of rows that have a list of them, ``list_ends``
pairs (row, where its operands end). ``need`` is the room that the next row's list takes. ``x``,
``y`` and ``length`` are the operands of the row that is being written, or how many there are.
"""

POINTERS = {"table", "stack", "known", "codes", "first", "second", "others", "listed", "list_ends"}
MISSING = NONE
"""What the hash table says of an object that is not in it."""


def write_table(module: Module) -> None:
    """Write ``lookup``, ``insert``, ``fill`` and ``find``, and ``code`` for operations.

    Args:
        module: Where they go.
    """
    _write_lookup(module)
    _write_insert(module)
    _write_code(module)
    _write_fill(module)
    _write_find(module)


def get(f: Function, name: str) -> str:
    """Read a word of the frame."""
    return f.field("%frame", FIELDS.index(name))


def put(f: Function, name: str, value: str | int) -> None:
    """Write a word of the frame."""
    f.do(f"store i64 {value}, ptr {f.at('%frame', FIELDS.index(name), 'i64')}, align 8")


def _entry(f: Function, table: str, index: str) -> str:
    """Write the address of a pair of the hash table."""
    return f.at(table, f.whole("shl", index, 1), "i64")


def _probe(f: Function, table: str, mask: str, key: str) -> tuple[str, str]:
    """Write a search: go on from where a key belongs until it, or an empty pair, is found.

    Objects made one after the other are neighbours in memory, and so are their pairs.

    Returns:
        The address of the pair, and the key that is there.
    """
    start = f.whole("and", f.whole("lshr", key, 4), mask)
    head, more, found = (f.label(name) for name in ("head", "more", "found"))
    f.do(f"br label %{head}.from")
    f.begin(f"{head}.from")
    f.jump(head)
    f.begin(head)
    at, following = f"%{f.label('at')}", f"%{f.label('following')}"
    f.do(f"{at} = phi i64 [ {start}, %{head}.from ], [ {following}, %{more} ]")
    pair = _entry(f, table, at)
    there = f.field(pair, 0)
    same, empty = (
        f.let(f"icmp eq i64 {there}, {key}", "is"),
        f.let(f"icmp eq i64 {there}, 0", "is"),
    )
    f.do(f"br i1 {f.let(f'or i1 {same}, {empty}', 'is')}, label %{found}, label %{more}")
    f.begin(more)
    onward = f.whole("add", at, 1)
    f.do(f"{following} = and i64 {onward}, {mask}")
    f.jump(head)
    f.begin(found)
    return pair, there


def _write_lookup(module: Module) -> None:
    f = module.function("lookup", "ptr %table, i64 %mask, i64 %key", "internal i64")
    pair, there = _probe(f, "%table", "%mask", "%key")
    missing = f.let(f"icmp eq i64 {there}, 0", "is")
    f.do(f"ret i64 {f.let(f'select i1 {missing}, i64 {MISSING}, i64 {f.field(pair, 1)}', 'n')}")


def _write_insert(module: Module) -> None:
    """Write: remember the reference of an object that is not in the table."""
    f = module.function("insert", "ptr %frame, i64 %key, i64 %reference", "internal void")
    table, mask = f.field("%frame", FIELDS.index("table"), "ptr"), get(f, "mask")
    pair, _ = _probe(f, table, mask, "%key")
    f.do(f"store i64 %key, ptr {pair}, align 8")
    f.do(f"store i64 %reference, ptr {f.at(pair, 1, 'i64')}, align 8")
    put(f, "used", f.whole("add", get(f, "used"), 1))
    f.do("ret void")


def _write_code(module: Module) -> None:
    """Write: find the code of an operation, a new one for a new operation."""
    f = module.function("code", "ptr %frame, i64 %op", "internal i64")
    known, count = f.field("%frame", FIELDS.index("known"), "ptr"), get(f, "known_count")
    f.do(f"store i64 %op, ptr {f.at(known, count, 'i64')}, align 8")  # so that it is found
    f.jump("head")
    f.begin("head")
    f.do("%code = phi i64 [ 1, %entry ], [ %following, %more ]")
    there = f.field(f.at(known, "%code", "i64"), 0)
    f.do(f"br i1 {f.let(f'icmp eq i64 {there}, %op', 'is')}, label %found, label %more")
    f.begin("more")
    f.do("%following = add i64 %code, 1")
    f.jump("head")
    f.begin("found")
    new = f.let(f"icmp eq i64 %code, {count}", "is")
    put(f, "known_count", f.whole("add", count, f.let(f"zext i1 {new} to i64", "n")))
    f.do("ret i64 %code")


def _write_fill(module: Module) -> None:
    """Write ``fill(frame, pairs, count)``: insert pairs; those of no object are left out."""
    f = module.function("fill", "ptr %frame, ptr %pairs, i64 %count")

    def one(k: str, _: list[str]) -> list[str]:
        pair = _entry(f, "%pairs", k)
        key, reference = f.field(pair, 0), f.field(pair, 1)
        f.when(
            f.let(f"icmp ne i64 {key}, 0", "is"),
            lambda: f.do(f"call void @insert(ptr %frame, i64 {key}, i64 {reference})"),
        )
        return []

    f.loop("%count", one)
    f.do("ret void")


def _write_find(module: Module) -> None:
    """Write ``find(frame, object)``: its reference, or `MISSING`."""
    f = module.function("find", "ptr %frame, i64 %key", "i64")
    table, mask = f.field("%frame", FIELDS.index("table"), "ptr"), get(f, "mask")
    f.do(f"ret i64 {f.let(f'call i64 @lookup(ptr {table}, i64 {mask}, i64 %key)', 'n')}")
