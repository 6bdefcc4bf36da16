"""Path parameters and headers read straight from the ASGI scope, where nothing else is asked.

Most parameters are one text with one name, as it is or as a number. For those there is no need of
a ``Request``, of Starlette's multi-dicts, or of a validator whose outcome is plain to see. Whatever
is out of the ordinary is left to the field's own way, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from tenure.web.bind.exchange import Exchange
from tenure.web.bind.fields import Field
from tenure.web.bind.validation import NO_ERRORS, NOTHING, Outcome, located
from tenure.web.params import Location

__all__ = ["direct_reader"]

ReadExchange = Callable[[Exchange], Outcome]

_MOST_DIGITS = 18
"""Of a number that is surely within 64 bits."""


def direct_reader(field: Field) -> ReadExchange | None:
    """How *field* is read without a ``Request``; None where it has to be asked for."""
    if not field.is_one_text:
        return None
    if field.location is Location.path:
        return _path_reader(field)
    if field.location is Location.header:
        return _header_reader(field)
    return None


def _path_reader(field: Field) -> ReadExchange:
    key = field.alias
    loc = (field.location.value, key)
    validate, absent = field.validation.run, field.absent
    is_text, is_number = field.validation.takes_any_text, field.validation.takes_any_integer

    def read(exchange: Exchange) -> Outcome:
        value = exchange.asgi_scope["path_params"].get(key, NOTHING)
        if type(value) is str and value.isascii():
            if is_text:
                return value, NO_ERRORS
            if is_number and value.isdigit() and len(value) <= _MOST_DIGITS:
                return int(value), NO_ERRORS
        elif value is NOTHING:
            return absent(loc)
        try:
            return validate(value, from_attributes=True), NO_ERRORS
        except ValidationError as error:
            return None, located(error, loc)

    return read


def _header_reader(field: Field) -> ReadExchange | None:
    key = field.alias
    try:
        wanted = key.lower().encode("latin-1")
    except UnicodeEncodeError:
        return None
    loc = (field.location.value, key)
    validate, absent, read_again = field.validation.run, field.absent, field.read
    is_text = field.validation.takes_any_text

    def read(exchange: Exchange) -> Outcome:
        if exchange.has_connection:
            # It may be one of the user's, with headers of its own.
            return read_again(exchange.connection.headers)
        headers = exchange.asgi_scope["headers"]
        if type(headers) is not list:  # some iterable, perhaps one that can be gone through once
            headers = exchange.asgi_scope["headers"] = list(headers)
        for name, raw in headers:
            if name == wanted:
                value = raw.decode("latin-1")
                break
        else:
            return absent(loc)
        if is_text:
            return value, NO_ERRORS
        try:
            return validate(value, from_attributes=True), NO_ERRORS
        except ValidationError as error:
            return None, located(error, loc)

    return read
