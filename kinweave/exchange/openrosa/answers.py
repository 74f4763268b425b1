"""What OpenRosa clients are answered: XML documents with the headers that they insist on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from kinweave.core.problems import Problem
from kinweave.exchange.openrosa.forms import Offered
from kinweave.flows.openrosa import Taken

MOST_BODY = 10_000_000  # bytes of one post; clients split what is longer into several
START = '<?xml version="1.0" encoding="UTF-8"?>\n'


def answer(content: bytes | str, *, status: int = 200, kind: str = "text/xml; charset=utf-8") -> HttpResponse:
    """An answer with the headers of OpenRosa; nothing of it may be kept on its way."""
    raw = content.encode() if isinstance(content, str) else content
    made = HttpResponse(raw, status=status, content_type=kind)
    made["X-OpenRosa-Version"] = "1.0"
    made["X-OpenRosa-Accept-Content-Length"] = str(MOST_BODY)
    made["Date"] = http_date()
    made["Cache-Control"] = "private, no-cache"
    if status != 204:
        made["Content-Length"] = str(len(raw))
    return made


def message(text: str, status: int) -> HttpResponse:
    """An OpenRosaResponse: its text is shown to whoever holds the phone."""
    nature = "submit_success" if status < 300 else "error"
    body = (
        f'{START}<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f"<message nature={quoteattr(nature)}>{escape(text)}</message></OpenRosaResponse>"
    )
    return answer(body, status=status)


def problem(fault: Problem) -> HttpResponse:
    """A problem in the language that is active now, with what to do about it."""
    facts = {name: _(value) if isinstance(value, str) and value else value for name, value in fault.facts.items()}
    try:
        text = f"{_(fault.says).format(**facts)} {_(fault.remedy).format(**facts)}"
    except (KeyError, IndexError, ValueError):
        text = f"{fault.sentence} {fault.what_to_do}"
    return message(text, fault.status)


def why_held(code: str) -> str:
    """Why a form waits for somebody's decision."""
    known = {
        "person-not-found": _("We do not know whom it is about."),
        "no-consent": _("The person has not agreed to it yet."),
        "instrument-off": _("These questions are not asked here any more."),
        "answers-out-of-range": _("One of the answers is not possible."),
        "not-allowed": _("Your role does not include this."),
    }
    return known.get(code, _("It could not be placed."))


def taken(result: Taken) -> HttpResponse:
    """201, also where the form waits: nothing that happened is refused."""
    said = [_("It had arrived before. All is well.") if result.again else _("The form has arrived.")]
    if result.state == "held":
        said += [why_held(result.code), _("It is kept, and your supervisor will look at it.")]
    if result.told:
        said.append(_("Somebody on call has been told of an answer in it."))
    return message(" ".join(said), 201)


def form_list(forms: Iterable[Offered], base: str) -> HttpResponse:
    """The list of forms (OpenRosa form discovery). `base`: the app user's address without a last slash."""
    lines = [START, '<xforms xmlns="http://openrosa.org/xforms/xformsList">\n']
    for one in forms:
        at = f"{base}/forms/{escape(quoted(one.form_id))}"
        lines.append(
            f"<xform><formID>{escape(one.form_id)}</formID><name>{escape(one.name)}</name>"
            f"<version>{escape(one.version)}</version><hash>{one.hash}</hash>"
            f"<downloadUrl>{at}/form.xml</downloadUrl>"
        )
        if one.has_media:
            lines.append(f"<manifestUrl>{at}/manifest</manifestUrl>")
        lines.append("</xform>\n")
    return answer("".join([*lines, "</xforms>"]))


def manifest(files: Sequence[dict[str, Any]]) -> HttpResponse:
    """The files of a form: [{name, hash, url, integrity}]; `integrity` only for an entity list."""
    lines = [START, '<manifest xmlns="http://openrosa.org/xforms/xformsManifest">\n']
    for one in files:
        kind, more = "", ""
        if one.get("integrity"):
            kind, more = ' type="entityList"', f"<integrityUrl>{escape(one['integrity'])}</integrityUrl>"
        lines.append(
            f"<mediaFile{kind}><filename>{escape(one['name'])}</filename><hash>{one['hash']}</hash>"
            f"<downloadUrl>{escape(one['url'])}</downloadUrl>{more}</mediaFile>\n"
        )
    return answer("".join([*lines, "</manifest>"]))


def integrity(states: Iterable[tuple[str, bool]]) -> HttpResponse:
    """Which entities are to leave the phone."""
    found = "".join(
        f"<entity id={quoteattr(one)}><deleted>{'true' if gone else 'false'}</deleted></entity>" for one, gone in states
    )
    return answer(f"{START}<data><entities>{found}</entities></data>")


def quoted(text: str) -> str:
    """A name as a piece of an address."""
    return quote(text, safe="")
