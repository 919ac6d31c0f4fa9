"""What a trained model decides, over the plane of its two inputs.

In come a model and data; out comes SVG. Open `picture` first.
"""
