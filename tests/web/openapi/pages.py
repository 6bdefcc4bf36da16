"""A page as a browser sees it: its title, what it loads, its scripts."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What stands in a page that has been parsed as HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.loaded: list[str] = []
        """What the browser fetches: scripts, styles, icons."""
        self.scripts: list[str] = []
        """The text of each script that stands in the page itself."""
        self.document = ""
        """Where ReDoc finds the document."""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self._inside = tag
        if tag == "script":
            if "src" in attributes:
                self.loaded.append(attributes["src"])
            else:
                self.scripts.append("")
        if tag == "link":
            self.loaded.append(attributes["href"])
        if tag == "redoc":
            self.document = attributes["spec-url"]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        if self._inside == "script" and self.scripts:
            self.scripts[-1] += data
