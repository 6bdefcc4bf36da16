"""What happened, in the order in which it happened."""

from collections.abc import Callable


class Timeline:
    """One list of words: the program's own (`record("+session")`) and the server's.

    The server adds `send:start`, `send:body`, `send:end` and `raised:<kind>`, so a case can say
    on which side of the response an exit ran. A word may be watched, to cut a request off at
    exactly that point.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._watched: dict[str, Callable[[], None]] = {}

    def __call__(self, word: str) -> None:
        if " " in word:
            raise ValueError(f"a timeline holds single words, not {word!r}")
        self.words.append(word)
        act = self._watched.pop(word, None)
        if act is not None:
            act()

    def watch(self, word: str, act: Callable[[], None]) -> None:
        """Call `act` once, when `word` is recorded."""
        self._watched[word] = act

    def __str__(self) -> str:
        return " ".join(self.words)
