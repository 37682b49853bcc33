"""The mailbox program with a storage that can be held, or broken on purpose, between commit and reply (for kill tests).

A deposit whose batch id begins with `pause-` is committed, said on stdout as `committed ID`, and never answered. With
FC_TEST_BUG=early a deposit is acknowledged before it is committed, with FC_TEST_BUG=forgetful a repeat is not
recognised: bugs that the comparison of ledger and mailbox must find.
`full` and `unforeseen` fail as a disk does, and as nobody expects.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from typing import Any

from sync.mailbox import serve
from sync.mailbox.__main__ import main
from sync.mailbox.sqlite import SqliteStorage
from sync.mailbox.storage import Deposit, Deposited, Nonce, StorageUnavailable, Stored


class HeldStorage(SqliteStorage):
    """Holds what it is told to hold."""

    async def deposit(self, deposit: Deposit, nonce: Nonce) -> Deposited:
        """As storage, then perhaps never again."""
        bug = os.environ.get("FC_TEST_BUG")
        if bug == "early":
            return Deposited(Stored.NEW, deposit.receipt)
        if bug == "full":
            raise StorageUnavailable("OperationalError")
        if bug == "unforeseen":
            raise RuntimeError(f"CANARY {deposit.text!r}")
        if bug == "forgetful":
            await self._writer.do(
                lambda connection: connection.execute("UPDATE batches SET batch_id = batch_id || '~'")
            )
        outcome = await super().deposit(deposit, nonce)
        if deposit.batch_id.startswith("pause-") and outcome.stored is Stored.NEW:
            sys.stdout.write(f"committed {deposit.batch_id}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
        return outcome


if __name__ == "__main__":
    run: Any = functools.partial(serve.run, open_storage=HeldStorage)
    serve.run = run
    main(prog_name="firstcontact-mailbox")
