"""strawberry-graphql's router: queries, mutations, context from dependencies, errors."""

import strawberry
from fastapi import Depends, FastAPI, Response
from fastapi.requests import HTTPConnection
from strawberry.fastapi import BaseContext, GraphQLRouter
from strawberry.types import Info


class Context(BaseContext):
    def __init__(self, user: str, log: list[str]) -> None:
        super().__init__()
        self.user = user
        self.log = log


def get_user(connection: HTTPConnection) -> str:
    return connection.headers.get("x-user", "nobody")


events: list[str] = []


async def get_log():
    events.append("opened")
    yield events
    events.append("closed")


def get_context(user: str = Depends(get_user), log: list[str] = Depends(get_log)) -> Context:
    return Context(user, log)


@strawberry.type
class Query:
    @strawberry.field
    def me(self, info: Info[Context, None]) -> str:
        assert info.context.response
        info.context.response.headers["x-greeted"] = info.context.user
        return info.context.user

    @strawberry.field
    async def events(self, info: Info[Context, None]) -> list[str]:
        return info.context.log

    @strawberry.field
    def broken(self) -> int:
        raise ValueError("on purpose")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, info: Info[Context, None], name: str) -> str:
        assert info.context.response
        assert info.context.background_tasks
        info.context.background_tasks.add_task(events.append, f"renamed to {name}")
        info.context.response.status_code = 202
        return name


schema = strawberry.Schema(Query, Mutation)
app = FastAPI()
app.include_router(GraphQLRouter(schema, context_getter=get_context), prefix="/graphql")
app.include_router(GraphQLRouter(schema, path="/two", graphql_ide=None), prefix="/graphql")


@app.get("/after")
def after(response: Response) -> list[str]:
    return events
