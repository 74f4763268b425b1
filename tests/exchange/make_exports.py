"""Makes files in the shape that programmes really export. Every person in them is invented."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from openpyxl import Workbook
from openpyxl.styles import Font

from kinweave.core.instruments import Instrument, load_folder

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 6, 30)
CODES = ("not_at_all", "several_days", "more_than_half", "nearly_every_day")
# How often each answer is ticked in the made-up files; not a finding about anybody.
WEIGHTS = (50, 28, 13, 9)
GIVEN = ["Amina", "Rudo", "Tendai", "Fatuma", "José", "Zoé", "Kudzai", "María", "Ngozi", "João"]
FAMILY = ["Juma", "Moyo", "Dube", "Núñez", "Traoré", "Mwangi", "Okafor", "d'Souza", "Ndlovu", "Sá"]
ARABIC_GIVEN = ["محمد", "فاطمة", "خديجة", "يوسف", "عائشة", "عبد الله", "حسن", "مريم"]
ARABIC_FAMILY = ["الحسن", "علي", "إبراهيم", "أحمد", "السعيد"]


def phq9() -> Instrument:
    return load_folder(ROOT / "instruments" / "phq-9")


def _uuid(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def _answers(dice: random.Random, n: int = 9) -> list[int]:
    return dice.choices(range(4), WEIGHTS, k=n)


def odk_central(rows: int = 10_000, seed: int = 1) -> tuple[bytes, list[list[int]]]:
    """ODK Central's submissions.csv: names of choices, groups with '-', ISO times, KEY at the end.

    Returns the file and the answers in it, row by row.
    """
    dice = random.Random(seed)
    out = io.StringIO(newline="")
    write = csv.writer(out)
    items = [f"screening-phq9_{n}" for n in range(1, 10)]
    write.writerow(
        ["SubmissionDate", "start", "end", "today", "deviceid", "person_id", "screening-note", *items,
         "screening-location-Latitude", "screening-location-Longitude", "meta-instanceID", "meta-instanceName",
         "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status",
         "ReviewState", "DeviceID", "Edits", "FormVersion"]
    )  # fmt: skip
    told = []
    for n in range(rows):
        when = datetime(2025, 1, 1, 8, 0) + timedelta(minutes=17 * n)  # noqa: DTZ001 - the offset is written below
        key, answers = f"uuid:{_uuid(dice)}", _answers(dice)
        told.append(answers)
        stamp = when.isoformat(timespec="milliseconds") + "+02:00"
        write.writerow(
            [stamp, stamp, stamp, when.date().isoformat(), "collect:x1", f"P-{n:05d}", "line one\nline two, and more",
             *(CODES[a] for a in answers), "", "", key, "", key, dice.randint(1, 30), "Amina", 0, 0, "", "",
             "collect:x1", 0, "2025010100"]
        )  # fmt: skip
    return out.getvalue().encode("utf-8"), told


def kobo_labels(
    rows: int = 200, seed: int = 2, languages: tuple[str, ...] = ("fr", "ar")
) -> tuple[bytes, list[list[int]]]:
    """KoboToolbox's CSV with labels as values and headings: ';' and quotes everywhere, groups with '/', a mark.

    Rows take turns between the languages, as when two versions of a form were put together.
    """
    dice = random.Random(seed)
    phq = phq9()
    first = phq.wordings[languages[0]]
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    heads = [f"Dépistage/{first.items[item.code]}" for item in phq.items]
    write.writerow(
        [
            "start",
            "end",
            "today",
            "identifiant",
            "langue",
            *heads,
            "_id",
            "_uuid",
            "_submission_time",
            "_validation_status",
            "_notes",
            "_status",
            "_submitted_by",
            "__version__",
            "_tags",
            "_index",
        ]
    )
    told = []
    for n in range(rows):
        code = languages[n % len(languages)]
        words = phq.wordings[code]
        answers = _answers(dice)
        told.append(answers)
        labels = [words.options[item.response][a] for item, a in zip(phq.items, answers, strict=True)]
        day = date(2025, 2, 1) + timedelta(days=n % 300)
        write.writerow([f"{day}T08:00:00.000+01:00", f"{day}T08:20:00.000+01:00", day, f"B{n}", code, *labels, 1000 + n,
                        _uuid(dice), f"{day}T09:00:00", "", "", "submitted_via_web", "", "vA1", "", n + 1])  # fmt: skip
    return out.getvalue().encode("utf-8-sig"), told


def messy_caseload(rows: int = 300, seed: int = 3) -> bytes:
    """A caseload as kept in Excel: title, merged headings, dates of every sort, Arabic names, line numbers, a total."""
    dice = random.Random(seed)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Caseload"
    sheet["A1"] = "Programme caseload (invented people)"
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A1:J1")
    sheet.append([])
    sheet.append(["No.", "Person", None, None, None, "Contact", None, "Programme", None, "Caregiver"])
    sheet.append(
        [None, "Name", "Date of birth", "Age", "Sex", "Phone", "Village", "Date of registration", "Consent", "Name"]
    )
    for area in ("B3:E3", "F3:G3", "H3:I3", "A3:A4"):
        sheet.merge_cells(area)
    for n in range(rows):
        sheet.append([n + 1, *_person(dice, n)])
    sheet.append([None, "TOTAL"])
    book.create_sheet("Notes").append(["only one row"])
    hidden = book.create_sheet("old")
    hidden.sheet_state = "hidden"
    hidden.append(["Name"])
    hidden.append(["Somebody"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _person(dice: random.Random, n: int) -> list[object]:
    arabic = n % 3 == 0
    name = f"{dice.choice(ARABIC_GIVEN if arabic else GIVEN)} {dice.choice(ARABIC_FAMILY if arabic else FAMILY)} {n}"
    name = name.rsplit(" ", 1)[0] + (" " + chr(0x628 + n % 20) * 2 if arabic else f" {'ABCDEFGHIJ'[n % 10]}.")
    born = date(1950, 1, 1) + timedelta(days=dice.randint(0, 20_000))
    joined = date(2024, 1, 1) + timedelta(days=dice.randint(0, 700))
    birth: object = [born, born.isoformat(), f"{born.day}/{born.month}/{born.year}", str(born.year), None][n % 5]
    age = None if birth is not None else joined.year - born.year
    gender = ["F", "أنثى", "Mwanamke"][n % 3] if dice.random() < 0.6 else ["M", "ذكر", "Mwanaume"][n % 3]
    phone: object = [f"+2557{dice.randint(10**7, 10**8 - 1)}", 700_000_000 + n, None][n % 3]
    when: object = [joined, f"{joined.day}/{joined.month}/{joined.year}", joined.strftime("%d-%b-%Y")][n % 3]
    return [
        name,
        birth,
        age,
        gender,
        phone,
        f"Village {n % 7}",
        when,
        ["Yes", "نعم", "No", ""][n % 4],
        dice.choice(GIVEN),
    ]


def long_csv(path: Path, size: int = 50_000_000) -> int:
    """A valid caseload of about `size` bytes on disk; returns its rows."""
    line = "P-{n:08d},Amina {n} Juma,{y},F,0712{n:06d},Village {v},2024-03-{d:02d},yes,{pad}\n"
    rows = 0
    with path.open("w", encoding="utf-8") as out:
        written = out.write("client id,name,year of birth,sex,phone,village,date of registration,consent,notes\n")
        while written < size:
            text = line.format(n=rows % 10**6, y=1950 + rows % 60, v=rows % 99, d=1 + rows % 28, pad="words " * 20)
            written += out.write(text)
            rows += 1
    return rows
