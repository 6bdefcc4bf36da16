"""The programs, one module per subject."""

from ..case import Family
from .annotations import ANNOTATIONS
from .applications import APPLICATIONS
from .bodies import BODIES
from .departures import DEPARTURES
from .departures_application import MOUNTED
from .departures_declared import DECLARED
from .dependency_inputs import INPUTS
from .dependency_kinds import KINDS
from .dependency_trees import TREES
from .edges import EDGES
from .failures import FAILURES
from .lifespans import LIFESPANS
from .parameter_grid import GRID
from .parameter_options import OPTIONS
from .replies import REPLIES
from .responses import RESPONSES
from .routing import ROUTING
from .security_scopes import SECURITY
from .sending import SENDING
from .websockets import WEBSOCKETS

FAMILIES: list[Family] = [
    GRID,
    OPTIONS,
    BODIES,
    KINDS,
    TREES,
    INPUTS,
    FAILURES,
    SENDING,
    RESPONSES,
    REPLIES,
    ROUTING,
    LIFESPANS,
    WEBSOCKETS,
    SECURITY,
    ANNOTATIONS,
    APPLICATIONS,
    EDGES,
]

DEPARTING: list[Family] = [DEPARTURES, MOUNTED, DECLARED]
