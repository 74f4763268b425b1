"""Collect every sentence that Kinweave shows, keep what is translated already, and compile it.

`make messages` does this for every language under kinweave/front/locale. Nothing but Babel and Django is needed.
Sentences come from the templates, from gettext calls, from the `says` and `remedy` of every Problem, and from
the `says` and `hint` of every setting. A sentence that no longer stands anywhere is dropped from the file.

    python scripts/messages.py            collect and compile
    python scripts/messages.py --check    say what is missing or old, change nothing; ends with 1 if so
    python scripts/messages.py --new fr   begin a language, with every sentence still empty
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CODE = Path(__file__).resolve().parent.parent / "kinweave"
LOCALE = CODE / "front" / "locale"
CALLS = {"_", "lazy", "gettext", "gettext_lazy", "gettext_noop"}  # under these names the code imports them
PLURAL = {"ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(r"\b(?:gettext|ngettext|_)\(")
SAID = {"says", "remedy"}  # of a Problem, as attributes of its class
FACTS = {"reason", "looks_like", "what"}  # words that a Problem is raised with
NOTICES = "SAYS"  # dictionaries of what may be odd about a row of a file
DEFINED = {"says", "hint"}  # of a setting, as arguments of define()
STYLEGUIDE = "styleguide"  # samples for those who build; never shown to those who work (nor is config/cli*.py)


def in_python(path: Path) -> Iterator[str | tuple[str, str]]:
    """Messages of gettext calls (also inside f-strings), of Problem classes and of settings in one Python file."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ClassDef):
            yield from said_by(node)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {NOTICES, "says"}:
            yield from (text for one in notices_of(node.value) if (text := with_blank(one)))
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from (text for k in node.exc.keywords if k.arg in FACTS and (text := constant(k.value)))
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            words = [text for one in node.args if (text := constant(one))]
            if name in PLURAL and len(words) >= 2:
                yield words[0], words[1]
            elif name in CALLS and words:
                yield words[0]
            elif name == "Notice" and (text := with_blank(node.args[-1])):
                yield text
            elif name == "define":
                given = {k.arg or "": k.value for k in node.keywords}
                yield from (text for k in sorted(DEFINED & given.keys()) if (text := constant(given[k])))


def notices_of(value: ast.expr) -> list[ast.expr]:
    """The sentences of one assignment: itself, or the values of every dictionary in it."""
    return [one for d in ast.walk(value) if isinstance(d, ast.Dict) for one in d.values] or [value]


def with_blank(node: ast.expr) -> str:
    """A text as it is, or an f-string about one number with {number} in its place (front/notice_words.py)."""
    if not isinstance(node, ast.JoinedStr):
        return constant(node)
    parts = [constant(one) if isinstance(one, ast.Constant) else "{number}" for one in node.values]
    return "".join(parts) if parts.count("{number}") == 1 else ""


def said_by(node: ast.ClassDef) -> Iterator[str]:
    """The `says` and `remedy` that a class sets, whether one by one or as a pair."""
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and line.value is not None:
            pairs = [(line.target, line.value)]
        elif isinstance(line, ast.Assign):
            target, value = line.targets[0], line.value
            both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = list(zip(target.elts, value.elts, strict=True)) if both else [(target, value)]  # type: ignore[attr-defined,list-item]
        else:
            continue
        for target, value in pairs:
            if isinstance(target, ast.Name) and target.id in SAID and (text := constant(value)):
                yield text


def constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def in_template(path: Path) -> Iterator[str | tuple[str, str]]:
    """Messages of one template. Django turns its tags into calls; each call is then read as Python."""
    from django.utils.translation.template import templatize

    text = templatize(path.read_text(encoding="utf-8"))
    for start in IN_TEMPLATE.finditer(text):
        call = whole_call(text[start.start() :])
        words = [a.value for a in call.args if isinstance(a, ast.Constant)] if call else []
        if len(words) >= 2:
            yield str(words[0]), str(words[1])
        elif words:
            yield str(words[0])


def whole_call(text: str) -> ast.Call | None:
    """The shortest beginning of `text` that is one call in Python, or None."""
    for end in re.finditer(r"\)", text):
        try:
            body = ast.parse(text[: end.end()], mode="eval").body
        except SyntaxError:
            continue
        return body if isinstance(body, ast.Call) else None
    return None


def collect() -> dict[str, tuple[str | tuple[str, str], list[str]]]:
    """Every message by its English, with the files it stands in (paths from the top of the code)."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    found: dict[str, tuple[str | tuple[str, str], list[str]]] = {}
    readers = {".py": in_python, ".html": in_template, ".txt": in_template}
    for path in sorted(p for p in CODE.rglob("*") if p.suffix in readers):
        if STYLEGUIDE in path.parts or path.name.startswith("cli"):
            continue
        if path.suffix == ".txt" and "templates" not in path.parts:
            continue
        for message in readers[path.suffix](path):
            key = message if isinstance(message, str) else message[0]
            if not key.strip():
                continue
            known, places = found.setdefault(key, (message, []))
            if isinstance(known, str) and not isinstance(message, str):
                found[key] = (message, places)  # the same words once alone, once with a plural
            place = path.relative_to(CODE.parent).as_posix()
            if place not in places:
                places.append(place)
    return found


def renewed(old: Catalog, language: str) -> Catalog:
    """A catalogue of all messages that stand in the code now, with the translations that `old` knows."""
    new = Catalog(locale=language, project="Kinweave", version="1", charset="utf-8", fuzzy=False)
    new.msgid_bugs_address = ""
    new.header_comment = old.header_comment
    # Babel and Django number the forms of Arabic differently; the file's own order stands.
    new._num_plurals, new._plural_expr = old.num_plurals, old.plural_expr  # type: ignore[assignment]
    new.last_translator, new.language_team = old.last_translator, old.language_team
    new.revision_date = old.revision_date  # a run that changes nothing must leave the file as it is
    new.creation_date = old.creation_date
    empty = tuple("" for _ in range(new.num_plurals))
    for key, (message, places) in sorted(collect().items(), key=lambda kv: (kv[1][1][0], kv[0])):
        known = old.get(key)
        one = isinstance(message, str)
        text: str | tuple[str, ...] = "" if one else empty
        if known and isinstance(known.string, str) == one:
            text = known.string  # type: ignore[assignment]
        flags = {f for f in ("python-format",) if re.search(r"%(\(\w+\))?[sd]", key)}
        new.add(message, text, locations=[(p, None) for p in places], flags=flags)  # type: ignore[misc]  # places without a line
    return new


def missing(catalog: Catalog) -> list[str]:
    """The English of each message that has no translation, or not in all its forms."""
    return [said(m) for m in catalog if m.id and not all([m.string] if isinstance(m.string, str) else m.string or [])]


def said(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def as_po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=0, sort_output=False)
    return out.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def begin(language: str) -> None:
    folder = LOCALE / language / "LC_MESSAGES"
    folder.mkdir(parents=True)
    empty = Catalog(locale=language, project="Kinweave", charset="utf-8", fuzzy=False)
    empty.header_comment = "# Correct it freely: every line is read by people. docs/languages.md says how."
    (folder / "django.po").write_bytes(as_po(empty))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--check", action="store_true", help="change nothing; end with 1 if something is missing")
    asked.add_argument("--new", metavar="LANGUAGE", help="begin a language, such as fr")
    args = asked.parse_args()
    if args.new:
        begin(args.new)
    wrong = 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        language = path.parent.parent.name
        catalog = renewed(read(path, language), language)
        po, mo = as_po(catalog), as_mo(catalog)
        compiled = path.with_suffix(".mo")
        old = path.read_bytes() != po or not compiled.exists() or compiled.read_bytes() != mo
        left = missing(catalog)
        print(f"{language}: {len(catalog)} messages, {len(left)} without a translation" + (", not fresh" * old))
        print("".join(f"  {text}\n" for text in left[:20]), end="")
        wrong += bool(left) or old
        if not args.check:
            path.write_bytes(po)
            compiled.write_bytes(mo)
    return 1 if args.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
