"""What a worker meets. Invented words, in English and machine-made, unchecked Arabic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[str, str], str]


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
                {"value": v, "label": la} for v, la in (("sn", "chiShona"), ("en", "English"), ("ar", "العربية"))
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
            "words": say("I sleep again, and I went to the market on Sunday.", "عدت أنام، وذهبت إلى السوق يوم الأحد."),
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
