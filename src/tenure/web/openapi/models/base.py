"""What all objects of the document are made of."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["BaseModelWithConfig", "Reference"]


class BaseModelWithConfig(BaseModel):
    """An object of the standard; it may hold extensions."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", defer_build=True)


class Reference(BaseModel):
    """Stands for an object that is written elsewhere in the document."""

    ref: str = Field(alias="$ref")
