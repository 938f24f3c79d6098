"""One-time codes: the RFC's vectors, the seeds that sites show, each code once, and the second factor of a sign-in."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.config import ConfigErrors
from prober.model.clock import Clock
from prober.model.errors import ProbeFailure
from prober.model.memory import Memory
from prober.model.run import Run
from prober.probes.totp import UsedSteps, code_at, fresh_code, seed_of
from tests.probes.journeys import Lab, in_lab, steps_of, verdict_of

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.network import Network
    from prober.model.run import Result
    from prober.probes.totp import Algorithm

SECOND = 10**9
PERIOD = 30 * SECOND

KEYS = {"sha1": b"1234567890" * 2, "sha256": b"1234567890" * 4, "sha512": b"1234567890" * 7}
LENGTHS = {"sha1": 20, "sha256": 32, "sha512": 64}
VECTORS = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize(("at", "sha1", "sha256", "sha512"), VECTORS, ids=[str(row[0]) for row in VECTORS])
def test_the_vectors_of_rfc_6238(at: int, sha1: str, sha256: str, sha512: str) -> None:
    """Appendix B of the RFC, with its three hashes."""
    algorithms: tuple[Algorithm, ...] = ("sha1", "sha256", "sha512")
    codes = [code_at(KEYS[name][: LENGTHS[name]], at // 30, digits=8, algorithm=name) for name in algorithms]
    assert codes == [sha1, sha256, sha512]


SEEDS = {
    "as it is": "JBSWY3DPEHPK3PXP",
    "in groups and small letters": "jbsw y3dp ehpk 3pxp",
    "with hyphens": "JBSW-Y3DP-EHPK-3PXP",
    "with padding": "JBSWY3DPEHPK3PXP====",
}


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_seeds_as_sites_show_them(seed: str) -> None:
    """Eighty bits, as very many sites give out, however they are written."""
    assert seed_of(seed) == b"Hello!\xde\xad\xbe\xef"


@given(st.binary(min_size=1, max_size=64))
def test_every_seed_is_read_back(key: bytes) -> None:
    """Base32 without its padding gives the key again."""
    assert seed_of(base64.b32encode(key).decode().rstrip("=")) == key


@pytest.mark.parametrize("seed", ["", "1890", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", "ÄÖÜ"])
def test_what_is_no_seed(seed: str) -> None:
    """Anything else is refused, without showing it."""
    with pytest.raises(ValueError, match=r"seed|secret") as caught:
        seed_of(seed)
    assert not seed or seed not in str(caught.value)


class _Nowhere:
    """A network that nothing is asked of."""


def _run(memory: Memory, wall: list[int], *, timeout_ns: int = 60 * SECOND) -> Run:
    network: Network = _Nowhere()  # type: ignore[assignment]  # no code needs a network
    clock = Clock(wall_ns=lambda: wall[0], monotonic_ns=lambda: wall[0])
    return Run(clock=clock, network=network, timeout_ns=timeout_ns, memory=memory)


def _code(run: Run) -> str:
    return asyncio.run(fresh_code("JBSWY3DPEHPK3PXP", run, digits=6, period_ns=PERIOD, algorithm="sha1"))


def test_a_run_that_would_be_over_before_the_next_code_is_ours() -> None:
    """A second code within the same step is not had in time: that says nothing about the target."""
    memory, wall = Memory(), [100 * PERIOD]
    _code(_run(memory, wall))
    with pytest.raises(ProbeFailure, match="good once") as caught:
        _code(_run(memory, wall, timeout_ns=20 * SECOND))
    assert (caught.value.error_class, caught.value.detail) == ("prober_error", "deadline")


def test_the_next_step_has_another_code() -> None:
    """After the period the next code is there at once."""
    memory, wall = Memory(), [100 * PERIOD]
    first = _code(_run(memory, wall))
    wall[0] += PERIOD
    assert _code(_run(memory, wall)) != first


def test_memories_do_not_share() -> None:
    """What is used up is kept in the process's memory and nowhere else."""
    wall = [100 * PERIOD]
    assert _code(_run(Memory(), wall)) == _code(_run(Memory(), wall))


def test_the_step_waits() -> None:
    """Where the run has the time, the step waits for the next code: runs of one seed never send the same."""

    async def both() -> list[str]:
        run = Run(clock=Clock(), network=_Nowhere(), timeout_ns=60 * SECOND)  # type: ignore[arg-type]  # as above
        wanted = [
            fresh_code("JBSWY3DPEHPK3PXP", run, digits=8, period_ns=SECOND // 5, algorithm="sha1") for _ in range(3)
        ]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in wanted]
        return [task.result() for task in tasks]

    assert len(set(asyncio.run(both()))) == 3


def test_periods_do_not_count_for_each_other() -> None:
    """The same seed with another period has other steps: none of them is waited for."""
    used = UsedSteps()
    used.use(b"key", 1000, period_ns=PERIOD)
    assert used.next(b"key", period_ns=2 * PERIOD, earliest=500) == 500


@given(st.lists(st.integers(0, 50), max_size=30))
def test_steps_only_go_forward(times: list[int]) -> None:
    """However time seems to jump, no step is taken twice."""
    used, taken = UsedSteps(), list[int]()
    for earliest in times:
        step = used.next(b"key", period_ns=PERIOD, earliest=earliest)
        used.use(b"key", step, period_ns=PERIOD)
        taken.append(step)
    assert len(set(taken)) == len(taken)
    assert taken == sorted(taken)


SECOND_FACTOR = """
variables: {base: "${env:BASE}", user: "${env:CAREFUL}", password: "${env:CAREFUL_PASSWORD}", otp: "${env:OTP}"}
steps:
  - {name: page, get: "{{base}}/login"}
  - {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}}
  - {name: make, totp: "{{otp}}", as: code}
  - {name: second, role: submit, form: true, fields: {code: "{{code}}"}, when: {css: "input[name=code]"}}
  - {name: whoami, role: whoami, get: "{{base}}/api/me", expect: [{jsonpath: $.email, equals: "{{user}}"}]}
"""


def test_a_second_factor(tmp_path: Path) -> None:
    """Password, code, and we are who we are; the code and its seed are shown nowhere."""

    async def work(lab: Lab) -> Result:
        return await lab.run(SECOND_FACTOR)

    result = in_lab(tmp_path, work)
    assert result.failure is None
    assert steps_of(result) == ["page ok 200", "submit ok 200", "make ok None", "second ok 200", "whoami ok 200"]


def test_a_second_factor_that_is_refused(tmp_path: Path) -> None:
    """The code field again after a code was sent."""

    async def work(lab: Lab) -> Result:
        return await lab.run(SECOND_FACTOR)

    result = in_lab(tmp_path, work, faults={"login": [{"fault": "reject_code"}]})
    assert verdict_of(result) == ("auth_rejected", "mfa_rejected", "second")


def test_a_second_factor_that_nobody_gives(tmp_path: Path) -> None:
    """A sign-in without a code where one is wanted says so, at the submit."""
    without = "\n".join(line for line in SECOND_FACTOR.splitlines() if "make" not in line and "second" not in line)

    async def work(lab: Lab) -> Result:
        return await lab.run(without)

    assert verdict_of(in_lab(tmp_path, work)) == ("auth_rejected", "mfa_required", "submit")


def test_a_seed_of_another_account(tmp_path: Path) -> None:
    """A wrong code is refused by the simulator itself, without any fault."""

    async def work(lab: Lab) -> Result:
        return await lab.run(SECOND_FACTOR, OTP="GEZDGNBVGY3TQOJQ")

    assert verdict_of(in_lab(tmp_path, work)) == ("auth_rejected", "mfa_rejected", "second")


def test_two_runs_use_two_codes(tmp_path: Path) -> None:
    """The second run within a time-step does not send the first one's code, for which servers lock accounts."""

    async def work(lab: Lab) -> list[Result]:
        wall = Clock().wall_ns()
        start = wall - wall % PERIOD + SECOND  # the beginning of this step, so that none ends under us
        lab.clock = replace(lab.clock, wall_ns=lambda: start)
        return [await lab.run(SECOND_FACTOR), await lab.run(SECOND_FACTOR)]

    first, second = in_lab(tmp_path, work)
    assert first.failure is None
    assert verdict_of(second) == ("prober_error", "deadline", "make")
    assert second.outcome == "error"


WRONG = {
    "no name": ("{name: a, totp: JBSWY3DPEHPK3PXP}", "as: code"),
    "no seed": ("{name: a, totp: '18', as: code}", "base32"),
    "digits": ("{name: a, totp: JBSWY3DPEHPK3PXP, as: code, digits: 99}", "between 4 and 10"),
    "a code without a totp": ("{name: a, get: https://a.example/, as: code}", "goes with totp"),
    "something to expect": ("{name: a, totp: JBSWY3DPEHPK3PXP, as: code, expect: {status: 200}}", "goes with get"),
}


@pytest.mark.parametrize(("step", "said"), WRONG.values(), ids=WRONG)
def test_refused_steps(tmp_path: Path, step: str, said: str) -> None:
    """What no run could do is refused before there is one."""

    async def work(lab: Lab) -> None:
        lab.config(f"steps: [{step}]", kind="journey")

    with pytest.raises(ConfigErrors, match=said):
        in_lab(tmp_path, work)
