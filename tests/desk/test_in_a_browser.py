"""A real browser at a real desk: what it does with headers and forms is not what a test client does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.browser import Browser, find_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None and not os.environ.get("FIRSTCONTACT_NO_SKIPS"), reason="no Chromium"),
]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The one-time address of an empty desk that runs as a program."""
    (tmp_path / "passphrase").write_text("lantern otter gravel teaspoon", encoding="utf-8")
    environment = {**os.environ, "FIRSTCONTACT_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    command = [sys.executable, "-m", "sync.desk"]
    named = ["--home", str(tmp_path / "desk")]
    made = subprocess.run(
        [*command, "init", *named, "--agency", "LLA=Later Life Ambleshire"],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert json.loads(made.stdout)["parties"]
    with subprocess.Popen(
        [*command, *named, "--no-post"], env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("ready ").strip()
        process.terminate()


def test_a_browser_may_send_the_forms_of_the_desk(address: str) -> None:
    """Find and Sign out work from Chromium, which says by itself where a form comes from."""
    program = find_chromium()
    assert program is not None
    with Browser(program) as browser:
        browser.open(address)
        assert "Later Life Ambleshire" in browser.run("document.body.innerText")
        browser.press("document.querySelector('form[action$=find] button').click()")
        assert "Find a referral" in browser.run("document.querySelector('h1').innerText")
        browser.press("document.querySelector('form[action$=leave] button').click()")
        assert "signed out" in browser.run("document.querySelector('h1').innerText")
