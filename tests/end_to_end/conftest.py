"""Which of these tests need a pty, and are left out, with a word, where there is none."""

from __future__ import annotations

import os
import sys

collect_ignore: list[str] = []
if os.name != "posix":
    collect_ignore = ["test_kills.py", "test_kills_of_post.py", "test_two_processes.py", "test_canaries.py"]
    sys.stderr.write(f"left out, because this system has no pty: {', '.join(collect_ignore)}\n")
