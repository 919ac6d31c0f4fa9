"""The graph of a step page as compact SVG: shapes by class, no colours, every part with an id.

The layout is Graphviz's; what it writes is parsed as XML and built anew with what the page needs:
the style sheet has the colours and fonts, and the script fills in the numbers of a step.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

from engine.routes.reading import Reading
from viz.graph.diagram import Diagram, describe
from viz.graph.dot import to_digraph
from viz.graph.render import Renderer, render
from viz.svg.escape import clean
from viz.svg.tree import SVG, parse, write

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LONGEST_NAME = 22
"""A longer name is cut on the page."""


def page_diagram(
    reading: Reading, *, operations: bool, values: Sequence[str], gradients: Sequence[str]
) -> Diagram:
    """Describe the diagram of a step page: names, with the longest numbers and gradients."""
    diagram = describe(reading, operations=operations)
    boxes = []
    for box in diagram.boxes:
        k = int(box.key[1:])
        # A digit more than is ever shown: the page sets the current numbers in bold.
        title = f"{clean(reading.names[k], LONGEST_NAME)} = {values[k]}0"
        boxes.append(replace(box, title=title, rows=(f"grad {gradients[k]}0",)))
    return replace(diagram, boxes=tuple(boxes))


def picture(
    diagram: Diagram,
    texts: Sequence[tuple[str, str]],
    prefix: str,
    label: str,
    renderer: Renderer | str | None = None,
) -> str:
    """Draw a diagram as compact SVG.

    Each box shows the two lines that ``texts`` has for its node; every id begins with ``prefix``,
    and ``label`` is what the picture is called where it is heard and not seen.
    """
    digraph = to_digraph(diagram)
    digraph.attr("graph", nodesep="0.13", ranksep="0.42", pad="0.1")
    drawn = parse(render(digraph.source, "svg", renderer=renderer))
    shown = _rounded(drawn.get("viewBox", ""))
    made = ET.Element(f"{SVG}svg", {"viewBox": shown, "role": "img", "aria-label": label})
    frame = drawn.find(f"{SVG}g")
    assert frame is not None
    inner = ET.SubElement(made, f"{SVG}g", {"transform": _moved(frame.get("transform", ""))})
    kinds = {box.key: box.kind for box in diagram.boxes}
    # Boxes and circles last: they cover the ends of the lines.
    parts = [part for part in frame if part.tag == f"{SVG}g"]
    for part in sorted(parts, key=lambda part: part.get("class", "").split()[0] == "node"):
        key = part.get("id", "")
        inner.append(_part(part, key, kinds.get(key, ""), texts))
        inner[-1].set("id", prefix + key)
    return write(made)


def _part(drawn: ET.Element, key: str, kind: str, texts: Sequence[tuple[str, str]]) -> ET.Element:
    if key[0] == "n":
        return _box(drawn, kind, texts[int(key[1:])])
    return _circle(drawn) if key[0] == "o" else _arrow(drawn)


def _box(drawn: ET.Element, kind: str, texts: tuple[str, str]) -> ET.Element:
    made = ET.Element(f"{SVG}g", {"class": f"box {kind}"})
    made.append(_rectangle(drawn, "7"))
    line = next(drawn.iter(f"{SVG}polyline"))
    points = _rounded(line.get("points", "")).replace(",", " ").split()
    ET.SubElement(made, f"{SVG}path", {"d": "M{} {}H{}".format(*points[:3])})
    for each, text, role in zip(drawn.iter(f"{SVG}text"), texts, ("name", "grad"), strict=True):
        _text(made, each, text).set("class", role)
    return made


def _circle(drawn: ET.Element) -> ET.Element:
    made = ET.Element(f"{SVG}g", {"class": "operation"})
    round_ = next(drawn.iter(f"{SVG}ellipse"), None)
    if round_ is None:
        made.append(_rectangle(drawn, "9"))
    else:
        place = {name: _rounded(round_.get(name, "")) for name in ("cx", "cy", "rx", "ry")}
        ET.SubElement(made, f"{SVG}ellipse", place)
    each = next(drawn.iter(f"{SVG}text"))
    _text(made, each, each.text or "")
    return made


def _arrow(drawn: ET.Element) -> ET.Element:
    made = ET.Element(f"{SVG}g", {"class": "arrow"})
    line = next(drawn.iter(f"{SVG}path"))
    ET.SubElement(made, f"{SVG}path", {"d": _rounded(line.get("d", ""))})
    for head in drawn.iter(f"{SVG}polygon"):
        outline = f"M{_rounded(head.get('points', ''))}Z"
        ET.SubElement(made, f"{SVG}path", {"class": "head", "d": outline})
    for each in drawn.iter(f"{SVG}text"):
        _text(made, each, (each.text or "").strip())
    return made


def _rectangle(drawn: ET.Element, radius: str) -> ET.Element:
    outline = next(drawn.iter(f"{SVG}path")).get("d", "")
    numbers = [float(found) for found in _NUMBER.findall(outline)]
    xs, ys = numbers[::2], numbers[1::2]
    left, top = min(xs), min(ys)
    place = {"x": left, "y": top, "width": max(xs) - left, "height": max(ys) - top}
    written = {name: _short(number) for name, number in place.items()}
    return ET.Element(f"{SVG}rect", {**written, "rx": radius})


def _text(made: ET.Element, drawn: ET.Element, text: str) -> ET.Element:
    place = {name: _rounded(drawn.get(name, "")) for name in ("x", "y")}
    element = ET.SubElement(made, f"{SVG}text", place)
    element.text = text
    return element


def _moved(transform: str) -> str:
    """Keep the translation of Graphviz's outermost group; it neither scales nor turns."""
    return "translate({} {})".format(*_NUMBER.findall(transform)[-2:])


def _rounded(numbers: str) -> str:
    return _NUMBER.sub(lambda found: _short(float(found[0])), numbers)


def _short(x: float) -> str:
    return f"{x:.1f}".removesuffix(".0")
