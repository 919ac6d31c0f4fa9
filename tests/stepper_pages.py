"""Read a step page as the tests need it: its parts, its data, its pictures."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from engine import Value, constant, topological_order
from nn import MLP

SVG = "{http://www.w3.org/2000/svg}"


def large():
    """Record an MLP operation by operation: some 200 nodes."""
    net = MLP(3, [7, 5, 1], activation="tanh", seed=1, expanded=True)
    loss = (net([Value(x, f"x_{k}") for k, x in enumerate((0.5, -1.0, 2.0), start=1)]) - 1) ** 2
    loss.label = "L"
    assert len(topological_order(loss)) >= 200
    return loss


def small(label="L"):
    """Give a small result with an unnamed node, a constant and a number."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    loss = (w * x * constant(3.0, "k")).tanh() + w
    loss.label = label
    return loss


def shown(page, view, frame=0):
    """Give the tables of a view with the texts put in for their numbers."""
    return page.data["views"][view], page.data["views"][view]["frames"][frame], page.data["texts"]


class Page(HTMLParser):
    """A page taken apart: every element's attributes, and the text of scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.html = html
        self.elements = []
        self.texts = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style", "title"}:
            self.texts.append([tag, ""])

    def handle_data(self, data):
        """Note the text of a script, a style or the title."""
        if self.cdata_elem or (self.elements and self.elements[-1][0] == "title"):
            self.texts[-1][1] += data

    @property
    def policy(self):
        """The content security policy, by directive."""
        (content,) = [a["content"] for t, a in self.elements if "http-equiv" in a]
        return {d.split()[0]: d.split()[1:] for d in content.split(";")}

    @property
    def style(self):
        """The text of the one style."""
        (text,) = [text for tag, text in self.texts if tag == "style"]
        return text

    @property
    def script(self):
        """The text of the one script that runs."""
        return [text for tag, text in self.texts if tag == "script"][1]

    @property
    def data(self):
        """What the page tells."""
        return json.loads(next(text for tag, text in self.texts if tag == "script"))

    @property
    def pictures(self):
        """The graphs, parsed as XML."""
        found = re.findall(r'<div class="sheet"[^>]*>(<svg.*?</svg>)</div>', self.html, re.DOTALL)
        return [ET.fromstring(svg) for svg in found]
