"""What somebody reads who has the disk and no key: nothing that was said."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest

from firstcontact.store.store import Store
from tests.store.small_vault import PASSPHRASE

CANARIES = {
    "name": "Edith Bramblecote",
    "postcode": "AY9 2LM",
    "date": "1941-11-05",
    "phone": "01632 960433",
    "note": "Stürzte zweimal im Flur, ŵyr yn ymweld",
    "number": "48151623",
    "question": "B1b-could-not-get-up",
    "partner": "AFR-fire-and-rescue",
    "service": "fire-visit-service",
    "kind": "outbox-of-referrals",
    "document": "7K3M9Q2TX4VB1",
    "visit": "visit-kiln-cottage",
    "person": "person-edith",
    "summary": "half done, stopped in part E",
}


def spellings(canary: str) -> list[bytes]:
    """As it may stand in a file: UTF-8, UTF-16, JSON, upper case, hexadecimal, base64 at each of three offsets."""
    text = canary.encode()
    found = [
        text,
        canary.encode("utf-16-le"),
        json.dumps(canary)[1:-1].encode(),
        canary.upper().encode(),
        text.hex().encode(),
    ]
    found += [base64.b64encode(bytes(at) + text)[4 if at else 0 : -4] for at in range(3)]
    return [each for each in found if len(each) >= 7]


def leaks(folder: Path) -> set[str]:
    """Canaries that stand in the bytes or the name of any file below a folder."""
    found = set()
    for path in folder.rglob("*"):
        content = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        found |= {name for name, canary in CANARIES.items() if any(each in content for each in spellings(canary))}
    return found


def fill(store: Store) -> None:
    """Put every canary wherever the store takes words."""
    c = CANARIES
    store.new_visit(c["visit"], {"line": c["summary"], "who": c["name"]}, [("visit", {"type": "VisitStarted", **c})])
    store.append(c["visit"], [(c["person"], dict(c)), (("safeguarding", c["person"]), {"note": c["note"]})])
    store.append(
        c["visit"], [(c["person"], {name: value}) for name, value in c.items()], summary={"line": c["summary"]}
    )
    store.append(c["visit"], [("visit", {})], puts=[(c["kind"], c["document"], dict(c))])
    store.journal.commit([(c["kind"], c["document"], {"again": c["name"]}), (c["kind"], c["note"], {})])


def test_nothing_said_is_readable_on_the_disk(tmp_path: Path) -> None:
    """No canary of any kind in the database, its log, its lock or a file name, open or closed."""
    with Store.create(tmp_path / "vault.db", PASSPHRASE) as store:
        fill(store)
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["vault.db", "vault.db-shm", "vault.db-wal", "vault.db.lock"]
        assert leaks(tmp_path) == set()
    assert leaks(tmp_path) == set()
    assert (tmp_path / "vault.db").stat().st_size > 20_000


@pytest.mark.parametrize("name", CANARIES)
def test_a_planted_leak_is_found(tmp_path: Path, name: str) -> None:
    """Positive control: each canary, written beside the seals into the same file, is found there."""
    with Store.create(tmp_path / "vault.db", PASSPHRASE) as store:
        fill(store)
        store._file.db.execute("UPDATE slot SET record = CAST(record || ? AS BLOB)", (CANARIES[name].encode(),))
        assert leaks(tmp_path) == {name}


def test_what_was_erased_leaves_no_bytes(tmp_path: Path) -> None:
    """After a person and a visit are erased: not one row, key or sealed byte of theirs in the file or its log."""
    with Store.create(tmp_path / "vault.db", PASSPHRASE) as store:
        store.new_visit("v1", {"line": "Edith"}, [("visit", {"n": 1}), ("edith", {"n": 2}), ("horace", {"n": 3})])
        for number in range(40):
            store.append("v1", [("edith", {"n": number, "note": "x" * number * 40})])
        store.new_visit("v2", {"line": "other"}, [("visit", {"n": 1}), ("bert", {"n": 2})])
        streams = store._in_hand["v1"].streams
        doomed = {streams["edith"].stream_id, streams["safeguarding", "edith"].stream_id}
        doomed |= {seal.stream_id for seal in store._in_hand["v2"].streams.values()}
        pieces = [bytes(row[0]) for row in store._file.db.execute("SELECT list FROM register")]
        for stream_id in doomed:
            query = "SELECT wrapped FROM stream WHERE id = ?1 UNION ALL SELECT sealed FROM event WHERE stream = ?1"
            pieces += [bytes(row[0]) for row in store._file.db.execute(query, (stream_id,))]
        assert len(pieces) > 45
        present = (tmp_path / "vault.db").read_bytes() + (tmp_path / "vault.db-wal").read_bytes()
        assert all(piece[-16:] in present for piece in pieces), "the control: before, each is there"

        assert store.erase_person("v1", "edith", {"line": "a person was erased"})
        assert store.erase_visit("v2")
        left = (tmp_path / "vault.db").read_bytes() + (tmp_path / "vault.db-wal").read_bytes()
        for piece in pieces:
            assert not any(piece[start : start + 12] in left for start in range(0, len(piece) - 12, 12))
        assert [event["n"] for event in store.events("v1")] == [1, 3]
        assert [visit.visit_id for visit in store.visits()] == ["v1"]
        assert not list(store.verify())
        stones = {ident for ident, _ in store.journal.load("_tombstone")}
        assert stones == {stream_id.hex() for stream_id in doomed}


def test_a_reader_delays_the_cutting_of_the_log_and_it_is_made_good(tmp_path: Path) -> None:
    """While a reader holds the log, erasing says that the bytes are not out yet; the next write takes them out."""
    with Store.create(tmp_path / "vault.db", PASSPHRASE) as store:
        store.new_visit("v1", {"line": "Edith"}, [("visit", {"n": 1}), ("edith", {"n": 2})])
        with Store.open(tmp_path / "vault.db", PASSPHRASE, read_only=True) as reader:
            store._file.db.execute("PRAGMA busy_timeout=10")
            with reader._file.reading():
                store.append("v1", [("edith", {"n": 3})])
                assert not store.erase_person("v1", "edith", {})
        store.append("v1", [("visit", {"n": 4})])
        assert (tmp_path / "vault.db-wal").stat().st_size == 0


def test_sealed_rows_tell_only_the_step_of_256_bytes_that_they_fall_in(tmp_path: Path) -> None:
    """A yes and a no, and a short name and a longer one, leave rows of the same length."""
    with Store.create(tmp_path / "vault.db", PASSPHRASE) as store:
        store.new_visit("v1", {}, [("p1", {"value": value}) for value in ("no", "prefers-not-to-say", "x" * 150)])
        lengths = {row[0] for row in store._file.db.execute("SELECT length(sealed) FROM event")}
        assert lengths == {12 + 256 + 16}
        for table, column in (
            ("head", "sealed"),
            ("register", "list"),
            ("register", "chains"),
            ("document_sums", "sealed"),
        ):
            for (length,) in store._file.db.execute(f"SELECT length({column}) FROM {table}"):  # noqa: S608
                assert (length - 12 - 16) % 256 == 0


def test_the_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    """Database and log are readable by nobody else on the machine."""
    if os.name != "posix":
        pytest.skip("file modes are POSIX")
    with Store.create(tmp_path / "vault.db", PASSPHRASE) as store:
        store.new_visit("v1", {}, [("visit", {})])
        assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("vault.db*") if path.suffix != ".lock"} == {0}
