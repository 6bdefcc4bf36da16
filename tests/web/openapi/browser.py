"""A headless Chromium, driven through its DevTools protocol."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

PATIENCE = 30.0
"""Seconds after which what does not happen in the browser is taken to never happen."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def require_chromium() -> str:
    """The program of the browser, or a skip; under CI its absence is a failure."""
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    reason = "no Chromium is installed (Debian: apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class Tab:
    """One page of the browser."""

    def __init__(self, connection: ClientConnection, url: str) -> None:
        self._connection = connection
        self._last = 0
        self._session: str | None = None
        self._events: set[str] = set()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.enable")
        self._events.clear()
        self._call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._events:
            self._receive()

    def _call(self, method: str, **parameters: Any) -> Any:
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._connection.send(json.dumps(message))
        while True:
            answer = self._receive()
            if answer.get("id") == self._last:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def _receive(self) -> Any:
        message = json.loads(self._connection.recv(timeout=PATIENCE))
        self._events.add(message.get("method", ""))
        return message

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; a promise is awaited."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def text_of(self, selector: str) -> str:
        """The text of the first such element, as soon as there is one that shows something."""
        text: str = self.evaluate(_WHEN_SHOWN % {"selector": json.dumps(selector)})
        return text

    def click(self, selector: str) -> None:
        """Click the first such element, as soon as there is one."""
        self.text_of(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")


_WHEN_SHOWN = """
new Promise((resolve) => {
  const look = () => {
    const found = document.querySelector(%(selector)s);
    if (found && found.innerText.trim()) { observer.disconnect(); resolve(found.innerText); }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });
  look();
})
"""


@contextmanager
def chromium(folder: Path) -> Iterator[ClientConnection]:
    """Run the browser with its profile in *folder*; it reaches no host but this one."""
    command = [
        require_chromium(),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "about:blank",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as browser:
        try:
            assert browser.stderr is not None
            for line in browser.stderr:
                if address := re.search(r"ws://\S+", line):
                    break
            else:
                pytest.fail("the browser did not start")
            with connect(address[0], max_size=None, proxy=None) as connection:
                yield connection
        finally:
            browser.terminate()
