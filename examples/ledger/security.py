"""Who is calling, and what that caller may do."""

from hmac import compare_digest
from typing import Annotated

from examples.ledger.dependencies import Opened
from examples.ledger.settings import ADMIN, READ, WRITE, ApiKey
from tenure.web import Header, HTTPException, Security, status
from tenure.web.security import SecurityScopes


def caller(
    needed: SecurityScopes,
    opened: Opened,
    api_key: Annotated[str | None, Header(alias="X-API-Key")] = None,
) -> ApiKey:
    """Find the caller by the key, and refuse one that may not do what the endpoint needs."""
    if api_key is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "send your key in the header X-API-Key")
    sent = api_key.encode()
    known = [key for key in opened.settings.keys if compare_digest(key.secret.encode(), sent)]
    if not known:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "the key in X-API-Key is not known")
    missing = [scope for scope in needed.scopes if scope not in known[0].oauth_scopes]
    if missing:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            f"the key of {known[0].holder!r} lacks {', '.join(missing)}",
        )
    return known[0]


Reader = Annotated[ApiKey, Security(caller, scopes=[READ])]
Writer = Annotated[ApiKey, Security(caller, scopes=[WRITE])]
Admin = Annotated[ApiKey, Security(caller, scopes=[ADMIN])]
