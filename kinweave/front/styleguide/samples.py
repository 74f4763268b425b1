"""Invented words for the styleguide, in English and Arabic. The Arabic is machine-made and unchecked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinweave.front.styleguide.samples_numbers import charts, intervals, places, segments
from kinweave.front.styleguide.samples_work import moments, questions, tasks


@dataclass(frozen=True)
class Part:
    """A part's title in English and the kind of page it is shown on: desk, public or person."""

    title: str
    wears: str


PARTS: dict[str, Part] = {
    "words": Part("Words, buttons and colours", "desk"),
    "question": Part("Question", "desk"),
    "problem": Part("Error summary", "desk"),
    "tasks": Part("Task row", "desk"),
    "timeline": Part("Timeline entry", "desk"),
    "consent": Part("Consent card", "person"),
    "leaves": Part("What leaves", "desk"),
    "safety": Part("Safety card", "desk"),
    "dots": Part("x of 10 dots", "public"),
    "number": Part("Number with interval and n", "public"),
    "intervals": Part("Groups with intervals", "desk"),
    "line": Part("Line with interval", "public"),
    "places": Part("Place map", "public"),
    "empty": Part("Empty state", "desk"),
    "progress": Part("Progress", "desk"),
    "toast": Part("Toast with undo", "desk"),
    "exit": Part("Quick exit", "public"),
    "sheet": Part("Print sheet head", "desk"),
}

Say = Callable[[str, str], str]


def sample(language: str) -> dict[str, Any]:
    """Everything the styleguide's templates show, in Arabic for "ar" and in English otherwise."""

    def say(english: str, arabic: str) -> str:
        return arabic if language == "ar" else english

    return {
        "frame": frame(say),
        "questions": questions(say),
        "tasks": tasks(say),
        "moments": moments(say),
        "consents": consents(say),
        "leaves": leaves(say),
        "safeties": safeties(say),
        "segments": segments(say),
        "charts": charts(say),
        "intervals": intervals(say),
        "places": places(say),
        "words": plain_words(say),
        **small(say),
    }


def frame(say: Say) -> dict[str, Any]:
    labels = [
        ("Today", "اليوم", "calendar-check"),
        ("People", "الأشخاص", "users"),
        ("Safety", "السلامة", "shield-alert"),
        ("Reports", "التقارير", "file-text"),
        ("Settings", "الإعدادات", "settings"),
    ]
    nav = [{"url": f"#{i}", "label": say(e, a), "icon": c, "current": i == 0} for i, (e, a, c) in enumerate(labels)]
    return {
        "nav": nav,
        "who": say("Amina", "أمينة"),
        "site_name": "Kinweave",
        "help_now": {"name": say("Ward help line", "خط المساعدة"), "number": "0800 000 000"},
    }


def plain_words(say: Say) -> dict[str, str]:
    return {
        "title": say("Today", "اليوم"),
        "lead": say(
            "Of 9 people you met this month, 6 feel better and 1 feels worse.",
            "من 9 أشخاص قابلتهم هذا الشهر، 6 يشعرون بتحسن وواحد حاله أسوأ.",
        ),
        "body": say(
            "A bench stands under the tree. Two people sit down. One of them listens.",
            "مقعد تحت الشجرة. يجلس شخصان. أحدهما يصغي.",
        ),
        "quote": say("I sleep again, and I went to the market on Sunday.", "عدت أنام، وذهبت إلى السوق يوم الأحد."),
        "new": say("Someone new", "شخص جديد"),
        "save": say("Save the note", "احفظ الملاحظة"),
        "back": say("Back", "رجوع"),
        "link": say("Who looked at this page", "من اطلع على هذه الصفحة"),
        "heading": say("How she is", "كيف حالها"),
        "small": say("Her plan", "خطتها"),
    }


def consents(say: Say) -> list[dict[str, Any]]:
    office = say("Housing office", "مكتب الإسكان")
    what = [say("Your alias", "اسمك المستعار"), say("That you ask for a safe room", "أنك تطلب غرفة آمنة")]
    base = {"recipient": office, "what": what, "until": say("31 March 2026", "31 مارس 2026")}
    return [
        {
            **base,
            "purpose": say("Care: housing", "الرعاية: السكن"),
            "state": "given",
            "withdraw_url": "#take-back",
            "given": say("5 March", "5 مارس"),
            "how": say("spoken, witnessed by Amina", "شفهيا، بشهادة أمينة"),
        },
        {
            "purpose": say("Numbers for the community", "أرقام للمجتمع"),
            "state": "declined",
            "give_url": "#yes",
            "recipient": say("Our own team", "فريقنا"),
            "what": [say("Your place and month", "مكانك والشهر")],
        },
        {**base, "purpose": say("Research", "البحث"), "state": "withdrawn"},
    ]


def leaves(say: Say) -> dict[str, Any]:
    return {
        "to": say("the housing office", "مكتب الإسكان"),
        "until": say("31 March 2026", "31 مارس 2026"),
        "what": [
            say("Her alias", "اسمها المستعار"),
            say("That she needs a safe room", "أنها تحتاج غرفة آمنة"),
            say("How to reach her: by text, in the morning", "كيف نصل إليها: رسالة، في الصباح"),
        ],
        "stays": [
            say("What she told you", "ما قالته لك"),
            say("Her answers", "إجاباتها"),
            say("Her notes", "ملاحظاتها"),
        ],
        "undo": say(
            "She can take this back on any day. They are told at once.",
            "يمكنها سحب هذا في أي يوم. نخبرهم فورا.",
        ),
    }


def safeties(say: Say) -> list[dict[str, Any]]:
    who, call = say("Rudo", "رودو"), {"name": say("Tariro", "تاريرو"), "number": "0800 000 001"}
    return [
        {"who": who, "state": "untold", "call": call, "called_url": "#called", "code": "a"},
        {
            "who": say("Nyasha", "نياشا"),
            "state": "told",
            "call": call,
            "answer_url": "#answer",
            "code": "b",
            "told": say(
                "Tariro was told at 10:42. She has not answered yet.",
                "أبلغت تاريرو الساعة 10:42. لم ترد بعد.",
            ),
        },
        {
            "who": say("Kudzai", "كودزاي"),
            "state": "over",
            "code": "c",
            "told": say(
                "Tariro closed this on 4 March. There is a safety plan.",
                "أغلقتها تاريرو في 4 مارس. توجد خطة سلامة.",
            ),
        },
    ]


def small(say: Say) -> dict[str, Any]:
    return {
        "empty": {
            "title": say("Nobody is waiting", "لا أحد ينتظر"),
            "url": "#new",
            "action": say("Someone new", "شخص جديد"),
            "sentence": say(
                "People who agreed to be met will stand here. Begin with one name or alias.",
                "سيظهر هنا من وافقوا على اللقاء. ابدأ باسم واحد أو اسم مستعار.",
            ),
        },
        "toast_sample": {"says": say("The note is saved.", "حفظت الملاحظة."), "undo_url": "#undo"},
        "sheet": {
            "title": say("Session note", "ملاحظة الجلسة"),
            "programme": "Kinweave",
            "code": "SN-0001",
            "printed": say("5 March 2026", "5 مارس 2026"),
            "lines": [say("Alias", "الاسم المستعار"), say("Date", "التاريخ"), say("Worker", "العامل")],
        },
        "problem_items": [{"target": "id_third_0", "says": questions(say)["wrong"]["error"]}],
        "problem": {
            "code": "outbox-not-sent",
            "says": say("We could not save this yet.", "لم نتمكن من حفظ هذا بعد."),
            "remedy": say(
                "It is safe on this phone and will be sent when there is signal.",
                "هو آمن على هذا الهاتف وسيرسل حين تتوفر الشبكة.",
            ),
        },
    }
