"""A mailbox process shared by the tests of one file, with a scheme around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mailbox.world import Running, Scheme, Speaker, running

Speak = Callable[[str], Speaker]


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    """Who is who."""
    return Scheme()


@pytest.fixture(scope="module")
def folder(scheme: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mailbox's data folder, with key and pack."""
    folder = tmp_path_factory.mktemp("mailbox")
    scheme.write(folder)
    return folder


@pytest.fixture(scope="module")
def mailbox(folder: Path) -> Iterator[Running]:
    """The real program on loopback over a real file."""
    with running(folder, "--admin", "127.0.0.1:0") as process:
        yield process


@pytest.fixture
def speak(mailbox: Running, scheme: Scheme) -> Iterator[Speak]:
    """A party at the mailbox, by its id."""
    speakers: list[Speaker] = []

    def of(party_id: str) -> Speaker:
        speakers.append(Speaker(scheme.keys(party_id), mailbox.url, scheme))
        return speakers[-1]

    yield of
    for speaker in speakers:
        speaker.http.close()
