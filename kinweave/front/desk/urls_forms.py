"""Addresses of forms of one's own and of phones with ODK Collect."""

from __future__ import annotations

from kinweave.front.desk import pages_forms as pages
from kinweave.front.routes import route

urlpatterns = [
    route("forms/", pages.home, permission="forms.keep", name="forms", methods=("GET",)),
    route("forms/new/", pages.new, permission="forms.keep", name="form-new"),
    route("forms/phones/", pages.phones, permission="forms.phones", name="form-phones"),
    route("forms/<uuid:form_id>/", pages.one, permission="forms.keep", name="form"),
    route(
        "forms/<uuid:form_id>/answers/<str:kind>/", pages.answers, permission="forms.answers", name="form-answers",
        methods=("GET",),
    ),
]  # fmt: skip
