"""OpenTelemetry is imported, and nobody is told: what that costs, and when it ends."""

import os
from typing import Any

import pytest
from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk.trace import TracerProvider

from tenure.web.telemetry import unset
from tenure.web.telemetry.config import Settings
from tenure.web.telemetry.signals import Providers
from tenure.web.telemetry.unset import nothing_is_set


class Provider(TracerProvider):
    pass


PLACES: dict[str, tuple[Any, str]] = {
    "traces": (trace, "_TRACER_PROVIDER"),
    "metrics": (metrics._internal, "_METER_PROVIDER"),
    "logs": (_logs._internal, "_LOGGER_PROVIDER"),
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in PLACES.values():
        assert hasattr(module, name), "the API has moved it: look into `telemetry/unset.py`"
        monkeypatch.setattr(module, name, None)


@pytest.mark.parametrize("place", list(PLACES))
def test_a_provider_of_any_kind_is_noticed(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert nothing_is_set()
    module, name = PLACES[place]
    monkeypatch.setattr(module, name, object())
    assert not nothing_is_set()


def test_where_it_cannot_be_told_the_api_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unset, "_metrics", None)
    assert not nothing_is_set()


def test_a_provider_that_is_set_between_two_requests_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    providers = Providers(Settings.of(None))
    assert [providers.current() for _ in range(3)] == [None] * 3
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", Provider())
    signals = providers.current()
    assert signals is not None
    assert signals.tracer is not None
    assert signals.logger is None


def test_what_the_application_was_given_is_told_although_the_process_has_none() -> None:
    providers = Providers(Settings.of({"tracer_provider": Provider()}))
    for _ in range(2):
        signals = providers.current()
        assert signals is not None
        assert signals.tracer is not None


def test_the_environment_is_looked_into_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Noting(dict[str, str]):
        def __contains__(self, name: object) -> bool:
            asked.append(str(name))
            return super().__contains__(name)

    providers = Providers(Settings.of(None))
    environment = Noting(os.environ)
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(metrics._internal, "environ", environment)
    monkeypatch.setattr(_logs._internal, "environ", environment)
    assert providers.current() is None
    assert len(asked) == 3
    assert providers.current() is None
    assert len(asked) == 3
