"""Why files are refused."""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import DomainError


class UploadProblem(StrEnum):
    """What is the matter with a file that was, or was not, sent."""

    NOT_RECEIVED = "NOT_RECEIVED"
    NOT_AN_IMAGE = "NOT_AN_IMAGE"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"


_SENTENCES = {
    UploadProblem.NOT_RECEIVED: "The file was not sent yet.",
    UploadProblem.NOT_AN_IMAGE: "The file is no readable JPEG, PNG, WebP or GIF.",
    UploadProblem.TOO_MANY_PIXELS: "The picture has too many pixels.",
}


@dataclass(eq=False, kw_only=True)
class UnreadableUpload(DomainError):
    """The file can't be used for what it was meant for."""

    problem: UploadProblem

    @property
    def message(self) -> str:
        return _SENTENCES[self.problem]


@dataclass(eq=False, kw_only=True)
class TooManyUploads(DomainError):
    """The caller has this many files that were neither used nor have expired."""

    maximum: int

    @property
    def message(self) -> str:
        return f"At most {self.maximum} unused uploads at a time; use them or let them expire."
