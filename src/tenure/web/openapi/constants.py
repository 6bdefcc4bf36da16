"""Words that the modules of this package share, public as FastAPI's are."""

from __future__ import annotations

from typing import Final

__all__ = ["METHODS_WITH_BODY", "REF_PREFIX", "REF_TEMPLATE"]

METHODS_WITH_BODY: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"}
"""The methods whose operations are documented with a request body."""
REF_PREFIX: Final = "#/components/schemas/"
"""What a reference to a named schema begins with."""
REF_TEMPLATE: Final = REF_PREFIX + "{model}"
"""A reference to the schema named *model*, as pydantic wants it to be spelled out."""
