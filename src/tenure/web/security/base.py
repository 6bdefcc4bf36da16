"""The base of security schemes."""

from tenure.web.bind.security import SecurityBase
from tenure.web.elsewhere import offer_names_elsewhere

__all__ = ["SecurityBase"]

offer_names_elsewhere(__name__)
