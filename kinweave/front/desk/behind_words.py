"""The sentences of "What lies behind the numbers": what a result says, in plain words, and why nothing is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Found = Mapping[str, Any]
GAPS = {
    "measured": lambda: _("Of ten people who were asked again, chance taken out"),
    "started": lambda: _("Of ten people who started, chance taken out"),
    "all": lambda: _("Of ten people who started"),
    "came": lambda: _("Of ten people who came"),
}
EQUAL = {"age_band": lambda: _("by age"), "dimension": lambda: _("by the groups here")}


def above(months: int) -> str:
    """`At the start`, `3 months`."""
    return _("At the start") if not months else ngettext("%(n)s month", "%(n)s months", months) % {"n": months}


def nothing(one: Found) -> list[str]:
    """Why there is no answer."""
    if one["state"] == "too-few":
        return [_("Too few groups can be shown: %(seen)s, and it takes %(needed)s.") % one,
                _("So we cannot see whether it is the same for all.")]  # fmt: skip
    return [_("The numbers here do not allow an answer.")]


def gap_words(one: Found) -> list[str]:
    if one["state"] != "found":
        return nothing(one)
    value, low, high = one["vpc"]
    share = {"value": f"{value:.0f}", "low": f"{low:.0f}", "high": f"{high:.0f}"}
    if not one["beyond_chance"]:
        most = _("At most %(high)s%% of all that differs between people lies between these groups.") % share
        return [_("Groups differ no more than chance would give."), most]
    said = [
        _("Groups differ by more than chance."),
        _("Of all that differs between people, %(value)s%% lies between these groups (%(low)s to %(high)s%%).") % share,
    ]
    if one["pattern"] == "interaction":
        said.append(_("Some combinations stand apart by more than the sum of their parts."))
    elif one["pattern"] == "additive":
        said.append(_("Groups differ as the sum of their parts. More than that is not seen."))
    mor = dict(zip(("value", "low", "high"), (f"{x:.1f}" for x in one["mor"]), strict=True))
    said.append(_("Median odds ratio between two groups: %(value)s (%(low)s to %(high)s).") % mor)
    return said


def year_words(one: Found) -> list[str]:
    if one["state"] != "found":
        return nothing(one)
    change, months = one["changes"][-1], one["windows"][-1]
    facts = {"months": months, "x": f"{abs(change['value']):.1f}"}
    fell = change["value"] <= 0
    ends = sorted(abs(change[e]) for e in ("low", "high")) if one["beyond_chance"] else [change["low"], change["high"]]
    facts |= {"low": f"{ends[0]:.1f}", "high": f"{ends[1]:.1f}"}
    said = [
        _("Over %(months)s months points fell by %(x)s (%(low)s to %(high)s), by a model.") % facts
        if fell
        else _("Over %(months)s months points rose by %(x)s (%(low)s to %(high)s), by a model.") % facts,
        _("It counts those we missed too, where their groups are not too small."),
    ]
    if not one["beyond_chance"]:
        said.append(_("That may be chance."))
    last, model = one["reached"][-1], one["model"][-1]
    if last is not None:
        both = {"plain": f"{last['mean']:.1f}", "model": f"{model['value']:.1f}"}
        said.append(_("Those we reached had %(plain)s points at the end. By the model it is %(model)s.") % both)
    for worst in one["deltas"][-1:]:
        asked = {"delta": f"{worst['delta']:.0f}", "x": f"{worst['value']:+.1f}"}
        said.append(
            _("Had those we missed fared %(delta)s points worse than thought, the change would be %(x)s.") % asked
        )
    said.append(_("Some would have felt better anyway."))
    return said


def along(one: Found) -> list[str]:
    if one["state"] != "found":
        return nothing(one)
    value, low, high = one["slope"]
    facts = {"x": f"{abs(value):.1f}", "low": f"{low:.1f}", "high": f"{high:.1f}"}
    if not one["beyond_chance"]:
        return [
            _("From the first group to the last, no clear difference is seen (%(low)s to %(high)s of ten).") % facts
        ]
    more = _("From the first group to the last it is %(x)s of ten more (%(low)s to %(high)s).")
    fewer = _("From the first group to the last it is %(x)s of ten fewer (%(low)s to %(high)s).")
    c = dict(zip(("value", "low", "high"), (f"{x:.2f}" for x in one["concentration"]), strict=True))
    return [(more if value > 0 else fewer) % facts, _("Concentration index: %(value)s (%(low)s to %(high)s).") % c]


def area_words(one: Found) -> list[str]:
    if one["state"] != "found":
        return nothing(one)
    said = [_("%(mean)s of ten over all places together.") % {"mean": f"{one['mean']:.1f}"}]
    said.append(
        _("Places differ by more than chance. Small ones are drawn towards the whole.")
        if one["beyond_chance"]
        else _("Places differ no more than chance would give.")
    )
    return [*said, _("They stand by name. This is no ranking.")]
