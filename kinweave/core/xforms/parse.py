"""XML from strangers, within bounds: no document type, no entities, nothing from elsewhere, not too much, not too deep.

Expat reads each byte once, so the bound on size is a bound on time; the bounds on depth, elements and attributes
keep what is built of it small. What comes out is names and texts: comments and instructions are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from xml.parsers import expat

from kinweave.core.problems import Problem

MOST_BYTES = 2_000_000
DEEPEST = 40
MOST_ELEMENTS = 20_000
MOST_ATTRIBUTES = 40


class XmlRefused(Problem):
    """What was sent cannot be read. Facts: reason, a fixed phrase; never a part of what was sent."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "form-unreadable"
    says: ClassVar[str] = "This form could not be read: {reason}. Nothing was stored."
    remedy: ClassVar[str] = "Send it again. If that does not help, show the phone to your supervisor."


class XmlTooLarge(Problem):
    """Facts: most, in bytes."""

    status: ClassVar[int] = 413
    code: ClassVar[str] = "form-too-large"
    says: ClassVar[str] = "The form itself is longer than {most} bytes. Nothing was stored."
    remedy: ClassVar[str] = "Ask who made this form to make it shorter."


@dataclass(slots=True)
class Element:
    """One element: its local name, its namespace, its attributes by local name, its children, its text."""

    name: str
    space: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> Element | None:
        return next((one for one in self.children if one.name == name), None)


def read_xml(raw: bytes, most: int = MOST_BYTES) -> Element:
    """The root element of a document of at most `most` bytes. Raises XmlRefused, XmlTooLarge."""
    if len(raw) > most:
        raise XmlTooLarge(most=most)
    builder = _Builder()
    try:
        builder.parser.Parse(raw, True)
    except expat.ExpatError:
        raise XmlRefused(reason="it is not well-formed XML") from None
    except (UnicodeError, ValueError, LookupError):
        raise XmlRefused(reason="its letters are written in a way that is not known") from None
    if builder.root is None:
        raise XmlRefused(reason="it is empty")
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.texts: list[list[str]] = []
        self.count = 0
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.say
        parser.StartDoctypeDeclHandler = self.refuse
        parser.EntityDeclHandler = self.refuse
        parser.ExternalEntityRefHandler = self.refuse
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(self, *_: Any) -> int:
        raise XmlRefused(reason="it declares a document type, which no form needs")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise XmlRefused(reason="it has too many parts")
        if len(self.open) >= DEEPEST:
            raise XmlRefused(reason="its parts lie too deep in one another")
        if len(attributes) > MOST_ATTRIBUTES:
            raise XmlRefused(reason="one of its parts has too many attributes")
        space, _, local = name.rpartition(" ")
        made = Element(local, space, {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        if self.open:
            self.open[-1].children.append(made)
        else:
            self.root = made
        self.open.append(made)
        self.texts.append([])

    def say(self, text: str) -> None:
        if self.texts:
            self.texts[-1].append(text)

    def end(self, name: str) -> None:
        done = self.open.pop()
        done.text = "".join(self.texts.pop())
