"""How declarations are written: text annotations, generics, inheritance, classes as services."""

import abc
from typing import Annotated, Any, Generic, Protocol, TypeVar

import pydantic

from ..case import Family, get, post
from . import text_annotations

ANNOTATIONS = Family("annotations")

T = TypeVar("T")


@ANNOTATIONS.program(
    get("/7?word=tea", name="right").gives(200, [7, "tea", "service tea"]),
    get("/x", name="wrong").gives(422),
    post("/", json={"name": "n"}, name="body").gives(200, {"name": "n"}),
)
def annotations_as_text(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    text_annotations.declare(web, app)
    return app


@ANNOTATIONS.program(
    get("/?size=3", name="own").gives(200, [3, 1]),
    get("/?number=2", name="inherited").gives(200, [10, 2]),
    get("/?number=x", name="wrong").gives(422),
)
def an_inherited_constructor(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Base:
        def __init__(self, number: int = 1, size: int = 10) -> None:
            self.number = number
            self.size = size

    class Derived(Base): ...

    @app.get("/")
    def read(page: Annotated[Derived, web.Depends()]) -> Any:
        return [page.size, page.number]

    return app


@ANNOTATIONS.program(
    get("/").gives(200, ["memory:a", "memory:a"], order="+a send:start send:end -a")
)
def a_service_behind_a_protocol(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Store(Protocol):
        name: str

    class Memory:
        def __init__(self, name: str) -> None:
            self.name = f"memory:{name}"

    def open_store() -> Any:
        record("+a")
        yield Memory("a")
        record("-a")

    StoreOf = Annotated[Store, web.Depends(open_store)]  # noqa: N806 - an alias of a type

    class Service:
        def __init__(self, store: StoreOf) -> None:  # type: ignore[valid-type]
            self.store: Any = store

    @app.get("/")
    def read(service: Annotated[Service, web.Depends()], store: StoreOf) -> Any:  # type: ignore[valid-type]
        return [service.store.name, store.name]

    return app


@ANNOTATIONS.program(
    get("/?name=n", name="right").gives(200, {"kind": "int", "name": "n"}),
    get("/", name="wrong").gives(422),
)
def a_generic_class(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Repository(Generic[T]):
        def __init__(self, name: str) -> None:
            self.name = name

    @app.get("/")
    def read(repository: Annotated[Repository[int], web.Depends(Repository)]) -> Any:
        return {"kind": "int", "name": repository.name}

    return app


@ANNOTATIONS.program(get("/?q=a").gives(200, {"value": "A!"}))
def an_abstract_base_with_a_callable_subclass(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Base(abc.ABC):
        @abc.abstractmethod
        def change(self, text: str) -> str: ...

        def __call__(self, q: str) -> str:
            return self.change(q)

    class Upper(Base):
        def change(self, text: str) -> str:
            return text.upper() + "!"

    @app.get("/")
    def read(value: str = web.Depends(Upper())) -> Any:
        return {"value": value}

    return app


@ANNOTATIONS.program(
    get("/?q=1", name="given").gives(200, ["1", "GET"]),
    get("/", name="absent").gives(200, [None, "GET"]),
)
def keyword_only_and_unannotated(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(request: web.Request, *, q=None) -> Any:  # type: ignore[no-untyped-def]
        return [q, request.method]

    return app


@ANNOTATIONS.program(
    get("/?a=1&b=2", name="right").gives(200, {"a": 1, "b": 2}),
    get("/?a=1", name="missing").gives(422),
)
def metadata_that_means_nothing_here(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        a: Annotated[int, "a note", object()],
        b: Annotated[int, "first", web.Query(), pydantic.Field(ge=2)],
    ) -> Any:
        return {"a": a, "b": b}

    return app


@ANNOTATIONS.program(
    get("/?number=3", name="right").gives(200, 3),
    get("/?number=30", name="wrong").gives(422),
)
def an_annotated_alias_used_twice(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    Small = Annotated[int, web.Query(le=10)]  # noqa: N806 - an alias of a type

    def below(number: Small) -> int:  # type: ignore[valid-type]
        return number

    @app.get("/")
    def read(number: Small, same: Annotated[int, web.Depends(below)]) -> Any:  # type: ignore[valid-type]
        return (number + same) // 2

    return app
