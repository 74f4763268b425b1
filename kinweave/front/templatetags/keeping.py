"""`{% load keeping %}` and, first inside a form: `{% csrf_token %}{% keep_form %}` (see parking.py)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kinweave.front.parking import FIELD, mark

register = template.Library()


@register.simple_tag(takes_context=True)
def keep_form(context: Any, path: str = "") -> SafeString | str:
    """The hidden field that lets a form survive an ended session. `path`: where the form is sent, when that
    is not the page's own address (the page at that address must show the form)."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, mark(request.user.id, path or request.path))
