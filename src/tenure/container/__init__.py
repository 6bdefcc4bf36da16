"""The engine's front door: compiled graphs bound to what keeps things alive, and ``Container``."""

from tenure.container.front import Container
from tenure.container.injection import ordinary_parameters
from tenure.container.programs import Program, compile_graph, run_around, run_program
from tenure.container.unit import UnitOfWork

__all__ = [
    "Container",
    "Program",
    "UnitOfWork",
    "compile_graph",
    "ordinary_parameters",
    "run_around",
    "run_program",
]
