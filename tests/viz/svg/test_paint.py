"""Elements in the colours of one theme, or of two."""

from dataclasses import replace

from viz.svg.geometry import Rect, Segment
from viz.svg.paint import Paint
from viz.svg.text import number, typeset, width
from viz.svg.theme import DARK, LIGHT


def test_one_theme_needs_no_classes():
    """With one theme an element carries its colours and nothing else."""
    paint = Paint(LIGHT)
    assert paint.colours(fill="ink") == f' fill="{LIGHT.ink}"'
    assert paint.colours(stroke="line") == f' fill="none" stroke="{LIGHT.line}"'
    assert paint.style() == ""


def test_two_themes_meet_in_a_media_query():
    """With two themes an element carries the first's colours and a class for the second's."""
    paint = Paint(LIGHT, DARK, "a-")
    assert paint.colours(fill="ink", stroke="line") == (
        f' fill="{LIGHT.ink}" stroke="{LIGHT.line}" class="a-fill-ink a-stroke-line"'
    )
    assert paint.colours() == ' fill="none"'
    assert paint.style() == (
        "<style>@media (prefers-color-scheme:dark){"
        f".a-fill-ink{{fill:{DARK.ink}}}.a-stroke-line{{stroke:{DARK.line}}}}}</style>"
    )


def test_route_colours_repeat():
    """There are as many roles as the theme has route colours."""
    paint = Paint(LIGHT)
    roles = [paint.route(index) for index in range(len(LIGHT.routes) + 1)]
    assert roles[-1] == roles[0]
    assert len(set(roles)) == len(LIGHT.routes)


def test_texts_are_centred_by_measure():
    """A line of one run is centred by the reader's font, one of several by Helvetica's widths."""
    paint = Paint(LIGHT)
    assert paint.centred(typeset("0.5"), 10, 10, 10).startswith(
        '<text text-anchor="middle" x="10" y="13.6"'
    )
    assert paint.centred(typeset("w_1"), 10, 10, 10).startswith('<text x="4.39" y="13.6"')
    assert 'font-weight="bold"' in paint.text(typeset("1"), 0, 0, 10, bold=True)


def test_a_background_is_painted_if_the_theme_has_one():
    """A transparent theme paints nothing below the picture."""
    page = Rect(0, 0, 4, 3)
    assert Paint(LIGHT).background(page) == ""
    painted = Paint(replace(LIGHT, background="#ffffff")).background(page)
    assert painted == '<rect x="0" y="0" width="4" height="3" fill="#ffffff"/>\n'


def test_shapes():
    """Strokes, arrowheads, circles and rectangles are plain elements."""
    paint = Paint(LIGHT)
    line = Segment(0, 0, 10, 0)
    assert paint.stroke(line, "ink", 2) == (
        f'<path d="M0 0L10 0" fill="none" stroke="{LIGHT.ink}" stroke-width="2"/>'
    )
    assert 'stroke-dasharray="7 5"' in paint.stroke(line, "ink", 2, dashes="7 5")
    assert paint.arrowhead(line, "ink", 5) == f'<path d="M10 0L5 -1.9L5 1.9Z" fill="{LIGHT.ink}"/>'
    assert 'r="3"' in paint.disc(1, 2, 3, "ink", "line", 1)
    assert 'stroke-dasharray="4 3"' in paint.disc(1, 2, 3, "ink", "line", 1, dashes="4 3")
    assert paint.rectangle(Rect(1, 0, 3, 3), "ink", "line", corner=5) == (
        f'<rect x="1" y="0" width="2" height="3" rx="5" fill="{LIGHT.ink}" stroke="{LIGHT.line}"/>'
    )
    assert " rx=" not in paint.rectangle(Rect(0, 0, 2, 3), "ink")


def test_a_text_takes_the_width_it_was_given_in_any_font():
    """Readers without Helvetica squeeze their wider letters instead of leaving the frame."""
    line = typeset("w_131 = -0.3")
    written = Paint(LIGHT).text(line, 0, 0, 12, bold=True)
    assert f'textLength="{number(width(line, 12, bold=True))}"' in written
    assert 'lengthAdjust="spacingAndGlyphs"' in written


def test_a_stroke_may_go_on_with_other_pieces():
    """A bent stroke is one path, so that its corners are closed and its dashes go on."""
    bent = Paint(LIGHT).stroke(Segment(0, 0, 1, 0), "ink", 2, bend=[Segment(1, 0, 2, 3)])
    assert 'd="M0 0L1 0L2 3"' in bent
    assert 'stroke-linejoin="round"' in bent
