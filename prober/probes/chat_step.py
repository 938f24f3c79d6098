"""A question to a model as one step of a journey: the settings of a chat probe, with placeholders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from prober.http.settings import HttpUrl
from prober.model.probe import Common
from prober.model.secret import Secret
from prober.model.setting import refuse, setting
from prober.model.template import fill, variables
from prober.probes.bearer import Auth
from prober.probes.chat import KIND, ChatProbe, ask
from prober.probes.texts import deeply_filled, texts_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prober.http.cookies import Jar
    from prober.model.run import Run
    from prober.model.spending import Spending

__all__ = ["ChatStep", "UrlTemplate"]

_NONCE = "nonce"


class UrlTemplate(HttpUrl):
    """An absolute URL, or one that begins with a placeholder."""

    __slots__ = ()
    takes_variables = True

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The URL as it was written. Raises SettingErrors."""
        if isinstance(raw, str) and raw.lstrip().startswith("{{") and variables(raw):
            return cls(raw)
        return super().from_setting(raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatStep(ChatProbe):
    """The settings of the step ``chat``: those of ``kind: chat``, in which texts may hold ``{{variables}}``."""

    provider: str = setting(
        "Who is asked, with what the catalogue and `providers` know of it; the probe's own if nothing is said.",
        default="",
    )
    endpoint: UrlTemplate | None = setting("The API's base; from the catalogue.", default=None)
    auth: Auth | None = None  # no key here: a step before may fetch a token by `oauth2`

    def __post_init__(self) -> None:
        """Refuse what a chat probe refuses, but for the variables in the prompt."""
        refuse(mistake for mistake in self._mistakes() if mistake.path != ("prompt",))

    def mistakes(self) -> None:
        """Raise SettingErrors for what no run could use."""
        KIND.prepare(self, self._common())

    def asked(self) -> Mapping[str, str]:
        """What is known of the model, as labels: not its name where a variable holds it, which may be a secret."""
        if variables(self.model):
            return {}
        currency = self.spending().currency
        return {"model": self.model, **({} if currency is None else {"currency": currency})}

    def spending(self) -> Spending:
        """What the question costs at most, placeholders as they are written."""
        spending = KIND.spending(KIND.prepare(self, self._common()))
        assert spending is not None
        return spending

    def texts(self) -> Iterator[str]:
        """All texts in which placeholders may stand."""
        yield from (self.model, self.prompt)
        yield from texts_in((self.endpoint, self.api_key, self.headers, self.body))

    def reads(self) -> frozenset[str]:
        """The names of the variables that it uses."""
        names = {name for text in self.texts() for name in variables(text)}
        return frozenset(names | self.expect.variables())

    async def ask(self, run: Run, lookup: Callable[[str], str], *, jar: Jar) -> None:
        """Ask the question with the journey's variables, its nonce and its cookies. Raises like a chat probe."""
        expected = run.expected
        try:
            await ask(self._ready(lookup), run, nonce=lookup(_NONCE), jar=jar)
        finally:
            run.expected = expected

    def _ready(self, lookup: Callable[[str], str]) -> ChatProbe:
        """The settings with their placeholders filled, except for the nonce in the prompt: the answer must hold it."""

        def filled(text: str) -> str:
            return fill(text, lookup)

        def but_nonce(name: str) -> str:
            return "{{nonce}}" if name == _NONCE else lookup(name)

        given = replace(
            self,
            model=filled(self.model),
            prompt=fill(self.prompt, but_nonce),
            endpoint=None if self.endpoint is None else UrlTemplate.from_setting(filled(self.endpoint)),
            api_key=None if self.api_key is None else Secret(filled(self.api_key.reveal())),
            headers={filled(name): filled(value) for name, value in self.headers.items()},
            body={filled(name): deeply_filled(value, filled) for name, value in self.body.items()},
            expect=self.expect.bind(lookup),
        )
        return KIND.prepare(given, self._common())

    def _common(self) -> Common:
        return Common(name="chat", kind=KIND.name, provider=self.provider)
