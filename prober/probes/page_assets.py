"""The assets of a page in one run: loaded in time, measured by their kinds, judged together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.errors import ErrorClass, ProbeFailure
from prober.probes.asset_verdict import failure_among
from prober.probes.loader import Loader
from prober.probes.page_counts import PageCounts
from prober.probes.reference import is_same_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prober.probes.asset import Asset
    from prober.probes.loader import Visit

__all__ = ["load_assets"]

_TO_TELL = 0.05  # of the time that is left is kept back, to say at the end what was not done
_TO_TELL_SECONDS = 0.25  # at most
_LATE = ProbeFailure(ErrorClass.RESPONSE_TIMEOUT, "not done in time", detail="total")


async def load_assets(assets: Sequence[Asset], visit: Visit, *, allowed: int) -> None:
    """Load the assets as the phase ``assets``. Raises ProbeFailure if more of them failed than allowed.

    What is not done when the run's time is nearly over has failed: the run itself ends in time, and names it.
    """
    run = visit.run
    loader = Loader(visit)
    seconds = run.remaining_ns() / 1e9
    if assets:
        with run.phase("assets"):
            await loader.load(assets, seconds=seconds - min(seconds * _TO_TELL, _TO_TELL_SECONDS))
    run.measures["load_seconds"] = (run.clock.monotonic_ns() - run.started_ns) / 1e9
    failures = dict(_failures(loader))
    _note(loader, visit)
    of = f"{len(loader.results)} assets"
    failure = failure_among(failures, of=of, allowed=allowed, page=visit.page, redactor=run.redactor)
    if failure is not None:
        raise failure


def _failures(loader: Loader) -> Iterator[tuple[Asset, ProbeFailure]]:
    for asset, seen in loader.results.items():
        failure = _LATE if seen is None else seen.failure
        if failure is not None:
            yield asset, failure


def _note(loader: Loader, visit: Visit) -> None:
    counts, third_party = PageCounts(), 0
    size = visit.run.measures.get("bytes")
    counts.count("document", size if isinstance(size, int) else 0, broken=False)
    for asset, seen in loader.results.items():
        broken = seen is None or seen.failure is not None
        counts.count(asset.kind, 0 if seen is None else seen.wire_bytes, broken=broken)
        third_party += broken and not is_same_site(asset.url, visit.page)
    counts.note(visit.run)
    visit.run.measures["third_party_broken"] = third_party
    visit.run.measures["mixed_content"] = loader.mixed
    if loader.left_out:
        visit.run.measures["assets_left_out"] = loader.left_out
