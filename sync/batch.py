"""Batches and the mailbox's receipt for them: texts that are frozen once and signed over.

A batch is a JSON text; its digest is SHA-256 of exactly that text. Beside it travels the sender's signature over
digest and `sender_sequence`. A mailbox needs to read the signature only; it never parses what it carries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sync import signed
from sync.errors import BadMessage
from sync.keys import Keyring, PrivateKey
from sync.signed import Resolver

MAX_ITEMS = 50
MAX_BATCH_BYTES = 768 * 1024
MAX_BODY_BYTES = 1024 * 1024


def digest_of(text: str) -> str:
    """SHA-256 of a text's UTF-8, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the sender's signature says of a batch: all that a mailbox has to know."""

    batch: str
    """id, and the Idempotency-Key of its deposit"""
    digest: str
    sender: str
    to: str
    sender_sequence: int
    pack_sequence: int
    kid: str
    """which key signed"""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as read from its text."""

    id: str
    sender: str
    to: str
    sender_sequence: int
    pack_sequence: int
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deposit:
    """The body of a deposit: {"batch": text, "signature": JWS}."""

    text: str
    signature: str
    envelope: Envelope


def freeze(
    batch_id: str, me: Keyring, to: str, items: Sequence[str], *, sender_sequence: int, pack_sequence: int
) -> tuple[bytes, str]:
    """The deposit's body, never to be built again, and the digest of its batch text."""
    head = {
        "batch": batch_id,
        "format": signed.BATCH,
        "from": me.id,
        "to": to,
        "pack": pack_sequence,
        "sender_sequence": sender_sequence,
        "items": list(items),
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    digest = digest_of(text)
    claims = {name: head[name] for name in ("batch", "from", "to", "pack", "sender_sequence")} | {"digest": digest}
    signature = signed.sign(json.dumps(claims, separators=(",", ":")).encode(), signed.BATCH, me.signing)
    return json.dumps({"batch": text, "signature": signature}, separators=(",", ":")).encode(), digest


def read_envelope(signature: str, resolve: Resolver) -> Envelope:
    """Verify the sender's signature over a batch. Raises: BadMessage (as signed.verify, or claims)."""
    claims, kid = signed.verify_json(signature, signed.BATCH, resolve)
    names = ("batch", "digest", "from", "to")
    if any(not isinstance(claims.get(name), str) for name in names) or not 1 <= len(claims["batch"]) <= 64:
        raise BadMessage("claims")
    sequence, pack = claims.get("sender_sequence"), claims.get("pack")
    if type(sequence) is not int or type(pack) is not int or not 1 <= sequence < 2**53:
        raise BadMessage("claims")
    return Envelope(claims["batch"], claims["digest"], claims["from"], claims["to"], sequence, pack, kid)


def read_deposit(body: bytes, resolve: Resolver) -> Deposit:
    """Read the body of a deposit as a mailbox does; the batch itself stays closed.

    Raises: BadMessage: too-large, malformed, digest (the text is not the one signed for), or as `read_envelope`.
    That the signer is `from`, may write to `to`, and that the id is the Idempotency-Key is for the mailbox to check.
    """
    if len(body) > MAX_BODY_BYTES:
        raise BadMessage("too-large")
    try:
        document = json.loads(body)
        text, signature = document["batch"], document["signature"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadMessage("malformed") from error
    if not isinstance(text, str) or not isinstance(signature, str):
        raise BadMessage("malformed")
    if len(text) > MAX_BATCH_BYTES:
        raise BadMessage("too-large")
    envelope = read_envelope(signature, resolve)
    if digest_of(text) != envelope.digest:
        raise BadMessage("digest")
    return Deposit(text, signature, envelope)


def read_batch(text: str, envelope: Envelope) -> Batch:
    """Open a batch that its sender signed for. Raises: BadMessage: too-large, digest, malformed, format, claims."""
    if len(text) > MAX_BATCH_BYTES:
        raise BadMessage("too-large")
    if digest_of(text) != envelope.digest:
        raise BadMessage("digest")
    try:
        head: dict[str, Any] = json.loads(text)
        items = head["items"]
        shape = (head["batch"], head["from"], head["to"], head["sender_sequence"], head["pack"])
        format_ = head["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadMessage("malformed") from error
    if format_ != signed.BATCH:
        raise BadMessage("format")
    if shape != (envelope.batch, envelope.sender, envelope.to, envelope.sender_sequence, envelope.pack_sequence):
        raise BadMessage("claims")
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadMessage("malformed")
    if not 1 <= len(items) <= MAX_ITEMS:
        raise BadMessage("too-large")
    return Batch(*shape, tuple(items))


@dataclass(frozen=True, slots=True)
class DepositReceipt:
    """The mailbox's word that a batch is durable there. It says nothing of the partner."""

    batch: str
    digest: str
    sender: str
    to: str
    sender_sequence: int
    deposited_at: str
    mailbox: str
    kid: str


def sign_deposit(envelope: Envelope, mailbox_id: str, key: PrivateKey, now: datetime) -> str:
    """The mailbox's receipt; kept, and given again byte for byte when the same batch comes again."""
    claims = {
        "batch": envelope.batch,
        "digest": envelope.digest,
        "from": envelope.sender,
        "to": envelope.to,
        "sender_sequence": envelope.sender_sequence,
        "deposited_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "mailbox": mailbox_id,
    }
    return signed.sign(json.dumps(claims, separators=(",", ":")).encode(), signed.DEPOSIT, key)


def read_deposit_receipt(token: str, resolve: Resolver) -> DepositReceipt:
    """Verify a mailbox's receipt; the caller compares batch, digest and sequence. Raises: BadMessage."""
    claims, kid = signed.verify_json(token, signed.DEPOSIT, resolve)
    names = ("batch", "digest", "from", "to", "deposited_at", "mailbox")
    if any(not isinstance(claims.get(name), str) for name in names) or type(claims.get("sender_sequence")) is not int:
        raise BadMessage("claims")
    return DepositReceipt(
        claims["batch"],
        claims["digest"],
        claims["from"],
        claims["to"],
        claims["sender_sequence"],
        claims["deposited_at"],
        claims["mailbox"],
        kid,
    )
