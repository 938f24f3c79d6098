"""The walls that a unit of systemd builds, built without systemd: its seccomp filters, a read-only root, no capability.

systemd runs services only as process 1. What it would do to ours is done here by libseccomp and bubblewrap, so that a
filter which forbids what prober needs is found before an operator finds it.
"""

from __future__ import annotations

import ctypes
import os
import socket
import tempfile
from contextlib import ExitStack, contextmanager
from errno import EAFNOSUPPORT, ENOSYS, EPERM
from typing import TYPE_CHECKING

from tests.deploy.unit import system_calls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.deploy.unit import Service

__all__ = ["walled"]

_ALLOW = 0x7FFF0000
_EQUAL, _MASKED_EQUAL = 4, 7
_PROT_WRITE, _PROT_EXEC = 2, 4
_LAST_FAMILY = 46
_NAMESPACES = {
    "mnt": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}


class _Compare(ctypes.Structure):
    """``struct scmp_arg_cmp``."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


_seccomp = ctypes.CDLL("libseccomp.so.2")
_seccomp.seccomp_init.restype = ctypes.c_void_p


class _Filter:
    """A filter of system calls in the making."""

    def __init__(self, default: int) -> None:
        self._context = ctypes.c_void_p(_seccomp.seccomp_init(ctypes.c_uint32(default)))

    def rule(self, action: int, name: str, *compared: tuple[int, int, int, int]) -> None:
        """What is done with this system call where all the arguments compare so. One this machine lacks is left out."""
        number = _seccomp.seccomp_syscall_resolve_name(name.encode())
        arguments = (_Compare * len(compared))(*(_Compare(*each) for each in compared))
        if number >= 0:
            done = _seccomp.seccomp_rule_add_array(
                self._context, ctypes.c_uint32(action), number, len(compared), arguments
            )
            assert done == 0, (name, os.strerror(-done))

    def written(self, folder: Path) -> int:
        """A file descriptor with the program, as bubblewrap reads it."""
        fd, _ = tempfile.mkstemp(dir=folder)
        assert _seccomp.seccomp_export_bpf(self._context, fd) == 0
        os.lseek(fd, 0, os.SEEK_SET)
        return fd


def _errno(number: int) -> int:
    return 0x00050000 | number


def _calls(unit: Service) -> _Filter:
    """``SystemCallFilter``. bubblewrap's own exec comes after it is loaded."""
    made = _Filter(_errno(EPERM))
    for name in sorted(system_calls(unit)):
        made.rule(_ALLOW, name)
    return made


def _rest(unit: Service) -> _Filter:
    """``RestrictAddressFamilies``, ``MemoryDenyWriteExecute`` and ``RestrictNamespaces``."""
    made = _Filter(_ALLOW)
    families = {getattr(socket, name) for value in unit["RestrictAddressFamilies"] for name in value.split()}
    for family in set(range(_LAST_FAMILY)) - families:
        made.rule(_errno(EAFNOSUPPORT), "socket", (0, _EQUAL, family, 0))
    if unit["MemoryDenyWriteExecute"][-1] == "yes":
        both = _PROT_WRITE | _PROT_EXEC
        made.rule(_errno(EPERM), "mmap", (2, _MASKED_EQUAL, both, both))
        made.rule(_errno(EPERM), "mprotect", (2, _MASKED_EQUAL, _PROT_EXEC, _PROT_EXEC))
        made.rule(_errno(EPERM), "pkey_mprotect", (2, _MASKED_EQUAL, _PROT_EXEC, _PROT_EXEC))
    allowed = unit["RestrictNamespaces"][-1].split()
    for flag in (flag for name, flag in _NAMESPACES.items() if name not in allowed):
        made.rule(_errno(EPERM), "clone", (0, _MASKED_EQUAL, flag, flag))
        made.rule(_errno(EPERM), "unshare", (0, _MASKED_EQUAL, flag, flag))
    made.rule(_errno(ENOSYS), "clone3")
    return made


@contextmanager
def walled(unit: Service, folder: Path) -> Iterator[tuple[list[str], list[int]]]:
    """What to put in front of a command, and the file descriptors to hand on. Only ``folder`` is writable."""
    with ExitStack() as stack:
        fds = [each(unit).written(folder) for each in (_calls, _rest)]
        for fd in fds:
            stack.callback(os.close, fd)
        filters = [word for fd in fds for word in ("--add-seccomp-fd", str(fd))]
        files = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--setenv", "TMPDIR", str(folder)]
        nobody = ["--unshare-user", "--uid", "61234", "--gid", "61234", "--cap-drop", "ALL", "--new-session"]
        kept = ["--bind", str(folder), str(folder), "--chdir", str(folder), "--die-with-parent"]
        yield ["bwrap", *files, *nobody, *kept, *filters], fds
