"""What a programme can choose about promises, and the limits of their texts. All of it ours."""

from __future__ import annotations

from kinweave.house import settings as chosen

LONGEST = {"what": 200, "reply": 1000, "owner": 120, "shown_by": 300}  # letters
NOT_WANTED, BY_MISTAKE = "not_wanted", "by_mistake"
DROPS = (NOT_WANTED, BY_MISTAKE)
SECTORS = chosen.define(
    "decide.sectors",
    ["programme", "health", "housing", "schools", "work", "justice", "community", "other"],
    says="Whose matter a promise is: the parts of public life that can owe something to people here.",
    source="ours",
    fits=lambda v: chosen.texts(v) and 0 < len(v) <= 20 and len(set(v)) == len(v) and all(len(t) <= 40 for t in v),
    hint="Give up to 20 short names.",
)
BROKEN_AFTER = chosen.define(
    "decide.broken_after_days",
    90,
    says="After how many days too late a promise is called broken.",
    source="ours",
    fits=chosen.whole(1, 3650),
    hint="Give whole days, from 1 to 3650.",
)
REPLY_DAYS = chosen.define(
    "decide.reply_days",
    21,
    says="How many days somebody has to answer before a late promise of theirs is named in a report.",
    source="ours",
    fits=chosen.whole(7, 365),
    hint="Give whole days, from 7 to 365.",
)
