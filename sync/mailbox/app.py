"""The mailbox's HTTP, one short method per request of sync/README.md, "The mailbox's HTTP"."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync import batch as batches
from sync import signed
from sync.batch import MAX_BATCH_BYTES, MAX_BODY_BYTES, MAX_ITEMS
from sync.errors import BadMessage, BadPack
from sync.keys import Keyring, PublicKey
from sync.mailbox.access import Access, Caller, Clock, read_body, rfc3339
from sync.mailbox.counters import Counters
from sync.mailbox.cursor import Cursors
from sync.mailbox.logs import log, where
from sync.mailbox.problems import Problem
from sync.mailbox.rights import may_deposit
from sync.mailbox.shelf import PackShelf
from sync.mailbox.storage import Deposit, NonceSpent, Storage, StorageUnavailable, Stored, WaitingBatch
from sync.pack import MAX_PACK_BYTES, pack_from_wire

MAX_WAIT_SECONDS = 25
MAX_LIMIT = 100
USUAL_LIMIT = 20
DEPOSIT_BYTES = MAX_BODY_BYTES - 1024
"""A little less than an answer may have: what could be deposited can be handed out again, with its cursor beside it."""
PAGE_BYTES = MAX_BODY_BYTES - 64
PACK_BODY_BYTES = MAX_PACK_BYTES * 4 // 3 + 64 * 1024
SMALL_BODY_BYTES = 4096
RETRY_SECONDS = {"in-progress": 1, "busy": 5, "full": 300}

Endpoint = Callable[[Request], Awaitable[Response]]


class Mailbox:
    """The service without its socket. `app` is what uvicorn runs; `admin` what an admin address may show."""

    def __init__(self, storage: Storage, keys: Keyring, shelf: PackShelf, public_url: str, clock: Clock) -> None:
        self._storage = storage
        self._keys = keys
        self._shelf = shelf
        self._clock = clock
        self._access = Access(public_url, shelf, clock)
        self._cursors = Cursors(hashlib.sha256(b"cursor" + keys.signing.jwk["d"].encode()).digest())
        self._storing: set[tuple[str, str, str]] = set()
        self._pack_gate = asyncio.Semaphore(1)
        self._stopping = asyncio.Event()
        self.counters = Counters()
        self.app = self._application(
            [
                ("/healthz", "GET", self._healthz),
                ("/v1/capabilities", "GET", self._capabilities),
                ("/v1/pack", "GET", self._get_pack),
                ("/v1/pack", "PUT", self._put_pack),
                ("/v1/mailboxes/{addressee}/batches", "POST", self._deposit),
                ("/v1/mailboxes/{addressee}/batches", "GET", self._collect),
                ("/v1/mailboxes/{addressee}/batches/{batch}", "GET", self._receipt),
                ("/v1/mailboxes/{addressee}/collected", "POST", self._collected),
                ("/v1/mailboxes/{addressee}", "GET", self._state),
            ]
        )
        self.admin = self._application([("/metrics", "GET", self._metrics), ("/healthz", "GET", self._healthz)])

    async def stop(self) -> None:
        """End every long poll now, with what it has."""
        self._stopping.set()

    # --- for everybody ---

    async def _healthz(self, _request: Request) -> Response:
        return _json({"ok": True})

    async def _capabilities(self, _request: Request) -> Response:
        return _json(
            {
                "mailbox": self._keys.id,
                "server_time": rfc3339(self._clock()),
                "formats": [signed.BATCH],
                "max_batch_bytes": MAX_BATCH_BYTES,
                "max_items": MAX_ITEMS,
                "max_wait_seconds": MAX_WAIT_SECONDS,
                "pack_sequence": self._shelf.pack.sequence,
            }
        )

    async def _metrics(self, _request: Request) -> Response:
        return Response(self.counters.prometheus(), media_type="text/plain; version=0.0.4")

    # --- the pack ---

    async def _get_pack(self, request: Request) -> Response:
        await self._signed(request)
        after = _whole_number(request, "after", 0, 0, 2**53)
        if self._shelf.pack.sequence <= after:
            return Response(status_code=204)
        return Response(self._shelf.wire, media_type="application/json")

    async def _put_pack(self, request: Request) -> Response:
        """The coordinator's signature on the pack is the permission: a stick and a stranger may bring it."""
        async with self._pack_gate:  # one at a time, as it is the only large body that nobody signed for
            _needs_json(request)
            body = await read_body(request, PACK_BODY_BYTES)
            try:
                taken = await self._shelf.offer(pack_from_wire(body))
            except BadPack as error:
                raise Problem(
                    {"signer": "pack-signature", "older": "pack-older"}.get(error.reason, "pack-part")
                ) from error
        if taken:
            log.info("pack taken", extra={"sequence": self._shelf.pack.sequence})
            self.counters.add("packs")
        return Response(status_code=204)

    # --- the sender ---

    async def _deposit(self, request: Request) -> Response:
        _needs_json(request)
        body = await read_body(request, DEPOSIT_BYTES)
        caller = self._access.caller(request, body)
        try:
            deposit = self._checked_deposit(request, caller, body)
        except Problem:
            await self._spend(caller)
            raise
        storing = (deposit.addressee, deposit.sender, deposit.batch_id)
        if storing in self._storing:
            await self._spend(caller)
            raise _later("in-progress")
        self._storing.add(storing)
        try:
            outcome = await self._storage.deposit(deposit, caller.nonce)
        finally:
            self._storing.discard(storing)
        self.counters.add("deposits", outcome.stored.value)
        if outcome.stored is Stored.OTHER_BYTES:
            raise Problem("other-bytes")
        if outcome.stored is Stored.FULL:
            raise _later("full")
        if outcome.stored is Stored.NEW:
            self.counters.add("bytes_in", by=len(body))
        return _json({"receipt": outcome.receipt}, 201 if outcome.stored is Stored.NEW else 200)

    def _checked_deposit(self, request: Request, caller: Caller, body: bytes) -> Deposit:
        """A deposit that may be stored, with the receipt that will be true then. Raises: Problem."""
        addressee = request.path_params["addressee"]
        self._may_write_to(caller, addressee)
        now = self._clock()
        sender = caller.party.id

        def of_the_caller(kid: str) -> PublicKey | None:
            found = self._shelf.signer(kid, now)
            return None if isinstance(found, str) or found[0].id != sender else found[1]

        try:
            deposit = batches.read_deposit(body, of_the_caller)
        except BadMessage as error:
            code = error.reason if error.reason in ("malformed", "too-large") else "invalid"
            raise Problem(code) from error
        except UnicodeEncodeError as error:  # half of a surrogate pair: legal JSON, no text
            raise Problem("malformed", pointers=[("/batch", "holds half a character")]) from error
        envelope = deposit.envelope
        if envelope.sender != sender or envelope.to != addressee:
            raise Problem("not-allowed", "The batch is signed from or to another party.")
        if request.headers.get("idempotency-key", "").strip('"') != envelope.batch:
            raise Problem("malformed", "Idempotency-Key must be the id of the batch.")
        return Deposit(
            addressee=addressee,
            sender=sender,
            batch_id=envelope.batch,
            digest=envelope.digest,
            body_digest=hashlib.sha256(body).hexdigest(),
            sender_sequence=envelope.sender_sequence,
            deposited_at=int(now.timestamp()),
            receipt=batches.sign_deposit(envelope, self._keys.id, self._keys.signing, now),
            signature=deposit.signature,
            text=deposit.text.encode(),
        )

    def _may_write_to(self, caller: Caller, addressee: str) -> None:
        party = self._shelf.pack.party(addressee)
        if party is not None and not may_deposit(caller.party.kind, party.kind):
            raise Problem("not-allowed")
        if party is None or party.revoked is not None or party.mailbox not in (None, self._keys.id):
            raise Problem("unknown-addressee")

    async def _receipt(self, request: Request) -> Response:
        caller = await self._signed(request)
        path = request.path_params
        kept = await self._storage.receipt(path["addressee"], caller.party.id, path["batch"])
        if kept is None:  # another sender's batch is as unknown as none
            raise Problem("unknown-batch")
        return _json({"receipt": kept.receipt, "collected": kept.collected})

    # --- the addressee ---

    async def _state(self, request: Request) -> Response:
        me = (await self._signed_addressee(request)).party.id
        state = await self._storage.state(me)
        return _json({"highest_sender_sequence": state.highest_sender_sequence, "waiting": state.waiting})

    async def _collect(self, request: Request) -> Response:
        me = (await self._signed_addressee(request)).party.id
        limit = _whole_number(request, "limit", USUAL_LIMIT, 1, MAX_LIMIT)
        wait_seconds = _whole_number(request, "wait", 0, 0, MAX_WAIT_SECONDS)
        after = 0
        if cursor := request.query_params.get("after"):
            place = await self._position(me, cursor)
            if place is None:
                raise Problem("malformed", "The cursor holds no longer here; begin without one.")
            after = place
        with self._storage.arrivals(me) as arrival:
            found = await self._storage.waiting(me, after, limit + 1, PAGE_BYTES)
            if not found and wait_seconds and not self._stopping.is_set():
                stopping = asyncio.create_task(self._stopping.wait())
                arriving = asyncio.create_task(arrival.wait(wait_seconds))
                await asyncio.wait([stopping, arriving], return_when=asyncio.FIRST_COMPLETED)
                for task in (stopping, arriving):
                    task.cancel()
                found = await self._storage.waiting(me, after, limit + 1, PAGE_BYTES)
        page = _page(found[:limit], lambda batch: self._cursors.at(me, batch.position, batch.what))
        self.counters.add("handed_out", by=len(page))
        body = (
            b'{"batches":[' + b",".join(page) + b'],"more":' + (b"true" if len(found) > len(page) else b"false") + b"}"
        )
        return _json_bytes(body)

    async def _collected(self, request: Request) -> Response:
        _needs_json(request)
        body = await read_body(request, SMALL_BODY_BYTES)
        caller = self._access.caller(request, body)
        try:
            self._only_the_addressee(request, caller)
            position = await self._position(caller.party.id, _cursor_in(body))
        except Problem:
            await self._spend(caller)
            raise
        if position is None:
            # What it stood for is not here any more, so there is nothing to forget; and nothing else may go for it.
            await self._spend(caller)
            return _json({"acknowledged": 0})
        at = int(self._clock().timestamp())
        gone = await self._storage.collected(caller.party.id, position, at, caller.nonce)
        self.counters.add("collected", by=gone)
        return _json({"acknowledged": gone})

    # --- what they share ---

    async def _signed(self, request: Request) -> Caller:
        """The caller of a request that changes nothing; its nonce is spent."""
        caller = self._access.caller(request, await read_body(request, SMALL_BODY_BYTES))
        await self._spend(caller)
        return caller

    async def _signed_addressee(self, request: Request) -> Caller:
        caller = await self._signed(request)
        self._only_the_addressee(request, caller)
        return caller

    async def _spend(self, caller: Caller) -> None:
        await self._storage.spend(caller.nonce)

    @staticmethod
    def _only_the_addressee(request: Request, caller: Caller) -> None:
        if caller.party.id != request.path_params["addressee"]:
            raise Problem("not-allowed")

    async def _position(self, addressee: str, cursor: str) -> int | None:
        """The place of a cursor, None if it holds no longer. Raises: Problem, if it is no cursor at all."""
        try:
            position = self._cursors.position(cursor)
        except ValueError as error:
            raise Problem("malformed", "The cursor is not one that a mailbox gave.") from error
        what = await self._storage.what_stands_at(addressee, position)
        return position if self._cursors.holds(cursor, addressee, what) else None

    def _application(self, routes: list[tuple[str, str, Endpoint]]) -> Starlette:
        return Starlette(
            routes=[Route(path, self._answering(endpoint), methods=[method]) for path, method, endpoint in routes],
            exception_handlers={HTTPException: _no_such_route},
        )

    def _answering(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint whose every failure is a problem, counted by its code."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Problem as problem:
                refused = problem
            except NonceSpent:
                refused = Problem("replay")
            except StorageUnavailable as error:
                log.error("storage failed", extra={"error": str(error)})
                refused = _later("busy")
            except Exception as error:  # the last seam: what we did not foresee is told as such, without its words
                log.error("a request failed", extra={"error": type(error).__name__, "at": where(error)})
                refused = Problem("broken")
            self.counters.add("refused", refused.code)
            return refused.response()

        return answer


def _dumps(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return _json_bytes(_dumps(document), status)


def _json_bytes(body: bytes, status: int = 200) -> Response:
    return Response(body, status, {"cache-control": "no-store"}, "application/json")


def _page(found: Sequence[WaitingBatch], cursor_of: Callable[[WaitingBatch], str]) -> list[bytes]:
    """As many batches as fit into one answer, at least one, counted as they are quoted in JSON."""
    page: list[bytes] = []
    room = PAGE_BYTES
    for batch in found:
        encoded = _dumps(
            {
                "cursor": cursor_of(batch),
                "batch": batch.text.decode(),
                "signature": batch.signature,
                "deposited_at": rfc3339(datetime.fromtimestamp(batch.deposited_at, UTC)),
            }
        )
        room -= len(encoded) + 1
        if page and room < 0:
            break
        page.append(encoded)
    return page


def _later(code: str) -> Problem:
    return Problem(code, headers={"retry-after": str(RETRY_SECONDS[code])})


async def _no_such_route(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    headers = error.headers if isinstance(error, HTTPException) else None
    return Problem("not-here" if status == 405 else "not-found", headers=headers).response()


def _needs_json(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem("media-type")


def _whole_number(request: Request, name: str, usual: int, least: int, most: int) -> int:
    """A query parameter as a number, brought within its bounds. Raises: Problem."""
    written = request.query_params.get(name)
    if written is None:
        return usual
    if not (written.isascii() and written.isdigit() and len(written) <= 16):
        raise Problem("malformed", f"{name} must be a whole number.")
    return min(max(int(written), least), most)


def _cursor_in(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem("malformed") from error
    cursor = document.get("cursor") if isinstance(document, dict) else None
    if not isinstance(cursor, str):
        raise Problem("malformed", pointers=[("/cursor", "must be a cursor")])
    return cursor
