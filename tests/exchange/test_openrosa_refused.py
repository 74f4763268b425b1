"""What a stranger or a broken network sends: a clear OpenRosa error, no word of it in a log, nothing by halves."""

from __future__ import annotations

import io
import logging
import random
from typing import Any

import pytest
from django.apps import apps

from kinweave.core.xforms.multipart import BodyBroken, read_parts
from kinweave.core.xforms.parse import DEEPEST, XmlRefused, read_xml
from kinweave.core.xforms.submission import read_submission
from kinweave.exchange.openrosa import body as bodies
from kinweave.listen.models import FormFile, Response
from tests.care_world import asking
from tests.exchange.phones import BOUNDARY, Phone, filled, multipart, new_instance, set_up, told

pytestmark = pytest.mark.django_db
KEY = "how-you-have-been-9"
CANARY = "Vimbaishe Chengetakure"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "&lol;" * 10}">' for n in range(9))
    + "]><data>&l8;</data>"
)
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><data id="a" version="1">&x;</data>'
PARAMETER = '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://localhost:1/x.dtd">%p;]><data id="a"/>'


@pytest.fixture
def phone(world):
    asking(world)
    return Phone(set_up(world))


@pytest.fixture
def version(phone):
    return phone.forms()[KEY]["version"]


def rows() -> dict[str, int]:
    """How many rows every table of ours has, but what a token's last use writes."""
    return {
        model._meta.label: model.objects.count()
        for config in apps.get_app_configs()
        if config.name.startswith("kinweave")
        for model in config.get_models()
    }


def whole(raw: bytes) -> bytes:
    return multipart([("xml_submission_file", "form.xml", "text/xml", raw)])


def refused(phone: Phone, caplog: Any, body: bytes, status: int, **more: Any) -> str:
    """Send it: refused with this status and a sentence, every table as before, and nothing of it in a log."""
    before = rows()
    with caplog.at_level(logging.DEBUG):
        caplog.clear()
        answer = phone.post(body, **more)
    assert answer.status_code == status, told(answer)
    said = told(answer)
    assert len(said) > 20
    assert rows() == before
    for text in (said, caplog.text, answer.content.decode()):
        assert CANARY not in text
        assert "root:" not in text
    return said


BAD_XML = {
    "entities that grow": LAUGHS,
    "a file from outside": OUTSIDE,
    "a document type from elsewhere": PARAMETER,
    "nothing": "",
    "no XML": f"{CANARY}",
    "half of it": f'<data id="{KEY}" version="1"><q1>{CANARY}',
    "no form": f"<data><q1>{CANARY}</q1></data>",
    "no instance id": f'<data id="{KEY}" version="1"><q1>{CANARY}</q1></data>',
    "too deep": f'<data id="{KEY}" version="1">{"<g>" * 60}{CANARY}{"</g>" * 60}</data>',
    "very deep": "<g>" * 200_000,
    "too many parts": f'<data id="{KEY}" version="1">{"<q/>" * 25_000}</data>',
    "too many attributes": "<data {}/>".format(" ".join(f'a{n}="1"' for n in range(60))),
    "an id without end": f'<data id="{"x" * 300}" version="1"><meta><instanceID>u</instanceID></meta></data>',
}


@pytest.mark.parametrize("what", BAD_XML)
def test_xml_that_is_no_form_is_refused(phone, caplog, what):
    refused(phone, caplog, whole(BAD_XML[what].encode()), 400)


def test_too_long_a_form_is_refused(phone, caplog):
    refused(phone, caplog, whole(f"<data>{'x' * 2_100_000}</data>".encode()), 413)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "koi8-r"])
def test_another_alphabet_is_read_or_refused_never_stored_by_halves(world, phone, version, encoding):
    text = filled(KEY, version, world.person(), {"q1": 1}, place="here")
    text = text.replace("<?xml version='1.0' ?>", f"<?xml version='1.0' encoding='{encoding}'?>")
    answer = phone.send(text.encode(encoding))
    assert answer.status_code in {201, 400}
    assert Response.objects.count() == (answer.status_code == 201)


def test_a_body_cut_at_every_place_is_refused(world, phone, version, caplog):
    xml = filled(KEY, version, world.person(), {"q1": 1})
    body = multipart(
        [("xml_submission_file", "f.xml", "text/xml", xml.encode()), ("a.jpg", "a.jpg", "image/jpeg", b"x")]
    )
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    for cut in range(len(body) - 2):
        with pytest.raises(BodyBroken):
            read_parts(body[:cut], kind)
    for cut in (0, 10, len(body) // 2, len(body) - 8, len(body) - 5):
        refused(phone, caplog, body[:cut], 400)
    refused(phone, caplog, body, 400, **{"wsgi.input": io.BytesIO(body[:-100])})  # shorter than it says
    assert phone.post(body).status_code == 201


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "multipart/mixed; boundary=x", "multipart/form-data; boundary=é", ""]
)
def test_a_body_that_is_not_in_parts_is_refused(phone, caplog, kind):
    refused(phone, caplog, b"--x\r\n\r\n", 400, kind=kind)


def test_without_the_part_for_the_form_or_with_two_of_them_it_is_refused(world, phone, version, caplog):
    xml = filled(KEY, version, world.person(), {"q1": 1}).encode()
    part = ("xml_submission_file", "f.xml", "text/xml", xml)
    refused(phone, caplog, multipart([("other", "f.xml", "text/xml", xml)]), 400)
    refused(phone, caplog, multipart([part, part]), 400)
    refused(phone, caplog, multipart([part], {f"f{n}": "x" for n in range(130)}), 400)


def test_two_different_files_of_one_name_are_refused_and_alike_ones_kept_once(world, phone, version, caplog):
    xml = filled(KEY, version, world.person(), {"q1": 1}).encode()
    form = ("xml_submission_file", "f.xml", "text/xml", xml)
    one, other = ("a", "a.jpg", "image/jpeg", b"one"), ("b", "x/a.jpg", "image/jpeg", b"other")
    refused(phone, caplog, multipart([form, one, other]), 400)
    assert phone.post(multipart([form, one, one])).status_code == 201
    assert FormFile.objects.count() == 1


def test_a_hundred_megabytes_are_refused_without_being_held(phone, caplog):
    class Endless(io.RawIOBase):
        """100 MB that never lie in memory together."""

        left, most = 100_000_000, 0

        def read(self, size: int = -1) -> bytes:
            size = min(self.left, 1 << 20 if size < 0 else size)
            self.most, self.left = max(self.most, size), self.left - size
            return b"\0" * size

    for headers in ({"CONTENT_LENGTH": "100000000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}):
        stream = Endless()
        said = refused(phone, caplog, b"", 413, **{**headers, "wsgi.input": stream})
        assert "10" in said
        assert stream.left == 0  # read to its end, so that the sender hears the answer
        assert stream.most <= bodies.CHUNK


def test_a_picture_just_within_the_bound_is_taken(world, phone, version):
    xml = filled(KEY, version, world.person(), {"q1": 1}).encode()
    content = random.Random(1).randbytes(9_900_000)
    files = [("xml_submission_file", "f.xml", "text/xml", xml), ("a.jpg", "a.jpg", "image/jpeg", content)]
    assert phone.post(multipart(files)).status_code == 201
    assert FormFile.objects.get().size == 9_900_000


@pytest.mark.parametrize("form_id", ["nothing-like-it", "phq-9", "<b>", "../../etc", "x" * 199])
def test_unknown_forms_are_refused(world, phone, version, caplog, form_id):
    xml = filled(KEY, version, world.person(), {"q1": 1}).replace(f'id="{KEY}"', f'id="{form_id.replace("<", "&lt;")}"')
    refused(phone, caplog, whole(xml.encode()), 404)


def test_unknown_versions_and_foreign_tokens_are_refused(world, phone, version, caplog):
    xml = filled(KEY, "17", world.person(), {"q1": CANARY})
    refused(phone, caplog, whole(xml.encode()), 404)
    stranger = Phone("f" * 64)
    refused(stranger, caplog, whole(filled(KEY, version, "", {"q1": 1}).encode()), 403)


def test_a_second_account_cannot_answer_for_the_first(world, phone, version, caplog):
    xml = filled(KEY, version, world.person(), {"q1": 1})
    assert phone.send(xml).status_code == 201
    refused(Phone(set_up(world, "baraka")), caplog, whole(xml.encode()), 409)


SIGNS = {
    "right to left": "مرحبا بك \u202e abc \u202c",
    "combining": "e\u0301" * 50 + "Z\u0351\u036b\u0343\u036a" * 20,
    "emoji and beyond": "👩🏾‍⚕️ 𐍈 \U0010fffd",
    "nothing to see": "\u200b\u200d\ufeff\u00ad",
    "Ethiopic and Nepali": "ሰላም नमस्ते",
    "marks of markup": "&amp;&lt;script&gt;alert(1)&lt;/script&gt;",
}


@pytest.mark.parametrize("name", SIGNS)
def test_any_signs_in_every_field_are_kept_as_they_came(world, phone, version, name, caplog):
    text = SIGNS[name]
    person = world.person()
    fields = {"person_code": text, "asked_in": text, "taken_on": text, "other": text}
    instance = f"uuid:{new_instance()}-{text[:20]}"
    xml = filled(KEY, version, person, {f"q{n}": text for n in range(1, 10)}, instance=instance, **fields)
    with caplog.at_level(logging.DEBUG):
        answer = phone.send(xml, [("f", f"{name}-{text[:10].replace('&', '')}.jpg", "image/jpeg", b"x")])
    assert answer.status_code == 201, told(answer)
    assert text not in caplog.text
    from kinweave.flows.openrosa import entry_of, raw_form

    read = read_submission(xml.encode())
    assert raw_form(entry_of(read.instance)) == xml
    assert FormFile.objects.count() == 1


@pytest.mark.sqlite_only
def test_random_bytes_never_do_more_than_be_refused():
    chance = random.Random(7)
    good = filled(KEY, "1", "", {"q1": 1}).encode()
    for _ in range(400):
        raw = bytearray(good)
        for _n in range(chance.randint(1, 12)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        try:
            read_submission(bytes(raw))
        except XmlRefused:
            continue


@pytest.mark.sqlite_only
def test_the_bound_on_depth_is_where_it_is_said_to_be():
    read_xml(b"<a>" * DEEPEST + b"</a>" * DEEPEST)
    with pytest.raises(XmlRefused):
        read_xml(b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1))
