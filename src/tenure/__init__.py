"""Tenure: what is opened is given back, once, in the right order, whatever happens.

The engine: dependencies declared with ``Depends`` and ``yield``, checked as a whole, compiled
into one function, run with guarantees. It knows nothing of HTTP; ``tenure.web`` does.
"""

from tenure.container import Container
from tenure.declare import Depends
from tenure.errors import (
    DependencyError,
    DidNotYieldError,
    Fault,
    GraphError,
    ScopeError,
    SwallowedError,
    TenureError,
    WrongKindError,
    YieldedTwiceError,
)

__all__ = [
    "Container",
    "DependencyError",
    "Depends",
    "DidNotYieldError",
    "Fault",
    "GraphError",
    "ScopeError",
    "SwallowedError",
    "TenureError",
    "WrongKindError",
    "YieldedTwiceError",
]

__version__ = "0.1.0"
