"""The site's intake key: what a phone seals its outbox to, so that only this site opens it.

ECDH on P-256, because every browser's own cryptography has it. The private number is derived from the house
key (HKDF-SHA256, RFC 5869): the paper recovery key brings it back, and an envelope that was sealed before a
restore still opens afterwards. 48 bytes reduced modulo n-1 leave a bias below 2^-128 (NIST SP 800-56A rev. 3,
5.6.1.2.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kinweave.core.problems import Problem
from kinweave.house.sealing import house_key

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # n of P-256 (FIPS 186-4, D.1.2.3)
DERIVED = b"kinweave intake v1"
ENVELOPE = b"kinweave envelope v1"
POINT_BYTES = 65
IV_BYTES = 12


class NotOurs(Problem):
    status, code = 422, "envelope-not-ours"
    says = "This was sealed for another site."
    remedy = "It stays on the phone. Send it to the site that it was written for."


class NotReadable(Problem):
    status, code = 422, "envelope-unreadable"
    says = "This cannot be opened: it was changed or cut on its way."
    remedy = "It stays on the phone. Send it again; if that does not help, show it to your supervisor."


@cache
def private_key() -> ec.EllipticCurvePrivateKey:
    """The site's private key; derived anew in each process, never written down."""
    raw = HKDF(SHA256(), 48, b"", DERIVED).derive(house_key())
    return ec.derive_private_key(int.from_bytes(raw, "big") % (ORDER - 1) + 1, CURVE)


@cache
def public_key() -> bytes:
    """The public key as the raw uncompressed point (65 bytes)."""
    return private_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@cache
def key_id() -> str:
    """Names the key in an envelope: the first 8 bytes of SHA-256 of the public key, in hex."""
    return hashlib.sha256(public_key()).digest()[:8].hex()


def b64u(raw: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text: object) -> bytes:
    """Raises NotReadable."""
    if not isinstance(text, str):
        raise NotReadable()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotReadable() from None


def sealed_key(shared: bytes, point: bytes) -> bytes:
    """The AES key of one envelope, from the ECDH secret and both public keys."""
    return HKDF(SHA256(), 32, point + public_key(), ENVELOPE).derive(shared)


def bound(entry_id: str) -> bytes:
    """What an envelope is bound to: its form, the site's key, its id."""
    return f"kinweave|1|{key_id()}|{entry_id}".encode()


def open_envelope(envelope: Mapping[str, Any]) -> bytes:
    """The padded content of an envelope. Raises NotOurs, NotReadable."""
    if envelope.get("v") != 1:
        raise NotReadable()
    if envelope.get("kid") != key_id():
        raise NotOurs()
    point, iv, sealed = (unb64u(envelope.get(name)) for name in ("epk", "iv", "ct"))
    if len(point) != POINT_BYTES or len(iv) != IV_BYTES:
        raise NotReadable()
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)  # refuses points off the curve
        shared = private_key().exchange(ec.ECDH(), theirs)
        return AESGCM(sealed_key(shared, point)).decrypt(iv, sealed, bound(str(envelope.get("id"))))
    except (ValueError, InvalidTag):
        raise NotReadable() from None
