"""What a community reads. Invented words, in English and machine-made, unchecked Arabic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[str, str], str]


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


def intervals(say: Say) -> dict[str, Any]:
    names = (("Women · 18-29", "النساء · 18-29"), ("Women · 60+", "النساء · 60+"), ("Men · 18-29", "الرجال · 18-29"))
    values = ((6.4, 5.6, 7.1, 125), (4.1, 3.0, 5.3, 60), (6.9, 6.1, 7.6, 130))
    return {
        "caption": say("Felt clearly better, of ten people asked again", "تحسنوا بوضوح، من كل عشرة سُئلوا ثانية"),
        "first": say("Group", "المجموعة"),
        "rows": [{"name": say(*name), "value": v, "low": low, "high": high, "n": n}
                 for name, (v, low, high, n) in zip(names, values, strict=True)],
    }  # fmt: skip


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
