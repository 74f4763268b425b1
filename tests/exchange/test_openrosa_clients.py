"""Clients that others made fill in our forms and send them to a served site, in three languages.

JavaRosa is the engine inside ODK Collect; it lies in pyxform's wheel and needs Java. @getodk/xforms-engine is the
engine of ODK Web Forms; it comes from npm into a folder for the time of the test and needs Node and a registry.
Where one is missing, its test says so and is skipped.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from kinweave.core.instruments import load_all
from kinweave.core.xforms.judge import jar, java, judge
from kinweave.core.xforms.nodes import missing, model_of
from kinweave.core.xforms.parse import read_xml
from tests.exchange.phones import BOUNDARY, filled, multipart
from tests.exchange.served import Served, served

HERE = Path(__file__).parent / "clients"
PACKAGES = ("@getodk/xforms-engine@0.22.0", "jsdom@24.1.3")
NO_JAVA = "no Java on this machine: JavaRosa and ODK Validate cannot run"
# form, language, answers, its score's name, the score that the published rule gives
FILLS = [
    ("how-you-have-been-9", "en", {**{f"q{n}": "1" for n in range(1, 9)}, "q9": "0"}, "total/phq-9", 8),
    ("how-you-have-been-7", "ar", {f"q{n}": "2" for n in range(1, 8)}, "total/gad-7", 14),
    ("how-you-have-been-4", "fr", {"q1": "1", "q2": "2", "q3": "3", "q4": "0"}, "total/phq-4", 6),
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "site") as made:
        yield made


@functools.cache
def javac() -> str | None:
    return shutil.which("javac")


@pytest.mark.skipif(java() is None or javac() is None, reason=f"{NO_JAVA} (java and javac are both needed)")
@pytest.mark.timeout(300)
def test_javarosa_fills_and_sends_in_three_languages(place, tmp_path):
    found = str(jar())
    subprocess.run([javac(), "-d", tmp_path, "-cp", found, HERE / "Fill.java"], check=True, capture_output=True)
    arguments = []
    for form, language, answers, _scale, _score in FILLS:
        arguments += [form, language, place.person, ",".join(f"{k}={v}" for k, v in answers.items())]
    command = [java(), "-cp", f"{found}{os.pathsep}{tmp_path}", "Fill", place.base, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [dict(word.split("=", 1) for word in line.split()) for line in done.stdout.splitlines() if "=" in line]
    assert lines[0] == {"head": "204"}
    for line, (form, language, answers, _scale, _score) in zip(lines[1:], FILLS, strict=True):
        assert line == {
            "form": form, "language": language, "whole": "true", "given": str(len(answers) + 2), "cards": "0",
            "first": "201", "again": "201", "changed": "409", "edit": "201", "unknown": "404", "never": "404",
        }  # fmt: skip
    _holds(place)


def _holds(place: Served) -> None:
    """Each form once, its edit in its place, scored by the published rule."""
    holds = place.holds()
    slugs = [scale.partition("/")[2] for *_, scale, _ in FILLS]
    assert [(slug, language, "phone") for slug, language in zip(slugs, ["en", "ar", "fr"], strict=True)] == [
        tuple(one[:3]) for one in holds["responses"] if one[3]
    ]
    assert len(holds["responses"]) == 2 * len(FILLS)
    for *_rest, scale, score in FILLS:
        assert holds["scores"][scale] == score
    assert (holds["held"], holds["risks"]) == (0, 0)


@pytest.fixture(scope="session")
def modules() -> Path:
    """A folder with the engine from npm, kept outside the repository between runs. Skips where it cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no Node or npm on this machine: @getodk/xforms-engine cannot run")
    folder = Path(tempfile.gettempdir()) / f"kinweave-openrosa-clients-{PACKAGES[0].rpartition('@')[2]}"
    if not (folder / "node_modules" / "@getodk" / "xforms-engine" / "package.json").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        asked = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        try:
            done = subprocess.run(asked, cwd=folder, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode:
            pytest.skip("npm cannot fetch @getodk/xforms-engine: no network or no registry")
    return folder


@pytest.mark.timeout(300)
def test_odks_web_engine_fills_and_sends_in_three_languages(place, modules):
    fills = [{"form": f, "language": la, "person": place.person, "answers": a, "edit": True} for f, la, a, *_ in FILLS]
    done = subprocess.run(
        [shutil.which("node"), HERE / "fill.mjs"], input=json.dumps({"base": place.base, "fills": fills}), text=True,
        capture_output=True, timeout=200, check=False, env={**os.environ, "CLIENT_MODULES": str(modules)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["head"] == {"status": 204, "most": "10000000", "version": "1.0"}
    for one, (_form, language, _answers, *_rest) in zip(told["sent"], FILLS, strict=True):
        assert (one["status"], one["types"]) == ("ready", {"people.csv": "entityList"})
        assert len(one["people"]) == 1
        assert one["people"][0].startswith("Rudo (")
        assert one["first"]["status"] == one["again"]["status"] == one["edited"]["status"] == 201
        assert one["changed"]["status"] == 409
        assert one["unknownForm"]["status"] == one["unknownVersion"]["status"] == 404
        assert one["noPart"]["status"] == 400
        if language == "ar":
            assert any("\u0600" <= sign <= "\u06ff" for sign in one["asked"])
    _holds(place)


@pytest.mark.timeout(300)
def test_the_engine_shows_what_to_do_at_a_safety_answer_and_the_site_is_told(place, modules):
    answers = {"q1": "0", "q9": "2"}
    fills = [{"form": FILLS[0][0], "language": "es", "person": place.person, "answers": answers}]
    done = subprocess.run(
        [shutil.which("node"), HERE / "fill.mjs"], input=json.dumps({"base": place.base, "fills": fills}), text=True,
        capture_output=True, timeout=200, check=False, env={**os.environ, "CLIENT_MODULES": str(modules)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    (one,) = json.loads(done.stdout.strip().splitlines()[-1])["sent"]
    (card,) = one["cards"]
    assert "0800 123" in card
    assert "Quédese" in card
    assert place.holds()["risks"] == 1


@pytest.mark.timeout(120)
def test_over_a_real_connection_chunks_are_read_and_too_much_is_answered(place):
    at = urlsplit(place.base)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    connection.request("GET", f"{at.path}/formList")
    listed = connection.getresponse().read().decode()
    version = listed.partition("how-you-have-been-9")[2].partition("<version>")[2].partition("<")[0]
    xml = filled("how-you-have-been-9", version, place.person, {"q1": 1}).encode()
    body = multipart([("xml_submission_file", "f.xml", "text/xml", xml)])
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Transfer-Encoding": "chunked"}
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    connection.request("POST", f"{at.path}/submission", pieces, headers, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 201
    answer.read()
    headers.pop("Transfer-Encoding")
    connection.request("POST", f"{at.path}/submission", b"\0" * 100_000_000, headers)
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"OpenRosaResponse" in answer.read()
    connection.request("HEAD", f"{at.path}/submission")
    assert connection.getresponse().status == 204
    connection.close()
    assert len(place.holds()["responses"]) == 1


SHIPPED = {slug: one for slug, one in load_all(settings.INSTRUMENTS).items() if one.wordings}


@pytest.mark.sqlite_only
class TestShipped:
    @pytest.mark.parametrize("slug", SHIPPED)
    def test_every_form_names_only_what_it_has_and_speaks_every_language(self, slug):
        from kinweave.exchange.openrosa.forms import made_of

        version, xml = made_of(slug, "0800 123")
        model = model_of(read_xml(xml))
        assert missing(model) == []
        assert f'version="{version}"'.encode() in xml
        for code in SHIPPED[slug].wordings:
            assert f"({code})".encode() in xml or len(SHIPPED[slug].wordings) == 1
        for item in SHIPPED[slug].items:
            assert f"/data/asked/{item.code}" in model.paths
        for bad in (b"PHQ", b"GAD-7", b"depress", b"suicid"):
            assert bad not in xml.partition(b"<h:title>")[2].partition(b"</h:title>")[0]

    @pytest.mark.skipif(java() is None, reason=NO_JAVA)
    @pytest.mark.parametrize("slug", SHIPPED)
    def test_odk_validate_accepts_every_form(self, slug):
        from kinweave.exchange.openrosa.forms import made_of

        judged = judge(made_of(slug, "")[1].decode())
        assert (judged.ran, judged.faults) == (True, ())
