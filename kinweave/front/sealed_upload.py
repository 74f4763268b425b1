"""Large files that arrive are never plain on the disk: sealed piece by piece under a key that stays in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from kinweave.flows.intake.uploads import LARGEST


class SealedFile(UploadedFile):
    """A file that arrived: `chunks()` opens it piece by piece."""

    def __init__(self, name: str, key: bytes) -> None:
        self.held = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request
        super().__init__(self.held, name=name, size=0)
        self.key = AESGCM(key)
        self.lengths: list[int] = []

    def add(self, piece: bytes) -> None:
        nonce = os.urandom(12)
        sealed = nonce + self.key.encrypt(nonce, piece, str(len(self.lengths)).encode())
        self.held.write(sealed)
        self.lengths.append(len(sealed))
        self.size = (self.size or 0) + len(piece)

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.held.seek(0)
        for number, length in enumerate(self.lengths):
            sealed = self.held.read(length)
            yield self.key.decrypt(sealed[:12], sealed[12:], str(number).encode())


class SealingHandler(FileUploadHandler):
    """Set as `request.upload_handlers` before anything reads the form."""

    chunk_size = 1 << 18

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file: SealedFile = SealedFile(self.file_name or "", AESGCM.generate_key(256))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > LARGEST:
            raise StopUpload(connection_reset=True)
        self.file.add(raw_data)

    def file_complete(self, file_size: int) -> SealedFile:
        return self.file
