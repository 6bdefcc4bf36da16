"""What programs read of routes and markers, and names that are reached without an import."""

import warnings
from importlib import import_module
from typing import Annotated, Any

from pydantic import BaseModel

from ..case import Family, get

NAMES = Family("names")


@NAMES.program(get("/").gives(200))
def defaults_that_nobody_gave(web: Any, record: Any) -> Any:
    """They can be told from given values, and hold what would be used."""
    app = web.FastAPI()
    placeholder = web.datastructures.DefaultPlaceholder

    def words(**options: Any) -> dict[str, Any]:
        return {
            name: [value.value if is_default else value, is_default]
            for name, value in options.items()
            for is_default in [isinstance(value, placeholder)]
        }

    @app.get("/")
    def read() -> Any:
        route, router = app.routes[-1], web.APIRouter()
        options = words(
            response_class=route.response_class,
            make_id=route.generate_unique_id_function,
            of_router=router.default_response_class,
            make_id_of_router=router.generate_unique_id_function,
            strict=router.strict_content_type,
            of_application=app.router.default_response_class,
        )
        return {
            name: [getattr(value, "__name__", value), is_default]
            for name, (value, is_default) in options.items()
        }

    return app


@NAMES.program(get("/").gives(200))
def a_class_of_responses_that_was_given(web: Any, record: Any) -> Any:
    app = web.FastAPI(default_response_class=web.responses.PlainTextResponse)

    @app.get("/", response_class=web.responses.JSONResponse)
    def read() -> Any:
        return [app.routes[-1].response_class.__name__, app.router.default_response_class.__name__]

    return app


@NAMES.program(get("/").gives(200))
def markers_as_text(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        return [
            repr(web.Depends()),
            repr(web.Depends(int, use_cache=False, scope="function")),
            repr(web.Depends(int, max_concurrency=3)),
            repr(web.Security(int, scopes=["a", "b"])),
            repr(web.Query(None)),
            repr(web.Body(3)),
        ]

    return app


@NAMES.program(get("/").gives(200))
def operation_ids_that_are_given_twice(web: Any, record: Any) -> Any:
    """Programs ignore the warning by the beginning of its text."""
    app = web.FastAPI()

    @app.get("/", operation_id="again")
    def read() -> Any:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", message="Duplicate Operation ID once")
            app.openapi()
        return [str(each.message)[:28] for each in caught]

    @app.get("/a", operation_id="again")
    def beside() -> Any: ...

    @app.get("/b", operation_id="once")
    def first() -> Any: ...

    @app.get("/c", operation_id="once")
    def second() -> Any: ...

    return app


class Body_create__post(BaseModel):  # noqa: N801 - the name is the case
    """Has the name that the model of a body is given."""

    number: int


@NAMES.program(get("/openapi.json").gives(200))
def a_model_with_the_name_of_a_body(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    def create(
        first: Annotated[int, web.Body()], second: Annotated[int, web.Body()]
    ) -> Body_create__post: ...

    return app


@NAMES.program(get("/").gives(200))
def modules_that_nobody_imported(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        module = import_module(web.package)
        return [
            module.__version__,
            module.security.HTTPBearer.__name__,
            module.openapi.utils.get_openapi.__name__,
            module.openapi.docs.get_redoc_html.__name__,
            module.openapi.models.OpenAPI.__name__,
            module.openapi.constants.REF_PREFIX,
            module.encoders.jsonable_encoder.__name__,
            module.concurrency.run_in_threadpool.__name__,
            module.utils.generate_unique_id.__name__,
            hasattr(module, "nothing"),
        ]

    return app
