"""The tables of a mailbox, as numbered migrations.

Positions run 1, 2, 3 ... per addressee without a gap, and an addressee acknowledges a prefix of them. So what waits is
`last_position - collected_to`, and neither a count nor a page ever walks over what was collected.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("mailbox")


@migrations(name="001_batches_and_bodies")
def _batches(db: Database) -> None:
    """Bodies stand apart from their summaries: they go at collection, the summaries stay 400 days."""
    db.table("batches").create(
        {
            "id": int,
            "addressee": str,
            "position": int,
            "sender": str,
            "batch_id": str,
            "digest": str,
            "sender_sequence": int,
            "deposited_at": int,
            "body_digest": str,
            "size_bytes": int,
            "receipt": str,
        },
        pk="id",
        not_null={"addressee", "position", "sender", "batch_id", "digest", "body_digest", "receipt"},
    )
    db.table("batches").create_index(["addressee", "sender", "batch_id"], unique=True)
    db.table("batches").create_index(["addressee", "position"], unique=True)
    db.table("bodies").create(
        {"batch": int, "signature": str, "text": bytes}, pk="batch", not_null={"signature", "text"}
    )
    db.table("mailboxes").create(
        {"addressee": str, "last_position": int, "collected_to": int},
        pk="addressee",
        not_null={"last_position", "collected_to"},
        defaults={"last_position": 0, "collected_to": 0},
    )
    db.table("collections").create(
        {"addressee": str, "up_to": int, "collected_at": int}, not_null={"addressee", "up_to", "collected_at"}
    )
    db.table("collections").create_index(["collected_at"])


@migrations(name="002_senders_and_nonces")
def _senders(db: Database) -> None:
    """What a sender's vault is checked against after an old copy was put back; and which requests were seen."""
    db.table("senders").create({"sender": str, "highest_sequence": int}, pk="sender", not_null={"highest_sequence"})
    db.table("nonces").create({"nonce": str, "expires_at": int}, pk="nonce", not_null={"expires_at"})
    db.table("nonces").create_index(["expires_at"])


@migrations(name="003_pack")
def _pack(db: Database) -> None:
    """The signed pack, as bytes."""
    db.table("packs").create({"sequence": int, "signer": str}, pk="sequence", not_null={"signer"})
    db.table("pack_files").create({"name": str, "body": bytes}, pk="name", not_null={"body"})
