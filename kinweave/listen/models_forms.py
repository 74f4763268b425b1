"""Forms that a coordinator brought (XLSForm), their media, what was answered in them, and files sent with any form."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.house.models import Organisation


class Form(models.Model):
    """One version of a form. Versions are kept for ever: a phone may hold an old one for months.

    `about`: whom an answer is about: a "person", or "nobody" (a place, a meeting; it stands alone).
    `person_field` names the question that says who; `instrument` and `items` (item → question) lead answers to a
    score. `columns` is the data dictionary: [{path, kind, label, choices, repeats}], in the form's order.
    """

    id = models.UUIDField(primary_key=True)
    slug = models.CharField(max_length=80)
    version = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    xml = models.TextField()
    columns = models.JSONField(default=list)
    about = models.CharField(max_length=8, default="person")
    person_field = models.CharField(max_length=200, default="")
    instrument = models.CharField(max_length=40, default="")
    items = models.JSONField(default=dict)
    on = models.BooleanField(default=True)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["slug", "version"], name="form_versions")]

    class Privacy:
        keep: ClassVar = {
            "id", "slug", "version", "name", "organisation", "xml", "columns", "about", "person_field",
            "instrument", "items", "on", "by_id", "at",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class FormMedia(models.Model):
    """A file that a form shows or plays, as it was uploaded. Never about a person."""

    id = models.UUIDField(primary_key=True)
    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["form", "name"], name="form_media_names")]

    class Privacy:
        keep: ClassVar = {"id", "form", "name", "kind", "content"}
        erase: ClassVar[set[str]] = set()


class FormAnswer(models.Model):
    """What was answered in such a form, sealed whole: under the person's key, or a key of its own."""

    id = models.UUIDField(primary_key=True)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    slug = models.CharField(max_length=80)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.CASCADE, related_name="+")
    key_id = models.UUIDField()
    response_id = models.UUIDField(null=True)  # where its answers were scored
    taken_on = models.DateField()
    received_at = models.DateTimeField()
    by_id = models.UUIDField(null=True)
    answers = models.BinaryField(null=True)
    superseded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["slug", "received_at", "id"], name="form_answer_slug")]

    class Privacy:
        keep: ClassVar = {
            "id", "form", "slug", "person", "key_id", "response_id", "taken_on", "received_at", "by_id",
            "superseded_by",
        }  # fmt: skip
        erase: ClassVar = {"answers"}
        person: ClassVar = "person_id"


class FormFile(models.Model):
    """A photo, a recording or a signature that came with a form; its name and content sealed like the form."""

    id = models.UUIDField(primary_key=True)
    entry_id = models.UUIDField(db_index=True)  # the entry of the form it belongs to
    person = models.ForeignKey("people.Person", null=True, on_delete=models.CASCADE, related_name="+")
    key_id = models.UUIDField()
    kind = models.CharField(max_length=100, default="")
    size = models.IntegerField()
    name = models.BinaryField(null=True)
    content = models.BinaryField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "entry_id", "person", "key_id", "kind", "size"}
        erase: ClassVar = {"name", "content"}
        person: ClassVar = "person_id"
