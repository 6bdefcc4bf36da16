"""fastapi-users on SQLAlchemy: register, log in by token and by cookie, verify, reset, delete."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import (
    AuthenticationBackend,
    BearerTransport,
    CookieTransport,
)
from fastapi_users.authentication.strategy.db import AccessTokenDatabase, DatabaseStrategy
from fastapi_users.password import PasswordHelper
from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy.access_token import (
    SQLAlchemyAccessTokenDatabase,
    SQLAlchemyBaseAccessTokenTableUUID,
)
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import StaticPool

SECRET = "a secret that is long enough for the tokens"


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
sessions = async_sessionmaker(engine, expire_on_commit=False)
sent: dict[str, str] = {}


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


async def get_users(session: AsyncSession = Depends(get_session)):
    yield SQLAlchemyUserDatabase(session, User)


async def get_tokens(session: AsyncSession = Depends(get_session)):
    yield SQLAlchemyAccessTokenDatabase(session, AccessToken)


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET

    async def on_after_request_verify(self, user, token, request=None):
        sent["verify"] = token

    async def on_after_forgot_password(self, user, token, request=None):
        sent["reset"] = token


# As cheap as it gets: what is under test is not how slow a hash is.
CHEAP = PasswordHelper(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))


async def get_manager(users=Depends(get_users)):
    yield UserManager(users, CHEAP)


def get_strategy(tokens: AccessTokenDatabase = Depends(get_tokens)) -> DatabaseStrategy:
    return DatabaseStrategy(tokens, lifetime_seconds=3600)


bearer = AuthenticationBackend("bearer", BearerTransport("auth/login"), get_strategy)
cookie = AuthenticationBackend("cookie", CookieTransport(cookie_secure=False), get_strategy)
users = FastAPIUsers[User, uuid.UUID](get_manager, [bearer, cookie])


class UserRead(schemas.BaseUser[uuid.UUID]):
    pass


class UserCreate(schemas.BaseUserCreate):
    pass


class UserUpdate(schemas.BaseUserUpdate):
    pass


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.include_router(users.get_auth_router(bearer), prefix="/auth")
app.include_router(users.get_auth_router(cookie), prefix="/cookie")
app.include_router(users.get_register_router(UserRead, UserCreate), prefix="/auth")
app.include_router(users.get_verify_router(UserRead), prefix="/auth")
app.include_router(users.get_reset_password_router(), prefix="/auth")
app.include_router(users.get_users_router(UserRead, UserUpdate), prefix="/users")


@app.get("/mine")
def mine(user: User = Depends(users.current_user(active=True))):
    return user.email


@app.get("/perhaps")
def perhaps(user: User | None = Depends(users.current_user(optional=True))):
    return user and user.email


@app.get("/for_superusers")
def for_superusers(user: User = Depends(users.current_user(superuser=True))):
    return "secret"


def walk() -> list[tuple[str, int, Any]]:
    """What a user of the application does, one step after the other."""
    someone = {"email": "someone@example.com", "password": "correct horse"}
    form = {"username": someone["email"], "password": someone["password"]}
    with TestClient(app) as client:

        def step(name: str, method: str, path: str, **request: Any) -> Any:
            answer = client.request(method, path, **request)
            data = answer.json() if answer.content else None
            steps.append((name, answer.status_code, data))
            return data

        steps: list[tuple[str, int, Any]] = []
        step("register", "POST", "/auth/register", json=someone)
        step("register again", "POST", "/auth/register", json=someone)
        step("register badly", "POST", "/auth/register", json={"email": "no"})
        step("wrong password", "POST", "/auth/login", data={**form, "password": "wrong"})
        token = step("log in", "POST", "/auth/login", data=form)["access_token"]
        own = {"authorization": f"Bearer {token}"}
        step("nobody", "GET", "/mine")
        step("mine", "GET", "/mine", headers=own)
        step("perhaps nobody", "GET", "/perhaps")
        step("perhaps", "GET", "/perhaps", headers=own)
        step("not allowed", "GET", "/for_superusers", headers=own)
        step("me", "GET", "/users/me", headers=own)
        step("change", "PATCH", "/users/me", headers=own, json={"password": "new password"})
        step("ask to verify", "POST", "/auth/request-verify-token", json=someone)
        step("verify", "POST", "/auth/verify", json={"token": sent["verify"]})
        step("verify badly", "POST", "/auth/verify", json={"token": "wrong"})
        step("forget", "POST", "/auth/forgot-password", json=someone)
        reset = {"token": sent["reset"], "password": "newest password"}
        step("reset", "POST", "/auth/reset-password", json=reset)
        step("log out", "POST", "/auth/logout", headers=own)
        step("gone", "GET", "/mine", headers=own)
        step("by cookie", "POST", "/cookie/login", data={**form, "password": "newest password"})
        step("mine by cookie", "GET", "/mine")
        step("log out", "POST", "/cookie/logout")
        step("gone", "GET", "/mine")
        step("document", "GET", "/openapi.json")
        return steps


if __name__ == "__main__":
    print(json.dumps([FastAPI.__module__, *walk()]))
