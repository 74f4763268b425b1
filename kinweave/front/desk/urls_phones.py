"""Addresses of the pages about phones, and of what phones leave to decide."""

from __future__ import annotations

from kinweave.front.desk import pages_phones as phones
from kinweave.front.desk.pages_versions import two_versions
from kinweave.front.routes import SIGNED_IN, route

urlpatterns = [
    route("phones/", phones.phones, permission="due.own", name="phones", methods=("GET",)),
    route("phones/<uuid:device_id>/end/", phones.phone_end, permission=SIGNED_IN, name="phone-end"),
    route(
        "phones/<uuid:device_id>/code/", phones.phone_code, permission="accounts.recover", name="phone-code",
        methods=("POST",),
    ),
    route("people/versions/<uuid:ref_id>/", two_versions, permission="care.act", name="two-versions"),
]  # fmt: skip
