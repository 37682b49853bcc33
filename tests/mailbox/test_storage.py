"""The mailbox's memory on a real file."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2

from sync.mailbox.group_commit import GroupCommit
from sync.mailbox.sqlite import SqliteStorage
from sync.mailbox.storage import Deposit, Nonce, NonceSpent, StorageUnavailable, Stored, StoredPack

DAY = 86400
_numbers = itertools.count(1)


def a_nonce(value: str = "", expires_at: int = 10_000) -> Nonce:
    """A nonce never seen before, unless its value is given."""
    return Nonce("kid", value or f"nonce-{next(_numbers)}", expires_at)


def a_deposit(batch_id: str = "b1", text: bytes = b"sealed", **more: Any) -> Deposit:
    """A batch from dev-1 to AFR."""
    usual = Deposit(
        addressee="AFR",
        sender="dev-1",
        batch_id=batch_id,
        digest="d",
        body_digest=str(hash(text)),
        sender_sequence=1,
        deposited_at=100,
        receipt=f"receipt of {batch_id}",
        signature="signature",
        text=text,
    )
    return replace(usual, **more)


@asynccontextmanager
async def storage_at(path: Path, **more: Any) -> AsyncIterator[SqliteStorage]:
    """A storage, closed at the end."""
    storage = SqliteStorage(path, **more)
    try:
        yield storage
    finally:
        await storage.close()


def with_storage(tmp_path: Path, story: Callable[[SqliteStorage], Awaitable[None]], **more: Any) -> None:
    """Play a story on a fresh file."""

    async def play() -> None:
        async with storage_at(tmp_path / "mailbox.db", **more) as storage:
            await story(storage)

    asyncio.run(play())


def test_a_batch_is_stored_once_and_keeps_its_first_receipt(tmp_path: Path) -> None:
    """The same bytes under the same id are the same batch, whatever receipt was made for the repeat."""

    async def story(storage: SqliteStorage) -> None:
        assert (await storage.deposit(a_deposit(), a_nonce())).stored is Stored.NEW
        again = await storage.deposit(a_deposit(receipt="a later one"), a_nonce())
        assert (again.stored, again.receipt) == (Stored.AGAIN, "receipt of b1")
        other = await storage.deposit(a_deposit(text=b"other"), a_nonce())
        assert (other.stored, other.receipt) == (Stored.OTHER_BYTES, "")
        waiting = await storage.waiting("AFR", 0, 10, 10**6)
        assert [batch.text for batch in waiting] == [b"sealed"]

    with_storage(tmp_path, story)


def test_an_id_belongs_to_one_sender_and_addressee(tmp_path: Path) -> None:
    """Another sender, or another addressee, may use the same batch id for its own batch."""

    async def story(storage: SqliteStorage) -> None:
        for deposit in (a_deposit(), a_deposit(sender="dev-2"), a_deposit(addressee="SSA")):
            assert (await storage.deposit(deposit, a_nonce())).stored is Stored.NEW

    with_storage(tmp_path, story)


def test_everything_survives_a_new_opening(tmp_path: Path) -> None:
    """What was acknowledged is there after the file is closed and opened again."""
    path = tmp_path / "mailbox.db"

    async def first() -> None:
        async with storage_at(path) as storage:
            await storage.deposit(a_deposit(sender_sequence=7), a_nonce("spent"))
            await storage.save_pack(StoredPack(3, {"keys.json": b"k"}, "{}"))

    async def second() -> None:
        async with storage_at(path) as storage:
            assert len(await storage.waiting("AFR", 0, 10, 10**6)) == 1
            assert (await storage.state("dev-1")).highest_sender_sequence == 7
            assert await storage.pack() == StoredPack(3, {"keys.json": b"k"}, "{}")
            with pytest.raises(NonceSpent):
                await storage.spend(a_nonce("spent"))

    asyncio.run(first())
    asyncio.run(second())


def test_collecting_takes_the_bodies_and_leaves_the_traces(tmp_path: Path) -> None:
    """After collection nothing of the sealed text is in the file; the receipt and the refusal of a second use are."""

    async def story(storage: SqliteStorage) -> None:
        for number in range(5):
            await storage.deposit(a_deposit(f"b{number}", text=b"CANARY" * 500), a_nonce())
        assert await storage.collected("AFR", 3, 200, a_nonce()) == 3
        assert await storage.collected("AFR", 3, 200, a_nonce()) == 0
        assert [batch.batch_id for batch in await storage.waiting("AFR", 0, 10, 10**6)] == ["b3", "b4"]
        assert (await storage.state("AFR")).waiting == 2
        kept = await storage.receipt("AFR", "dev-1", "b0")
        assert kept is not None
        assert (kept.receipt, kept.collected) == ("receipt of b0", True)
        assert (await storage.deposit(a_deposit("b0", text=b"CANARY" * 500), a_nonce())).stored is Stored.AGAIN
        await storage.collected("AFR", 99, 200, a_nonce())

    with_storage(tmp_path, story)
    assert b"CANARY" not in (tmp_path / "mailbox.db").read_bytes()


def test_traces_go_after_their_days_and_positions_are_never_used_twice(tmp_path: Path) -> None:
    """400 days after collection the trace goes; what waits never goes, and a new batch gets a new place."""

    async def story(storage: SqliteStorage) -> None:
        for number in range(4):
            await storage.deposit(a_deposit(f"b{number}"), a_nonce())
        await storage.collected("AFR", 2, 1_000, a_nonce())
        await storage.collected("AFR", 3, 500 * DAY, a_nonce())
        assert await storage.forget(now=1_000 + 400 * DAY, keep_seconds=400 * DAY) == 0
        assert await storage.forget(now=1_001 + 400 * DAY, keep_seconds=400 * DAY) == 2
        assert await storage.receipt("AFR", "dev-1", "b1") is None
        assert await storage.receipt("AFR", "dev-1", "b2") is not None
        await storage.deposit(a_deposit("b9"), a_nonce())
        assert [batch.position for batch in await storage.waiting("AFR", 0, 10, 10**6)] == [4, 5]

    with_storage(tmp_path, story)


def test_a_page_is_bounded_by_number_and_by_size(tmp_path: Path) -> None:
    """A page holds what fits, in order of arrival, and always at least one batch."""

    async def story(storage: SqliteStorage) -> None:
        for number in range(6):
            await storage.deposit(a_deposit(f"b{number}", text=b"x" * 1000), a_nonce())
        positions = [batch.position for batch in await storage.waiting("AFR", 2, 3, 10**6)]
        assert positions == [3, 4, 5]
        assert len(await storage.waiting("AFR", 0, 10, 2_500)) == 2
        assert len(await storage.waiting("AFR", 0, 10, 1)) == 1

    with_storage(tmp_path, story)


def test_a_full_mailbox_refuses_and_recovers(tmp_path: Path) -> None:
    """Memory and disk have a bound per addressee; repeats of what is there still get their receipt."""

    async def story(storage: SqliteStorage) -> None:
        for number in range(3):
            await storage.deposit(a_deposit(f"b{number}"), a_nonce())
        assert (await storage.deposit(a_deposit("b3"), a_nonce())).stored is Stored.FULL
        assert (await storage.deposit(a_deposit("b1"), a_nonce())).stored is Stored.AGAIN
        await storage.collected("AFR", 1, 200, a_nonce())
        assert (await storage.deposit(a_deposit("b3"), a_nonce())).stored is Stored.NEW

    with_storage(tmp_path, story, most_waiting=3)


def test_a_spent_nonce_undoes_the_act_with_it(tmp_path: Path) -> None:
    """A replayed deposit or collection does nothing at all."""

    async def story(storage: SqliteStorage) -> None:
        await storage.deposit(a_deposit("b1"), a_nonce("one"))
        with pytest.raises(NonceSpent):
            await storage.deposit(a_deposit("b2"), a_nonce("one"))
        with pytest.raises(NonceSpent):
            await storage.collected("AFR", 1, 200, a_nonce("one"))
        assert (await storage.state("AFR")).waiting == 1
        await storage.forget(now=10_001, keep_seconds=DAY)
        await storage.spend(a_nonce("one"))

    with_storage(tmp_path, story)


def test_the_highest_sequence_is_per_sender_over_all_addressees(tmp_path: Path) -> None:
    """Batches may arrive in another order; the highest number ever seen counts."""

    async def story(storage: SqliteStorage) -> None:
        await storage.deposit(a_deposit("b1", sender_sequence=9), a_nonce())
        await storage.deposit(a_deposit("b2", sender_sequence=4, addressee="SSA"), a_nonce())
        await storage.deposit(a_deposit("b3", sender_sequence=2, sender="dev-2"), a_nonce())
        assert (await storage.state("dev-1")).highest_sender_sequence == 9
        assert (await storage.state("dev-2")).highest_sender_sequence == 2
        assert (await storage.state("AFR")).highest_sender_sequence == 0

    with_storage(tmp_path, story)


def test_a_lower_or_equal_pack_is_not_kept(tmp_path: Path) -> None:
    """The kept sequence only grows, and a newer pack replaces every file of the older."""

    async def story(storage: SqliteStorage) -> None:
        assert await storage.pack() is None
        assert await storage.save_pack(StoredPack(2, {"a": b"2", "old": b""}, "{}"))
        assert not await storage.save_pack(StoredPack(2, {"a": b"other"}, "{}"))
        assert not await storage.save_pack(StoredPack(1, {"a": b"1"}, "{}"))
        assert await storage.save_pack(StoredPack(3, {"a": b"3"}, "{}"))
        assert await storage.pack() == StoredPack(3, {"a": b"3"}, "{}")

    with_storage(tmp_path, story)


def test_a_listener_hears_its_own_addressee_only(tmp_path: Path) -> None:
    """A deposit made between listening and waiting is heard; one for another is not."""

    async def story(storage: SqliteStorage) -> None:
        with storage.arrivals("AFR") as arrival, storage.arrivals("SSA") as other:
            await storage.deposit(a_deposit(), a_nonce())
            assert await arrival.wait(10)
            assert not await other.wait(0)

    with_storage(tmp_path, story)


def test_many_at_once_share_commits_and_all_are_there(tmp_path: Path) -> None:
    """A thousand deposits at once are each stored exactly once, in gapless positions."""

    async def story(storage: SqliteStorage) -> None:
        outcomes = await asyncio.gather(
            *(storage.deposit(a_deposit(f"b{number}"), a_nonce()) for number in range(1_000))
        )
        assert {outcome.stored for outcome in outcomes} == {Stored.NEW}
        waiting = await storage.waiting("AFR", 0, 2_000, 10**9)
        assert [batch.position for batch in waiting] == list(range(1, 1_001))

    with_storage(tmp_path, story)


def _insert(n: int | None) -> Callable[[Any], Any]:
    return lambda connection: connection.execute("INSERT INTO t VALUES (?)", (n,)).rowcount


def test_one_failing_act_takes_no_neighbour_with_it(tmp_path: Path) -> None:
    """Acts that share a transaction with one that fails are stored all the same."""

    def connect() -> Any:
        connection = dbapi2.connect(str(tmp_path / "g.db"), isolation_level=None, check_same_thread=False)
        connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER NOT NULL)")
        return connection

    async def story() -> None:
        writer = GroupCommit(connect, dbapi2.Error)
        acts = [writer.do(_insert(n)) for n in (1, None, 3)]
        results = await asyncio.gather(*acts, return_exceptions=True)
        assert [results[0], results[2]] == [1, 1]
        assert isinstance(results[1], StorageUnavailable)
        assert await writer.do(lambda c: [n for (n,) in c.execute("SELECT n FROM t ORDER BY n")]) == [1, 3]
        writer.close()

    asyncio.run(story())


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    """What cannot be stored is never acknowledged; what was stored stays, and goes on when there is room again."""

    def pages(most: int) -> Callable[[Any], Any]:
        return lambda connection: connection.execute(f"PRAGMA max_page_count={most}").fetchone()

    async def story(storage: SqliteStorage) -> None:
        await storage.deposit(a_deposit("b1"), a_nonce())
        await storage._writer.do(pages(1))
        with pytest.raises(StorageUnavailable):
            await storage.deposit(a_deposit("b2", text=b"x" * 100_000), a_nonce())
        assert [batch.batch_id for batch in await storage.waiting("AFR", 0, 10, 10**6)] == ["b1"]
        assert (await storage.state("AFR")).waiting == 1
        await storage._writer.do(pages(1_000_000))
        assert (await storage.deposit(a_deposit("b2", text=b"x" * 100_000), a_nonce())).stored is Stored.NEW

    with_storage(tmp_path, story)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """A foreign file is refused, not repaired and not overwritten."""
    path = tmp_path / "mailbox.db"
    path.write_bytes(b"something else entirely" * 100)

    async def story() -> None:
        with pytest.raises(dbapi2.DatabaseError):
            SqliteStorage(path)

    asyncio.run(story())
    assert path.read_bytes() == b"something else entirely" * 100
