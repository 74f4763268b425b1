"""A finished form as a client sends it (OpenRosa form submission): which form, which instance, which answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kinweave.core.xforms.parse import Element, XmlRefused, read_xml

MOST_ID = 200  # signs in a form's name, its version and an instance's id
Tree = Mapping[str, Any]  # name → text, a tree within, or a list of such where a name repeats


@dataclass(frozen=True, slots=True)
class Submission:
    """What came. `instance`: the sender's id of it; `replaces`: the id of the one that this is an edit of.

    `tree`: the answers as they are nested, without `meta`; never shown in a trace. `entity`: the id on the list of
    people of whom this follows up, where the form declares that (ODK Entities).
    """

    form: str
    version: str
    instance: str
    replaces: str
    tree: Tree
    entity: str = ""

    def __repr__(self) -> str:
        return f"Submission({self.form})"

    def flat(self) -> dict[str, str]:
        """The answers that do not repeat, by their own name behind the names of their groups: "group/name"."""
        return dict(leaves(self.tree))


def read_submission(raw: bytes) -> Submission:
    """Read it. Raises XmlRefused where it is not a form, names none, or has no instance id; XmlTooLarge."""
    root = read_xml(raw)
    form, version = root.attributes.get("id", "").strip(), root.attributes.get("version", "").strip()
    meta = root.child("meta")
    instance = _said(meta, "instanceID")
    if not form or len(form) > MOST_ID or len(version) > MOST_ID:
        raise XmlRefused(reason="it does not say which form it is")
    if not instance or len(instance) > MOST_ID:
        raise XmlRefused(reason="it has no instance id")
    replaces = _said(meta, "deprecatedID")
    if len(replaces) > MOST_ID:
        raise XmlRefused(reason="it has no instance id")
    return Submission(form, version, instance, replaces, _tree(root, top=True), _entity(meta))


def _entity(meta: Element | None) -> str:
    found = meta.child("entity") if meta is not None else None
    if found is None or found.attributes.get("dataset") != "people" or not found.attributes.get("update"):
        return ""
    return found.attributes.get("id", "")[:MOST_ID]


def _said(meta: Element | None, name: str) -> str:
    found = meta.child(name) if meta is not None else None
    return "" if found is None else found.text.strip()


def _tree(element: Element, top: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in element.children:
        if top and one.name == "meta":
            continue
        value = _tree(one) if one.children else one.text
        if one.name not in found:
            found[one.name] = value
        elif isinstance(found[one.name], list):
            found[one.name].append(value)
        else:
            found[one.name] = [found[one.name], value]
    return found


def leaves(tree: Tree, before: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of everything that stands once; what repeats is left out."""
    for name, value in tree.items():
        if isinstance(value, str):
            yield before + name, value
        elif isinstance(value, Mapping):
            yield from leaves(value, f"{before}{name}/")


def every(tree: Tree, before: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of everything, also of what repeats: a danger said twice is not left out."""
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield before + name, one
            else:
                yield from every(one, f"{before}{name}/")


def by_name(tree: Tree) -> dict[str, str]:
    """The same by the last name alone; the first of two that share it."""
    found: dict[str, str] = {}
    for path, text in leaves(tree):
        found.setdefault(path.rpartition("/")[2], text)
    return found
