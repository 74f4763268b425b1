"""A phone with an OpenRosa client, as tests drive it: Django's test client with the headers that Collect sends."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from defusedxml import ElementTree
from django.test import Client

from kinweave.house.app_users import make_app_user

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"
BOUNDARY = "----a-phone-1f2e"


def set_up(world: Any, name: str = "amina", by: str = "farai") -> str:
    """A token for an account, made by a coordinator."""
    return make_app_user(by=world.actor(by), account_id=world.accounts[name].id, name="a phone")[1]


class Phone:
    """One app user."""

    def __init__(self, token: str) -> None:
        self.base, self.client = f"/openrosa/{token}", Client()

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"X-OpenRosa-Version": "1.0"})

    def forms(self) -> dict[str, dict[str, str]]:
        """The list, by form id."""
        answer = self.get(f"{self.base}/formList")
        assert answer.status_code == 200
        assert answer["X-OpenRosa-Version"] == "1.0"
        assert answer["Content-Type"].startswith("text/xml")
        found = {}
        for one in ElementTree.fromstring(answer.content).iter(f"{LIST}xform"):
            row = {child.tag.removeprefix(LIST): child.text or "" for child in one}
            found[row["formID"]] = row
        return found

    def form(self, form_id: str) -> bytes:
        """The form's bytes, which must be what the list says they are."""
        row = self.forms()[form_id]
        content = self.get(row["downloadUrl"]).content
        assert row["hash"] == md5_of(content)
        return content

    def files(self, form_id: str) -> dict[str, dict[str, str]]:
        answer = self.get(self.forms()[form_id]["manifestUrl"])
        assert answer["Content-Type"].startswith("text/xml")
        assert answer["X-OpenRosa-Version"] == "1.0"
        found = {}
        for one in ElementTree.fromstring(answer.content).iter(f"{MANIFEST}mediaFile"):
            row = {child.tag.removeprefix(MANIFEST): child.text or "" for child in one}
            found[row["filename"]] = {**row, "type": one.get("type", "")}
        return found

    def send(self, xml: bytes | str, files: Any = (), **fields: str) -> Any:
        raw = xml.encode() if isinstance(xml, str) else xml
        return self.post(multipart([("xml_submission_file", "form.xml", "text/xml", raw), *files], fields))

    def post(self, body: bytes, kind: str = f"multipart/form-data; boundary={BOUNDARY}", **more: Any) -> Any:
        return self.client.post(f"{self.base}/submission", body, content_type=kind, **more)


def md5_of(content: bytes) -> str:
    """As OpenRosa writes it."""
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()


def multipart(files: Any, fields: Mapping[str, str] = {}) -> bytes:
    """A body of these (name, filename, kind, content) and plain fields."""
    lines: list[bytes] = []
    for name, filename, kind, content in files:
        lines.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            f"Content-Type: {kind}\r\n\r\n".encode()
            + content
            + b"\r\n"
        )
    for name, value in fields.items():
        lines.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    return b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


def filled(
    form_id: str, version: str, person: UUID | str = "", answers: Mapping[str, Any] = {}, *, instance: str = "",
    replaces: str = "", **more: str,
) -> str:  # fmt: skip
    """A finished form of a questionnaire, as Collect writes it."""
    inside = "".join(f"<{code}>{value}</{code}>" for code, value in answers.items())
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in more.items())
    old = f"<orx:deprecatedID>{replaces}</orx:deprecatedID>" if replaces else ""
    return (
        f'<?xml version=\'1.0\' ?><data id="{form_id}" version="{version}" '
        f'xmlns:orx="http://openrosa.org/xforms"><person>{person}</person>{fields}<asked>{inside}</asked>'
        f"<orx:meta><orx:instanceID>{instance or new_instance()}</orx:instanceID>{old}</orx:meta></data>"
    )


def new_instance() -> str:
    return f"uuid:{uuid4()}"


def told(answer: Any) -> str:
    """What the phone shows of an answer."""
    assert answer["Content-Type"].startswith("text/xml"), answer.content[:200]
    found = ElementTree.fromstring(answer.content)
    assert found.tag == f"{RESPONSE}OpenRosaResponse"
    return found.find(f"{RESPONSE}message").text or ""
