"""The graph for people: as data, as a tree of text, as Mermaid and as SVG.

``view_of`` turns the graphs of one or several entry points into a ``View``; the other modules
draw one. None of them knows what an entry point is: a route, a command, a job.
"""
