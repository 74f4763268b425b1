"""What an XForm's expressions name, against what the form has: a path to a field that is not there is a fault.

Neither pyxform nor ODK Validate sees a calculation over a missing field when it is written as a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kinweave.core.xforms.parse import Element

XFORMS = "http://www.w3.org/2002/xforms"
EXPRESSIONS = ("calculate", "relevant", "constraint", "required", "readonly", "nodeset", "ref", "value", "repeatCount")
_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'")
_INSTANCE = re.compile(r"instance\(\s*(?:\"([^\"]*)\"|'([^']*)')\s*\)")
# A path from the root of the form; what follows a name, a bracket or a dot belongs to another path.
_ABSOLUTE = re.compile(r"(?<![\w\])./*'-])/((?:[^\W\d][\w.-]*:?[\w.-]*)(?:\s*/\s*[^\W\d][\w.:-]*)*)")
_RELATIVE = re.compile(r"(?<![\w/.])((?:\.\./)+)([^\W\d][\w.-]*(?:/[^\W\d][\w.-]*)*)")


@dataclass(frozen=True, slots=True)
class Model:
    """An XForm taken apart: `paths` of its fields (also groups), its secondary instances, its elements."""

    root: Element
    instance: Element
    paths: frozenset[str]
    others: frozenset[str]


def model_of(root: Element) -> Model | None:
    """The parts of an XForm; None where it has no model."""
    model = next((one for one in walk(root) if one.name == "model"), None)
    instances = [one for one in (model.children if model else []) if one.name == "instance"]
    if not instances or not instances[0].children:
        return None
    top = instances[0].children[0]
    others = frozenset(one.attributes.get("id", "") for one in instances[1:])
    return Model(root, top, frozenset(_paths(top, "")), others)


def walk(element: Element) -> Iterator[Element]:
    yield element
    for one in element.children:
        yield from walk(one)


def _paths(element: Element, before: str) -> Iterator[str]:
    here = f"{before}/{element.name}"
    yield here
    for one in element.children:
        yield from _paths(one, here)


def missing(model: Model) -> list[tuple[str, str]]:
    """(where an expression stands, the field or list it names that is not there), each once."""
    found: dict[tuple[str, str], None] = {}
    for element in walk(model.root):
        if element is model.instance:
            continue
        at = element.attributes.get("nodeset") or element.attributes.get("ref") or element.name
        for name in EXPRESSIONS:
            text = element.attributes.get(name, "")
            if text and not text.startswith("jr:"):
                for one in _named(text, at if at.startswith("/") else "", model):
                    found[at, one] = None
    return list(found)


def _named(text: str, at: str, model: Model) -> Iterator[str]:
    for double, single in _INSTANCE.findall(text):
        if (double or single) not in model.others and (double or single) != "__last-saved":
            yield f"instance({double or single})"
    bare = _TEXTS.sub("''", text)
    for path in _ABSOLUTE.findall(bare):
        full = "/" + "/".join(part.strip().rpartition(":")[2] for part in path.split("/"))
        if full not in model.paths:
            yield full
    if not at:
        return
    for up, rest in _RELATIVE.findall(bare):
        steps = at.strip("/").split("/")
        kept = steps[: len(steps) - up.count("../")]
        full = "/" + "/".join([*kept, rest])
        if kept and full not in model.paths:
            yield up + rest
