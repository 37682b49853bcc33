"""Facts that cross from threads to screens."""

from __future__ import annotations

from textual.message import Message

from firstcontact.rows import SignalState
from firstcontact.tui.writer import SaveState


class SaveStateChanged(Message):
    """The writer thread made an act durable, or could not."""

    def __init__(self, state: SaveState) -> None:
        super().__init__()
        self.state = state


class SignalChanged(Message):
    """The connection, or what waits for it, changed; perhaps a reply arrived."""

    def __init__(self, state: SignalState) -> None:
        super().__init__()
        self.state = state
