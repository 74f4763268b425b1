"""Write docs/examples anew: small files of invented people for the pages about measuring. Same seed, same files."""

import csv
import math
import random
import sys
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "examples"
SEED = 7


def people(rng):
    """480 people: first and last score, whether they were reached, answers to six items, how they were drawn."""
    lines = (-0.6, 0.4, 1.3)
    for i in range(480):
        district = ("hill", "lake", "plain", "town")[i % 4]
        gender, age = rng.choice(("woman", "man")), rng.choice(("18-29", "30-49", "50+"))
        wealth, language = rng.randint(1, 5), "en" if i < 240 else "sn"
        trait = rng.gauss(0, 1)
        before = max(0, min(27, round(12 + 4 * trait + rng.gauss(0, 2))))
        after = max(0, min(27, round(before - 4.5 + rng.gauss(0, 4))))
        chance = -0.4 + 0.3 * (wealth - 3) + 0.4 * (gender == "woman") - 0.5 * (district == "hill")
        reached = int(rng.random() < 1 / (1 + math.exp(-chance)))
        items = [sum(1.5 * trait + rng.gauss(0, 1.1) > line + 0.15 * (k % 3) for line in lines) for k in range(6)]
        items = ["" if rng.random() < 0.004 else x for x in items]
        village = f"{district}-{i // 4 % 10 + 1}"
        yield {
            "person": f"p{i + 1:03}", "gender": gender, "age": age, "district": district, "village": village,
            "weight": {"hill": 40, "lake": 55, "plain": 62, "town": 90}[district], "language": language,
            "wealth": wealth, "before": before, "after": "" if rng.random() < 0.15 else after, "reached": reached,
            **{f"i{k + 1}": x for k, x in enumerate(items)},
        }  # fmt: skip


def visits(rng):
    """120 people seen up to four times; who fares badly is likelier to stay away."""
    for i in range(120):
        arm = ("usual", "circles")[i % 2]
        start, slope = rng.gauss(15, 3.5), rng.gauss(-0.15 if arm == "usual" else -0.55, 0.25)
        for month in (0, 3, 6, 12):
            score = start + slope * month + rng.gauss(0, 2)
            yield {"person": f"p{i + 1:03}", "month": month, "arm": arm, "score": round(score, 1)}
            if rng.random() < 1 / (1 + math.exp(3 - 0.12 * score)):
                break


def months(rng):
    """84 months of mean scores in our district and in one without the programme (month 24 to 60)."""
    for month in range(84):
        common = 14 + 0.4 * math.cos(2 * math.pi * month / 12) - 0.01 * month
        gain = 3.0 if month >= 24 else 0.0
        yield {"month": month, "district": "hill", "score": round(common - gain + rng.gauss(0, 0.15), 2)}
        yield {"month": month, "district": "lake", "score": round(common + 0.5 + rng.gauss(0, 0.15), 2)}


def weeks(rng):
    """Two years of weekly contacts for distress in one district, with a flood in the last weeks."""
    for i in range(110):
        usual = 18 + 4 * math.cos(2 * math.pi * i / 52)
        extra = {101: 9, 102: 21, 103: 30, 104: 24, 105: 12}.get(i, 0)
        contacts = max(0, round(rng.gauss(usual + extra, math.sqrt(usual))))
        yield {"week": (date(2024, 1, 1) + timedelta(weeks=i)).isoformat(), "contacts": contacts}


def main():
    FOLDER.mkdir(exist_ok=True)
    for number, make in enumerate((people, visits, months, weeks)):
        rows = list(make(random.Random(SEED + number)))
        with open(FOLDER / f"{make.__name__}.csv", "w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
