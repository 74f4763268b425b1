"""Addresses of the styleguide: its list, and one page per part."""

from django.urls import path

from kinweave.front.styleguide import pages

app_name = "styleguide"
urlpatterns = [
    path("", pages.index, name="index"),
    path("<slug:part>/", pages.part, name="part"),
]
