"""The programs, one module per subject."""

from ..case import Family
from .annotations import ANNOTATIONS
from .applications import APPLICATIONS
from .bodies import BODIES
from .departures import DEPARTURES
from .departures_application import MOUNTED
from .departures_background import AFTERWARDS
from .departures_bodies import HOSTILE
from .departures_declared import DECLARED
from .departures_documents import DOCUMENTED
from .departures_streams import STREAMED
from .dependency_inputs import INPUTS
from .dependency_kinds import KINDS
from .dependency_trees import TREES
from .edges import EDGES
from .events import EVENTS
from .failures import FAILURES
from .frontends import FRONTENDS
from .lifespans import LIFESPANS
from .limits import LIMITED, LIMITS
from .mistakes import MISTAKES
from .openapi_bodies import DOCUMENT_BODIES
from .openapi_operations import OPERATIONS
from .openapi_parameters import DOCUMENT_PARAMETERS
from .openapi_schemas import SCHEMAS
from .openapi_security import DOCUMENT_SECURITY
from .parameter_grid import GRID
from .parameter_options import OPTIONS
from .records import RECORDS
from .replies import REPLIES
from .responses import RESPONSES
from .routing import ROUTING
from .security_schemes import SCHEMES
from .security_scopes import SECURITY
from .sending import SENDING
from .surface import SURFACE
from .surface_bodies import SHARED
from .surface_documents import OBJECTS
from .surface_mounts import BELOW
from .surface_names import NAMES
from .surface_parameters import PARAMETERS
from .surface_routes import ROUTES
from .surface_security import NAMED
from .surface_tools import TOOLS
from .websockets import WEBSOCKETS
from .yielding import YIELDING

FAMILIES: list[Family] = [
    GRID,
    OPTIONS,
    BODIES,
    KINDS,
    TREES,
    INPUTS,
    FAILURES,
    SENDING,
    YIELDING,
    EVENTS,
    FRONTENDS,
    RESPONSES,
    REPLIES,
    ROUTING,
    LIFESPANS,
    LIMITS,
    WEBSOCKETS,
    SECURITY,
    SCHEMES,
    SURFACE,
    BELOW,
    NAMED,
    NAMES,
    SHARED,
    OBJECTS,
    TOOLS,
    PARAMETERS,
    ROUTES,
    ANNOTATIONS,
    APPLICATIONS,
    EDGES,
    MISTAKES,
    RECORDS,
    OPERATIONS,
    DOCUMENT_PARAMETERS,
    DOCUMENT_BODIES,
    SCHEMAS,
    DOCUMENT_SECURITY,
]

DEPARTING: list[Family] = [
    DEPARTURES,
    AFTERWARDS,
    HOSTILE,
    STREAMED,
    MOUNTED,
    DECLARED,
    DOCUMENTED,
    LIMITED,
]
