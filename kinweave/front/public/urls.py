"""Addresses that anyone may open. None holds a clinical word."""

from __future__ import annotations

from kinweave.front.public import pages
from kinweave.front.routes import PUBLIC, route

GET = ("GET",)

urlpatterns = [
    route("welcome/", pages.home, name="public-home", permission=PUBLIC, methods=GET),
    route("report/", pages.reports, name="reports", permission=PUBLIC, methods=GET),
    route("reports/", pages.old_address, name="reports-old", permission=PUBLIC, methods=GET),
    route("report/<slug:slug>/", pages.report, name="report", permission=PUBLIC, methods=GET),
    route("report/<slug:slug>/read.txt", pages.spoken, name="report-read", permission=PUBLIC, methods=GET),
    route("report/<slug:slug>/report.pdf", pages.as_pdf, name="report-pdf", permission=PUBLIC, methods=GET),
    route(
        "report/<slug:slug>/slide-<int:number>.svg", pages.as_slide, name="report-slide", permission=PUBLIC, methods=GET
    ),
    route("report/<slug:slug>/report.csv", pages.as_csv, name="report-csv", permission=PUBLIC, methods=GET),
    route("report/<slug:slug>/columns.csv", pages.columns, name="report-columns", permission=PUBLIC, methods=GET),
]
