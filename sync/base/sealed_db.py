"""The SQLite file under a vault: opened safely, migrated by numbers, written by one process, refused when strange.

It knows no keys: what it stores is sealed by its callers. The file may have been changed by a thief, so nothing in it
is run: no trigger, view, generated column or index that the migrations did not make is accepted.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pysqlite3 import dbapi2

from sync.base.vault_errors import (
    NotSaved,
    VaultBusy,
    VaultDamaged,
    VaultExists,
    VaultMissing,
    VaultReadOnly,
    VaultTooNew,
)

if TYPE_CHECKING:
    from filelock import BaseFileLock

_MIGRATION_SET: Final = "sealed"
# Made here and not by sqlite-utils, so that its text is the same under every version of that library.
_BOOKKEEPING: Final = (
    "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
    "CREATE UNIQUE INDEX idx__sqlite_migrations_set_name ON _sqlite_migrations (migration_set, name)",
)
# What SQLite raises on a file that is not as it was written: its own messages may then be no UTF-8.
UNREADABLE: Final = (dbapi2.Error, UnicodeDecodeError)
_PRAGMAS: Final = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
)
_MAC_PRAGMAS: Final = ("PRAGMA fullfsync=ON", "PRAGMA checkpoint_fullfsync=ON")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the tables. It never re-seals: what is sealed carries its own format."""

    name: str
    """Number and name, for ever: `0001 slots, head, documents`."""
    statements: tuple[str, ...]
    """Plain SQL, run in one transaction with the record of it."""


class SealedDb:
    """An open file: one connection, used under a lock from any thread."""

    def __init__(self, path: Path, connection: Any, *, writer_lock: BaseFileLock | None) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.execute: Callable[..., Any] = connection.execute
        self._connection = connection
        self._writer_lock = writer_lock
        self._closed = False

    @property
    def read_only(self) -> bool:
        """Whether this connection only reads."""
        return self._writer_lock is None

    @classmethod
    def create(cls, path: Path, migrations: Sequence[Migration], fill: Callable[[SealedDb], None]) -> None:
        """Make a whole file, tables and first rows, and put it at `path` in one step; it is closed again.

        A crash leaves either nothing at `path` or all of it. Raises: VaultExists, VaultBusy, NotSaved.
        """
        lock = _writer_lock(path)
        try:
            if path.exists():
                raise VaultExists(f"There is a vault at {path} already.")
            unborn = path.with_name(path.name + ".new")
            for leftover in (unborn, *_beside(unborn)):
                leftover.unlink(missing_ok=True)
            os.close(os.open(unborn, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                db = cls(unborn, _connect(unborn, read_only=False), writer_lock=lock)
                try:
                    db.execute("PRAGMA journal_mode=WAL").fetchone()
                    _migrate(db._connection, migrations)
                    with db.transaction():
                        fill(db)
                finally:
                    db._connection.close()
                unborn.replace(path)
                _sync_folder(path.parent)
            except (dbapi2.Error, OSError) as error:
                raise NotSaved("The vault could not be made: the disk did not take it.") from error
        finally:
            lock.release()

    @classmethod
    def open(cls, path: Path, migrations: Sequence[Migration], *, read_only: bool = False) -> SealedDb:
        """Open a file that `create` made, check its tables and bring them up to date.

        Raises: VaultMissing, VaultBusy, VaultTooNew, VaultDamaged, NotSaved (a migration that the disk did not take).
        """
        if not path.is_file():
            raise VaultMissing(f"There is no vault at {path}.")
        lock = None if read_only else _writer_lock(path)
        connection = None
        try:
            connection = _connect(path, read_only=read_only)
            _check_tables(connection, migrations, read_only=read_only)
            if not read_only and connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
                raise VaultDamaged("the file", "it cannot keep a write-ahead log")
            return cls(path, connection, writer_lock=lock)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if lock is not None:
                lock.release()
            if isinstance(error, UNREADABLE):
                raise VaultDamaged("the file", "it does not read as a vault") from error
            raise

    def select(self, query: str, parameters: Sequence[Any] = (), *, types: tuple[type, ...]) -> list[tuple[Any, ...]]:
        """All rows of a query, whose columns must be of these types, as in a damaged file they need not be.

        Raises: VaultDamaged.
        """
        rows: list[tuple[Any, ...]] = self.execute(query, parameters).fetchall()
        for row in rows:
            if tuple(map(type, row)) != types:
                raise VaultDamaged("the file", "a row of it does not read")
        return rows

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """One durable transaction; an error inside rolls all of it back. Raises: NotSaved, VaultReadOnly."""
        if self.read_only:
            raise VaultReadOnly("This command only reads.")
        with self.lock:
            try:
                self.execute("BEGIN IMMEDIATE")
                yield
                self.execute("COMMIT")
            except BaseException as error:
                self._roll_back()
                if isinstance(error, UNREADABLE):
                    raise NotSaved("This was not saved: the disk did not take it.") from error
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """One moment of the file, the same for every query inside. Raises: VaultDamaged."""
        with self.lock:
            began = self.read_only and not self._connection.in_transaction
            try:
                if began:
                    self.execute("BEGIN")
                yield
            except UNREADABLE as error:
                raise VaultDamaged("the file", "a part of it does not read") from error
            finally:
                if began:
                    self._roll_back()

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; False while a reader still holds it."""
        with self.lock:
            try:
                return bool(self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            except UNREADABLE:
                return False

    def close(self) -> None:
        """Close, and let the next writer in; a second call does nothing."""
        with self.lock:
            if self._closed:
                return
            self._closed = True
            try:
                self._connection.close()
            finally:
                if self._writer_lock is not None:
                    self._writer_lock.release()

    def _roll_back(self) -> None:
        # After a failed COMMIT SQLite may have rolled back by itself; asking again is then an error that says nothing.
        with contextlib.suppress(*UNREADABLE):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _connect(path: Path, *, read_only: bool) -> Any:
    address = path.resolve().as_uri() + ("?mode=ro" if read_only else "?mode=rw")
    connection = dbapi2.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=2)
    try:
        for pragma in (*_PRAGMAS, *(_MAC_PRAGMAS if sys.platform == "darwin" else ())):
            connection.execute(pragma)
        if read_only:
            connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_tables(connection: Any, migrations: Sequence[Migration], *, read_only: bool) -> None:
    """Accept exactly the tables of the migrations that were applied, then apply the rest."""
    known = [migration.name for migration in migrations]
    if ("table", "_sqlite_migrations", "_sqlite_migrations", _BOOKKEEPING[0]) not in _tables(connection):
        raise VaultDamaged("the file", "its tables are not those of a vault")
    query = "SELECT name FROM _sqlite_migrations WHERE migration_set=? ORDER BY id"
    applied = [row[0] for row in connection.execute(query, (_MIGRATION_SET,))]
    if applied[: len(known)] == known and len(applied) > len(known):
        raise VaultTooNew("This vault was made by a newer version of the program. Nothing was changed.")
    if applied != known[: len(applied)] or _tables(connection) != _expected(migrations[: len(applied)]):
        raise VaultDamaged("the file", "its tables are not those of a vault")
    if len(applied) == len(known):
        return
    if read_only:
        raise VaultReadOnly("This vault was made by an older version. Open it once with the visit program first.")
    try:
        _migrate(connection, migrations)
    except dbapi2.Error as error:
        raise NotSaved("The vault could not be brought up to date. It is as it was.") from error
    if _tables(connection) != _expected(migrations):
        raise VaultDamaged("the file", "its tables are not those of a vault")


def _migrate(connection: Any, migrations: Sequence[Migration]) -> None:
    """Apply what is pending, each migration and its record in one transaction."""
    # 90 ms of import, wanted only when a file is made or is behind: an unlock must not pay for it.
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    steps = Migrations(_MIGRATION_SET)
    for migration in migrations:

        def step(db: Database, statements: tuple[str, ...] = migration.statements) -> None:
            for statement in statements:
                db.execute(statement)

        steps(name=migration.name)(step)
    if not _tables(connection):
        for statement in _BOOKKEEPING:
            connection.execute(statement)
    steps.apply(Database(connection))


def _tables(connection: Any) -> set[tuple[str, str, str, str | None]]:
    return set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def _expected(migrations: Sequence[Migration]) -> set[tuple[str, str, str, str | None]]:
    """What the tables look like after these migrations, by making them in memory (half a millisecond)."""
    memory = dbapi2.connect(":memory:", isolation_level=None)
    try:
        for statement in (*_BOOKKEEPING, *(line for step in migrations for line in step.statements)):
            memory.execute(statement)
        return _tables(memory)
    finally:
        memory.close()


def _writer_lock(path: Path) -> BaseFileLock:
    # A lock of the operating system: it goes with the process, so a crash never needs a hand.
    from filelock import FileLock, Timeout

    lock = FileLock(str(path) + ".lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise VaultBusy("Another process writes to this vault.") from error
    except OSError as error:
        raise VaultMissing(f"The folder of {path.name} cannot be written to.") from error
    return lock


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _sync_folder(folder: Path) -> None:
    """Make a new name durable; Windows has no way to ask and does it by itself."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
