"""Logs that can be shared: one JSON object a line on stderr, ids and counts only, never what was sent."""

import json
import logging
import sys
from datetime import UTC, datetime

log = logging.getLogger("firstcontact.mailbox")

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Time, level, event, and what was given as `extra`."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(line, default=str)


def log_to_stderr() -> None:
    """Send our lines to stderr, and nothing of the libraries': theirs may repeat what a stranger sent."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    for library in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logging.getLogger(library).handlers = [logging.NullHandler()]
        logging.getLogger(library).propagate = False


def where(error: BaseException) -> str:
    """File and line at which an error arose: enough to find it, and nothing of its words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
