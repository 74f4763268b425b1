"""Addresses of imports. No address holds a name; a file's own name stays inside its upload."""

from __future__ import annotations

from kinweave.front.desk import pages_import as pages
from kinweave.front.routes import route

urlpatterns = [
    route("import/", pages.import_home, permission="import.people", name="import", methods=("GET",)),
    route("import/new/<str:kind>/", pages.import_new, permission="import.people", name="import-new"),
    route("import/<uuid:upload_id>/", pages.import_job, permission="import.people", name="import-job"),
    route(
        "import/<uuid:upload_id>/aside/", pages.import_aside, permission="import.people", name="import-aside",
        methods=("GET",),
    ),
    route("import/<uuid:import_id>/undo/", pages.import_undo, permission="import.people", name="import-undo"),
]  # fmt: skip
