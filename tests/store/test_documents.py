"""Sealed documents by themselves: what a desk keeps its inbox in."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.base.documents import SealedDocuments
from sync.base.vault_errors import DocumentsDamaged, VaultBusy, VaultExists, VaultMissing, VaultReadOnly, WrongSecret

KEY = secrets.token_bytes(32)


def test_documents_come_back_after_a_restart(tmp_path: Path) -> None:
    """Written, replaced and deleted; closed and opened; by kind in the order of the last writing."""
    path = tmp_path / "inbox.db"
    with SealedDocuments.create(path, key=KEY) as documents:
        documents.commit([("in", "a", {"n": 1}), ("in", "b", {"n": 2}), ("cursor", "m", {"at": "x"})])
        documents.commit([("in", "a", {"n": 3, "words": "ŵyr"})], [("cursor", "m"), ("cursor", "never there")])
    with SealedDocuments.open(path, key=KEY) as documents:
        assert list(documents.load("in")) == [("b", {"n": 2}), ("a", {"n": 3, "words": "ŵyr"})]
        assert documents.get("in", "a") == {"n": 3, "words": "ŵyr"}
        assert documents.get("cursor", "m") is None
        assert list(documents.load("cursor")) == []


def test_the_same_id_in_two_kinds_is_two_documents(tmp_path: Path) -> None:
    """Kind and id together name a document; ("a", "bc") is not ("ab", "c")."""
    with SealedDocuments.create(tmp_path / "d.db", key=KEY) as documents:
        documents.commit([("a", "bc", {"n": 1}), ("ab", "c", {"n": 2}), ("a", "c", {"n": 3})])
        assert [documents.get(*name) for name in (("a", "bc"), ("ab", "c"), ("a", "c"))] == [
            {"n": n} for n in (1, 2, 3)
        ]


def test_a_file_opens_with_its_passphrase_or_its_key_only(tmp_path: Path) -> None:
    """Made with a passphrase: the passphrase opens. Made with a key: the key opens. Nothing else does."""
    SealedDocuments.create(tmp_path / "p.db", b"four words here now").close()
    SealedDocuments.create(tmp_path / "k.db", key=KEY).close()
    SealedDocuments.open(tmp_path / "p.db", b"four words here now").close()
    SealedDocuments.open(tmp_path / "k.db", key=KEY).close()
    for name, key in (("p.db", KEY), ("k.db", bytes(32))):
        with pytest.raises(WrongSecret):
            SealedDocuments.open(tmp_path / name, key=key)
    for name in ("p.db", "k.db"):
        with pytest.raises(WrongSecret):
            SealedDocuments.open(tmp_path / name, b"four words here")


def test_one_writer_and_any_number_of_readers(tmp_path: Path) -> None:
    """A second writer is refused; a reader follows and cannot write; a file is never made over another."""
    path = tmp_path / "d.db"
    with pytest.raises(VaultMissing):
        SealedDocuments.open(path, key=KEY)
    with SealedDocuments.create(path, key=KEY) as documents:
        with pytest.raises(VaultBusy):
            SealedDocuments.open(path, key=KEY)
        with SealedDocuments.open(path, key=KEY, read_only=True) as reader:
            documents.commit([("in", "a", {"n": 1})])
            assert reader.get("in", "a") == {"n": 1}
            documents.commit([("in", "a", {"n": 2})])
            assert reader.get("in", "a") == {"n": 2}
            with pytest.raises(VaultReadOnly):
                reader.commit([("in", "a", {"n": 3})])
    with pytest.raises(VaultExists):
        SealedDocuments.create(path, key=KEY)


def test_damage_to_one_kind_leaves_the_others_and_is_not_forgotten(tmp_path: Path) -> None:
    """A row put back: its kind refuses to be read and still takes new documents; other kinds go on; it stays named."""
    path = tmp_path / "d.db"
    with SealedDocuments.create(path, key=KEY) as documents:
        documents.commit([("in", "a", {"n": 1}), ("in", "b", {"n": 1}), ("out", "a", {"n": 1})])
        db = documents._file.db
        name = documents._documents._ids.of("in"), documents._documents._ids.of("in", "a")
        old = db.execute("SELECT * FROM document WHERE kind = ? AND id = ?", name).fetchone()
        documents.commit([("in", "a", {"n": 2})])
        db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?)", old)
    for _ in range(2):
        with SealedDocuments.open(path, key=KEY) as documents:
            for act in (lambda: list(documents.load("in")), lambda: documents.get("in", "b")):
                with pytest.raises(DocumentsDamaged):
                    act()
            documents.commit([("in", "c", {"n": 5}), ("out", "b", {"n": 5})])
            assert dict(documents.load("out")) == {"a": {"n": 1}, "b": {"n": 5}}
            found, damage = documents.load_intact("in")
            assert dict(found)["c"] == {"n": 5}
            assert len(damage) == 1


def test_an_altered_document_is_named_and_the_rest_can_be_had(tmp_path: Path) -> None:
    """With one body altered, load refuses, and load_intact gives the others."""
    with SealedDocuments.create(tmp_path / "d.db", key=KEY) as documents:
        documents.commit([("in", str(n), {"n": n}) for n in range(5)])
        db = documents._file.db
        db.execute("UPDATE document SET body = zeroblob(length(body)) WHERE rowid = 3")
        with pytest.raises(DocumentsDamaged):
            documents.load("in")
        found, damage = documents.load_intact("in")
        assert (len(found), len(damage)) == (4, 1)


ACTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.one_of(st.none(), st.integers(0, 9))), max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, max_size=6))
def test_it_is_a_map_whatever_is_done_to_it(tmp_path: Path, commits: list[list[tuple[str, str, int | None]]]) -> None:
    """Any sequence of commits of puts and deletes gives what a dictionary would hold, also after opening anew."""
    path = tmp_path / f"{secrets.token_hex(8)}.db"
    held: dict[tuple[str, str], int] = {}
    documents = SealedDocuments.create(path, key=KEY)
    for acts in commits:
        deletes = [(kind, ident) for kind, ident, value in acts if value is None]
        puts = [(kind, ident, {"n": value}) for kind, ident, value in acts if value is not None]
        documents.commit(puts, deletes)
        for name in deletes:
            held.pop(name, None)
        held.update({(kind, ident): put["n"] for kind, ident, put in puts if put["n"] is not None})
    for _ in range(2):
        for kind in "abc":
            assert dict(documents.load(kind)) == {ident: {"n": n} for (k, ident), n in held.items() if k == kind}
        documents.close()
        documents = SealedDocuments.open(path, key=KEY)
    documents.close()
