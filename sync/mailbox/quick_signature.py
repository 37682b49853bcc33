"""The usual request, verified without a general parser: what our own client writes, and nothing else.

Parsing structured fields costs three times as much as the signature itself. A request in exactly the form below has one
reading only, so its signature base (RFC 9421, section 2.5) can be written down directly. Anything else, and any failure
whatever, is left to `http_signing.verify`: this module can accept, and cannot refuse.

    Signature-Input: fc=("@method" "@authority" "@target-uri" "content-digest");created=1;keyid="k";nonce="n";...
    Signature: fc=:86 characters of base64==:

The five parameters (with alg and tag) may stand in any order.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sync.http_signing import TAG, Caller, content_digest
from sync.keys import PublicKey

_INPUT = re.compile(
    r'fc=(\("@method" "@authority" "@target-uri" "content-digest"\)'
    r'((?:;[a-z]{3,7}=(?:"[A-Za-z0-9_.-]{1,64}"|[1-9][0-9]{0,11})){5}))'
)
_SIGNATURE = re.compile(r"fc=:([A-Za-z0-9+/]{85}[AQgw]==):")
_URL = re.compile(r"https?://([a-z0-9.-]+(?::[1-9][0-9]{0,4})?)/[A-Za-z0-9_.~/=&?-]*")
_PARAMETERS = frozenset({"created", "keyid", "nonce", "alg", "tag"})
_ES256 = ec.ECDSA(hashes.SHA256())


def usual_caller(
    method: str, url: str, fields: Mapping[str, str], body: bytes, resolve: Callable[[str], PublicKey | None]
) -> Caller | None:
    """Who signed this request, if it has the usual form and its signature holds; None leaves it to the library.

    `fields`: the three fields of the signature, by lower-case name. Age and nonce are for the caller to judge.
    """
    written = _INPUT.fullmatch(fields.get("signature-input", ""))
    signature = _SIGNATURE.fullmatch(fields.get("signature", ""))
    address = _URL.fullmatch(url)
    if written is None or signature is None or address is None or not method.isupper():
        return None
    parameters = dict(part.split("=", 1) for part in written[2][1:].split(";"))
    created, kid, nonce = parameters.get("created", '"'), parameters.get("keyid", ""), parameters.get("nonce", "")
    if (
        parameters.keys() != _PARAMETERS
        or parameters["alg"] != '"ecdsa-p256-sha256"'
        or parameters["tag"] != f'"{TAG}"'
        or created[0] == '"'
        or kid[0] != '"'
        or not (nonce[0] == '"' and 8 <= len(nonce) - 2 <= 64)
        or _default_port(url, address[1])
    ):
        return None
    digest = content_digest(body)
    key = resolve(kid[1:-1]) if fields.get("content-digest") == digest else None
    if key is None:
        return None
    base = (
        f'"@method": {method}\n"@authority": {address[1]}\n"@target-uri": {url}\n"content-digest": {digest}\n'
        f'"@signature-params": {written[1]}'
    )
    raw = b64decode(signature[1])
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.raw.verify(der, base.encode("ascii"), _ES256)
    except InvalidSignature:
        return None
    return Caller(kid[1:-1], nonce[1:-1], int(created))


def _default_port(url: str, authority: str) -> bool:
    """A port that @authority leaves out (section 2.2.3): rare enough to be left to the library."""
    return authority.endswith(":443" if url.startswith("https") else ":80")
