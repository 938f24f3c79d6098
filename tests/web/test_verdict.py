"""The sentence on top of the status page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.model.errors import ErrorClass, Fault
from prober.sinks.state_rules import State
from prober.web.overview import ROWS_IN_ALL, Overview, overview
from prober.web.survey import survey
from prober.web.verdict import Verdict, verdict
from tests.sinks.makers import MINUTE, failed, ok, probe
from tests.web.world import World

if TYPE_CHECKING:
    from prober.model.probe import Probe

CHAT, PAGE = probe("chat"), probe("page", service="chatgpt")


def told(world: World) -> Verdict:
    """The verdict on a world."""
    return verdict(asyncio.run(survey(world.views())))


def play(world: World, one: Probe, sights: str) -> None:
    """Record runs of a probe, one a minute: G good, B bad, S slow, A with a refused key, L without our own network."""
    for sight in sights:
        at_ns = world.watch.forward(MINUTE)
        match sight:
            case "G" | "S":
                world.record(one, ok(one.name, at_ns=at_ns, slow=sight == "S"))
            case "B":
                world.record(one, failed(one.name, at_ns=at_ns))
            case "A":
                world.record(one, failed(one.name, ErrorClass.AUTH_REJECTED, at_ns=at_ns))
            case _:
                world.record(one, failed(one.name, ErrorClass.DNS_ERROR, fault=Fault.LOCAL, at_ns=at_ns))


def test_nothing_is_probed() -> None:
    """An empty configuration is told as such, and so is one in which every secret is missing."""
    assert told(World()) == Verdict(state=State.UNKNOWN, title="Nothing is probed")
    assert told(World((probe(disabled="KEY is not set"),))).title == "Every probe is disabled"


def test_waiting_for_the_first_runs() -> None:
    """Before the first run nothing is known, and nobody is to blame."""
    assert told(World((CHAT, PAGE))) == Verdict(state=State.UNKNOWN, title="Waiting for the first runs")


def test_all_works() -> None:
    """One sentence and no more."""
    world = World((CHAT, PAGE))
    play(world, CHAT, "G")
    play(world, PAGE, "G")
    assert told(world) == Verdict(state=State.UP, title="All services work")


def test_one_service_in_trouble_is_named() -> None:
    """The sentence names it, says how it is, and since when: the first failure."""
    world = World((CHAT, PAGE))
    play(world, PAGE, "G")
    play(world, CHAT, "GBB")
    assert told(world) == Verdict(state=State.DOWN, title="chat at openai: outage since 12:03 UTC")


def test_a_partial_outage_is_called_so() -> None:
    """One of two probes of the service is down."""
    world = World((CHAT, probe("chat-2")))
    play(world, probe("chat-2"), "G")
    play(world, CHAT, "BB")
    assert told(world).title == "chat at openai: partial outage since 12:02 UTC"


def test_slow_is_degraded() -> None:
    """A slow service works, and is named."""
    world = World((CHAT,))
    play(world, CHAT, "GS")
    assert told(world).title == "chat at openai: degraded since 12:02 UTC"


def test_several_in_trouble_are_listed_the_worst_first() -> None:
    """Each line leads to its service."""
    world = World((CHAT, PAGE, probe("fine", service="fine")))
    play(world, probe("fine", service="fine"), "G")
    play(world, CHAT, "GS")
    play(world, PAGE, "BB")
    assert told(world) == Verdict(
        state=State.DOWN,
        title="2 of 3 services are in trouble",
        lines=(
            ("chatgpt at openai: outage since 12:04 UTC", "#service-openai-chatgpt"),
            ("chat at openai: degraded since 12:03 UTC", "#service-openai-chat"),
        ),
    )


def test_many_in_trouble_are_counted() -> None:
    """The list ends somewhere."""
    probes = [probe(f"p{number}", service=f"s{number}") for number in range(20)]
    world = World(tuple(probes))
    for one in probes:
        play(world, one, "BB")
    assert len(told(world).lines) == 13
    assert told(world).lines[-1] == ("and 8 more", None)


def test_blind_probes_are_told_by_reason() -> None:
    """What works is said of what can be seen only."""
    others = [probe(f"other-{number}", service="other") for number in range(4)]
    world = World((CHAT, PAGE, *others))
    play(world, PAGE, "G")
    play(world, CHAT, "L")
    for one in others:
        play(world, one, "A")
    assert told(world) == Verdict(
        state=State.UP,
        title="All services that we can see work",
        lines=(
            ("1 probe is blind: our own network is down (chat)", None),
            ("4 probes are blind: our own key or password is refused (other-0, other-1, other-2 and 1 more)", None),
        ),
    )


def test_a_blind_prober_does_not_say_that_all_works() -> None:
    """Nor that anything is down."""
    world = World((CHAT,))
    play(world, CHAT, "GA")
    assert told(world).title == "We are blind: nothing is known of any service"
    assert told(world).state is State.UNKNOWN


def test_a_spent_budget_is_blindness() -> None:
    """The reason of the missing runs is told."""
    world = World((CHAT,))
    play(world, CHAT, "G")
    world.skip(CHAT, "budget")
    assert told(world).lines == (("1 probe is blind: its budget for today is spent (chat)", None),)


def test_a_failure_below_the_threshold_from_unknown_is_not_blindness() -> None:
    """One failure of theirs after a start is not known to be an outage, and not our fault."""
    world = World((CHAT,))
    play(world, CHAT, "B")
    assert told(world) == Verdict(state=State.UNKNOWN, title="Too few runs yet to tell")


def test_a_service_without_labels_has_a_name() -> None:
    """Provider and service may both be left out."""
    one = probe("x", provider="", service="")
    world = World((one,))
    play(world, one, "BB")
    assert told(world).title == "unnamed service: outage since 12:01 UTC"


def test_there_is_a_row_for_everything_that_needs_a_person() -> None:
    """With thousands of probes the calm ones are dots, and the page stays readable."""
    calm = [probe(f"calm-{number}", service="a") for number in range(400)]
    broken = [probe(f"broken-{number}", service=f"b{number % 3}") for number in range(ROWS_IN_ALL - 20)]
    world = World((*calm, *broken))
    for one in calm:
        play(world, one, "G")
    for one in broken:
        play(world, one, "BB")
    page = asyncio.run(_page(world))
    rows = [row.name for group in page.groups for card in group.cards for row in card.rows]
    dots = [seen.probe.name for group in page.groups for card in group.cards for seen in card.dots]
    assert {one.name for one in broken} <= set(rows)
    assert len(rows) == ROWS_IN_ALL - 20 + 10
    assert len(rows) + len(dots) == len(calm) + len(broken)


async def _page(world: World) -> Overview:
    return await overview(world.views(), await survey(world.views()))
