"""Tenure: what is opened is given back, once, in the right order, whatever happens.

The engine: dependencies declared with ``Depends`` and ``yield``, checked as a whole, compiled
into one function, run with guarantees. It knows nothing of HTTP; ``tenure.web`` does.
"""

from tenure.container import Container, UnitOfWork
from tenure.declare import Depends
from tenure.errors import (
    ApplicationError,
    DeclarationError,
    DependencyError,
    DidNotYieldError,
    ExitTimeoutError,
    Fault,
    GraphError,
    LimitError,
    MarkerError,
    ScopeError,
    SwallowedError,
    TenureError,
    TenureWarning,
    WrongKindError,
    YieldedTwiceError,
)
from tenure.graph.outcome import Outcome

__all__ = [
    "ApplicationError",
    "Container",
    "DeclarationError",
    "DependencyError",
    "Depends",
    "DidNotYieldError",
    "ExitTimeoutError",
    "Fault",
    "GraphError",
    "LimitError",
    "MarkerError",
    "Outcome",
    "ScopeError",
    "SwallowedError",
    "TenureError",
    "TenureWarning",
    "UnitOfWork",
    "WrongKindError",
    "YieldedTwiceError",
]

__version__ = "0.1.0"
