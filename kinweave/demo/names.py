"""Invented names. Given names are ordinary ones from several languages; by-names are words for things.

No list of real persons stands behind this: each full name is a given name drawn by chance with the
word for a lantern, a river or a gourd. Some names hold combining characters (written decomposed, on
purpose), some run from right to left, so that every page and search meets them.
"""

from __future__ import annotations

from unicodedata import normalize

FEMALE, MALE = "woman", "man"

_LATIN_F = "Tendai Rudo Amina Wanjiru Leila Marisol Ngozi Abla Sunita Mercy Zawadi Ifeoma Pilar Nomvula"
_LATIN_M = "Kudzai Baraka Tomasz Kofi Emeka Ramón Juma Arjun Sipho Mateo Otieno Yaw Farai Idris Neven"
_MARKED_F = "Ngọc Thảo Zoë Ọmọlará Adébáyọ̀ Żaneta Ñusta Hoà Şebnem Ẹniọlá"
_MARKED_M = "Đạt Tùng Ọládélé Ṣọlá José Łukasz Õnne Çetin Bảo Fọlárìn"

GIVEN: dict[str, dict[str, tuple[str, ...]]] = {
    "Latn": {FEMALE: tuple(_LATIN_F.split()), MALE: tuple(_LATIN_M.split())},
    "Latn-marks": {
        FEMALE: tuple(normalize("NFD", n) for n in _MARKED_F.split()),
        MALE: tuple(normalize("NFD", n) for n in _MARKED_M.split()),
    },
    "Arab": {
        FEMALE: ("أمينة", "زهراء", "نُور", "مريم", "هدى", "سلمى", "رُقيّة", "ياسمين"),
        MALE: ("يوسف", "إدريس", "خالد", "عُمر", "حسن", "سامي", "طارق", "بشير"),
    },
    "Ethi": {FEMALE: ("አልማዝ", "ትርሃስ", "ሰናይት", "ለምለም"), MALE: ("ዳዊት", "ተስፋዬ", "ግርማ", "አበበ")},
    "Deva": {FEMALE: ("सुनीता", "गीता", "लक्ष्मी", "आशा"), MALE: ("अर्जुन", "किशोर", "मोहन", "रवि")},
    "Cyrl": {FEMALE: ("Олена", "Мирослава", "Айгуль", "Дарина"), MALE: ("Тарас", "Нурлан", "Богдан", "Ілля")},
    "Hans": {FEMALE: ("小兰", "美玲", "春燕"), MALE: ("志强", "建国", "小明")},
}

BYNAMES: dict[str, tuple[str, ...]] = {
    "Latn": ("Lantern", "Gourd", "Riverbend", "Kettle", "Saltpan", "Thimble", "Windvane", "Basket"),
    "Latn-marks": tuple(normalize("NFD", n) for n in ("Lántèrn", "Kẹttlé", "Ríverbènd", "Bâsket")),
    "Arab": ("الفانوس", "النهر", "القرعة", "السلّة", "الطاحونة"),
    "Ethi": ("ፋኖስ", "ወንዝ", "ቅል"),
    "Deva": ("लालटेन", "नदी", "टोकरी"),
    "Cyrl": ("Ліхтар", "Річка", "Кошик"),
    "Hans": ("灯笼", "河湾", "竹篮"),
}

SCRIPT_SHARES: dict[str, float] = {
    "Latn": 0.52, "Latn-marks": 0.12, "Arab": 0.20, "Ethi": 0.06, "Deva": 0.04, "Cyrl": 0.04, "Hans": 0.02,
}  # fmt: skip
"""How often each script is drawn: ours, so that no script is rare enough to be forgotten in testing."""

RIGHT_TO_LEFT = frozenset({"Arab"})

_COLOURS = "Amber Azure Bronze Coral Crimson Ebony Fern Golden Hazel Indigo Ivory Jade Lilac Maroon Olive "
_COLOURS += "Opal Pearl Plum Rose Russet Saffron Scarlet Silver Teal Violet White Willow Yellow"
_BIRDS = "Heron Lark Weaver Sparrow Hoopoe Ibis Kite Wren Swift Dove Stork Finch Quail Robin Egret Crane "
_BIRDS += "Plover Sunbird Bulbul Thrush Shrike Roller Turaco Bunting Curlew Tern Petrel Martin Oriole Pipit"

ALIASES: tuple[str, ...] = tuple(f"{c} {b}" for b in _BIRDS.split() for c in _COLOURS.split())
"""Two-word aliases, each said as easily as a name and telling nothing; 840 of them, then numbered."""

DISTRICTS: dict[str, str] = {
    "fades": "Saltgrass District", "holds": "Lanternwood District",
    "grows": "Ninewells District", "never": "Farkettle District",
}  # fmt: skip
WARDS: dict[str, tuple[str, ...]] = {
    "fades": ("Ferry Ward", "Kiln Ward", "Orchard Ward", "Saltpan Ward", "Drumhill Ward"),
    "holds": ("Weir Ward", "Tannery Ward", "Beacon Ward", "Sandal Ward", "Quarry Ward"),
    "grows": ("Well Ward", "Cistern Ward", "Terrace Ward", "Almond Ward", "Gatehouse Ward"),
    "never": ("Kettle Ward", "Junction Ward", "Bramble Ward", "Dyke Ward", "Pylon Ward"),
}
NEXT_DOOR: dict[str, str] = {
    "fades": "Reedbank District", "holds": "Millrace District", "grows": "Stonebridge District",
    "never": "Thornfield District",
}  # fmt: skip
"""The district beside each, where the programme does not work yet."""
WARDS_NEXT_DOOR: tuple[str, ...] = ("Ladle Ward", "Anvil Ward", "Harrow Ward", "Spindle Ward", "Trough Ward")
ORGANISATIONS: tuple[str, ...] = ("The Bench Under the Fig (invented)", "Neighbours' Lamp Trust (invented)")
CIRCLES: tuple[str, ...] = (
    "Basket circle", "Thursday circle", "Fig tree circle", "Needle circle", "Bread circle", "Well circle",
    "Lamp circle", "Song circle", "Garden circle", "Morning circle", "Drum circle", "Bead circle",
)  # fmt: skip
NOTES: tuple[str, ...] = (
    "Talked under the tree.", "Came with her sister.", "Asked to meet earlier next time.",
    "We walked a little.", "Wants to try again.", "Came late, the bus was full.", "Brought her own list.",
)  # fmt: skip
"""Short invented notes: most sessions have none, since a programme learns nothing from longer ones."""
