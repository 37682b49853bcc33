"""What holds for every test: its own temporary and runtime folders, and nothing of the developer's own home."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has a TMPDIR, an XDG_RUNTIME_DIR and a FIRSTCONTACT_HOME of its own, gone with it."""
    base: Path = tmp_path_factory.mktemp("own")
    for name in ("TMPDIR", "XDG_RUNTIME_DIR", "FIRSTCONTACT_HOME", "HOME"):
        folder = base / name.lower()
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("FIRSTCONTACT_PASSPHRASE_FILE", raising=False)
