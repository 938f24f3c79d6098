"""The one language in which a probe says what an answer must be, and what is kept of it."""

from prober.http.expect.charset import text_of
from prober.http.expect.check import Miss
from prober.http.expect.expectation import Checks, Expect
from prober.http.expect.extract import Extract, Extracted, Missing
from prober.http.expect.subject import Subject

__all__ = ["Checks", "Expect", "Extract", "Extracted", "Miss", "Missing", "Subject", "text_of"]
