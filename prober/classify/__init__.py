"""Evidence into an error class, a detail and a sentence: exceptions, answers, events, finish reasons, sign-ins."""

from prober.classify.answer import Answer, answer, masked
from prober.classify.event import event
from prober.classify.exceptions import EVIDENCE, failure_of
from prober.classify.finish import Ending, blocked, finish
from prober.classify.login import LoginEvidence, login_verdict
from prober.classify.status import Audience
from prober.classify.verdict import Redact, Rule, Verdict

__all__ = [
    "EVIDENCE",
    "Answer",
    "Audience",
    "Ending",
    "LoginEvidence",
    "Redact",
    "Rule",
    "Verdict",
    "answer",
    "blocked",
    "event",
    "failure_of",
    "finish",
    "login_verdict",
    "masked",
]
