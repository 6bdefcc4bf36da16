"""What was declared: callables, their parameters and how they depend on each other.

Values only; nothing in this package runs a dependency.
"""
