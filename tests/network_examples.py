"""Networks of the kind that lectures draw, for the tests of the network view."""

from dataclasses import replace
from itertools import pairwise
from math import sin

from viz.network.picture import Circle, Link, Network, Route

_W1 = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
_W2 = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]


def w131() -> Network:
    """Return the 4-4-2-softmax network with the four routes of w_131."""
    hidden = zip((2.9, 1.4, 2.1, 2.3), (0.95, 0.80, 0.89, 0.91), strict=True)
    circles = [
        *(Circle(f"x{j}", 0, ((f"x_{j}", f"{x}"),), "input") for j, x in enumerate("2533", 1)),
        *(
            Circle(f"h{i}", 1, ((f"a_1{i}", f"{a:.2f}"), (f"h_1{i}", f"{h:.2f}")))
            for i, (a, h) in enumerate(hidden, 1)
        ),
        Circle("a1", 2, (("a_21", "1.66"),), "output"),
        Circle("a2", 2, (("a_22", "0.45"),), "output"),
        Circle("y1", 3, (("yhat_1", "0.77"),), "softmax"),
        Circle("y2", 3, (("yhat_2", "0.23"),), "softmax"),
        Circle("L", 4, (("L", "0.105"),), "loss"),
    ]
    links = [
        Link(f"x{j}", f"h{i}", f"{w:g}", w)
        for i, row in enumerate(_W1, 1)
        for j, w in enumerate(row, 1)
    ]
    links[8] = Link("x1", "h3", "w_131 = -0.3", -0.3, "highlight")
    links += [
        Link(f"h{i}", f"a{k}", f"{w:g}", w)
        for k, row in enumerate(_W2, 1)
        for i, w in enumerate(row, 1)
    ]
    links += [Link(f"a{k}", f"y{m}") for k in (1, 2) for m in (1, 2)]
    links += [Link("y1", "L"), Link("y2", "L")]
    routes = tuple(
        Route(
            k - 1,
            (("x1", "h3"), ("h3", f"a{k}"), (f"a{k}", f"y{m}"), (f"y{m}", "L")),
            f"a_2{k} → yhat_{m}",
            ("-0.003159", "+0.004739")[k - 1],
            dashed=k != m,
        )
        for m in (1, 2)
        for k in (1, 2)
    )
    return Network(
        ("inputs", "hidden: sigmoid", "output", "softmax", "squared error"),
        tuple(circles),
        tuple(links),
        routes,
        "∂L/∂w_131, route by route",
        "+0.003159",
        "dashed: the routes that the printed 0.001595 leaves out",
        "The gradient of w_131, route by route",
    )


def chain() -> Network:
    """Return a chain of five circles with a weight on each of three links."""
    names = ("x", "h_1", "h_2", "yhat", "L")
    kinds = ("input", "hidden", "hidden", "output", "loss")
    return Network(
        ("",) * 5,
        tuple(
            Circle(name, column, ((name, "0.5"),), kind)
            for column, (name, kind) in enumerate(zip(names, kinds, strict=True))
        ),
        (
            Link("x", "h_1", "w_1 = 0.8"),
            Link("h_1", "h_2", "w_2 = -0.3", style="highlight"),
            Link("h_2", "yhat", "w_3 = 1.2"),
            Link("yhat", "L", style="strong"),
        ),
    )


def w121() -> Network:
    """Return the 2-2-3-1 network with the three routes of w_121."""
    circles = [Circle(f"x{j}", 0, ((f"x_{j}", f"{j}"),), "input") for j in (1, 2)]
    circles += [Circle(f"p{i}", 1, ((f"a_1{i}", "0.7"), (f"h_1{i}", "0.67"))) for i in (1, 2)]
    circles += [Circle(f"q{i}", 2, ((f"a_2{i}", "0.3"), (f"h_2{i}", "0.58"))) for i in (1, 2, 3)]
    circles += [
        Circle("y", 3, (("yhat", "0.22"),), "output"),
        Circle("L", 4, (("L", "0.2"),), "loss"),
    ]
    links = [Link(f"x{j}", f"p{i}", f"0.{i}{j}") for i in (1, 2) for j in (1, 2)]
    links[2] = Link("x1", "p2", "w_121 = 0.4", style="highlight")
    links += [Link(f"p{j}", f"q{i}", f"-0.{i}{j}") for i in (1, 2, 3) for j in (1, 2)]
    links += [Link(f"q{i}", "y", f"0.{i}") for i in (1, 2, 3)]
    links.append(Link("y", "L"))
    routes = tuple(
        Route(
            i - 1,
            (("x1", "p2"), ("p2", f"q{i}"), (f"q{i}", "y"), ("y", "L")),
            f"through h_2{i}",
            f"+0.00{i}1",
        )
        for i in (1, 2, 3)
    )
    return Network(
        ("inputs", "layer 1", "layer 2", "output", "loss"),
        tuple(circles),
        tuple(links),
        routes,
        "∂L/∂w_121",
        "+0.0063",
    )


def wide(*, routes: bool = True, size: int = 16) -> Network:
    """Return a 2-16-16-1 network, by default with one route through its middle."""
    circles = [Circle(f"x{j}", 0, ((f"x_{j}", "0.5"),), "input") for j in (1, 2)]
    circles += [
        Circle(f"h{layer}{i}", layer, ((f"h_{layer},{i}", "0.25"),))
        for layer in (1, 2)
        for i in range(1, size + 1)
    ]
    circles += [Circle("y", 3, (("yhat", "0.9"),), "output")]
    layers = [
        [circle.name for circle in circles if circle.column == column] for column in range(4)
    ]
    links = [
        Link(a, b, f"{(w := sin(3 * i + 5 * j)):.2f}", w)
        for left, right in pairwise(layers)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
    ]
    network = Network(("inputs", "relu", "relu", "output"), tuple(circles), tuple(links))
    if not routes:
        return network
    return replace(
        network,
        links=tuple(
            replace(link, label="w_2,5,7 = 0.12", style="highlight")
            if link.ends == ("h17", "h25")
            else link
            for link in links
        ),
        routes=(Route(0, (("h17", "h25"), ("h25", "y")), "h_2,5 → yhat", "+0.031"),),
        table_title="∂L/∂w_2,5,7",
        total="+0.031",
    )


def relu() -> Network:
    """Return a two-layer network with a target that joins at the loss."""
    return Network(
        ("input", "relu", "output", "loss"),
        (
            Circle("x", 0, (("x", "2"),), "input"),
            Circle("h", 1, (("a_1", "-1.5"), ("h_1", "0"))),
            Circle("f", 2, (("f", "1"),), "output", row=0),
            Circle("y", 2, (("y", "2"),), "target", row=1),
            Circle("L", 3, (("L", "0.5"),), "loss"),
        ),
        (
            Link("x", "h", "w_1 = -1", style="highlight"),
            Link("h", "f", "w_2 = 3"),
            Link("f", "L", style="strong"),
            Link("y", "L"),
        ),
        footnote="The neuron is dead, so no gradient passes and w_1 stays where it is.",
    )


EXAMPLES = {
    "w131": w131(),
    "chain": chain(),
    "w121": w121(),
    "relu": relu(),
    "wide": wide(),
    "wide without routes": wide(routes=False),
}
