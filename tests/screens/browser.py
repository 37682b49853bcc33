"""Chromium without a window, spoken to through a pipe: it opens a page as a person would, and takes its picture.

Its own `--screenshot` option knows neither a session nor a window of 320 pixels; the pipe knows both.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-lcd-text",
    "--lang=en-GB",
    "--remote-debugging-pipe",
)


def find_chromium() -> str | None:
    """Where Chromium is, if it is installed."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


class Browser:
    """One browser with one page; use it in a `with`."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="firstcontact-browser-")
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()

        def as_it_expects() -> None:
            # It reads commands from descriptor 3 and answers on 4; high copies keep one from closing another.
            high_read, high_write = os.dup2(to_read, 100), os.dup2(to_write, 101)
            os.dup2(high_read, 3)
            os.dup2(high_write, 4)

        self._process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={self._folder}", "about:blank"],
            env={**os.environ, "LANGUAGE": "en_GB", "LC_ALL": "en_GB.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=as_it_expects,
            close_fds=False,
        )
        os.close(to_read)
        os.close(to_write)
        self._rest = b""
        self._number = 0
        self._session = ""

    def __enter__(self) -> Self:
        target = self._do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._do("Page.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, address: str) -> None:
        """Open an address and wait until its page has come. Raises: AssertionError, if it does not."""
        answer = self._do("Page.navigate", url=address)
        assert "errorText" not in answer, f"{address}: {answer['errorText']}"
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:
        """What a line of script says about the page."""
        return self._do("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def press(self, script: str) -> None:
        """Run a line of script that leads to another page, and wait for it."""
        self._do("Runtime.evaluate", expression=script)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def picture(self, path: Path, width: int, height: int) -> None:
        """The whole page in a window of this size, as a PNG."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._do("Emulation.setDeviceMetricsOverride", **metrics)
        tall = max(int(self.run("document.documentElement.scrollHeight")), height)
        wide = int(self.run("document.documentElement.scrollWidth"))
        assert wide <= width, f"{path.name}: the page is {wide} pixels wide in a window of {width}"
        clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
        shot = self._do("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 20)
            assert more, "Chromium has ended"
            self._rest += more
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message
