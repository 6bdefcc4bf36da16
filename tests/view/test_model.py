"""What a view says of a graph, and how it is laid out."""

import itertools
import re
from collections.abc import Iterator
from typing import Annotated, Any
from xml.etree import ElementTree as ET

from tenure import Depends
from tenure.graph.builder import build_graph
from tenure.graph.inputs import NoInputs
from tenure.view.layout import arrange
from tenure.view.mermaid import draw_mermaid
from tenure.view.model import Entry, view_of
from tenure.view.svg import draw_svg
from tenure.view.tree import draw_tree
from tests.view.programs import library, open_session


def names(view) -> list[str]:
    return sorted(node.name for node in view.nodes.values())


def test_what_entries_declare_alike_is_one_node() -> None:
    view = view_of(library())
    assert names(view) == [
        "Books",
        "add_book",
        "count_visit",
        "get_settings",
        "get_settings",  # with use_cache=False
        "open_pool",
        "open_session",
        "open_session",  # with scope="function"
        "read_book",
    ]
    assert [view.nodes[root].title for root in view.roots] == [
        "GET /books/{book_id}",
        "POST /books",
    ]


def test_two_uncached_uses_stay_two() -> None:
    def twice(
        one: Annotated[str, Depends(open_session, use_cache=False)],
        two: Annotated[str, Depends(open_session, use_cache=False)],
    ) -> None: ...

    graph = build_graph(twice, NoInputs())
    view = view_of([Entry("first", graph), Entry("second", graph)])
    assert names(view).count("open_session") == 2
    first, second = (view.nodes[root] for root in view.roots)
    assert first.edges == second.edges
    assert first.edges[0].node != first.edges[1].node


def test_a_chain_of_any_length_is_drawn() -> None:
    call: Any = open_session
    for _ in range(1500):

        def deeper(value: str) -> str:
            return value

        deeper.__annotations__["value"] = Annotated[str, Depends(call)]
        call = deeper
    view = view_of([Entry("deep", build_graph(call, NoInputs()))])
    assert draw_tree(view).count("deeper") == 1500
    assert draw_svg(view).count(">deeper<") == 1500


def test_boxes_do_not_overlap_and_edges_lead_to_the_right() -> None:
    view = view_of(library())
    layout = arrange(view, lambda node: (80.0 + 10 * len(node), 40.0))
    for one, other in itertools.combinations(layout.boxes.values(), 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
        assert apart, (one.node, other.node)
    for _, route in layout.routes:
        assert all(a.column + 1 == b.column for a, b in itertools.pairwise(route))
    assert all(box.y >= 0 for box in layout.boxes.values())
    assert max(box.x + box.width for box in layout.boxes.values()) <= layout.width
    assert max(box.y + box.height for box in layout.boxes.values()) <= layout.height


def test_names_cannot_break_out_of_a_drawing() -> None:
    def root() -> None: ...

    title = 'GET /<script>"alert(1)"</script>&#x0;\x00\x1b[31m{id:path}'
    view = view_of([Entry(title, build_graph(root, NoInputs()))])
    text = draw_svg(view)
    ET.fromstring(text)
    assert "<script>" not in text
    label = re.search(r'n1\["(.*)"\]', draw_mermaid(view))
    assert label is not None
    assert '"' not in label[1]
    assert "<script>" not in label[1]
    assert "\x1b" not in draw_tree(view)


def test_nothing_is_drawn_as_nothing() -> None:
    view = view_of([])
    assert draw_tree(view) == "\n"
    ET.fromstring(draw_svg(view))


def test_what_is_out_of_the_ordinary_is_said() -> None:
    def pool() -> Iterator[str]:
        yield "pool"

    def root(
        pool: Annotated[str, Depends(pool, scope="app", lazy=True, in_thread=False)],
    ) -> None: ...

    view = view_of([Entry("", build_graph(root, NoInputs()))])
    assert 'pool: pool · generator on the event loop · scope "app" · lazy · ' in draw_tree(view)
    assert ":::of_app" in draw_mermaid(view)


def test_a_limit_is_said() -> None:
    def pool() -> None: ...

    def root(
        first: Annotated[None, Depends(pool, max_concurrency=2)],
        second: Annotated[None, Depends(pool, max_concurrency=3, use_cache=False)],
    ) -> None: ...

    view = view_of([Entry("", build_graph(root, NoInputs()))])
    assert "first: pool · function in a thread · at most 2 at once" in draw_tree(view)
    assert "not cached · at most 3 at once" in draw_tree(view)
