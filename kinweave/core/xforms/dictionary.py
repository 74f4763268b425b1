"""The data dictionary of an XForm: every question in order, its type, its label, its choices, whether it repeats."""

from __future__ import annotations

from typing import Any

from kinweave.core.xforms.nodes import Model, walk
from kinweave.core.xforms.parse import Element

MEDIA = "upload"
BODY = {"input", "select", "select1", "upload", "trigger", "range", "rank", "secret"}


def dictionary(model: Model) -> list[dict[str, Any]]:
    """[{path, kind, type, label, choices: {name: label}, repeats}]; `path` without the form's root."""
    top = f"/{model.instance.name}/"
    texts = _texts(model.root)
    types = {one.attributes["nodeset"]: one.attributes for one in walk(model.root)
             if one.name == "bind" and "nodeset" in one.attributes}  # fmt: skip
    controls = {one.attributes["ref"]: one for one in walk(model.root) if one.name in BODY and "ref" in one.attributes}
    repeats = [one.attributes["nodeset"] for one in walk(model.root)
               if one.name == "repeat" and "nodeset" in one.attributes]  # fmt: skip
    lists = _lists(model.root, texts)
    found: list[dict[str, Any]] = []
    for path in _leaves(model.instance, f"/{model.instance.name}"):
        if path.startswith(f"{top}meta/"):
            continue
        control, bind = controls.get(path), types.get(path, {})
        found.append({
            "path": path.removeprefix(top),
            "kind": control.name if control else "calculated" if "calculate" in bind else "hidden",
            "type": bind.get("type", "string"),
            "label": _label(control, texts),
            "choices": _choices(control, texts, lists),
            "repeats": any(path.startswith(f"{one}/") for one in repeats),
        })  # fmt: skip
    return [one for one in found if not (one["kind"] == "input" and types.get(top + one["path"], {}).get("readonly"))]


def _leaves(element: Element, here: str) -> list[str]:
    """Paths of fields without children, in the form's order, each once (a repeat has a template beside it)."""
    if not element.children:
        return [here]
    return list(dict.fromkeys(path for one in element.children for path in _leaves(one, f"{here}/{one.name}")))


def _texts(root: Element) -> dict[str, str]:
    """Text id → words, in the default language."""
    all_ = [one for one in walk(root) if one.name == "translation"]
    main = next((one for one in all_ if one.attributes.get("default")), all_[0] if all_ else None)
    found = {}
    for text in main.children if main else []:
        plain = next((value for value in text.children if "form" not in value.attributes), None)
        found[text.attributes.get("id", "")] = _said(plain) if plain else ""
    return found


def _said(element: Element) -> str:
    return " ".join(" ".join([element.text, *(one.text for one in element.children)]).split())


def _label(control: Element | None, texts: dict[str, str]) -> str:
    label = control.child("label") if control else None
    if label is None:
        return ""
    ref = label.attributes.get("ref", "")
    return texts.get(ref[len("jr:itext('") : -2], "") if ref.startswith("jr:itext('") else _said(label)


def _lists(root: Element, texts: dict[str, str]) -> dict[str, dict[str, str]]:
    """The lists of choices that stand in the form, by instance."""
    found: dict[str, dict[str, str]] = {}
    for instance in (one for one in walk(root) if one.name == "instance" and one.attributes.get("id")):
        choices = {}
        for item in (one for one in walk(instance) if one.name == "item"):
            parts = {one.name: one.text for one in item.children}
            choices[parts.get("name", "")] = parts.get("label") or texts.get(parts.get("itextId", ""), "")
        found[instance.attributes["id"]] = choices
    return found


def _choices(control: Element | None, texts: dict[str, str], lists: dict[str, dict[str, str]]) -> dict[str, str]:
    if control is None:
        return {}
    given = {}
    for item in (one for one in control.children if one.name == "item"):
        value = item.child("value")
        given[value.text if value else ""] = _label(item, texts)
    itemset = control.child("itemset")
    nodeset = itemset.attributes.get("nodeset", "") if itemset else ""
    return given or next((items for name, items in lists.items() if f"instance('{name}')" in nodeset), {})
