"""The real programs together: a referral by mailbox to the desk, an answer back, nothing readable at rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sync.base.references import show_reference
from tests.desk.parts import reference
from tests.desk.programs import World, not_once
from tests.desk.test_pages import csrf_of, hidden

CANARIES = ("Pilchard", "AY12 3PL", "07700900121", "Creel Street", "which-floor-canary", "OWN-CANARY")
REF = reference(1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A scheme of this test's own."""
    made = World(tmp_path)
    yield made
    made.close()


def seen_in(folder: Path, texts: list[str]) -> tuple[set[str], int]:
    """Canaries found in any byte of any file or any printed line, and how many bytes were looked at."""
    blobs = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    blobs += [text.encode() for text in texts]
    found = {
        canary
        for canary in CANARIES
        for blob in blobs
        for form in (canary.encode(), canary.encode("utf-16-le"), canary.replace(" ", "").encode())
        if form in blob
    }
    return found, sum(map(len, blobs))


def test_a_referral_goes_there_and_an_answer_comes_back(world: World) -> None:
    """Laptop, mailbox, desk page, and back: receipt, read and the answer, each once; no canary anywhere at rest."""
    with world.mailbox() as mailbox:
        world.refer(range(1, 2))
        desk = world.serve()
        address = desk.ready()
        world.until(lambda: world.received(range(1, 2)) == 1)
        with httpx.Client(follow_redirects=True) as browser:
            base = address.split("/enter/")[0]
            chooser = browser.get(address)
            inbox = browser.post(f"{base}/agencies", data={"csrf": csrf_of(chooser), "agency": "LLA"})
            assert show_reference(REF) in inbox.text
            link = f"{base}/at/LLA/referral/{REF}"
            page = browser.get(link)
            assert "Desmond Pilchard" in page.text
            world.until(lambda: [status.business_status for status in world.statuses] == ["read"])
            form = browser.get(f"{link}/answer/send-back")
            typed = {"outcome": "not-enough-information", "what": "which-floor-canary", "own_number": "OWN-CANARY"}
            saved = browser.post(f"{link}/answer/send-back", data={**hidden(form), **typed})
            assert "Until then you can take it back." in saved.text
            browser.post(f"{link}/send-now", data={"csrf": csrf_of(saved)})
            world.until(lambda: len(world.statuses) == 2)
        assert [(status.work, status.detail) for status in world.statuses][-1] == ("rejected", "which-floor-canary")
        assert [status.rev for status in world.statuses] == [1, 2]
        assert desk.end() == 0
        printed = [*desk.lines, *mailbox.lines]
        found, looked = seen_in(world.folder, printed)
        assert found == set()
        assert looked > 50_000
        print(f"looked for {len(CANARIES)} canaries in {looked} bytes")  # noqa: T201 - how much it looked at


def test_the_canary_test_would_notice(tmp_path: Path) -> None:
    """The control: a leak planted in a file, in another encoding or in a printed line is found."""
    (tmp_path / "leak.log").write_bytes(b"\x00xxPilchardxx")
    (tmp_path / "leak.bin").write_bytes("Creel Street".encode("utf-16-le"))
    assert seen_in(tmp_path, ["at AY123PL"])[0] == {"Pilchard", "Creel Street", "AY12 3PL"}


def test_the_command_line_does_all_of_it(world: World) -> None:
    """init, sync, list, open, answer and sync again, without a page; a list names nobody."""
    with world.mailbox():
        world.refer(range(1, 3))
        world.exchange.run_once()
        report = json.loads(world.desk("sync", "--pack", str(world.pack_file), "--json"))
        assert report["LLA"]["collected"] == 2
        assert report["RTH"] == {"collected": 0, "deposited": 0, "waiting": 0, "problem": None}
        listed = json.loads(world.desk("list", "--agency", "LLA", "--json"))
        assert sorted(row["reference"] for row in listed) == sorted(reference(seed) for seed in (1, 2))
        assert [row["versions"] for row in listed] == [[1], [1]]
        assert json.loads(world.desk("list", "--agency", "RTH", "--json")) == []
        text = world.desk("list", "--agency", "LLA")
        assert "Pilchard" not in text
        assert show_reference(REF) in text
        opened = world.desk("open", "--agency", "LLA", show_reference(REF).lower())
        assert opened.index("Before you ring") < opened.index("Asked for")
        assert "Desmond Pilchard" in opened
        press = ("answer", "--agency", "LLA", REF)
        world.desk(*press, "could-not-reach", "--date", "2026-01-29", "--date", "2026-01-30", "--now")
        world.desk("sync")
        world.until(lambda: [status.business_status for status in world.statuses] == ["read", "could-not-reach"])
        again = ("sync.desk", "answer", "--home", str(world.desk_home), "--agency", "LLA", REF)
        wrong = world.run(*again, "helped", expect=1)
        assert "Choose one." in wrong
        assert "Traceback" not in wrong
        other = world.run("sync.desk", "open", "--home", str(world.desk_home), "--agency", "RTH", REF, expect=1)
        assert "no such referral" in other
    assert not_once(world.ledger(), range(1, 3)) == []


def test_wrong_passphrase_and_no_desk_say_so_plainly(world: World) -> None:
    """A wrong passphrase says that it did not open, and nothing more; no desk says how to make one."""
    world.passphrase.write_text("not the passphrase at all\n")
    said = world.run("sync.desk", "list", "--home", str(world.desk_home), expect=1)
    assert re.search("did not open", said)
    assert "firstcontact-desk init" in world.run("sync.desk", "list", "--home", str(world.folder / "no"), expect=1)


def test_the_desk_outlives_a_mailbox_that_is_away(world: World) -> None:
    """Without a mailbox the pages work, answers wait, and everything goes once when it is back."""
    with world.mailbox():
        world.refer(range(1, 2))
        world.exchange.run_once()
        world.desk("sync", "--pack", str(world.pack_file))
        world.until(lambda: world.received(range(1, 2)) == 1)
    world.desk("open", "--agency", "LLA", REF)
    said = world.run("sync.desk", "sync", "--home", str(world.desk_home), expect=1)
    assert "Traceback" not in said
    with world.mailbox():
        world.desk("sync")
        world.until(lambda: len(world.statuses) == 1)
    assert world.statuses[0].business_status == "read"
