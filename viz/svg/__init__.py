"""Shapes, text and colours: what every picture is set with, whatever it shows.

In come numbers and names; out come SVG elements. Open `theme` first.
"""
