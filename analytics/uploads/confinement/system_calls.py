"""The system calls that a reader may make: all others fail, those of the network among them.

A list of what is allowed, by libseccomp: a call that a later kernel brings is refused unseen.
"""

from __future__ import annotations

import errno
import os
import signal

import pyseccomp

_FILES = (
    "read", "write", "readv", "writev", "pread64", "pwrite64", "open", "openat", "openat2", "close",
    "lseek", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getdents", "getdents64", "getcwd",
    "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir",
    "ftruncate", "fsync", "fdatasync", "fallocate", "fadvise64", "dup", "dup2", "dup3", "fcntl",
    "flock", "umask",
)  # fmt: skip
_MEMORY = ("brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "membarrier")
_ITSELF = (
    "exit", "exit_group", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid",
    "getrlimit", "getrusage", "times", "uname", "sysinfo", "getcpu", "sched_getaffinity",
    "sched_yield", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    "restart_syscall",
)  # fmt: skip
_THREADS = ("futex", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "eventfd2")
_TIME = (
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "poll", "ppoll", "select", "pselect6", "getrandom",
)  # fmt: skip

_CLONE_THREAD = 0x00010000
_TERMINAL_SIZES = (0x5401, 0x5413)
"""TCGETS and TIOCGWINSZ: whether a file is a terminal, which Python asks of all that it opens."""
_SET_NAME = 15
"""Of prctl: what threads are called."""


def possible() -> bool:
    """Whether the kernel takes filters of system calls, and this library knows how they look."""
    try:
        return bool(pyseccomp.get_api() > 0)
    except OSError:
        return False


def restrict() -> None:
    """Keep this process, for good, from all system calls but those listed. Raises OSError."""
    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ERRNO(errno.EPERM))
    for name in (*_FILES, *_MEMORY, *_ITSELF, *_THREADS, *_TIME):
        _allow(rules, name)
    for request in _TERMINAL_SIZES:
        _allow(rules, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, request))
    _allow(rules, "prctl", pyseccomp.Arg(0, pyseccomp.EQ, _SET_NAME))
    # Its own limits may be asked for, and not set: root could raise them.
    _allow(rules, "prlimit64", pyseccomp.Arg(0, pyseccomp.EQ, 0), pyseccomp.Arg(2, pyseccomp.EQ, 0))
    # abort() signals itself; nobody else.
    own = pyseccomp.Arg(0, pyseccomp.EQ, os.getpid())
    _allow(rules, "tgkill", own)
    _allow(rules, "kill", own, pyseccomp.Arg(1, pyseccomp.EQ, signal.SIGABRT))
    # Threads, but no process. Its flags lie in memory with clone3, where no filter sees them: the C
    # library falls back to clone where the kernel seems not to have it.
    _allow(rules, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()


def _allow(rules: pyseccomp.SyscallFilter, name: str, *arguments: pyseccomp.Arg) -> None:
    try:
        number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
    except (OSError, ValueError):
        return  # a name that this version of the library does not know
    if number >= 0:  # else a call that this architecture does not have
        rules.add_rule(pyseccomp.ALLOW, name, *arguments)
