"""The command `firstcontact-mailbox`: options in, exit codes out (0 stopped as told, 1 could not, 2 used wrongly)."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from sync.base.command_line import PlainGroup
from sync.errors import BadPack, SyncError
from sync.keys import Keyring

DATABASE = "mailbox.db"
KEY = "mailbox-key.json"
LOCK = "mailbox.lock"
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_EXAMPLE = """
\b
Example:
  firstcontact-mailbox init --data /var/lib/firstcontact
  firstcontact-mailbox --data /var/lib/firstcontact --pack pack/ --listen 127.0.0.1:8443 \\
      --public-url https://post.ambleshire.example --behind-proxy
"""


@click.group(
    cls=PlainGroup,
    invoke_without_command=True,
    epilog=_EXAMPLE,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of the database; made if needed."
)
@click.option("--listen", default="127.0.0.1:0", show_default=True, help="HOST:PORT; port 0 takes any free one.")
@click.option(
    "--public-url",
    help="The address under which senders know this mailbox, as in the pack; requests are verified against it. "
    "Without it: the address listened on.",
)
@click.option(
    "--pack",
    "pack_path",
    type=click.Path(path_type=Path, exists=True),
    help="The signed pack: its folder, or its one JSON file. Needed the first time only.",
)
@click.option(
    "--coordinator",
    "coordinators",
    multiple=True,
    metavar="THUMBPRINT",
    help="Trust a pack given by --pack only if it is signed by this key, as printed on the key card. May be repeated.",
)
@click.option(
    "--key",
    "key_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The mailbox's key file, made by `init`. Without it: {KEY} in the data folder.",
)
@click.option("--admin", help="HOST:PORT of a second listener with /metrics, for the operator alone.")
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="A proxy in front ends TLS: allows plain http on addresses other than loopback.",
)
@click.option("--keep-days", default=400, show_default=True, type=click.IntRange(30), help="How long traces stay.")
@click.pass_context
def main(context: click.Context, /, **options: object) -> None:
    """Keep sealed batches for their addressees until they are collected.

    Prints `ready http://HOST:PORT` on stdout once it answers; stops on SIGTERM or Ctrl-C.
    """
    if context.invoked_subcommand is None:
        raise SystemExit(_serve(**options))  # type: ignore[arg-type]


@main.command()
@click.option("--data", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the database.")
@click.option("--key", "key_path", type=click.Path(path_type=Path, dir_okay=False), help=f"Instead of {KEY} in there.")
@click.option("--id", "party_id", default="mailbox", show_default=True, help="The mailbox's id in the pack.")
def init(data: Path, key_path: Path | None, party_id: str) -> None:
    """Make the mailbox's key pair, and print its public half for the pack.

    Example: firstcontact-mailbox init --data /var/lib/firstcontact --id mailbox-1
    """
    path = key_path or data / KEY
    keys = Keyring.generate(party_id)
    try:
        data.mkdir(parents=True, exist_ok=True)
        # Readable for its owner alone from the first moment, and never over another key.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(keys.to_document(), file)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already; a mailbox keeps its key.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(json.dumps({"id": keys.id, "kid": keys.signing.kid, "signing": keys.signing.public.jwk}))


def _serve(
    *,
    data: Path | None,
    listen: str,
    public_url: str | None,
    pack_path: Path | None,
    coordinators: tuple[str, ...],
    key_path: Path | None,
    admin: str | None,
    behind_proxy: bool,
    keep_days: int,
) -> int:
    from filelock import FileLock, Timeout

    from sync.mailbox.serve import Service, run

    if data is None:
        raise click.UsageError("Say where the database is: --data DIR.")
    host, port = _address("--listen", listen)
    if host not in LOOPBACK and not behind_proxy:
        raise click.UsageError(f"Plain http on {host} would be open to all; put a TLS proxy before it: --behind-proxy.")
    admin_address = _address("--admin", admin) if admin else None
    if public_url is not None:
        _check_public_url(public_url)
    keys = _read_keys(key_path or data / KEY)
    service = Service(
        database=data / DATABASE,
        keys=keys,
        public_url=public_url.rstrip("/") if public_url else None,
        offered_pack=_read_pack(pack_path) if pack_path else None,
        coordinators=coordinators,
        keep_seconds=keep_days * 86400,
    )
    try:
        with FileLock(data / LOCK, timeout=0):
            return asyncio.run(run(service, _bind(host, port), _bind(*admin_address) if admin_address else None))
    except Timeout:
        return _failed("another mailbox is running on this folder.")
    except BadPack as error:
        return _failed(error.words)
    except OSError as error:
        return _failed(f"{error.filename or listen}: {error.strerror}.")


def _failed(words: str) -> int:
    click.echo(f"firstcontact-mailbox: {words}", err=True)
    return 1


def _bind(host: str, port: int) -> socket.socket:
    from sync.mailbox.serve import bind

    return bind(host, port)


def _address(option: str, written: str) -> tuple[str, int]:
    host, _, port = written.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"{option} must be HOST:PORT.")
    return host, int(port)


def _check_public_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    local = parts.hostname in LOOPBACK
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise click.UsageError("--public-url must be the https address of this mailbox.")
    if parts.scheme == "http" and not local:
        raise click.UsageError("--public-url must be https: plain http is for this machine alone.")


def _read_keys(path: Path) -> Keyring:
    try:
        return Keyring.from_document(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise click.UsageError(f"There is no key at {path}; make one with `firstcontact-mailbox init`.") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise click.UsageError(f"{path} is not a mailbox's key file.") from None


def _read_pack(path: Path) -> dict[str, bytes]:
    from sync.mailbox.shelf import read_pack

    try:
        return read_pack(path)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except SyncError:
        raise click.UsageError(f"{path} is not a pack.") from None


if __name__ == "__main__":
    sys.exit(main(prog_name="firstcontact-mailbox"))
