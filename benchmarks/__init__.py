"""The benchmark: what a unit of work costs with Tenure, with its peers, and written by hand.

``make bench`` runs all of it; ``run.py`` says how. Nothing here is part of the library.
"""
