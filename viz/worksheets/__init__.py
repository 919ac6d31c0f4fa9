"""Worksheets for a class: blanks to fill in, and the answer key.

In come a network and a seed; out come Markdown and LaTeX. Open `page` first (what
is asked for), then `sections` (what stands on a page).
"""
