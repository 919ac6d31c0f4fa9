"""`viz.pages`: what step pages and films share."""

from pathlib import Path

import pytest

from engine import UnknownNameError
from viz.pages import Page, palette, script_safe, target_of, write_page
from viz.svg.theme import DARK, LIGHT


class Note(Page):
    """A page of one paragraph."""

    title = 'T "x"'
    height = 300

    def html(self):
        """Write it."""
        return '<p title="a">\n&amp;</p>'


def test_in_a_notebook_the_page_is_a_frame():
    """The document is an attribute, with its line ends, and cannot end it."""
    assert Note()._repr_html_() == (
        '<iframe title="T &quot;x&quot;" sandbox="allow-scripts" '
        'style="width:100%;height:300px;border:0" '
        'srcdoc="&lt;p title=&quot;a&quot;>\n&amp;amp;&lt;/p>"></iframe>'
    )


def test_a_suffix_says_in_which_format():
    """Capital letters do not matter; another suffix is refused with its reason."""
    assert target_of("a.HTML", {".html"}, "no") == Path("a.HTML")
    with pytest.raises(UnknownNameError, match=r"^cannot save 'a\.txt': a page is \.html$"):
        target_of(Path("a.txt"), {".html"}, "a page is .html")


def test_what_is_put_into_a_page_is_not_searched_again():
    """A title that looks like a place of the template stays as it is."""
    parts = dict.fromkeys(("prefix", "title", "data", "pictures"), "{{style}}")
    page = write_page("viz.stepping", "/* colours */", parts)
    assert "<title>{{style}}</title>" in page
    assert "<style>/* colours */" in page


def test_data_cannot_end_its_script():
    """Neither a tag nor a line end that JavaScript knows and JSON does not."""
    assert script_safe("<\u2028\u2029>") == "\\u003c\\u2028\\u2029>"


def test_the_palette_has_both_themes():
    """Each role once, with its light and its dark colour."""
    lines = palette().splitlines()
    assert lines[0] == ":root {"
    assert f"  --route-0: light-dark({LIGHT.routes[0]}, {DARK.routes[0]});" in lines
    assert len(lines) == len(list(LIGHT.colours())) + 2
