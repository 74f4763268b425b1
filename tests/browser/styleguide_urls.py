"""The site's addresses with the styleguide among them, whatever the process had loaded before."""

from django.urls import include, path

from kinweave.config import urls

urlpatterns = [
    *[one for one in urls.urlpatterns if not str(one.pattern).startswith("styleguide")],
    path("styleguide/", include("kinweave.front.styleguide.urls")),
]
