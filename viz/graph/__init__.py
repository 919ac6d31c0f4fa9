"""Pictures of graphs: nodes and arrows, laid out by Graphviz or written as Mermaid.

In comes a weighted graph; out come DOT, Mermaid and rendered pictures. Open `diagram` first.
"""
