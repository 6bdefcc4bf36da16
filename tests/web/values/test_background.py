"""Background tasks: their order, a failing one, and adding one too late."""

import logging

import pytest

from tenure.web import BackgroundTasks
from tenure.web.background import LateBackgroundTaskError


async def test_tasks_run_in_order_whatever_their_kind():
    ran = []

    async def coroutine(word):
        ran.append(word)

    tasks = BackgroundTasks()
    tasks.add_task(ran.append, "first")
    tasks.add_task(coroutine, word="second")
    tasks.add_task(ran.append, "third")
    await tasks()
    assert ran == ["first", "second", "third"]


async def test_a_task_may_add_a_task():
    ran: list = []
    tasks = BackgroundTasks()
    tasks.add_task(lambda: tasks.add_task(ran.append, "added"))
    await tasks()
    assert ran == ["added"]


async def test_a_failing_task_is_reported_and_stops_nobody(caplog):
    ran: list = []

    def failing():
        raise ValueError("broken mail server")

    tasks = BackgroundTasks()
    tasks.add_task(failing)
    tasks.add_task(ran.append, "next")
    with caplog.at_level(logging.ERROR, logger="tenure.web"):
        await tasks()
    assert ran == ["next"]
    (record,) = caplog.records
    assert "failing" in record.message
    assert __file__ in record.message
    assert "broken mail server" in str(record.exc_info)


async def test_a_task_added_when_all_have_run_is_refused():
    tasks = BackgroundTasks()
    await tasks()
    with pytest.raises(LateBackgroundTaskError, match="the background tasks of this response"):
        tasks.add_task(print)


async def test_a_seal_keeps_its_first_reason():
    tasks = BackgroundTasks()
    tasks.seal("the response has its own tasks")
    await tasks()
    with pytest.raises(LateBackgroundTaskError, match="the response has its own tasks"):
        tasks.add_task(print)
