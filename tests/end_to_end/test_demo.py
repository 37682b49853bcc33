"""The demo without a screen plays a whole visit with real programs, prints each step, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from firstcontact.shipped import shipped


def test_the_demo_plays_from_the_first_answer_to_the_partners_answer(tmp_path: Path) -> None:
    """`firstcontact demo --script FILE` exits 0, shows the partner's answer on the laptop, and cleans up."""
    script = shipped("checklists", "older-person-first-contact", "visits", "S01.yaml")
    done = subprocess.run(
        [sys.executable, "-m", "firstcontact", "demo", "--script", str(script)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUTF8": "1"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "4 referrals ready to leave" in done.stdout
    assert "Ready. Waits for signal" in done.stdout
    assert "Accepted" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "Thimblewick" not in done.stdout, "the demo prints initials, as every list does"
    assert list(tmp_path.iterdir()) == []
