"""Sheets that are written on with a pen: what was agreed, someone new, a referral, what to do in danger, registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.connect.rules import ITEMS, NEEDS, URGENCIES
from kinweave.front import sentences
from kinweave.front import sentences_rooms as room_words
from kinweave.front.desk.care_parts import emergency
from kinweave.front.desk.people_parts import account_names, in_local_time
from kinweave.front.print import blocks as b
from kinweave.front.print.codes import Register, register
from kinweave.front.print.frame import page, programme_id_of, wanted
from kinweave.house import rota
from kinweave.house import settings as chosen
from kinweave.house.models import Account

ROWS = {"a4": 18, "a5": 7}  # lines of a register that fit with room to write
MOST_GROUPS = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """One sheet: its title, the lines of its head, what stands on it. `several`: many copies can be wanted."""

    title: Any
    lines: tuple[Any, ...]
    make: Callable[[Any], list[b.Block]]
    numbered: bool = True


def _foot(request: Any) -> list[b.Block]:
    call = emergency(programme_id_of(request))
    return [b.call(call["number"])] if call else []


# ------------------------------------------------------------------------------- what was agreed


def consent(request: Any) -> list[b.Block]:
    """Each purpose alone, with what leaves and what stays; yes, no, and how it was said."""
    made = [b.text(_("Read it out in their own language. Yes or no, the care stays the same."), "strong")]
    for code, purpose in sentences.PURPOSES.items():
        made += [
            b.leaves(purpose, sentences.LEAVES[code]),
            b.ticks(_("What they said"), [_("Yes"), _("No")]),
            b.pair(_("Until (date)"), _("Anything they do not want told")),
        ]
    how = [words for code, words in sentences.HOW.items() if code != "before"]
    return [
        *made,
        b.ticks(_("How they said it"), how),
        b.pair(_("Their mark or signature"), _("Witness"), _("Worker")),
        b.heading(_("If they are under age")),
        b.ticks(_("The young person's own answer"), [_("Yes"), _("No")]),
        b.pair(_("The guardian who agrees"), _("Mark or signature")),
        b.text(_("They can take back a yes at any time. Say so, and how."), "small"),
        *_foot(request),
    ]


# ---------------------------------------------------------------------------------- someone new


def intake(request: Any) -> list[b.Block]:
    """Someone new, in the order of the page on screen."""
    genders = [words for code, words in sentences.GENDERS.items() if code != "declined"]
    return [
        b.write(_("What they want to be called"), _("An invented name is enough.")),
        b.write(_("Their own name, only if they like")),
        b.pair(_("Year of birth"), _("Where they live"), _("Language")),
        b.ticks(_("Gender"), [*genders, sentences.GENDERS["declined"]]),
        *_groups(request),
        b.heading(_("A safe way to reach them")),
        b.ticks(_("How"), sentences.CONTACTS.values()),
        b.pair(_("Number or place"), _("Who else may answer")),
        b.write(_("What to say to them")),
        b.ticks(_("What is allowed"), sentences.ALLOWED.values()),
        b.heading(_("Only if they like")),
        b.grid(
            _("Six questions on everyday difficulties"), sentences.WASHINGTON.values(),
            [words for code, words in sentences.LEVELS.items() if code != "declined"],
        ),
        b.write(_("Why they came, in their own words"), rows=3),
        b.text(_("What they agree to is written on its own sheet."), "small"),
        *_foot(request),
    ]  # fmt: skip


def _groups(request: Any) -> list[b.Block]:
    """The groups that this programme looks at for fairness."""
    asked = chosen.value(chosen.DIMENSIONS, str(programme_id_of(request) or ""))[:MOST_GROUPS]
    return [
        b.ticks(one["name"], [*(c.get("name", c["code"]) for c in one["choices"]), sentences.GENDERS["declined"]])
        for one in asked
    ]


# ----------------------------------------------------------------------------------- a referral


def referral(request: Any) -> list[b.Block]:
    """A referral in the making: nothing leaves with this paper before they say yes."""
    scope = str(programme_id_of(request) or "")
    needs = [room_words.said(room_words.NEEDS, code) for code in chosen.value(NEEDS, scope)]
    items = [room_words.said(room_words.ITEMS, code) for code in chosen.value(ITEMS, scope)]
    return [
        b.text(_("Fill it in together with them. Nothing leaves before they say yes."), "strong"),
        b.write(_("Who is asked for help"), _("A partner's name, or what kind of place.")),
        b.ticks(_("What for"), needs),
        b.ticks(_("How soon"), [room_words.URGENCIES[code] for code in URGENCIES]),
        b.ticks(_("What may be told, each item alone"), items),
        b.ticks(_("What they said"), [_("Yes, to exactly this"), _("No"), _("Not asked yet")]),
        b.ticks(_("How they said it"), [words for code, words in sentences.HOW.items() if code != "before"]),
        b.pair(_("Their mark or signature"), _("Witness"), _("Guardian, if under age")),
        b.write(_("Why they cannot be asked"), _("Only when a life is in danger or the law asks it."), rows=2),
        b.write(_("Anything to remember"), rows=2),
        *_foot(request),
    ]


# --------------------------------------------------------------------------------- what to do now


def safety(request: Any) -> list[b.Block]:
    """What to do now and whom to call, for a pocket: numbers that were printed work without signal."""
    programme = programme_id_of(request)
    call = emergency(programme)
    reachable = rota.people(programme) if programme else []
    names = account_names(reachable)
    phones = dict(Account.objects.filter(id__in=reachable).exclude(phone="").values_list("id", "phone"))
    rows = [(call["name"], call["number"])] if call else []
    rows += [(names[one], phones[one]) for one in reachable if one in phones]
    return [
        b.text(_("Nobody has been told yet: a paper tells no one. Call."), "strong"),
        b.numbers(rows),
        b.pair(_("Another number"), _("Whose")),
        b.heading(_("What to do now")),
        b.steps([
            _("Stay with the person. Do not leave them alone if the danger is near."),
            _("Listen. You do not need the right words."),
            _("Ask who is with them, and who should come."),
            _("Ask if there is something at hand that could hurt them. Help to move it away."),
            _("Call the first number. No answer: call the next."),
            _("When there is signal, press “I am worried”. Write down when you called, and who answered."),
        ]),
        b.pair(_("Called at"), _("Who answered"), _("Code of the person")),
        b.text(_("If you may be the one in danger: leave first, then call."), "small"),
    ]  # fmt: skip


KINDS: dict[str, Kind] = {
    "consent": Kind(lazy("What was agreed"), (lazy("Code of the person"), lazy("Date")), consent),
    "intake": Kind(lazy("Someone new"), (lazy("Code, once there is one"), lazy("Date"), lazy("Worker")), intake),
    "referral": Kind(lazy("A referral"), (lazy("Code of the person"), lazy("Date"), lazy("Worker")), referral),
    "safety": Kind(lazy("In danger"), (), safety, numbered=False),
}
REGISTERS = ("meetings", "attempts", "circles", "hours")


def titles() -> list[tuple[str, Any]]:
    """Every sheet of this module, the registers first."""
    made = [(kind, found.title) for kind in REGISTERS if (found := register(kind))]
    return [*made, *((kind, one.title) for kind, one in KINDS.items())]


@in_local_time
def sheet(request: Any, form: str) -> HttpResponse:
    """One sheet, as many times as wanted."""
    found = register(form, str(programme_id_of(request) or ""))
    if found is not None:
        return lined(request, found)
    if form not in KINDS:
        raise Http404
    one, paper = KINDS[form], wanted(request)
    return page(
        request, paper, one.title, lambda: {"blocks": one.make(request)}, lines=one.lines, numbered=one.numbered
    )


def lined(request: Any, found: Register) -> HttpResponse:
    """An empty register; what its numbers stand for is printed under it."""
    paper = wanted(request)

    def make() -> dict[str, Any]:
        columns = [("", "", 0), *((c.label, _("number") if c.codes else "", c.share) for c in found.columns)]
        legends = [b.legend(c.label, c.numbered) for c in found.columns if c.codes]
        note = [b.text(found.note, "small")] if found.note else []
        foot = _foot(request) if found.permission == "care.act" else []
        return {"blocks": [b.table(columns, ROWS[paper.size]), *legends, *note, *foot]}

    return page(
        request, paper, found.title, make, lines=found.lines, wide=True,
        type_url=reverse("paper-rows", args=[found.kind]),
    )  # fmt: skip


def register_page(request: Any) -> HttpResponse:
    """The register of meetings, at its old address."""
    return sheet(request, "meetings")
