"""What the store promises to whoever writes visits into it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from firstcontact.store import errors
from firstcontact.store.schema import MIGRATIONS
from firstcontact.store.store import Store, VisitSummary
from firstcontact.store.streams import Stream
from sync.base.sealed_db import Migration, SealedDb
from sync.base.slots import new_code
from sync.base.vault_errors import NotSaved
from tests.store.small_vault import PASSPHRASE

STARTED = [("visit", {"type": "VisitStarted"})]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


def test_events_come_back_in_the_order_of_writing_after_a_restart(path: Path) -> None:
    """Events of several streams, closed and opened in the middle, come back as one list in their order."""
    said: list[tuple[Stream, dict[str, int]]]
    said = [("visit", {"n": 1}), ("p1", {"n": 2}), (("safeguarding", "p1"), {"n": 3}), ("p2", {"n": 4})]
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {"line": "a"}, said[:2])
    with Store.open(path, PASSPHRASE) as store:
        store.append("v1", said[2:])
        assert store.events("v1") == [event for _, event in said]
    with Store.open(path, PASSPHRASE) as store:
        store.append("v1", [("p2", {"n": 5})])
        assert [event["n"] for event in store.events("v1")] == [1, 2, 3, 4, 5]
        assert not list(store.verify())


def test_the_list_of_visits_is_what_was_last_said_of_each(path: Path) -> None:
    """Summaries in the order of making, over several pages, changed in place."""
    with Store.create(path, PASSPHRASE) as store:
        for number in range(300):
            store.new_visit(f"v{number}", {"n": number})
        store.append("v7", [("visit", {})], summary={"n": "changed"})
        expected = [VisitSummary(f"v{number}", {"n": number if number != 7 else "changed"}) for number in range(300)]
        assert store.visits() == expected
        key = store._file.vault.store_key
    with Store.open(path, store_key=key) as store:
        assert store.visits() == expected
        assert store.summary("v7") == {"n": "changed"}
        assert store.visits(lambda visit: visit.summary["n"] == 299) == expected[299:]


def test_an_act_is_one_transaction(path: Path) -> None:
    """If a document of the act cannot be written, none of its events are there, and the next act works."""
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {}, STARTED)
        with pytest.raises(ValueError, match="JSON"):
            store.append("v1", [("p1", {"n": 1})], puts=[("outbox", "r1", {"n": float("nan")})])
        assert store.events("v1") == [STARTED[0][1]]
        store.append("v1", [("p1", {"n": 2})], puts=[("outbox", "r1", {"n": 2})])
        assert store.events("v1") == [STARTED[0][1], {"n": 2}]
        assert store.journal.get("outbox", "r1") == {"n": 2}
        assert not list(store.verify())


def test_every_person_has_all_streams_at_once(path: Path) -> None:
    """The streams that a file shows do not tell whether anything of the safeguarding kind was ever written."""
    counts: list[int] = []
    streams: tuple[Stream, ...] = ("p1", ("safeguarding", "p1"))
    for stream in streams:
        place = path.with_name(f"{len(counts)}.db")
        with Store.create(place, PASSPHRASE) as store:
            store.new_visit("v1", {}, [*STARTED, (stream, {"n": 1})])
            counts.append(store._file.db.execute("SELECT count(*) FROM stream").fetchone()[0])
    assert counts == [3, 3]


def test_many_visits_written_at_once_do_not_grow_the_head(path: Path) -> None:
    """Forty visits answered in turn without a pause: all there afterwards, and the head stays a short row."""
    with Store.create(path, PASSPHRASE) as store:
        for number in range(40):
            store.new_visit(f"v{number}", {"n": number}, STARTED)
        for turn in range(2):
            for number in range(40):
                store.append(f"v{number}", [("p1", {"turn": turn})])
        assert store._file.db.execute("SELECT length(sealed) FROM head").fetchone()[0] < 4096
    with Store.open(path, PASSPHRASE) as store:
        assert all(len(store.events(f"v{number}")) == 3 for number in range(40))
        assert not list(store.verify())


def test_an_unknown_visit_and_a_visit_made_twice_are_refused(path: Path) -> None:
    """Nothing is written to a visit that the register does not know, nor over one that it does."""
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {}, STARTED)
        with pytest.raises(errors.VisitUnknown):
            store.append("v2", STARTED)
        with pytest.raises(errors.VisitUnknown):
            store.events("v2")
        with pytest.raises(ValueError, match="already"):
            store.new_visit("v1", {}, STARTED)
        assert len(store.visits()) == 1


def test_a_wrong_passphrase_is_a_clear_no(path: Path) -> None:
    """It says that it did not open, and nothing more; the right one still opens."""
    Store.create(path, PASSPHRASE).close()
    for wrong in (b"", b"lantern otter gravel teaspoo", PASSPHRASE + b" "):
        with pytest.raises(errors.WrongPassphrase) as caught:
            Store.open(path, wrong)
        assert str(caught.value) == "That did not open it. Check Caps Lock."
    Store.open(path, PASSPHRASE).close()


def test_the_ways_in_are_exchanged_one_by_one(path: Path) -> None:
    """Code and recovery key open what the passphrase opens; a new passphrase takes the old one's place."""
    from joserfc.jwk import ECKey

    scheme, stranger = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    code = new_code()
    with Store.create(path, PASSPHRASE, recovery_code=code, recovery_key=scheme.as_dict(private=False)) as store:
        store.new_visit("v1", {}, STARTED)
    with Store.open(path, code=code.lower().replace("-", " ")) as store:
        assert store.ways_in() == ("passphrase", "code", "recovery")
        store.set_passphrase(b"a new one of four words")
        store.set_code(None)
        assert store.ways_in() == ("recovery", "passphrase")
    for refused in ({"code": code}, {"passphrase": PASSPHRASE}, {"recovery_key": stranger.as_dict(private=True)}):
        with pytest.raises(errors.WrongPassphrase):
            Store.open(path, **refused)
    with Store.open(path, recovery_key=scheme.as_dict(private=True)) as store:
        assert len(store.events("v1")) == 1
    Store.open(path, b"a new one of four words").close()


def test_a_vault_is_never_made_over_another(path: Path) -> None:
    """Making one where one is: refused, and the first is as it was."""
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {}, STARTED)
    with pytest.raises(errors.StoreExists):
        Store.create(path, b"another passphrase")
    with Store.open(path, PASSPHRASE) as store:
        assert len(store.visits()) == 1


def test_what_is_no_vault_is_left_alone(path: Path) -> None:
    """A missing file, an empty one, a text and a strange database: refused by name, and not a byte changed."""
    with pytest.raises(errors.StoreMissing):
        Store.open(path, PASSPHRASE)
    for content in (b"", b"not a database, but a letter\n" * 400, b"SQLite format 3\0" + bytes(4080)):
        path.write_bytes(content)
        with pytest.raises(errors.StoreDamaged):
            Store.open(path, PASSPHRASE)
        assert path.read_bytes() == content


def test_a_second_writer_is_refused_and_a_reader_sees_what_is_durable(path: Path) -> None:
    """In another process: writing says that First Contact is open here; reading works beside the writer."""
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {"line": "a"}, STARTED)
        script = (
            "import sys; from pathlib import Path; from firstcontact.store.store import Store\n"
            "from firstcontact.store.errors import StoreBusy\n"
            "key = bytes.fromhex(sys.argv[2])\n"
            "try: Store.open(Path(sys.argv[1]), store_key=key)\n"
            "except StoreBusy as error: print(error.title)\n"
            "with Store.open(Path(sys.argv[1]), store_key=key, read_only=True) as store: print(store.events('v1'))\n"
        )
        arguments = [sys.executable, "-c", script, str(path), store._file.vault.store_key.hex()]
        said = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert said == "First Contact is open here and is sending by itself.\n[{'type': 'VisitStarted'}]\n"


def test_a_reader_follows_the_writer_and_cannot_write(path: Path) -> None:
    """A read-only store opened before an act sees the act after it, and refuses to write."""
    with Store.create(path, PASSPHRASE) as store, Store.open(path, PASSPHRASE, read_only=True) as reader:
        assert reader.visits() == []
        store.new_visit("v1", {"line": "a"}, STARTED, puts=[("outbox", "r1", {"n": 1})])
        store.append("v1", [("p1", {"n": 1})])
        assert reader.visits() == store.visits()
        assert reader.events("v1") == store.events("v1")
        assert list(reader.journal.load("outbox")) == [("r1", {"n": 1})]
        store.append("v1", [("p1", {"n": 2})], puts=[("outbox", "r1", {"n": 2})])
        assert reader.events("v1") == store.events("v1")
        assert reader.journal.get("outbox", "r1") == {"n": 2}
        with pytest.raises(errors.StoreReadOnly):
            reader.append("v1", [("p1", {"n": 3})])


def test_readers_and_the_writer_run_side_by_side(path: Path) -> None:
    """Three threads read while one writes: each reading is one moment, whole, and never goes back."""
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {}, STARTED)
        key = store._file.vault.store_key
        done = threading.Event()
        wrong: list[Any] = []
        looked = [0, 0, 0]

        def look(place: int, reader: Store) -> None:
            last = 0
            while not done.is_set() or looked[place] < 3:
                events = reader.events("v1")
                documents = dict(reader.journal.load("outbox"))
                if len(events) < last or [event["n"] for event in events[1:]] != list(range(len(events) - 1)):
                    wrong.append(events)
                if documents and documents["r1"]["n"] < len(events) - 2:
                    wrong.append(documents)
                last = len(events)
                looked[place] += 1

        with (
            Store.open(path, store_key=key, read_only=True) as one,
            Store.open(path, store_key=key, read_only=True) as two,
        ):
            threads = [threading.Thread(target=look, args=pair) for pair in enumerate((one, two, store))]
            for thread in threads:
                thread.start()
            for number in range(150):
                store.append("v1", [("p1", {"n": number})], puts=[("outbox", "r1", {"n": number})])
            done.set()
            for thread in threads:
                thread.join()
        assert not wrong
        assert min(looked) >= 3
        assert len(store.events("v1")) == 151


def test_a_write_that_the_disk_did_not_take_is_never_called_saved(path: Path) -> None:
    """With the file at its size limit the act says that it was not saved, is not there, and later acts work."""
    resource = pytest.importorskip("resource")
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {}, STARTED)
        store.append("v1", [("p1", {"n": 0})], puts=[("outbox", "r1", {"n": 0})])
        before = store.events("v1")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        refused = 0
        for room in range(0, 16384, 512):
            size = path.with_name("vault.db-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, hard))
            try:
                store.append("v1", [("p1", {"n": 1})], puts=[("outbox", "r1", {"n": 1})], summary={"line": "x"})
                before = [*before, {"n": 1}]
            except errors.NotSaved:
                refused += 1
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert store.events("v1") == before
        assert refused > 3
        store.append("v1", [("p1", {"n": 2})])
        assert store.events("v1") == [*before, {"n": 2}]
        assert not list(store.verify())


def test_migrations_run_once_with_their_record_and_never_reseal(path: Path) -> None:
    """A vault of an older version gains the new table, keeps every sealed byte, and opens again without a change."""
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit("v1", {}, STARTED)
    more = (*MIGRATIONS, Migration("0003 one more", ("CREATE TABLE more (x INTEGER) STRICT",)))
    for _ in range(3):
        db = SealedDb.open(path, more)
        assert db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (3,)
        assert db.execute("SELECT count(*) FROM event").fetchone() == (1,)
        db.close()
    with pytest.raises(errors.StoreTooNew):
        Store.open(path, PASSPHRASE)


def test_a_migration_that_fails_leaves_nothing_behind(path: Path) -> None:
    """Its first statements are rolled back with it, and the vault opens as before."""
    Store.create(path, PASSPHRASE).close()
    statements = ("CREATE TABLE more (x INTEGER NOT NULL) STRICT", "INSERT INTO more SELECT NULL FROM slot")
    with pytest.raises(NotSaved):
        SealedDb.open(path, (*MIGRATIONS, Migration("0003 broken", statements)))
    Store.open(path, PASSPHRASE).close()


def test_making_a_vault_is_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it stops before the last step there is no vault, and the next try makes one."""
    monkeypatch.setattr("sync.base.sealed_db._sync_folder", lambda _folder: None)
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("power")))
    with pytest.raises(errors.NotSaved):
        Store.create(path, PASSPHRASE)
    assert not path.exists()
    monkeypatch.setattr(Path, "replace", replace)
    Store.create(path, PASSPHRASE).close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["vault.db", "vault.db.lock"]


def test_damage_to_one_visit_leaves_the_others_usable(path: Path) -> None:
    """The damaged visit is named and takes no more events; the other is read and written; it can still be erased."""
    with Store.create(path, PASSPHRASE) as store:
        for visit in ("v1", "v2"):
            store.new_visit(visit, {"of": visit}, STARTED)
        store.append("v1", [("visit", {"n": 1})])
        stream = store._streams.ids_of(store._register.opaque_id("v1"))[0]
        store._file.db.execute("DELETE FROM event WHERE stream = ? AND seq = 2", (stream,))
        with pytest.raises(errors.VisitDamaged) as caught:
            store.events("v1")
        assert caught.value.visit_id == "v1"
        assert [(found.part, found.name) for found in store.damage()] == [("visit", "v1")]
        store.append("v2", [("visit", {"n": 1})])
        assert len(store.events("v2")) == 2
        assert [found.name for found in store.verify()] == ["v1"]
        store.erase_visit("v1")
        assert not list(store.verify())


def test_a_damaged_page_of_the_list_is_named_and_new_visits_go_on(path: Path) -> None:
    """With the first page of the list gone, its visits are reported as not listed, and work goes on beside them."""
    with Store.create(path, PASSPHRASE) as store:
        for number in range(130):
            store.new_visit(f"v{number}", {"n": number}, STARTED)
        key = store._file.vault.store_key
        store._file.db.execute("UPDATE register SET list = zeroblob(length(list)) WHERE page = 0")
    with Store.open(path, store_key=key) as store:
        assert [visit.visit_id for visit in store.visits()] == ["v128", "v129"]
        assert "128 visits cannot be listed" in store.damage()[0].why
        store.new_visit("v130", {"n": 130}, STARTED)
        store.append("v128", [("visit", {"n": 1})])
        assert [visit.visit_id for visit in store.visits()] == ["v128", "v129", "v130"]
        assert len(store.events("v128")) == 2
