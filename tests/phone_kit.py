"""A phone for tests, written from docs/phone.md alone: it seals envelopes with its own cryptography."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from kinweave.core.ids import child, uuid7

STEP = 256


def b64u(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def seal(site: dict[str, Any], secret: bytes, body: dict[str, Any] | str, mac: bytes | None = None) -> dict[str, Any]:
    """An envelope, as a phone makes it."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    entry = json.loads(text)["id"]
    made = hmac.new(secret, text.encode(), hashlib.sha256).digest() if mac is None else mac
    plain = json.dumps({"body": text, "mac": b64u(made)}, ensure_ascii=False).encode()
    plain += b" " * (-len(plain) % STEP)
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    public = unb64u(site["public_key"])
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public))
    key = HKDF(SHA256(), 32, point + public, b"kinweave envelope v1").derive(shared)
    iv = os.urandom(12)
    bound = f"kinweave|1|{site['kid']}|{entry}".encode()
    sealed = AESGCM(key).encrypt(iv, plain, bound)
    return {"v": 1, "kid": site["kid"], "id": entry, "epk": b64u(point), "iv": b64u(iv), "ct": b64u(sealed)}


@dataclass
class Phone:
    """One store on one phone. `off`: how far its clock runs ahead; `skew`: what it believes to know of that."""

    account: str
    device: str
    secret: bytes
    drop: str
    read: str
    site: dict[str, Any]
    off: timedelta = timedelta()
    seq: int = 0
    segment: str = "one"
    skew_ms: int | None = None
    client: Client = field(default_factory=Client)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    epoch: str | None = None
    position: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def body(self, action: str, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
        self.seq += 1
        now = self.now
        return {
            "v": 1, "id": str(uuid7(int(now.timestamp() * 1000))), "device": self.device, "account": self.account,
            "seq": self.seq, "action": action, "asked": asked, "happened_at": now.isoformat(), "precision": "second",
            "segment": self.segment, "skew_ms": self.skew_ms, "app": "2026.11.1", **more,
        }  # fmt: skip

    def write(self, action: str, /, **asked: Any) -> dict[str, Any]:
        """A sealed entry; ids and days as JSON has them."""
        return self.sealed(self.body(action, json.loads(json.dumps(asked, default=str))))

    def sealed(self, body: dict[str, Any] | str, mac: bytes | None = None) -> dict[str, Any]:
        return seal(self.site, self.secret, body, mac)

    def send(self, *envelopes: Any, token: str = "", **more: Any) -> Any:
        return self.post("envelopes", {"now": self.now.isoformat(), "envelopes": list(envelopes), **more}, token)

    def answers(self, *envelopes: Any, **more: Any) -> list[dict[str, Any]]:
        answer = self.send(*envelopes, **more)
        assert answer.status_code == 200, answer.content
        return answer.json()["answers"]

    def post(self, path: str, body: Any, token: str = "", **headers: str) -> Any:
        raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.client.post(
            f"/phone/api/{path}", raw, content_type="application/json",
            headers={"authorization": f"Bearer {token or self.drop}", **headers},
        )  # fmt: skip

    def have(self) -> str:
        return hashlib.sha256("\n".join(sorted(one.replace("-", "") for one in self.people)).encode()).hexdigest()

    def ask(self, **more: Any) -> Any:
        asked = {"epoch": self.epoch, "position": self.position, "have": self.have(), **more}
        return self.post("changes", asked, self.read)

    def sync(self, **more: Any) -> dict[str, list[str]]:
        """Ask until there is no more; returns the ids that came and went, in their order."""
        told: dict[str, list[str]] = {"gained": [], "changed": [], "lost": []}
        people: list[str] | None = None
        for _ in range(50):
            answer = self.ask(**({} if people is None else {"people": people}), **more)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            for document in [*page["gained"], *page["changed"]]:
                self.people[document["id"]] = document
            for one in page["lost"]:
                self.people.pop(one, None)
            for name in told:
                told[name] += [one if name == "lost" else one["id"] for one in page[name]]
            self.epoch, self.position, self.last = page["epoch"], page["position"], page
            self.settings = page["settings"] or self.settings
            people = sorted(self.people) if page["ask"] == "people" else None
            if not page["more"]:
                return told
        raise AssertionError("the site never says that this was all")


def made(envelope: dict[str, Any], name: str) -> str:
    """The id of what an entry creates."""
    from uuid import UUID

    return str(child(UUID(envelope["id"]), f"/{name}"))


def registered(world: Any, name: str, **more: Any) -> Phone:
    """A phone registered by a signed-in account."""
    client = Client()
    client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/phone/api/devices", json.dumps({"label": name[:1], **more}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    return Phone(
        told["account"]["id"], told["device"], unb64u(told["secret"]), told["drop_token"], told["read_token"],
        told["site"],
    )  # fmt: skip


def newcomer(world, **more):
    return {
        "organisation_id": world.organisation, "programme_id": world.programme, "team_id": world.teams[0],
        "place_id": world.wards[0], "alias": "Rudo", **more,
    }  # fmt: skip


def morning(world, phone):
    """Someone new, their yes, and a meeting: each needs the one before it."""
    new = phone.write("people.register_person", **newcomer(world))
    person = made(new, "person")
    yes = phone.write("flows.agree", person_id=person, purpose="care", given=True)
    note = phone.write("care.note_session", person_id=person, held=True, note="a goat of seven spots")
    return person, [new, yes, note]
