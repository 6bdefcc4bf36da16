"""HTTP values as inputs of a graph of dependencies."""
