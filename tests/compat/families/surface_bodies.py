"""One body for several parameters of the same name: who decides what it looks like."""

from typing import Annotated, Any

import pydantic

from ..case import Family, post

SHARED = Family("shared_bodies")

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Item(pydantic.BaseModel):
    size: int


@SHARED.program(
    *(
        post(f"/{path}", json=body, name=f"{path}_{name}")
        for path in ("plain_below", "embedded_below", "deep", "siblings", "other_siblings", "route")
        for name, body in (
            ("whole", {"size": 1}),
            ("embedded", {"item": {"size": 2}}),
            ("wrong", {"item": 3}),
        )
    ),
    *(
        post(f"/{path}", body=body, headers=FORM, name=f"{path}_form")
        for path in ("plain_below", "form_below", "form_above")
        for body in (b"item=1",)
    ),
    *(post(f"/{path}", json={"item": 1}, name=f"{path}_json") for path in ("form_below",
                                                                         "form_above")),
)  # fmt: skip
def one_name_embedded_or_not(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    Plain = Annotated[Item, web.Body()]  # noqa: N806 - types
    Embedded = Annotated[Item, web.Body(embed=True)]  # noqa: N806

    def plain(item: Plain) -> Any:  # type: ignore[valid-type]
        return item

    def embedded(item: Embedded) -> Any:  # type: ignore[valid-type]
        return item

    def above_plain(below: Annotated[Any, web.Depends(plain)], item: Embedded) -> Any:  # type: ignore[valid-type]
        return [below, item]

    @app.post("/plain_below")
    def plain_below(below: Annotated[Any, web.Depends(plain)], item: Embedded) -> Any:  # type: ignore[valid-type]
        return [below, item]

    @app.post("/embedded_below")
    def embedded_below(below: Annotated[Any, web.Depends(embedded)], item: Plain) -> Any:  # type: ignore[valid-type]
        return [below, item]

    @app.post("/deep")
    def deep(below: Annotated[Any, web.Depends(above_plain)]) -> Any:
        return below

    @app.post("/siblings")
    def siblings(
        a: Annotated[Any, web.Depends(plain)], b: Annotated[Any, web.Depends(embedded)]
    ) -> Any:
        return [a, b]

    @app.post("/other_siblings")
    def other_siblings(
        a: Annotated[Any, web.Depends(embedded)], b: Annotated[Any, web.Depends(plain)]
    ) -> Any:
        return [a, b]

    @app.post("/route", dependencies=[web.Depends(plain)])
    def of_route(item: Embedded) -> Any:  # type: ignore[valid-type]
        return item

    def in_form(item: Annotated[int, web.Form()]) -> Any:
        return item

    def in_json(item: Annotated[int, web.Body()]) -> Any:
        return item

    @app.post("/form_below")
    def form_below(
        below: Annotated[Any, web.Depends(in_form)], item: Annotated[int, web.Body()]
    ) -> Any:
        return [below, item]

    @app.post("/form_above")
    def form_above(
        below: Annotated[Any, web.Depends(in_json)], item: Annotated[int, web.Form()]
    ) -> Any:
        return [below, item]

    return app
