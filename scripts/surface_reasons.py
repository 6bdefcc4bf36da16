"""Why Tenure lacks what it lacks of FastAPI's public names: patterns of names, and a reason."""

from __future__ import annotations

_INTERNAL = "a part of FastAPI's own machinery, which its documentation does not name"
_ENCODERS = "how FastAPI looks its encoders up; `ENCODERS_BY_TYPE` is for programs to add to"

REASONS = {
    "openapi.utils.*": _INTERNAL,
    "routing.APIRouter.handle": _INTERNAL,
    "routing.APIRouter.matches": _INTERNAL,
    "routing.websocket_session": _INTERNAL,
    "routing.run_endpoint_function": _INTERNAL,
    "routing.get_request_handler": _INTERNAL,
    "routing.get_websocket_app": _INTERNAL,
    "responses.ujson": "what an import gave FastAPI, or None",
    "responses.orjson": "what an import gave FastAPI, or None",
    "encoders.generate_encoders_by_class_tuples": _ENCODERS,
    "encoders.encoders_by_class_tuples": _ENCODERS,
    "encoders.Color": "an imported name, or a stand-in for it",
    "encoders.PyExtraColor": "an imported name, or a stand-in for it",
}
