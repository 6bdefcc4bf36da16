"""The WebSocket by which clients listen to the feed."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio

from examples.ledger.dependencies import Opened
from examples.ledger.feed import Subscription
from examples.ledger.security import Reader
from tenure.web import APIRouter, Depends, WebSocket, WebSocketDisconnect, status

router = APIRouter()

# How long a dropped subscriber is given to hear why, in seconds.
FAREWELL = 1.0


async def subscribe(_reader: Reader, opened: Opened) -> AsyncIterator[Subscription]:
    """Listen to the feed as long as the connection lasts."""
    with opened.feed.subscription() as subscription:
        yield subscription


@router.websocket("/feed")
async def feed(
    websocket: WebSocket, subscription: Annotated[Subscription, Depends(subscribe)]
) -> None:
    """Send every committed transfer until the client leaves, or falls too far behind."""
    await websocket.accept()
    async with anyio.create_task_group() as group:
        group.start_soon(_stop_when_gone, websocket, group.cancel_scope)
        group.start_soon(_stop_when_dropped, subscription, group.cancel_scope)
        try:
            async for message in subscription.inbox:
                await websocket.send_text(message)
        except WebSocketDisconnect:
            group.cancel_scope.cancel()
    if subscription.dropped.is_set():
        with anyio.move_on_after(FAREWELL):
            await websocket.close(status.WS_1013_TRY_AGAIN_LATER, "too slow")


async def _stop_when_gone(websocket: WebSocket, sending: anyio.CancelScope) -> None:
    """Read until the client leaves. What it says meanwhile is not of interest."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    sending.cancel()


async def _stop_when_dropped(subscription: Subscription, sending: anyio.CancelScope) -> None:
    """Cut off even a send that the client does not take."""
    await subscription.dropped.wait()
    sending.cancel()
