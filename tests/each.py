"""One test of many things, where a test for each would cost more than what it looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["of_each"]

T = TypeVar("T")


def of_each(things: Mapping[str, T]) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Make a check of one thing a test of all of them, which fails with every miss and its name."""

    def made(check: Callable[[T], None]) -> Callable[[], None]:
        def test() -> None:
            assert things
            misses = [miss for name, thing in things.items() if (miss := _miss(check, name, thing))]
            if misses:
                raise ExceptionGroup(f"{len(misses)} of {len(things)}", misses)

        return test

    return made


def _miss(check: Callable[[T], None], name: str, thing: T) -> AssertionError | None:
    try:
        check(thing)
    except AssertionError as error:
        error.add_note(name)
        return error
    return None
