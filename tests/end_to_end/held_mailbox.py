"""The mailbox program, which a test can stop at one deposit, before or after its commit (for kill tests).

A file `hold` beside the database says which: `{"deposits": 3, "reply": false}` is the third deposit from now; it is
committed, the file becomes `held`, and no answer comes while that is there. With `"reply": true` it only tells the
moment, and goes on. With FC_TEST_BUG=early deposits are acknowledged and never stored: the bug that the look at the
desk must find.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
from pathlib import Path
from typing import Any

from sync.mailbox import serve
from sync.mailbox.__main__ import main
from sync.mailbox.sqlite import SqliteStorage
from sync.mailbox.storage import Deposit, Deposited, Nonce, Stored

HOLD, HELD = "hold", "held"


class HeldStorage(SqliteStorage):
    """Stops where the file says."""

    async def deposit(self, deposit: Deposit, nonce: Nonce) -> Deposited:
        """As storage, then perhaps never again."""
        if os.environ.get("FC_TEST_BUG") == "early":
            return Deposited(Stored.NEW, deposit.receipt)
        outcome = await super().deposit(deposit, nonce)
        if outcome.stored is Stored.NEW:
            await self._stop_here(self._path.parent / HOLD)
        return outcome

    async def _stop_here(self, hold: Path) -> None:
        if not hold.exists():
            return
        wanted = json.loads(hold.read_text())
        if wanted["deposits"] > 1:
            hold.write_text(json.dumps({**wanted, "deposits": wanted["deposits"] - 1}))
            return
        hold.replace(hold.with_name(HELD))
        while not wanted["reply"] and hold.with_name(HELD).exists():
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    run: Any = functools.partial(serve.run, open_storage=HeldStorage)
    serve.run = run
    main(prog_name="firstcontact-mailbox")
