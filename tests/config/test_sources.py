"""Files are read once, and a change of one is seen, whatever its times say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prober.config.glances import Content, Glances, Watched, read
from prober.config.sources import Sources, Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR_NS = 3600 * 10**9


def _age(path: Path) -> None:
    """Make the file look as if it had not been touched for an hour."""
    old = path.stat().st_mtime_ns - HOUR_NS
    os.utime(path, ns=(old, old))


def _rewritten(path: Path) -> None:
    path.write_text("two")


def _rewritten_with_the_same_times(path: Path) -> None:
    status = path.stat()
    path.write_text("two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("two")
    other.replace(path)


def _removed(path: Path) -> None:
    path.unlink()


CHANGES = [_rewritten, _rewritten_with_the_same_times, _replaced, _removed]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
@pytest.mark.parametrize("looked_before", [False, True], ids=["at first sight", "looked at before"])
def test_every_change_is_seen(change: Callable[[Path], None], looked_before: bool, tmp_path: Path) -> None:
    """Of a young file by its content, of an old one by size, times and identity; and it is seen only once."""
    path = tmp_path / "file"
    path.write_text("one")
    _age(path)
    seen = Watched(contents={path: Content(b"one")}, listings={})
    glances = Glances()
    if looked_before:
        assert glances.at(seen) == seen
    change(path)
    now = glances.at(seen)
    assert now != seen
    assert glances.at(now) == now


def test_a_touch_is_no_change(tmp_path: Path) -> None:
    """What counts is what a file holds."""
    path = tmp_path / "file"
    path.write_text("one")
    seen = Watched(contents={path: Content(b"one")}, listings={})
    glances = Glances()
    assert glances.at(seen) == seen
    path.touch()
    os.utime(path, ns=(1, 1))
    _replaced(path)
    path.write_text("one")
    assert glances.at(seen) == seen


def test_a_file_is_read_again_only_if_it_may_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks a second at many files of secrets read none of them; of one that is not watched nothing is kept."""
    path = tmp_path / "file"
    path.write_text("one")
    reads: list[Path] = []

    def counted(path: Path) -> Content:
        reads.append(path)
        return read(path)

    monkeypatch.setattr("prober.config.glances.read", counted)
    monkeypatch.setattr("prober.config.glances._SETTLED_NS", -1)  # no test waits until a file is old
    seen = Watched(contents={path: Content(b"one")}, listings={})
    glances = Glances()
    assert [glances.at(seen) for _ in range(3)] == [seen] * 3
    assert len(reads) == 1
    path.write_text("longer")
    assert glances.at(seen).contents == {path: Content(b"longer")}
    assert len(reads) == 2
    glances.at(Watched(contents={}, listings={}))
    glances.at(seen)
    assert len(reads) == 3


def test_what_cannot_be_read_stays_what_it_is(tmp_path: Path) -> None:
    """A missing file is missing, whatever the reason; a pipe is never read again; a path that is none is no error."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    gone, folder, none = tmp_path / "gone", tmp_path / "folder", tmp_path / "a\0b"
    folder.mkdir()
    nothing = Content(None, "for some reason")
    seen = Watched(contents={pipe: Content(b"said"), gone: nothing, folder: nothing, none: nothing}, listings={})
    assert Glances().at(seen) == seen


def test_a_pipe_that_nobody_writes_is_empty(tmp_path: Path) -> None:
    """As `-c <(...)` at a reload; at the start, what is written to it is what it holds."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert read(pipe) == Content(b"")
    reader, side = os.pipe()
    with os.fdopen(side, "w") as file:
        file.write("version: 1")
    assert read(Path(f"/dev/fd/{reader}")) == Content(b"version: 1")
    assert read(Path(f"/dev/fd/{reader}")) == Content(b"")
    os.close(reader)


def test_a_swap_of_a_link_is_seen(tmp_path: Path) -> None:
    """A volume of Kubernetes: the file is a link into ..data, which is a link that is swapped."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(name)
        _age(tmp_path / name / "token")
    (tmp_path / "..data").symlink_to("first")
    (tmp_path / "token").symlink_to("..data/token")
    sources = Sources()
    assert sources.secret(tmp_path / "token") == "first"
    glances = Glances()
    assert glances.at(sources.secrets_seen()) == sources.secrets_seen()
    (tmp_path / "..new").symlink_to("second")
    (tmp_path / "..new").replace(tmp_path / "..data")
    assert glances.at(sources.secrets_seen()) != sources.secrets_seen()
    assert sources.secret(tmp_path / "token") == "first"
    assert sources.with_fresh_secrets().secret(tmp_path / "token") == "second"


def test_a_file_that_begins_to_match_is_seen(tmp_path: Path) -> None:
    """Patterns of `include` are watched as well as what they matched."""
    sources = Sources()
    assert sources.names("*.yaml", tmp_path) == ()
    glances = Glances()
    assert glances.at(sources.documents_seen()) == sources.documents_seen()
    (tmp_path / "a.yaml").touch()
    assert glances.at(sources.documents_seen()) != sources.documents_seen()
    assert sources.names("*.yaml", tmp_path) == ()


def test_fresh_secrets_leave_the_documents_alone(tmp_path: Path) -> None:
    """Nobody asked for the file that is being edited."""
    document, secret = tmp_path / "probes.yaml", tmp_path / "secret"
    document.write_text("one")
    secret.write_text("first\n")
    sources = Sources()
    sources.document(document)
    sources.secret(secret)
    document.write_text("two")
    secret.write_text("second\n")
    fresh = sources.with_fresh_secrets()
    assert fresh.document(document) == Content(b"one")
    assert fresh.secret(secret) == "second"
    assert fresh.kept == ()


@pytest.mark.parametrize("wrong", [b"", b"\n", b"\xff", b"x" * 65_537, None])
def test_a_secret_that_is_being_replaced_goes_on(wrong: bytes | None, tmp_path: Path) -> None:
    """Its file is empty, no text, too long or gone; that is said, also of the next time, until there is one again."""
    secret = tmp_path / "secret"
    secret.write_text("first")
    sources = Sources()
    sources.secret(secret)
    secret.unlink()
    if wrong is not None:
        secret.write_bytes(wrong)
    with pytest.raises(Unusable):
        Sources().secret(secret)
    for _ in range(2):
        sources = sources.with_fresh_secrets()
        assert sources.secret(secret) == "first"
        assert sources.kept == (secret,)
    secret.write_text("second")
    sources = sources.with_fresh_secrets()
    assert (sources.secret(secret), sources.kept) == ("second", ())
