"""sqladmin: pages of an administration interface, mounted in an application."""

from fastapi import FastAPI
from sqladmin import Admin, BaseView, ModelView, action, expose
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool
from starlette.responses import RedirectResponse


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")

    def __str__(self) -> str:
        return self.name


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
Base.metadata.create_all(engine)
with Session(engine) as session:
    author = Author(name="Ursula")
    session.add_all([author, Book(title="The Dispossessed", author=author)])
    session.commit()


class AuthorAdmin(ModelView, model=Author):
    column_list = (Author.id, Author.name, Author.books)
    column_searchable_list = (Author.name,)
    can_export = True

    @action(name="shout", add_in_detail=True)
    async def shout(self, request):
        return RedirectResponse("/admin/author/list", 303)


class BookAdmin(ModelView, model=Book):
    column_list = "__all__"


class Report(BaseView):
    name = "Report"

    @expose("/report", methods=["GET"])
    async def report(self, request):
        return RedirectResponse("/health")


app = FastAPI()


@app.get("/health")
def health() -> str:
    return "well"


admin = Admin(app, engine, title="Library")
admin.add_view(AuthorAdmin)
admin.add_view(BookAdmin)
admin.add_view(Report)
