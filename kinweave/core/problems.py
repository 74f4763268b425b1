"""Something a person can put right: a code, a sentence and a remedy, never a name or an answer."""

from __future__ import annotations

from typing import ClassVar


class Problem(Exception):
    """Base of every error a user may see.

    Subclasses set `status` (HTTP), `code` (stable, kebab-case), `says` (what happened) and `remedy`
    (what to do next). Facts fill the braces of both; they must be codes, counts or limits, so that no
    name and no answer can reach a page, a log or a file.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "problem"
    says: ClassVar[str] = "Something went wrong."
    holds: ClassVar[bool] = True  # a fact sent with nobody there to mend it is kept in quarantine
    remedy: ClassVar[str] = "Try again. If it happens again, tell the person who looks after this site."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(f"{self.sentence} {self.what_to_do}")

    @property
    def sentence(self) -> str:
        return self.says.format(**self.facts)

    @property
    def what_to_do(self) -> str:
        return self.remedy.format(**self.facts)

    def as_dict(self) -> dict[str, object]:
        """The one JSON shape of every error: code, says, remedy, facts."""
        facts = {k: v if isinstance(v, (int, float, bool)) else str(v) for k, v in self.facts.items()}
        return {"code": self.code, "says": self.sentence, "remedy": self.what_to_do, "facts": facts}
