"""What will be done: a graph becomes ordered steps, steps become source, source a function.

This package runs nothing of its own accord: what it needs at run time is given to it
(``plan.runtime``), so it knows nothing of how things are kept alive.
"""
