"""Stories that people tell of themselves. Their words are sealed; whether one may be shown says a consent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Story(models.Model):
    """One person's story as it stands now. `text`: sealed, with its salt, language and what it is about; `mark`: what
    a yes to exactly these words names (core.stories). Another text has another mark, and so no yes."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField()
    by_id = models.UUIDField(null=True)
    mark = models.CharField(max_length=64)
    text = models.BinaryField(null=True)
    told_back_at = models.DateTimeField(null=True)  # when they were shown where it stands

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-told_at"], name="story_person")]

    class Privacy:
        keep: ClassVar = {"id", "person", "told_at", "by_id", "mark", "told_back_at"}
        erase: ClassVar = {"text"}
        person: ClassVar = "person_id"
