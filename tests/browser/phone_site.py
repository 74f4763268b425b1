"""A small site for the phone's modules: the static files, one empty page, and whatever a test answers.

    with PhoneSite() as site:
        site.answers["/phone/api/envelopes"] = lambda asked: (200, {"now": …, "answers": []})

Its intake key is made here from the written protocol with `cryptography` alone, so that it can judge seal.js.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "kinweave" / "front" / "static"
sys.path.insert(0, str(ROOT / "scripts"))
from browser import find_chromium  # noqa: E402

QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGE = b"<!doctype html><html lang=en><title>Kinweave</title><body></body></html>"
CSP = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
Asked = dict[str, Any]
LIBRARY = """async () => {
  const names = "bytes clock db fault outbox passphrase safety scoring seal slots stores sync uuid7".split(" ");
  const all = await Promise.all(names.map((name) => import(`/static/phone/lib/${name}.js`)));
  window.kw = Object.assign({}, ...all);
  kw.fails = async (work) => {
    try { await work(); return null; } catch (error) { return {...error, code: error.code}; }
  };
  kw.slowly = async (work) => { // as on a slow phone, where the fewest rounds of the derivation are enough
    const now = performance.now;
    performance.now = () => now.call(performance) * 50;
    try { return await work(); } finally { performance.now = now; }
  };
}"""
"""Makes `kw` in the page: every export of every module, and `kw.fails(work)` for the fault that work throws."""


@contextmanager
def profile(browser: Browser, folder: Path, **options: Any) -> Iterator[BrowserContext]:
    """The same Chromium once more, with a profile that stays on the disk: closing it is closing the browser."""
    flags = [*QUIET, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else QUIET
    context = browser.browser_type.launch_persistent_context(
        str(folder), executable_path=find_chromium(), args=flags, **options
    )
    context.set_default_timeout(20_000)
    yield context
    context.close()


def b64u(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class IntakeKey:
    """The site's pair, and how an envelope is opened, from the protocol's text."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.kid = hashlib.sha256(self.public).digest()[:8].hex()

    def opened(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """{"body": text, "mac": …} of an envelope; raises InvalidTag when anything was changed."""
        epk = unb64u(envelope["epk"])
        other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), epk)
        shared = self.private.exchange(ec.ECDH(), other)
        key = HKDF(SHA256(), 32, salt=epk + self.public, info=b"kinweave envelope v1").derive(shared)
        bound = f"kinweave|1|{envelope['kid']}|{envelope['id']}".encode()
        plain = AESGCM(key).decrypt(unb64u(envelope["iv"]), unb64u(envelope["ct"]), bound)
        assert len(plain) % 256 == 0
        return json.loads(plain)

    def entry(self, envelope: dict[str, Any], secret: bytes) -> dict[str, Any]:
        """The entry inside, after its mac was checked."""
        found = self.opened(envelope)
        mac = hmac.new(secret, found["body"].encode(), hashlib.sha256).digest()
        assert hmac.compare_digest(mac, unb64u(found["mac"]))
        entry = json.loads(found["body"])
        assert entry["id"] == envelope["id"]
        return entry


class PhoneSite:
    """Serves on this machine at a free port; every POST is kept in `asked` as (path, JSON)."""

    def __init__(self) -> None:
        self.key = IntakeKey()
        self.answers: dict[str, Callable[[Asked], tuple[int, Any]]] = {}
        self.asked: list[tuple[str, Asked]] = []
        self.cut_after: int | None = None  # bytes of an answer's body that arrive
        self.tag: str | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self._server.server_port}"

    def registration(self, number: int = 1, *, secret: bytes = b"s" * 32) -> dict[str, Any]:
        """What the server answers when a phone registers."""
        return {
            "device": f"018f0000-0000-7000-8000-{number:012d}",
            "secret": b64u(secret),
            "drop_token": f"drop-{number}",
            "read_token": f"read-{number}",
            "site": {"epoch": "e1", "public_key": b64u(self.key.public), "kid": self.key.kid, "name": "Invented"},
            "account": {"id": f"018f0000-0000-7000-8000-9{number:011d}", "shown_name": "A.", "language": "en"},
        }

    def visit(self, page: Page) -> Page:
        """Open the empty page with the library at hand."""
        page.goto(self.url)
        page.evaluate(LIBRARY)
        return page

    def __enter__(self) -> PhoneSite:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _give(self, status: int, kind: str, body: bytes, more: dict[str, str] | None = None) -> None:
                self.send_response(status)
                told = {"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": CSP}
                for name, value in {**told, **(more or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                file = (STATIC / path.removeprefix("/static/")).resolve()
                if path.startswith("/static/") and file.is_file() and STATIC in file.parents:
                    self._give(200, TYPES.get(file.suffix, "text/plain"), file.read_bytes())
                elif path in site.answers:
                    self._answer({"address": self.path})
                else:
                    self._give(200, "text/html; charset=utf-8", PAGE)

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer({**json.loads(raw), "token": self.headers.get("Authorization")})

            def _answer(self, asked: Asked) -> None:
                path = self.path.split("?")[0]
                asked["tag"] = self.headers.get("If-None-Match")
                site.asked.append((path, asked))
                status, answer = site.answers.get(path, lambda _: (404, {"problem": {"code": "not-found"}}))(asked)
                raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                if site.cut_after is None:
                    self._give(status, "application/json", raw, {"ETag": site.tag} if site.tag else {})
                    return
                # The work is done, the answer is cut on its way back.
                self.wfile.write(f"HTTP/1.1 {status} OK\r\nContent-Length: {len(raw)}\r\n\r\n".encode())
                self.wfile.write(raw[: site.cut_after])
                self.close_connection = True

        return Handler


def copied(folder: Path, to: Path) -> None:
    """Copy a profile, also while its browser runs: what the browser removes meanwhile is not there to be copied."""
    try:
        shutil.copytree(folder, to, ignore=shutil.ignore_patterns("Singleton*", "LOCK"))
    except shutil.Error as fault:
        if any("No such file" not in why for _from, _to, why in fault.args[0]):
            raise
