"""Put typed values back into the form of a finished page.

Works on the page's own text, between the hidden field that marks the form and the end of that form, and
changes nothing else. What finds no field any more is shown above the form, so that it can be copied.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from django.http import QueryDict
from django.utils.translation import gettext as _

TICKED = {"checkbox", "radio"}
UNTOUCHED = {"hidden", "password", "file", "submit", "button", "image", "reset"}
Attributes = list[tuple[str, str | None]]


def refill(page: str, marker: str, typed: QueryDict) -> str:
    """The page with the form that holds the field `marker` filled in."""
    filler = Filler(marker, typed)
    filler.feed(page)
    filler.close()
    return filler.result()


class Filler(HTMLParser):
    """Copies the page through and rewrites the fields of one form."""

    def __init__(self, marker: str, typed: QueryDict) -> None:
        super().__init__(convert_charrefs=False)
        self.marker = marker
        self.left = {name: list(values) for name, values in typed.lists()}
        self.filled: set[str] = set()
        self.out: list[str] = []
        self.form_at: int | None = None  # where in `out` the current form begins
        self.top: int | None = None  # where the marked form begins
        self.inside = False
        self.select: str | None = None
        self.skipping = False  # inside a textarea whose old text is dropped

    # ---------------------------------------------------------------- copied as it is

    def raw(self, text: str) -> None:
        if not self.skipping:
            self.out.append(text)

    def handle_data(self, data: str) -> None:
        self.raw(data)

    def handle_entityref(self, name: str) -> None:
        self.raw(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.raw(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.raw(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.raw(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.raw(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.raw(f"<?{data}>")

    # ---------------------------------------------------------------------- the fields

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "form":
            self.form_at = len(self.out)
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name == self.marker and self.top is None:
            self.inside, self.top = True, self.form_at
        if not self.inside:
            self.out.append(self.get_starttag_text() or "")
        elif tag == "input":
            self.input(name, (given.get("type") or "text").lower(), attrs)
        elif tag == "textarea" and name in self.left:
            self.out.append(self.get_starttag_text() or "")
            self.out.append("\n" + escape(self.take(name)))
            self.skipping = True
        elif tag == "option" and self.select is not None:
            chosen = given.get("value") in self.left.get(self.select, [])
            self.out.append(rewritten(tag, attrs, "selected", chosen))
        else:
            if tag == "select":
                self.select = name if name in self.left else None
                self.filled.update({name} & self.left.keys())
            self.out.append(self.get_starttag_text() or "")

    def input(self, name: str, kind: str, attrs: Attributes) -> None:
        value = dict(attrs).get("value")
        if kind in UNTOUCHED or (name not in self.left and kind not in TICKED):
            if kind == "hidden":
                self.filled.add(name)
            self.out.append(self.get_starttag_text() or "")
        elif kind in TICKED:
            self.filled.add(name)
            ticked = (value if value is not None else "on") in self.left.get(name, [])
            self.out.append(rewritten("input", attrs, "checked", ticked))
        else:
            others = [(k, v) for k, v in attrs if k != "value"]
            self.out.append(start("input", [*others, ("value", self.take(name))]))

    def take(self, name: str) -> str:
        """The next typed value of this name (fields may repeat)."""
        self.filled.add(name)
        values = self.left[name]
        return values.pop(0) if len(values) > 1 else (values[0] if values else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.skipping = False
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False
        self.raw(f"</{tag}>")

    # ---------------------------------------------------------------------- what is over

    def result(self) -> str:
        """The page, with a notice before the form."""
        if self.top is None:
            return "".join(self.out)
        lost = [v for name, values in self.left.items() if name not in self.filled for v in values if v.strip()]
        said = _("You were signed out. Nothing you typed is lost: look it over, then save.")
        notice = f'<div class="card wash" role="status"><p><strong>{escape(said)}</strong></p>'
        if lost:
            also = escape(_("This was typed too, and has no field here any more:"))
            notice += f"<p>{also}</p><ul>" + "".join(f"<li>{escape(v)}</li>" for v in lost) + "</ul>"
        return "".join([*self.out[: self.top], notice + "</div>", *self.out[self.top :]])


def rewritten(tag: str, attrs: Attributes, flag: str, on: bool) -> str:
    """The tag with a flag such as `checked` set or taken away."""
    others = [(k, v) for k, v in attrs if k != flag]
    return start(tag, [*others, (flag, None)] if on else others)


def start(tag: str, attrs: Attributes) -> str:
    shown = "".join(f" {k}" if v is None else f' {k}="{escape(v)}"' for k, v in attrs)
    return f"<{tag}{shown}>"
