"""Sealed fields: AES-256-GCM under the data key of the person, bound to a permanent field id.

A sealed value is nonce (12 bytes) + ciphertext and tag. Its associated data is the field id and the
key id, so that it opens only in the place it was written for, also after tables or columns are renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from kinweave.house.keystore import NONCE_BYTES, Keystore, read_house_key

Bytes = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Secret:
    """A text to be sealed under the field id `field` before it is journalled."""

    field: str
    text: str

    def __repr__(self) -> str:  # never show the text in a trace
        return f"Secret({self.field})"


@cache
def keystore() -> Keystore:
    """The site's keystore (one for each process)."""
    return Keystore(settings.KEYSTORE_FILE, house_key())


@cache
def house_key() -> bytes:
    return read_house_key(settings.HOUSE_KEY_FILE)


def seal(key: bytes, key_id: UUID, field: str, text: str) -> bytes:
    return seal_bytes(key, key_id, field, text.encode())


def seal_bytes(key: bytes, key_id: UUID, field: str, content: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, _bound(key_id, field))


def unseal_bytes(key: bytes, key_id: UUID, field: str, sealed: Bytes) -> bytes:
    """The content; raises InvalidTag where it was sealed for another field or key, or was changed."""
    raw = bytes(sealed)
    return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key_id, field))


def _bound(key_id: UUID, field: str) -> bytes:
    return field.encode() + b"\0" + key_id.bytes


class Opener:
    """Opens the sealed fields of a page's worth of rows with one look-up of all their keys."""

    def __init__(self, key_ids: Iterable[UUID]) -> None:
        self._keys: Mapping[UUID, bytes] = keystore().read(key_ids)

    def __call__(self, key_id: UUID, field: str, sealed: Bytes | None) -> str | None:
        """The text; None where nothing was sealed or the person was erased."""
        key = self._keys.get(key_id)
        if sealed is None or key is None:
            return None
        try:
            return unseal_bytes(key, key_id, field, sealed).decode()
        except InvalidTag:
            return None  # `kinweave verify` names it; a page must still open


def open_sealed(key_id: UUID, field: str, sealed: Bytes | None) -> str | None:
    """One sealed field (see Opener for many)."""
    return Opener([key_id])(key_id, field, sealed)
