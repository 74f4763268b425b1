"""The offline app as files: small, whole, in one version, readable by a browser of 2020, and its words all there."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from kinweave.core.pathway import MOVES
from kinweave.front.phone import says, says_forms
from kinweave.front.phone.shelf import SHELL, Shelf, shelf, without_remarks, worker_script
from kinweave.front.phone.words import languages, words
from tests.front.test_css import PHYSICAL, SIDED, colours, tokens

STATIC = Path(__file__).resolve().parents[2] / "kinweave" / "front" / "static"
APP = sorted((STATIC / "phone").rglob("*.js"))
MODULES = [path for path in APP if path.name != "sw.js"]
SHEET = re.sub(r"/\*.*?\*/", "", (STATIC / "phone" / "phone.css").read_text(encoding="utf-8"), flags=re.DOTALL)
LIMIT = 150_000  # bytes that travel: design §8

# What Chrome 80 does not know (chromestatus and MDN's compatibility tables), as it would stand in our code.
TOO_NEW = {
    "logical assignment (85)": r"(?:\?\?|\|\||&&)=",
    "private fields (74, kept out)": r"[\s.]#[a-z]\w*\s*[=(;]",
    "static blocks (94)": r"\bstatic\s*\{",
    "top-level await (89)": r"^await\b",
    "at() (92)": r"\.at\(\s*-?\d",
    "replaceAll (85)": r"\.replaceAll\(",
    "randomUUID (92)": r"\brandomUUID\b",
    "structuredClone (98)": r"\bstructuredClone\b",
    "Promise.any (85)": r"\bPromise\.any\b",
    "Object.hasOwn (93)": r"\bObject\.hasOwn\b",
    "Array.findLast (97)": r"\.findLast(?:Index)?\(",
    "toSorted and friends (110)": r"\.(?:toSorted|toReversed|toSpliced|with)\(",
    "Object.groupBy (117)": r"\bgroupBy\(",
    "numeric separators (75, kept out)": r"\b\d+_\d+\b",
    "regular expression flags d and v": r"/[a-z]*[dv][a-z]*\.(?:test|exec)\(",
    "Error cause (93)": r"\{\s*cause\b",
    "replaceChildren (86)": r"\.replaceChildren\(",
    "String.isWellFormed (111)": r"WellFormed\(",
    "AbortSignal.timeout (103)": r"AbortSignal\.\w+\(",
    "indexedDB.databases (71, kept out)": r"indexedDB\.databases",
    "import assertions (91)": r"\b(?:assert|with)\s*\{\s*type:",
    "popover and dialog (114, 37 kept out)": r"\.(?:showPopover|showModal)\(",
    "Intl.ListFormat options (72), Segmenter (87)": r"Intl\.Segmenter",
}
TOO_NEW_STYLE = {
    "layers (99)": r"@layer",
    ":is and :where (88)": r":(?:is|where)\(",
    ":has (105)": r":has\(",
    "inset (87)": r"(?<![\w-])inset(?:-\w+)*\s*:",
    "padding-inline and its kin in one word (87)": r"(?:margin|padding)-(?:inline|block)\s*:",
    "logical radius (89)": r"border-(?:start|end)-(?:start|end)-radius",
    "aspect-ratio (88)": r"aspect-ratio",
    "container queries (105)": r"@container|container-type",
    "nesting (112)": r"(?:^|\s)&[\s.:]",
    "dynamic heights (108)": r"\b\d+[sdl]v[hw]\b",
    "accent-color (93)": r"accent-color",
    "color-mix (111)": r"color-mix\(",
}


@pytest.fixture(scope="module")
def here() -> Shelf:
    return shelf()


# ------------------------------------------------------------------------------------- size and version


@pytest.mark.parametrize("language", languages())
def test_the_whole_app_travels_within_its_limit(here, language):
    listed = [address.partition(f"{here.version}/")[2] for address, _ in (*here.core[1:], *here.packs[language])]
    sent = [here.shell.sent, gzip.compress(worker_script().encode(), 9), *(here.files[path].sent for path in listed)]
    whole = sum(map(len, sent))
    print(f"{language}: {whole / 1000:.1f} kB in {len(sent)} files")
    assert f"words/{language}.json" in listed
    assert whole <= LIMIT


def test_the_list_names_every_file_with_its_digest(here, client):
    named = dict([*here.core, *(pair for pack in here.packs.values() for pair in pack)])
    assert set(named) == {SHELL, *(f"/phone/v/{here.version}/{path}" for path in here.files)}
    for address, digest in named.items():
        answer = client.get(address)
        assert hashlib.sha256(answer.content).hexdigest() == digest, address
        zipped = client.get(address, HTTP_ACCEPT_ENCODING="gzip")
        if zipped.get("Content-Encoding") == "gzip":
            assert gzip.decompress(zipped.content) == answer.content
    assert {path.relative_to(STATIC).as_posix() for path in MODULES} <= set(here.files)


def test_a_changed_file_is_another_version(here, settings, monkeypatch):
    settings.KINWEAVE_INVENTED = not settings.KINWEAVE_INVENTED
    assert shelf().version != here.version
    assert shelf().version in worker_script()


@pytest.mark.django_db
def test_a_file_of_another_version_is_not_there(client):
    assert client.get("/phone/v/0000000000000000/phone/app/main.js").status_code == 404
    assert client.get(f"/phone/v/{shelf().version}/../settings.py").status_code == 404


def test_the_shell_holds_no_script_and_no_style_of_its_own(here):
    text = here.shell.body.decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text) == []


def test_the_worker_keeps_nothing_that_the_site_answers():
    text = worker_script()
    assert not re.search(r"__[A-Z]+__", text)
    assert not [a for a, _ in json.loads(re.search(r"const CORE = (\[.*?\]\]);", text)[1]) if "/api/" in a]
    ours = re.search(r"const OURS = /(.*?)/;", text)[1].replace("\\/", "/")
    assert re.search(ours, "/phone/")
    assert re.search(ours, f"/phone/v/{shelf().version}/icons.svg")
    assert not re.search(ours, "/phone/api/changes")
    assert not re.search(ours, "/phone/words/en.json")
    spoken = re.search(r"const SPOKEN = /(.*?)/;", text)[1].replace("\\/", "/")
    assert re.search(spoken, "/phone/audio/how-you-have-been-9/en/q1.ogg?v=0123")
    assert not re.search(spoken, "/phone/api/changes")


def test_only_remarks_are_left_out():
    code = b'// one\nconst a = "// kept"; // kept too\n/** two\n *  lines */\nexport const b = `\n  //kept\n`;\n'
    assert without_remarks(code).startswith(b'const a = "// kept"; // kept too\nexport const b')
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        inside = re.findall(r"`[^`]*`", text)
        assert not [one for one in inside if re.search(r"^\s*//", one, re.MULTILINE)], path.name


# ---------------------------------------------------------------------------- a browser of five years ago


def bare(text: str) -> str:
    """Code without remarks and without texts."""
    text = re.sub(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", "", text, flags=re.DOTALL)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)


@pytest.mark.parametrize("what", TOO_NEW)
def test_modules_speak_to_a_browser_of_2020(what):
    wrong = {p.name for p in APP if re.search(TOO_NEW[what], bare(p.read_text(encoding="utf-8")), re.MULTILINE)}
    assert wrong == set()


@pytest.mark.parametrize("what", TOO_NEW_STYLE)
def test_the_sheet_speaks_to_a_browser_of_2020(what):
    assert re.findall(TOO_NEW_STYLE[what], SHEET) == []


def test_no_gap_where_that_browser_has_none():
    """`gap` counts between grid items only; every rule with it is a grid."""
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", SHEET)
    assert [name.strip() for name, inside in rules if re.search(r"(?<!-)\bgap:", inside) and "grid" not in inside] == []


@pytest.mark.parametrize(
    ("name", "bad"),
    [("logical assignment (85)", "a ??= b"), ("at() (92)", "list.at(-1)"), ("top-level await (89)", "await go();")],
)
def test_the_search_finds_what_is_too_new(name, bad):
    assert re.search(TOO_NEW[name], bare(bad), re.MULTILINE)


def test_the_sheet_is_logical_and_wears_the_same_colours():
    text = re.sub(r"\((?:min|max)-width:[^)]*\)", "", SHEET)
    # Chrome 80 has no logical offsets: only those that are the same in both directions may stand there.
    sided = [m[0] for m in PHYSICAL.finditer(text)]
    assert {one.rstrip(": ") for one in sided} <= {"top", "bottom", "left", "right", "padding-bottom"}
    pairs = re.findall(r"[{;]\s*(left|right):\s*([^;}]+)", text)
    assert sorted(v for side, v in pairs if side == "left") == sorted(v for side, v in pairs if side == "right")
    assert SIDED.findall(text) == []
    light, dark = SHEET.index(":root {"), SHEET.index("prefers-color-scheme: dark")
    for theme, start in (("light", light), ("dark", SHEET.index(":root {", dark))):
        here, known = colours(SHEET[start : SHEET.index("}", start)]), tokens(theme)
        here.pop("link", None)
        assert {k: v for k, v in here.items() if known.get(k) != v} == {}


# -------------------------------------------------------------------------------------------- its words


def said() -> set[str]:
    return {key for part in (says, says_forms) for key in (*part.SAYS, *part.COUNTED)}


def test_every_word_that_is_asked_for_is_there_and_every_word_is_asked_for():
    text = "\n".join(p.read_text(encoding="utf-8") for p in MODULES)
    asked = set(re.findall(r'\bt\(\s*"([^"]+)"', text)) | set(re.findall(r'says\["([^"]+)"\]', text))
    asked |= {f"safety.{step}" for step in ("stay", "listen", "who", "means")}
    asked |= {f"place.{name}" for name in ("today", "people", "here", "more")}
    begun = set(re.findall(r"(?:`|\")(draft|fault|note\.next|when)[.-]", text))
    free = tuple(f"{one}{'-' if one == 'note.next' else '.'}" for one in begun)
    chosen = set(re.findall(r'\? "([\w.-]+)" : "[\w.-]+"', text)) | set(re.findall(r'\? "[\w.-]+" : "([\w.-]+)"', text))
    assert asked - said() == set()
    assert {key for key in said() - asked - chosen - {"yes", "no"} if not key.startswith(free)} == set()


def test_every_fault_of_the_library_has_its_sentence_and_remedy():
    text = "\n".join(p.read_text(encoding="utf-8") for p in MODULES)
    codes = set(re.findall(r'fault\("([a-z-]+)"', text)) | set(re.findall(r'code: "([a-z-]+)"', text))
    codes |= set(re.findall(r'return "(passphrase-[a-z]+)"', text))
    programs = {"answers-out-of-range", "no-such-cut-off"}  # scoring: met by the caller, never shown
    missing = {c for c in codes - programs if not {f"fault.{c}", f"fault.{c}.remedy"} <= said()}
    assert missing == set()


@pytest.mark.parametrize("language", languages())
def test_words_have_every_plural_form_and_every_blank(language):
    told = words(language)
    assert set(told["says"]) == said()
    for part in (says, says_forms):
        for key, text in part.SAYS.items():
            assert set(re.findall(r"\{\w+\}", str(text))) == set(re.findall(r"\{\w+\}", told["says"][key])), key
        for key in part.COUNTED:
            assert set(told["says"][key]) == {"zero", "one", "two", "few", "many", "other"}
            assert "{n}" in told["says"][key]["other"], key
    assert set(told["codes"]["leaves"]) >= {"care", "statistics", "research"}
    json.dumps(told)


def test_sentences_are_short():
    texts = [str(text) for part in (says, says_forms) for text in part.SAYS.values()]
    long = [one for text in texts for one in re.split(r"(?<=[.?!])\s", text) if len(one.split()) > 20]
    assert long == []


def test_the_steps_along_the_way_are_the_sites():
    text = (STATIC / "phone" / "app" / "effects.js").read_text(encoding="utf-8")
    found = dict(re.findall(r'^  (\w+): \[\[(.*?)\], "\w+"\]', text, re.MULTILINE))
    ends = dict(re.findall(r'^  (\w+): \[\[.*?\], "(\w+)"\]', text, re.MULTILINE))
    for move, starts in found.items():
        assert set(re.findall(r"\w+", starts)) == set(MOVES[move][0]), move
        assert ends[move] == MOVES[move][1], move
    # "consent" and "screen" follow from what was agreed and answered; "step" is the desk's.
    assert set(MOVES) - set(found) == {"consent", "screen", "step"}
