"""The command `firstcontact-mailbox`: its options, its exit codes, its logs, and that it never shows a traceback."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from sync import pack
from sync.keys import Keyring
from tests.mailbox.world import DEADLINE_SECONDS, Running, Scheme, Speaker, running


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sync.mailbox", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Key and pack, as an operator has them."""
    Scheme().write(tmp_path)
    return tmp_path


def test_help_has_an_example_and_every_option() -> None:
    """What the program takes is said by itself."""
    done = _run("--help")
    assert done.returncode == 0
    for word in (
        "--data",
        "--listen",
        "--public-url",
        "--pack",
        "--key",
        "--admin",
        "--behind-proxy",
        "Example",
        "init",
    ):
        assert word in done.stdout


def test_init_makes_a_key_once_and_tells_its_public_half(tmp_path: Path) -> None:
    """The file is for its owner alone; a second init changes nothing and exits 1."""
    done = _run("init", "--data", str(tmp_path / "box"), "--id", "mailbox-1")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    path = tmp_path / "box" / "mailbox-key.json"
    keys = Keyring.from_document(json.loads(path.read_text()))
    assert (told["id"], told["kid"], told["signing"]) == ("mailbox-1", keys.signing.kid, keys.signing.public.jwk)
    assert "d" not in told["signing"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    again = _run("init", "--data", str(tmp_path / "box"))
    assert again.returncode == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "--data"),
        (["--data", "{folder}", "--listen", "nonsense"], "--listen"),
        (["--data", "{folder}", "--listen", "127.0.0.1:99999"], "--listen"),
        (["--data", "{folder}", "--listen", "0.0.0.0:0"], "--behind-proxy"),
        (["--data", "{folder}", "--public-url", "http://post.example"], "https"),
        (["--data", "{folder}", "--public-url", "gopher://x"], "--public-url"),
        (["--data", "{folder}", "--public-url", "http://[x"], "--public-url"),
        (["--data", "{folder}", "--key", "{folder}/none.json"], "init"),
        (["--data", "{folder}", "--key", "{folder}/pack.json"], "key file"),
        (["--data", "{folder}", "--pack", "{folder}/mailbox-key.json"], "not a pack"),
        (["--data", "{folder}", "--pack", "{folder}/none.json"], "none.json"),
        (["--data", "{folder}", "--bogus"], "--bogus"),
    ],
)
def test_used_wrongly_it_says_how_and_exits_2(folder: Path, arguments: list[str], word: str) -> None:
    """One sentence names the option at fault."""
    done = _run(*(argument.format(folder=folder) for argument in arguments))
    assert done.returncode == 2
    assert word in done.stderr
    assert done.stdout == ""


def test_what_it_cannot_do_it_says_and_exits_1(folder: Path) -> None:
    """No pack yet, a foreign coordinator, a foreign file as database, a port that is taken, a folder in use."""
    no_pack = _run("--data", str(folder))
    assert no_pack.returncode == 1
    assert "--pack" in no_pack.stderr
    given = ["--data", str(folder), "--pack", str(folder / "pack.json")]
    pinned = _run(*given, "--coordinator", "another-thumbprint")
    assert (pinned.returncode, "coordinator" in pinned.stderr) == (1, True)
    with running(folder) as process:
        second = _run(*given)
        assert (second.returncode, "running on this folder" in second.stderr) == (1, True)
        other = folder / "other"
        Scheme().write(other)
        taken = _run("--data", str(other), "--pack", str(other / "pack.json"), "--listen", process.url[7:])
        assert (taken.returncode, "in use" in taken.stderr) == (1, True)
    foreign = b"not a database" * 1000
    (other / "mailbox.db").write_bytes(foreign)
    refused = _run("--data", str(other), "--pack", str(other / "pack.json"))
    assert (refused.returncode, "database" in refused.stderr) == (1, True)
    assert (other / "mailbox.db").read_bytes() == foreign


def test_the_pack_of_a_coordinator_named_by_thumbprint_is_taken(tmp_path: Path) -> None:
    """`--coordinator` pins whose pack may come first; a folder does as well as a file."""
    scheme = Scheme()
    scheme.write(tmp_path)
    folder = tmp_path / "pack"
    folder.mkdir()
    for name, data in scheme.pack_files().items():
        (folder / name).write_bytes(data)
    (tmp_path / "pack.json").unlink()
    with running(
        tmp_path, "--pack", str(folder), "--coordinator", scheme.coordinator.signing.kid, pack_file=False
    ) as process:
        assert httpx.get(process.url + "/healthz").status_code == 200


def test_a_newer_pack_outlives_the_file_given_at_start(tmp_path: Path) -> None:
    """After a restart with the old file the mailbox still goes by the newer pack that it was sent."""
    scheme = Scheme()
    scheme.write(tmp_path)
    with running(tmp_path) as process:
        wire = pack.pack_to_wire(scheme.pack_files(5))
        headers = {"Content-Type": "application/json"}
        assert httpx.put(process.url + "/v1/pack", content=wire, headers=headers).status_code == 204
    with running(tmp_path) as process:
        assert httpx.get(process.url + "/v1/capabilities").json()["pack_sequence"] == 5
    with running(tmp_path, pack_file=False) as process:
        assert httpx.get(process.url + "/v1/capabilities").json()["pack_sequence"] == 5


@pytest.mark.skipif(os.name != "posix", reason="a polite end by signal is POSIX")
def test_told_to_stop_it_finishes_and_exits_0(folder: Path) -> None:
    """SIGTERM ends a long poll with its answer; what was deposited is there in the next life."""
    scheme = Scheme()
    scheme.write(folder)
    with running(folder) as process, ThreadPoolExecutor(1) as pool:
        desk, laptop = (Speaker(scheme.keys(who), process.url, scheme) for who in ("SSA", "dev-1"))
        batch_id, body = laptop.frozen("AFR")
        assert laptop.deposit("AFR", batch_id, body).status_code == 201
        polling = pool.submit(desk.collect, "?wait=25")
        while not polling.running():
            continue
        assert desk.http.get("/healthz").status_code == 200
        laptop.http.close()
        assert process.stop() == 0
        assert polling.result(DEADLINE_SECONDS) == []
        desk.http.close()
    with running(folder) as process:
        desk = Speaker(scheme.keys("AFR"), process.url, scheme)
        assert len(desk.collect()) == 1
        desk.http.close()


def test_logs_hold_ids_and_counts_only(folder: Path) -> None:
    """One JSON object a line; nothing of a body, a header or an address; what was refused is counted by its code."""
    scheme = Scheme()
    scheme.write(folder)
    with running(folder) as process:
        laptop = Speaker(scheme.keys("dev-1"), process.url, scheme)
        batch_id, body = laptop.frozen("AFR", ["CANARY-item"])
        laptop.deposit("AFR", batch_id, body)
        laptop.request("GET", "/v1/mailboxes/CANARY-path?after=CANARY-query")
        laptop.request("POST", "/v1/mailboxes/AFR/batches", b"CANARY-body", headers={"X-Canary": "CANARY-header"})
        laptop.http.close()
        process.stop()
        lines = [json.loads(line) for line in process.log.read_text().splitlines()]
    assert "CANARY" not in process.log.read_text()
    assert [line["event"] for line in lines] == ["ready", "stopped"]
    assert lines[-1]["deposits.new"] == 1
    assert lines[-1]["refused.not-allowed"] == 1
    assert lines[-1]["refused.malformed"] == 1


def test_metrics_are_on_the_admin_address_only(folder: Path) -> None:
    """Numbers for the operator; the admin address serves no post."""
    scheme = Scheme()
    scheme.write(folder)
    with running(folder, "--admin", "127.0.0.1:0") as process:
        admin = _admin_url(process)
        laptop = Speaker(scheme.keys("dev-1"), process.url, scheme)
        laptop.deposit("AFR", *laptop.frozen("AFR"))
        laptop.http.close()
        assert 'firstcontact_mailbox_deposits_total{kind="new"} 1' in httpx.get(admin + "/metrics").text
        assert httpx.get(admin + "/v1/capabilities").status_code == 404
        assert httpx.get(process.url + "/metrics").status_code == 404


def _admin_url(process: Running) -> str:
    ready = json.loads(process.log.read_text().splitlines()[-1])
    return str(ready["admin"])
