"""Invented words for the styleguide, in English and Arabic. The Arabic is machine-made and unchecked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
    nav = [
        {"url": f"#{i}", "label": say(e, a), "icon": c, "current": i == 0}
        for i, (e, a, c) in enumerate(labels)
    ]
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
        "quote": say(
            "I sleep again, and I went to the market on Sunday.", "عدت أنام، وذهبت إلى السوق يوم الأحد."
        ),
        "new": say("Someone new", "شخص جديد"),
        "save": say("Save the note", "احفظ الملاحظة"),
        "back": say("Back", "رجوع"),
        "link": say("Who looked at this page", "من اطلع على هذه الصفحة"),
        "heading": say("How she is", "كيف حالها"),
        "small": say("Her plan", "خطتها"),
    }


def questions(say: Say) -> dict[str, Any]:
    options = [
        ("0", "Not at all", "أبدا"),
        ("1", "Several days", "بعض الأيام"),
        ("2", "More than half the days", "أكثر من نصف الأيام"),
        ("3", "Nearly every day", "كل يوم تقريبا"),
    ]
    asked = {
        "name": "interest",
        "alone": True,
        "decline": True,
        "legend": say(
            "Over the last two weeks, how often have you had little interest or pleasure in doing things?",
            "خلال الأسبوعين الماضيين، كم مرة شعرت بقلة الاهتمام أو المتعة في القيام بالأشياء؟",
        ),
        "help": say("Choose the answer that comes closest.", "اختر الإجابة الأقرب إليك."),
        "why": say(
            "Your answer helps us to see what would help. Only your worker sees it.",
            "إجابتك تساعدنا على معرفة ما يفيدك. لا يراها إلا من يرافقك.",
        ),
        "options": [{"value": v, "label": say(e, a)} for v, e, a in options],
    }
    return {
        "fresh": {**asked, "audio": "/static/none.ogg"},
        "answered": {**asked, "name": "second", "value": "1"},
        "wrong": {
            **asked,
            "name": "third",
            "alone": False,
            "why": "",
            "error": say(
                "Please choose one answer, or say that you would rather not.",
                "اختر إجابة، أو قل إنك تفضل عدم الإجابة.",
            ),
        },
        "several": {
            "name": "langs",
            "kind": "checkboxes",
            "optional": True,
            "value": ["sn", "en"],
            "legend": say("Which languages do you speak at home?", "ما اللغات التي تتحدثها في البيت؟"),
            "options": [
                {"value": v, "label": la}
                for v, la in (("sn", "chiShona"), ("en", "English"), ("ar", "العربية"))
            ],
        },
        "text": {
            "name": "alias",
            "kind": "text",
            "legend": say("What should we call you?", "بماذا نناديك؟"),
            "help": say("It need not be your real name.", "لا يلزم أن يكون اسمك الحقيقي."),
            "value": "",
        },
        "long": {
            "name": "note",
            "kind": "textarea",
            "legend": say("What did you talk about?", "عم تحدثتما؟"),
            "help": "",
            "value": "",
            "optional": True,
        },
    }


def tasks(say: Say) -> list[dict[str, Any]]:
    answer, note, call = say("Open", "افتح"), say("Note", "ملاحظة"), say("Call", "اتصل")
    return [
        {
            "who": say("Rudo", "رودو"),
            "what": say("answer the safety card", "أجب عن بطاقة السلامة"),
            "when": say("now", "الآن"),
            "now": True,
            "url": "#rudo",
            "action": answer,
            "late": True,
        },
        {
            "who": say("Tendai", "تنداي"),
            "what": say("session 3 of 6, at the bench", "الجلسة 3 من 6، عند المقعد"),
            "when": "10:00",
            "iso": "2026-03-05T10:00",
            "url": "#tendai",
            "action": note,
        },
        {
            "who": say("Kudzai", "كودزاي"),
            "what": say("missed on Tuesday; try a call", "غاب يوم الثلاثاء؛ جرب الاتصال"),
            "when": say("two days late", "متأخر يومين"),
            "late": True,
            "url": "#kudzai",
            "action": call,
        },
    ]


def moments(say: Say) -> list[dict[str, Any]]:
    by = say("Amina", "أمينة")
    return [
        {
            "what": say("Session 3 at the bench", "الجلسة 3 عند المقعد"),
            "when": say("5 March, 10:00", "5 مارس، 10:00"),
            "iso": "2026-03-05T10:00",
            "by": by,
            "icon": "message-circle",
            "undo_url": "#undo",
            "words": plain_words(say)["quote"],
        },
        {
            "what": say("Safety card answered", "أجيب عن بطاقة السلامة"),
            "when": say("2 March", "2 مارس"),
            "iso": "2026-03-02",
            "by": by,
            "icon": "shield-alert",
            "state": "danger",
            "note": say("Her sister stays with her this week.", "أختها تبقى معها هذا الأسبوع."),
        },
        {
            "what": say("Phone call, no answer", "مكالمة دون رد"),
            "when": say("27 February", "27 فبراير"),
            "iso": "2026-02-27",
            "by": by,
            "icon": "phone",
            "state": "corrected",
        },
        {
            "what": say("First conversation", "أول حديث"),
            "when": say("20 February", "20 فبراير"),
            "iso": "2026-02-20",
            "by": by,
            "icon": "user-plus",
        },
    ]


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


def segments(say: Say) -> dict[str, Any]:
    return {
        "sentence": say(
            "Of ten people who started, five felt clearly better after three months. One felt worse. "
            "We could not reach two.",
            "من كل عشرة أشخاص بدأوا، خمسة شعروا بتحسن واضح بعد ثلاثة أشهر. واحد ساء حاله. لم نصل إلى اثنين.",
        ),
        "list": [
            {"count": 5, "kind": "full", "label": say("5 felt clearly better", "5 تحسنوا بوضوح")},
            {"count": 2, "kind": "half", "label": say("2 felt about the same", "2 على حالهم تقريبا")},
            {"count": 1, "kind": "ring", "label": say("1 felt worse", "1 ساء حاله")},
            {"count": 2, "kind": "gap", "label": say("2 we could not reach", "2 لم نصل إليهم")},
        ],
        "note": say("Some would have felt better anyway.", "كان بعضهم سيتحسن على أي حال."),
        "label": say("Felt clearly better after three months", "شعروا بتحسن واضح بعد ثلاثة أشهر"),
        "held": say("Women over 60 in Ward 7", "النساء فوق 60 في الحي 7"),
    }


def charts(say: Say) -> dict[str, Any]:
    months = [
        ("Jan", "يناير"),
        ("Feb", "فبراير"),
        ("Mar", "مارس"),
        ("Apr", "أبريل"),
        ("May", "مايو"),
        ("Jun", "يونيو"),
    ]
    hers = (17, 15, None, 11, 8, 7)
    said = {0: ("I do not sleep.", "لا أنام."), 5: ("A little easier.", "أسهل قليلا.")}
    one = [
        {"x": i, "label": say(*months[i]), "value": v, "words": say(*said[i]) if i in said else ""}
        for i, v in enumerate(hers)
    ]
    wards = []
    for name, values in (
        (say("Ward 3", "الحي 3"), (31, 38, 44, 52, 55, 54)),
        (say("Ward 5", "الحي 5"), (29, 30, 37, 41, 40, 46)),
    ):
        points = [
            {"x": i, "label": say(*months[i]), "value": v, "low": v - 7, "high": v + 7, "n": 60 + 3 * i}
            for i, v in enumerate(values)
        ]
        wards.append({"name": name, "points": points})
    return {
        "hers": {
            "sentence": say("Her answers are lower than in January.", "إجاباتها أقل مما كانت في يناير."),
            "y_max": 27,
            "better": say("Lower is better.", "الأقل أفضل."),
            "series": [{"name": "", "points": one}],
        },
        "wards": {
            "sentence": say(
                "In both wards more people feel better than in January.",
                "في الحيين يتحسن عدد أكبر مما كان في يناير.",
            ),
            "y_max": 80,
            "unit": "%",
            "series": wards,
            "limit": {
                "value": 33,
                "label": say("without any help, in published studies", "دون مساعدة، في دراسات منشورة"),
            },
            "ends": {"x": 3, "label": say("the money ended", "انتهى التمويل")},
        },
    }


def places(say: Say) -> dict[str, Any]:
    names = [
        ("Market side", "جهة السوق", 5, 1, 1),
        ("Hill", "التل", 6, 1, 2),
        ("Old town", "البلدة القديمة", 4, 1, 3),
        ("River bank", "ضفة النهر", 3, 2, 1),
        ("Station", "المحطة", None, 2, 2),
        ("Far fields", "الحقول البعيدة", 5, 2, 3),
    ]
    return {
        "sentence": say(
            "Filled dots: of ten people who started, how many feel clearly better.",
            "النقاط الممتلئة: كم من كل عشرة بدأوا يشعرون بتحسن واضح.",
        ),
        "list": [
            {
                "name": say(e, a),
                "count": c,
                "row": r,
                "col": k,
                "n": None if c is None else 40 + 9 * c,
                "withheld": c is None,
                "url": "" if c is None else f"#{e[:3]}",
            }
            for e, a, c, r, k in names
        ],
        "note": say(
            "This is no ranking. The places differ in ways we do not measure.",
            "هذا ليس ترتيبا. تختلف الأماكن بأمور لا نقيسها.",
        ),
    }


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
