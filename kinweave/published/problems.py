"""What can stand in a release's way, each with what to do about it."""

from __future__ import annotations

from kinweave.core.problems import Problem


class ReleaseNotFound(Problem):
    status, code = 404, "release-not-found"
    says = "There is no such report here."
    remedy = "Go back to the list of reports."


class NotFromHere(Problem):
    status, code = 422, "release-not-from-here"
    says = "These numbers were not made by this site's own reckoning, or were changed afterwards."
    remedy = "Make a new draft on the page for reports."


class ReadingNeeded(Problem):
    status, code = 409, "reading-needed"
    says = "Nobody can sign before a meeting has read the numbers and said what may be wrong."
    remedy = "Hold the meeting, write down both, then sign."


class OneVoice(Problem):
    status, code = 409, "voice-signed"
    says = "The organisation of people who use services has signed already."
    remedy = "Wait for the other signatures. The report's page shows which are missing."


class NotWhatYouRead(Problem):
    status, code = 409, "release-changed"
    says = "This report was changed since you opened it."
    remedy = "Read it again, then sign."


class SecondPerson(Problem):
    status, code = 409, "second-person"
    says = "You have already signed. The second signature comes from someone else."
    remedy = "Ask a second person who may sign."


class WrongTime(Problem):
    status, code = 409, "release-wrong-time"
    says = "This cannot be done with a report that is {state}."
    remedy = "Look at the report's page to see what comes next."


class Overtaken(Problem):
    status, code = 409, "release-overtaken"
    says = "Another report was published since this draft was made. Together they could show too much."
    remedy = "Make this draft anew: it then fits the one that was published."


class NoteNeeded(Problem):
    status, code = 422, "note-needed"
    says = "A short reason is needed, from 10 to 500 letters. Everyone will be able to read it."
    remedy = "Write one or two sentences."


class TextTooLong(Problem):
    status, code = 422, "text-too-long"
    says = "The text is longer than 4,000 letters, or in a language this report does not have."
    remedy = "Make it shorter, or choose one of the report's languages."


class SumsTwice(Problem):
    status, code = 409, "sums-twice-given"
    says = "Sums of some of these people were given out meanwhile."
    remedy = "Ask again: the site knows what it may still give."
