"""The body of a request: received, parsed, and divided among the parameters that read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, cast

from anyio import CancelScope
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request

from tenure.web import params
from tenure.web.bind.exchange import Exchange
from tenure.web.bind.fields import Field
from tenure.web.bind.forms import FormBody, FormField, FormModel
from tenure.web.bind.from_bytes import parse, validator_of_bytes
from tenure.web.bind.receiving import is_json_type, receive_json
from tenure.web.bind.validation import NO_ERRORS, NOTHING, Outcome, missing
from tenure.web.exceptions import EndpointContext, HTTPException, RequestValidationError

__all__ = ["BodyPlan"]

_ReadBody = Callable[[Any], Outcome]

_NO_OBJECT = (bytes, type(NOTHING))


class BodyPlan:
    """How the body fields of one endpoint, its dependencies' included, share one body.

    ``fields`` are those of the whole tree, outermost first; the same parameter in two
    dependencies appears twice. A body is *embedded* when it is an object with one key for each
    parameter; a single parameter is the whole body unless it asks to be embedded.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.is_embedded = _embeds(self.fields)
        self.is_form = _is_form(self.fields, is_embedded=self.is_embedded)
        """Whether ``load`` answers a ``FormBody``, which the caller has to close."""
        self.readers = tuple(self._reader(field) for field in self.fields)
        """One function for each field: its value and errors from the loaded body."""
        self._names_of_contents = self._wanted_contents() if self.is_form else ()

    async def load(
        self,
        request: Request,
        strict_content_type: bool = True,
        *,
        endpoint_context: EndpointContext | None = None,
    ) -> Any:
        """Receive and parse the body: JSON, bytes of another content type, or a form.

        ``NOTHING`` for an empty body. With *strict_content_type* JSON has to be declared as
        such; without, a body that declares nothing is taken for JSON.
        """
        if not self.fields:
            return NOTHING
        try:
            if self.is_form:
                return await self._load_form(request)
            return await _load_json(request, strict_content_type=strict_content_type)
        except Exception as error:
            raise _loading_error(error, lambda: endpoint_context) from error

    async def load_json(
        self,
        exchange: Exchange,
        strict_content_type: bool,
        endpoint_context: Callable[[], EndpointContext],
    ) -> None:
        """The same for JSON, with nothing made that nobody has asked for.

        Where nobody can tell, the body is validated here and not parsed at all: ``exchange``
        then has the outcome.
        """
        try:
            received = await receive_json(exchange, strict_content_type=strict_content_type)
            if received is None:
                return
            validate = self._validate_bytes
            if validate is not None:
                try:
                    exchange.body_outcome = validate(received), NO_ERRORS
                except ValueError:
                    pass
                else:
                    return
            exchange.body = parse(received)
        except Exception as error:
            raise _loading_error(error, endpoint_context) from error

    @cached_property
    def _validate_bytes(self) -> Callable[[bytes], Any] | None:
        """How the only parameter is made of the bytes of the body, if it can be."""
        if len(self.fields) != 1 or self.is_form or not self._is_whole(self.fields[0]):
            return None
        return validator_of_bytes(self.fields[0].validation.adapter)

    def read(self, body: Any) -> list[Outcome]:
        """One value with its errors for each field, in order."""
        return [read(body) for read in self.readers]

    async def _load_form(self, request: Request) -> FormBody:
        form = FormBody(await request.form())
        if not self._names_of_contents:
            return form
        try:
            await form.read_contents(self._names_of_contents)
        except BaseException:
            # The caller is not handed the form, so it cannot close it.
            with CancelScope(shield=True):
                await form.close()
            raise
        return form

    def _reader(self, field: Field) -> _ReadBody:
        if self.is_form:
            return _form_reader(field)
        return partial(_read_whole, field) if self._is_whole(field) else _key_reader(field)

    def _is_whole(self, field: Field) -> bool:
        return not (self.is_embedded or field.form_models or _asks_to_be_embedded(field))

    def _wanted_contents(self) -> tuple[str, ...]:
        names: list[str] = []
        for field in self.fields:
            if field.form_models:
                names.extend(FormModel(field.form_models, field.info.annotation).names_of_contents)
            else:
                form_field = _form_field(field)
                names.extend(form_field.aliases if form_field.wants_contents else ())
        return tuple(dict.fromkeys(names))


def _embeds(fields: Sequence[Field]) -> bool:
    if not fields:
        return False
    if len({field.name for field in fields}) > 1:
        return True
    first = fields[0]
    if first.form_models and any(
        not other.form_models or other.info.annotation is not first.info.annotation
        for other in fields[1:]
    ):
        return True
    return _asks_to_be_embedded(first)


def _asks_to_be_embedded(field: Field) -> bool:
    marker = field.marker
    return (isinstance(marker, params.Body) and bool(marker.embed)) or (
        # A single value of a form always has a name.
        field.is_form and not field.form_models
    )


def _is_form(fields: Sequence[Field], *, is_embedded: bool) -> bool:
    # Not embedded, all fields are the same body, and the first one says what it is.
    return any(field.is_form for field in (fields if is_embedded else fields[:1]))


def _read_whole(field: Field, body: Any) -> Outcome:
    loc = ("body",)
    return field.absent(loc) if body is NOTHING else field.validate(body, loc)


def _key_reader(field: Field) -> _ReadBody:
    keys = tuple(each.key for each in field.names)

    def read(body: Any) -> Outcome:
        loc = ("body", keys[0])
        if isinstance(body, _NO_OBJECT):
            return field.absent(loc)
        get = getattr(body, "get", None)
        if get is None:
            # A list, a number, null: no object, so it has no keys, and no default holds.
            return None, [missing(loc)]
        for key in keys:
            value = get(key, NOTHING)
            if value is not NOTHING:
                return field.validate(value, ("body", key))
        return field.absent(loc)

    return read


def _form_field(field: Field) -> FormField:
    return FormField(field.info, field.names, is_file=isinstance(field.marker, params.File))


def _form_reader(field: Field) -> _ReadBody:
    if field.form_models:
        model = FormModel(field.form_models, field.info.annotation)

        def read_model(form: FormBody) -> Outcome:
            return _read_whole(field, model.take(form, form.contents))

        return read_model
    form_field = _form_field(field)

    def read(form: FormBody) -> Outcome:
        alias, value = form_field.take(form, form.contents)
        loc = ("body", alias)
        return field.absent(loc) if value is NOTHING else field.validate(value, loc)

    return read


async def _load_json(request: Request, *, strict_content_type: bool) -> Any:
    body = await request.body()
    if not body:
        return NOTHING
    content_type = request.headers.get("content-type")
    is_json = is_json_type(content_type) if content_type else not strict_content_type
    return await request.json() if is_json else body


def _loading_error(error: Exception, context: Callable[[], EndpointContext | None]) -> Exception:
    """What is raised for what went wrong while a body was received and parsed."""
    if isinstance(error, json.JSONDecodeError):
        errors = [_json_error(error)]
        return RequestValidationError(errors, body=error.doc, endpoint_ctx=context())
    if isinstance(error, StarletteHTTPException):
        # Raised by middleware that watches the body, or by the parser of forms.
        return error
    return HTTPException(400, "There was an error parsing the body")


def _json_error(error: json.JSONDecodeError) -> dict[str, Any]:
    return {
        "type": "json_invalid",
        "loc": ("body", error.pos),
        "msg": "JSON decode error",
        "input": cast(dict[str, Any], {}),
        "ctx": {"error": error.msg},
    }
