"""Who is asking, and with what body: limits first, then the signature, then the pack."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request

from sync import http_signing
from sync.keys import PublicKey
from sync.mailbox.problems import Problem
from sync.mailbox.quick_signature import usual_caller
from sync.mailbox.shelf import PackShelf
from sync.mailbox.storage import Nonce
from sync.pack import Party

Clock = Callable[[], datetime]
"""The time now, UTC and aware."""

BODY_SECONDS = 120.0
_SIGNED_FIELDS = (b"content-digest", b"signature-input", b"signature")


@dataclass(frozen=True, slots=True)
class Caller:
    """The party that signed a request, and the nonce that it is good for once."""

    party: Party
    nonce: Nonce


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def rfc3339(at: datetime) -> str:
    """A time as it stands in every answer."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body, never more of it in memory than allowed. Raises: Problem (too-large, media-type, malformed)."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem("media-type", "Send the body as it is, without compression.")
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or len(announced) > 12:
        raise Problem("malformed")
    if int(announced) > most_bytes:
        raise _too_large(most_bytes)
    chunks: list[bytes] = []
    room = most_bytes
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                room -= len(chunk)
                if room < 0:
                    raise _too_large(most_bytes)
                chunks.append(chunk)
    except (ClientDisconnect, TimeoutError) as error:
        raise Problem("malformed", "The body did not arrive whole.") from error
    return b"".join(chunks)


def _too_large(most_bytes: int) -> Problem:
    # The rest of the body is not read, so the connection cannot carry another request.
    return Problem("too-large", f"The limit is {most_bytes} bytes.", headers={"connection": "close"})


def _check_age(caller: http_signing.Caller, now: datetime) -> None:
    """As `http_signing.verify` judges it. Raises: BadSignature("clock")."""
    age = now.timestamp() - caller.created
    if age > http_signing.MAX_AGE_SECONDS or age < -http_signing.MAX_SKEW_SECONDS:
        raise http_signing.BadSignature("clock", "The request was signed at another time than the mailbox has now.")


class Access:
    """Turns a signed request into the party that made it."""

    def __init__(self, public_url: str, shelf: PackShelf, clock: Clock) -> None:
        self._public_url = public_url
        self._shelf = shelf
        self._clock = clock

    def caller(self, request: Request, body: bytes) -> Caller:
        """Who signed this request for this mailbox, just now. The nonce is not yet spent.

        Raises: Problem: signature, clock, unknown-sender, revoked.
        """
        now = self._clock()
        parties: list[Party] = []
        refusals: list[str] = []
        keep: list[Nonce] = []

        def resolve(kid: str) -> PublicKey | None:
            found = self._shelf.signer(kid, now)
            if isinstance(found, str):
                refusals.append(found)
                return None
            parties.append(found[0])
            return found[1]

        def note(kid: str, nonce: str, keep_until: int) -> bool:
            keep.append(Nonce(kid, nonce, keep_until))
            return False  # storage says whether it was seen, in the transaction of the act itself

        url, fields = self._url(request), self._fields(request)
        try:
            usual = usual_caller(request.method, url, fields, body, resolve)
            if usual is not None:
                _check_age(usual, now)
                note(usual.kid, usual.nonce, int(now.timestamp()) + http_signing.NONCE_SECONDS)
            else:
                http_signing.verify(request.method, url, fields, body, resolve=resolve, now=now, nonce_seen=note)
        except http_signing.BadSignature as error:
            if refusals:
                raise Problem(refusals[0]) from error
            extra = {"server_time": rfc3339(now)} if error.code == "clock" else {}
            raise Problem(error.code, extra=extra) from error
        return Caller(parties[-1], keep[0])

    def _url(self, request: Request) -> str:
        """The URL as the caller addressed it: never from the Host header, which anybody may write."""
        query = request.scope["query_string"]
        target = request.scope["raw_path"] + (b"?" + query if query else b"")
        try:
            return self._public_url + str(target, "ascii")
        except UnicodeDecodeError as error:
            raise Problem("malformed") from error

    @staticmethod
    def _fields(request: Request) -> dict[str, str]:
        fields: dict[str, str] = {}
        for name, value in request.scope["headers"]:
            if name in _SIGNED_FIELDS:
                if name.decode() in fields:
                    raise Problem("signature", "A field of the signature stands there twice.")
                fields[name.decode()] = value.decode("latin-1")
        return fields
