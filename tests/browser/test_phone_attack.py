"""What somebody gets who copies the browser's profile from a worker's phone. The claim stands in docs/phone-store.md.

A day is worked in the real app with canary words. The profile is copied while the store is open, after it was locked
and after the browser was closed; each copy is read byte by byte in every spelling, unpacked, and opened in a second
Chromium at the same address. Then passphrases are guessed, with a derivation written here from what lies in the
profile. The same tools find planted words, and the right passphrase opens everything: so this test can fail.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.sync_api import APIRequestContext, Browser, Page

from tests.browser import phone_day as day
from tests.browser.phone_attack import Loot, spellings, unsnapped
from tests.browser.phone_site import STATIC, PhoneSite, copied, profile
from tests.care_world import asking, started

ALIAS, HOPE, NUMBER, NOTE = "Quivandra", "Zephlomira garden", "0799 314 159", "Thrennobax spoke"
KNOWN = "Ollimbertu"  # a person whom the site sends down
DRAFT = "Wexapholine"  # typed and not yet written down
CANARIES = [ALIAS, HOPE.split()[0], NUMBER, NOTE.split()[0], KNOWN, DRAFT]
# Answers as they stand in JSON, and what else must not lie in the clear.
SHAPES = [
    '"q9":',
    '"answers":',
    '"asked":',
    '"scaled"',
    '"instrument"',
    '"birth_year"',
    '"read_token"',
    "phq-9",
    "care.note_session",
]
BUDGET = 6  # guesses; each costs seconds here, as it should

DUMP = """async () => {
  const plain = (_, value) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (!ArrayBuffer.isView(value)) return value;
    return {bytes: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(""))};
  };
  const found = {local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie};
  Object.assign(found, {databases: {}, caches: {}});
  for (const {name, version} of await indexedDB.databases()) {
    const ask = indexedDB.open(name, version);
    const db = await new Promise((done) => { ask.onsuccess = () => done(ask.result); });
    found.databases[name] = {};
    for (const table of db.objectStoreNames) {
      const rows = db.transaction(table).objectStore(table).getAll();
      found.databases[name][table] = await new Promise((done) => { rows.onsuccess = () => done(rows.result); });
    }
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const ask of await cache.keys()) found.caches[ask.url] = await (await cache.match(ask)).text();
  }
  return JSON.stringify(found, plain);
}"""


def dumped(chromium: Browser, folder: Path, site: str) -> dict[str, Any]:
    """Everything that a page of the same address can read in a copied profile."""
    with profile(chromium, folder) as context:
        page = context.new_page()
        page.goto(f"{site}/static/phone/lib/fault.js")
        found: dict[str, Any] = json.loads(page.evaluate(DUMP))
        found["cookies"] = context.cookies()
    return found


def within(thing: Any) -> Iterator[bytes]:
    """All texts and bytes of a dump, bytes also unpacked."""
    if isinstance(thing, dict) and set(thing) == {"bytes"}:
        raw = base64.b64decode(thing["bytes"])
        yield raw
        yield unsnapped(raw) or b""
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield str(key).encode()
            yield from within(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from within(value)
    else:
        yield str(thing).encode("utf-8", "replace")


def not_public(dump: dict[str, Any], anybody: APIRequestContext) -> dict[str, str]:
    """What the caches hold and not everybody gets at the same address without signing in."""
    return {url: kept for url, kept in dump["caches"].items() if anybody.get(url).text() != kept}


def seen_in(dump: dict[str, Any], words: list[str], caches: dict[str, str]) -> set[tuple[str, str]]:
    whole = b"\0".join(within({**dump, "caches": caches}))
    return {(word, how) for word in words for raw, how in spellings(word).items() if raw in whole}


# ------------------------------------------------------------------------------------------------- guessing


def spelled(words: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", words).strip()).lower()


def raw(thing: dict[str, str]) -> bytes:
    return base64.b64decode(thing["bytes"])


def guess(row: dict[str, Any], words: str) -> tuple[bytes, bool] | None:
    """(master key, whether it is the decoy) when a passphrase opens a slot of a store's row."""
    key = hashlib.pbkdf2_hmac("sha256", spelled(words).encode(), raw(row["salt"]), row["rounds"], 32)
    for slot in row["slots"]:
        try:
            inner = AESGCM(key).decrypt(raw(slot["iv"]), raw(slot["ct"]), row["id"].encode())
        except InvalidTag:
            continue
        return inner[1:], bool(inner[0] & 1)
    return None


def opened(dump: dict[str, Any], row: dict[str, Any], master: bytes) -> list[Any]:
    """Every record of a store whose master key is known."""
    key = AESGCM(HKDF(SHA256(), 32, b"", b"kinweave records v1").derive(master))
    found = []
    for record in dump["databases"]["kinweave-phone"]["records"]:
        if record["s"] == row["id"]:
            sealed = raw(record["c"])
            found.append(json.loads(key.decrypt(sealed[:12], sealed[12:], record["k"].encode())))
    return found


def likely(label: str) -> list[str]:
    """What somebody tries first: the code, the label, the person's name, near misses, a common one."""
    return [day.CODE, label, ALIAS, day.OWN[:-1], day.OWN.replace("nine", "ten"), "123456789012"][:BUDGET]


# ------------------------------------------------------------------------------------------------- the day


@pytest.fixture
def world(transactional_db) -> Any:
    from tests.world import make_world

    return asking(make_world())


@pytest.fixture
def anybody(chromium: Browser, site: str) -> Iterator[APIRequestContext]:
    """Asks the site without being signed in. Its connections end before the site does."""
    context = chromium.new_context()
    yield context.request
    context.close()


def lands(anybody: APIRequestContext, site: str, session: str) -> str:
    """Where somebody arrives who asks for today's list with this cookie."""
    return anybody.get(f"{site}/today/", headers={"Cookie": f"sessionid={session}"}).url.split("?")[0]


def work(page: Page, site: str) -> None:
    """Set up, somebody new, their yes, nine answers, a note, a goal, a way to reach them."""
    day.set_up(page, site, duress="seven quiet geese fly", code=day.CODE)
    day.add(page, ALIAS)
    day.say_yes(page, "Yes", "No", "Yes")
    day.ask(page, ["Several days"] * 8 + ["Not at all"])
    page.goto(f"{site}/phone/#/today")
    day.home(page, ALIAS)
    day.goal(page, HOPE)
    day.contact(page, NUMBER)
    page.get_by_role("link", name="Note a meeting").click()
    day.pick(page, "Did you meet?", "Yes")
    day.pick(page, "What was agreed last time", "Done")
    day.pick(page, "How the goal goes", "A little easier")
    page.locator("form.note summary").click()
    page.get_by_label("Anything to remember").fill(NOTE)
    day.pick(page, "When next?", "Same day next week")
    day.pick(page, "Are you worried", "No")
    page.get_by_role("button", name="Save the note").click()
    page.get_by_text("The note is kept.").wait_for()
    # A form that was begun and left: what was typed waits as a draft.
    page.goto(f"{site}/phone/#/today")
    page.get_by_role("link", name="Someone new").click()
    page.get_by_label("What to call them").fill(DRAFT)
    page.wait_for_timeout(1500)
    day.home(page, ALIAS)


def titles_and_addresses(folder: Path) -> list[str]:
    """What the browser's own history holds."""
    found = []
    for file in folder.rglob("History"):
        with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as base:
            found += [text for row in base.execute("select url, title from urls") for text in row]
    return found


CLINICAL = re.compile(
    r"phq|gad|k10|k6\b|pcl|audit-c|bsfc|osss|wg-ss|depress|anxi|suicid|self-harm|harm|trauma|drink|mental|symptom|score"
    r"|diagnos|therap|patient|violence|worr|risk|crisis",
    re.IGNORECASE,
)


@pytest.mark.django_db(transaction=True)
def test_a_copied_profile_tells_no_name_and_no_answer(world, chromium, site, tmp_path, anybody) -> None:
    started(world, alias=KNOWN)
    folder = tmp_path / "phone"
    copies = {when: tmp_path / when for when in ("open", "locked", "closed")}
    titles: set[str] = set()
    with profile(chromium, folder, **day.SMALL, locale="en-GB") as context:
        page = context.pages[0]
        page.on("framenavigated", lambda frame: titles.add(f"{frame.url} {page.title()}"))
        day.sign_in(page, world, "amina", site)
        signed_in = next(one["value"] for one in context.cookies() if one["name"] == "sessionid")
        assert lands(anybody, site, signed_in).startswith(f"{site}/today")
        work(page, site)
        assert page.get_by_text(NUMBER).first.is_visible()
        page.wait_for_timeout(6000)  # Chromium writes history and local storage some seconds later
        copied(folder, copies["open"])
        page.locator("[data-frame=lock]").click()
        page.get_by_text(ALIAS).first.wait_for(state="detached")
        copied(folder, copies["locked"])
    copied(folder, copies["closed"])

    secrets = [day.OWN, "seven quiet geese fly"]
    for when, copy in copies.items():
        loot = Loot(copy)
        print(f"{when}: {len(loot.parts)} parts, {loot.size / 1e6:.0f} MB")
        assert loot.size > 100_000
        assert loot.find([*CANARIES, *secrets]) == set(), when
        # The page's own address is in there: the reader reads.
        assert loot.find([f"{site.split('//')[1]}/phone/"]), when

    dump = dumped(chromium, copies["closed"], site)
    tables = dump["databases"]["kinweave-phone"]
    assert len(tables["outbox"]) >= 6
    assert len(tables["records"]) > 10
    own = not_public(dump, anybody)
    assert len(dump["caches"]) > 20
    assert len(own) < 5  # the app itself is everybody's
    assert seen_in(dump, [*CANARIES, *SHAPES, *secrets], own) == set()
    assert seen_in(dump, [tables["stores"][0]["drop"]], own)  # what does lie there is found

    (row,) = tables["stores"]
    began = time.perf_counter()
    tried = likely(row["label"])
    with ThreadPoolExecutor(2) as both:
        assert not any(both.map(lambda words: guess(row, words), tried))
    each = (time.perf_counter() - began) / len(tried)
    print(f"{row['rounds']} rounds; {len(tried)} guesses failed, {each * 1000:.0f} ms each on two cores here")
    assert len(tried) == BUDGET
    assert row["rounds"] >= 600_000
    # The right one opens everything: the guessing above was done rightly.
    master, decoy = guess(row, day.OWN) or (b"", True)
    assert not decoy
    words = json.dumps(opened(dump, row, master), ensure_ascii=False)
    assert [canary for canary in CANARIES if canary not in words] == []
    empty, decoy = guess(row, secrets[1]) or (b"", False)
    assert decoy
    with pytest.raises(InvalidTag):
        opened(dump, row, empty)

    # Chromium writes passing cookies to the disk, too: the sign-in ended with the set-up, so a copy opens nothing.
    assert lands(anybody, site, signed_in) == f"{site}/sign-in/"

    told = [*titles, *titles_and_addresses(copies["closed"])]
    assert any("/phone/" in one for one in told)
    telling = [one for one in told if CLINICAL.search(one) or any(canary in one for canary in CANARIES)]
    assert telling == []


def test_the_phone_shows_no_notifications() -> None:
    """None are asked for, so none can tell."""
    code = "".join(file.read_text(encoding="utf-8") for file in sorted((STATIC / "phone").rglob("*.js")))
    assert len(code) > 50_000
    assert not re.search(r"\bNotification\b|showNotification|PushManager|pushManager", code)


def test_no_screen_has_a_telling_address_or_title() -> None:
    """Every screen, also those that the day above does not visit."""
    from kinweave.front.phone import says, says_forms

    app = STATIC / "phone" / "app"
    names = re.findall(r"(\w+): \(\) => import\(\"\./screens/", (app / "boot.js").read_text(encoding="utf-8"))
    code = "".join(file.read_text(encoding="utf-8") for file in sorted((app / "screens").glob("*.js")))
    words = {key: str(text) for part in (says, says_forms) for key, text in all_words(part).items()}
    titles = {key: words[key] for key in re.findall(r"\btitle: t\(\"([\w.-]+)\"\)", code)}
    assert len(names) > 15
    assert len(titles) > 15
    assert {one for one in [*names, *titles.values()] if CLINICAL.search(one)} == set()


def all_words(part: Any) -> dict[str, str]:
    """Every table of sentences in a module."""
    tables = [value for value in vars(part).values() if isinstance(value, dict)]
    return {key: text for table in tables for key, text in table.items() if isinstance(key, str)}


# ------------------------------------------------------------------------------------------- the tools can find


PLANT = """async (words) => {
  localStorage.setItem("k", words.local);
  const db = await new Promise((done) => {
    const ask = indexedDB.open("plain", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("t");
    ask.onsuccess = () => done(ask.result);
  });
  const tx = db.transaction("t", "readwrite", {durability: "strict"});
  const t = tx.objectStore("t");
  t.put({note: words.small}, "small");
  t.put({note: words.wide + " نور"}, "wide");
  t.put({note: ("nothing to see here. ".repeat(4000)) + words.packed}, "packed");
  t.put(new TextEncoder().encode(btoa("xy" + words.base64)), "base64");
  t.put([...words.reversed].reverse().join(""), "reversed");
  t.put(words.gone, "gone");
  await new Promise((done) => { tx.oncomplete = done; });
  const away = db.transaction("t", "readwrite", {durability: "strict"}).objectStore("t").delete("gone");
  await new Promise((done) => { away.onsuccess = done; });
  const cache = await caches.open("plain");
  await cache.put("/plain", new Response(words.cache));
  document.title = words.title;
  history.pushState(null, "", "/#" + words.address);
}"""


def test_the_attackers_tools_find_what_lies_open(chromium: Browser, tmp_path: Path) -> None:
    words = {
        name: f"Plantword{name}"
        for name in ("local", "small", "wide", "packed", "base64", "reversed", "gone", "cache", "title", "address")
    }
    with PhoneSite() as site, profile(chromium, tmp_path / "phone") as context:
        page = context.pages[0]
        page.goto(site.url)
        page.evaluate(PLANT, words)
        page.wait_for_timeout(8000)
        page.close()
    loot = Loot(tmp_path / "phone")
    found = loot.find(list(words.values()))
    missed = [name for name, word in words.items() if not any(word == one for one, _, _ in found)]
    assert missed == []
    assert any("reversed" in how for word, how, _ in found if word == words["reversed"])
    assert any("base64" in how for word, how, _ in found if word == words["base64"])
    assert any("utf-16" in how for word, how, _ in found if word == words["wide"])


# ------------------------------------------------------------------------------------------- the second slot


SLOTS = """async (many) => {
  const {wrap, noise, stretch} = await import("/static/phone/lib/slots.js");
  const flat = (slot) => Array.from(slot.iv).concat(Array.from(slot.ct));
  const [real, blank] = [[], []];
  for (let n = 0; n < many; n += 1) {
    const key = await stretch("passphrase " + n, crypto.getRandomValues(new Uint8Array(16)), 1);
    real.push(flat(await wrap(key, "store", crypto.getRandomValues(new Uint8Array(32)), {decoy: true, at: n & 1})));
    blank.push(flat(noise()));
  }
  return [real, blank];
}"""


def told_apart(real: list[list[int]], blank: list[list[int]]) -> float:
    """How often a guesser who learned the frequency of every byte at every place on one half is right on the other."""
    import math

    half = len(real) // 2
    places = range(len(real[0]))

    def learned(rows: list[list[int]]) -> list[list[float]]:
        counts = [[1.0] * 256 for _ in places]
        for row in rows:
            for place, byte in enumerate(row):
                counts[place][byte] += 1
        return counts

    a, b = learned(real[:half]), learned(blank[:half])
    right = 0
    for rows, sign in ((real[half:], 1), (blank[half:], -1)):
        for row in rows:
            leaning = sum(math.log(a[place][byte] / b[place][byte]) for place, byte in enumerate(row))
            right += leaning * sign > 0
    return right / (len(real) - half) / 2


def test_a_duress_slot_looks_like_noise(new_page: Callable[..., Page]) -> None:
    with PhoneSite() as site:
        page = new_page()
        page.goto(site.url)
        real, blank = page.evaluate(SLOTS, 6000)
    assert {len(row) for row in real} == {len(row) for row in blank} == {12 + 49}
    # 6,000 fresh guesses: chance is a half, five standard deviations are 0.032.
    assert abs(told_apart(real, blank) - 0.5) < 0.032
    # The same guesser sees it at once when a single bit of one byte is not even.
    assert told_apart([[*row[:-1], row[-1] | 1] for row in real], blank) > 0.55


def test_profiles_with_and_without_a_duress_passphrase_have_one_shape(new_page: Callable[..., Page]) -> None:
    made = """async ([registration, duress]) => {
      const asked = {label: "A.", passphrase: "one goat two hats", duress, registration};
      const store = await kw.slowly(() => kw.createStore(asked));
      await store.put("person", "p1", {id: "p1"});
      const row = await store.row();
      const shape = (_, value) =>
        ArrayBuffer.isView(value) ? value.length : value && typeof value === "object" ? value : typeof value;
      const counts = [await kw.read("records", (t) => t.count()), await kw.read("stores", (t) => t.count())];
      return {row: JSON.parse(JSON.stringify(row, shape)), counts};
    }"""
    with PhoneSite() as site:
        shapes = []
        for duress in (None, "three birds on a wire"):
            page = site.visit(new_page())
            shapes.append(page.evaluate(made, [site.registration(), duress]))
    assert shapes[0] == shapes[1]
    assert shapes[0]["row"]["slots"] == [{"iv": 12, "ct": 49}] * 2


def test_the_real_slot_is_first_as_often_as_second(new_page: Callable[..., Page]) -> None:
    with PhoneSite() as site:
        page = site.visit(new_page())
        first = page.evaluate("""async () => {
          let first = 0;
          const many = crypto.subtle.deriveBits;
          crypto.subtle.deriveBits = (how, key, bits) => many.call(crypto.subtle, {...how, iterations: 1}, key, bits);
          const made = (duress) => kw.slowly(() => kw.makeSlots("s", new Uint8Array(32), "one two", duress));
          for (let n = 0; n < 400; n += 1) first += (await made(n & 1 ? "three four" : undefined)).at;
          return first;
        }""")
    assert 150 < first < 250  # 200 expected, five standard deviations
