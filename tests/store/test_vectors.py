"""The format of a vault is final: a file made by its first version opens for ever, with each of its ways in.

`tests/vectors/vault/first.db` was made once by `python -m tests.store.test_vectors`; `first.json` beside it holds its
secrets (invented, and used nowhere else) and what is in it. A vector is never made anew: a test that fails here means
that vaults in the field would not open.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2

from firstcontact.store.errors import StoreError, WrongPassphrase
from firstcontact.store.store import Store
from sync.base.slots import new_code

VECTORS = Path(__file__).parents[1] / "vectors" / "vault"


def contents(store: Store) -> dict[str, Any]:
    """All that a vault holds, as JSON."""
    return {
        "visits": [[visit.visit_id, visit.summary] for visit in store.visits()],
        "events": {visit.visit_id: store.events(visit.visit_id) for visit in store.visits()},
        "documents": {kind: [[ident, document] for ident, document in store.journal.load(kind)] for kind in ("a", "b")},
        "tombstones": len(list(store.journal.load("_tombstone"))),
        "counter": store.counter,
    }


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    path = tmp_path / "vault.db"
    shutil.copyfile(VECTORS / "first.db", path)
    return path, json.loads((VECTORS / "first.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("way", ["passphrase", "code", "recovery_key", "store_key"])
def test_the_first_vault_ever_made_still_opens(vault: tuple[Path, dict[str, Any]], way: str) -> None:
    """By passphrase, printed code, recovery key and store key: the same visits, events and documents."""
    path, expected = vault
    secrets: dict[str, Any] = {way: expected["secrets"][way]}
    if way in ("passphrase", "store_key"):
        secrets[way] = secrets[way].encode() if way == "passphrase" else bytes.fromhex(secrets[way])
    with Store.open(path, **secrets) as store:
        assert contents(store) == expected["contents"]
        assert not list(store.verify())
        store.append("v1", [("p1", {"n": 99})])
        assert store.events("v1")[-1] == {"n": 99}


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE store SET store_id = zeroblob(16)", StoreError),
        ("UPDATE head SET sealed = zeroblob(length(sealed))", StoreError),
        ("DELETE FROM head", StoreError),
        ("DELETE FROM store", StoreError),
        ("DELETE FROM slot", WrongPassphrase),
        ("UPDATE slot SET record = zeroblob(length(record))", StoreError),
    ],
)
def test_a_first_vault_without_its_top_is_refused(
    vault: tuple[Path, dict[str, Any]], statement: str, error: type[StoreError]
) -> None:
    """Store id, head or ways in gone or blank: refused, and not a byte of the rest is changed."""
    path, expected = vault
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute(statement)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(error):
        Store.open(path, expected["secrets"]["passphrase"].encode())
    assert path.read_bytes() == before


def main() -> None:
    """Make the vector; only ever run when the first one was made."""
    from joserfc.jwk import ECKey

    VECTORS.mkdir(parents=True, exist_ok=True)
    key, code = ECKey.generate_key("P-256"), new_code()
    passphrase = "lantern otter gravel teaspoon"
    store = Store.create(
        VECTORS / "first.db", passphrase.encode(), recovery_code=code, recovery_key=key.as_dict(private=False)
    )
    with store:
        for number in range(1, 4):
            store.new_visit(
                f"v{number}", {"line": f"visit {number}"}, [("visit", {"type": "VisitStarted", "n": number})]
            )
            store.append(f"v{number}", [("p1", {"n": 1, "words": "ŵyr"}), (("safeguarding", "p1"), {"n": 2})])
        store.append(
            "v1", [("p2", {"n": 3})], puts=[("a", "r1", {"n": 1}), ("b", "r1", {"n": 2}), ("a", "r2", {"n": 3})]
        )
        store.append("v2", [("visit", {"n": 4})], summary={"line": "paused"}, deletes=[("a", "r2")])
        store.erase_visit("v3")
        store.append("v1", [("visit", {"n": 5})])
        secrets = {"passphrase": passphrase, "code": code, "recovery_key": key.as_dict(private=True)}
        secrets["store_key"] = store._file.vault.store_key.hex()
        text = json.dumps({"secrets": secrets, "contents": contents(store)}, ensure_ascii=False, indent=1, default=str)
    (VECTORS / "first.json").write_text(text + "\n", encoding="utf-8")
    (VECTORS / "first.db.lock").unlink()


if __name__ == "__main__":
    main()
