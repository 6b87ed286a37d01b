"""A file takes its reader over. What it can reach then: its own folder and the libraries."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from analytics.uploads.limits import Limits
from tests.uploads import files

Attack = Callable[..., str]
ROOT = Path(__file__).parents[2]
DENIED = "PermissionError"


def test_code_of_a_file_does_run_in_these_tests(attack: Attack) -> None:
    assert attack("result = 6 * 7") == "42"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/self/maps", "/proc/1/environ",
        "/proc/{worker}/environ", "/proc/{worker}/mem", "/proc/{worker}/fd/0", "/sys/kernel/notes",
        "/dev/mem", "/dev/kmsg", "/dev/tty", "{root}/manage.py", "{root}/clcplus/settings.py",
        "{secret}", "/usr/bin/env",
    ],
)  # fmt: skip
def test_a_file_of_the_server_is_read(attack: Attack, tmp_path: Path, path: str) -> None:
    secret = tmp_path / "secret-key"
    secret.write_text("secret")
    path = path.format(worker=os.getpid(), root=ROOT, secret=secret)
    # Those that are not there cannot be read either.
    assert attack(f"result = open({path!r}, 'rb').read(64)") in {DENIED, "FileNotFoundError"}


def test_a_file_of_another_reader_is_read(attack: Attack) -> None:
    with tempfile.TemporaryDirectory(prefix="upload-") as other:
        Path(other, "upload").write_text("another's zones")
        assert attack(f"result = open({f'{other}/upload'!r}).read()") == DENIED


@pytest.mark.parametrize("folder", ["/", "/etc", "/proc", "/tmp", "..", "/home", "/root", "{root}"])
def test_a_folder_of_the_server_is_listed(attack: Attack, folder: str) -> None:
    assert attack(f"import os; result = os.listdir({folder.format(root=ROOT)!r})") == DENIED


@pytest.mark.parametrize(
    "code",
    [
        "open(outside + '/new', 'w').write('x')",
        "open(victim, 'a').write('x')",
        "os.truncate(victim, 0)",
        "os.unlink(victim)",
        "os.rename(victim, 'here')",
        "os.link(victim, 'here')",
        "os.rename('upload', outside + '/upload')",
        "os.symlink(victim, 'link')",
        "os.mkdir(outside + '/folder')",
        "os.rmdir(outside)",
        "os.mkfifo('pipe')",
        "os.mknod('device', 0o020600, os.makedev(1, 1))",
        "os.chmod(victim, 0o777)",
        "os.chown(victim, 12345, 12345)",
        "os.utime(victim, (0, 0))",
        "os.setxattr(victim, 'user.a', b'x')",
        "os.chroot('.')",
    ],
)
def test_a_file_outside_is_changed(attack: Attack, tmp_path: Path, code: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    victim = outside / "victim"
    victim.write_text("whole")
    before = victim.stat()
    names = f"import os; outside, victim = {str(outside)!r}, {str(victim)!r}\n"
    assert attack(f"{names}result = {code}") == DENIED
    after = victim.stat()
    assert victim.read_text() == "whole"
    assert (after.st_mode, after.st_uid, after.st_mtime) == (
        before.st_mode, before.st_uid, before.st_mtime,
    )  # fmt: skip
    assert [path.name for path in outside.iterdir()] == ["victim"]


def test_a_link_in_the_place_of_the_answer(attack: Attack, tmp_path: Path) -> None:
    """What writes the answer would follow it, and write over the file."""
    victim = tmp_path / "victim"
    victim.write_text("whole")
    assert attack(f"import os; os.symlink({str(victim)!r}, 'result.json')") == DENIED
    assert victim.read_text() == "whole"


SOCKETS = """
    import ctypes, os
    c = ctypes.CDLL(None, use_errno=True)  # past Python's own fence
    made = c.socket({family}, {kind}, 0)
    result = made if made >= 0 else os.strerror(ctypes.get_errno())
"""


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET6, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_STREAM),
        (socket.AF_UNIX, socket.SOCK_DGRAM), (socket.AF_NETLINK, socket.SOCK_RAW),
        (socket.AF_VSOCK, socket.SOCK_STREAM), (socket.AF_ALG, socket.SOCK_SEQPACKET),
        (socket.AF_PACKET, socket.SOCK_RAW),
    ],
)  # fmt: skip
def test_a_socket_is_made(attack: Attack, family: int, kind: int) -> None:
    said = attack(SOCKETS.format(family=int(family), kind=int(kind)))
    assert said == os.strerror(errno.EPERM)


def test_a_server_of_this_machine_is_called(attack: Attack) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        address = listening.getsockname()
        assert attack(f"import socket; socket.create_connection({address!r}, 2)") == DENIED
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("event", ["socket.connect", "subprocess.Popen", "os.system"])
def test_the_audit_hook_of_python_holds_too(attack: Attack, event: str) -> None:
    assert attack(f"import sys; sys.audit({event!r})") == DENIED


@pytest.mark.parametrize(
    "code",
    [
        "os.execv('/bin/true', ['true'])",
        "os.system('true')",
        "os.posix_spawn('/bin/true', ['true'], dict())",
        "subprocess.run(['true'])",
        "os.fork()",
        "os.forkpty()",
        "os.kill({worker}, 0)",
        "os.kill(os.getppid(), 0)",
        "signal.pidfd_send_signal(os.pidfd_open({worker}), 0)",
        "os.sched_setaffinity({worker}, {{0}})",
        "os.setpriority(os.PRIO_PROCESS, {worker}, 19)",
        "resource.prlimit({worker}, resource.RLIMIT_NOFILE)",
        "os.memfd_create('program')",
        "os.setuid(1)",
        "os.setsid()",
    ],
)
def test_another_process_is_started_or_touched(attack: Attack, code: str) -> None:
    code = code.format(worker=os.getpid())
    assert attack(f"import os, resource, signal, subprocess; result = {code}") == DENIED


CALLS = (
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "mount", "umount2", "pivot_root",
    "setns", "bpf", "perf_event_open", "io_uring_setup", "userfaultfd", "keyctl", "add_key",
    "request_key", "init_module", "kexec_load", "seccomp", "prctl", "connect", "sendto", "sendmsg",
    "bind", "shmget", "msgget", "semget", "mq_open", "inotify_init1", "fanotify_init",
    "open_by_handle_at", "name_to_handle_at", "quotactl", "reboot", "swapon", "execveat",
    "memfd_secret", "pidfd_getfd", "process_madvise", "move_pages",
)  # fmt: skip
"""With arguments that are wrong: where one of them were allowed, it would do nothing either."""


def test_other_calls_of_the_kernel(attack: Attack) -> None:
    import pyseccomp

    arch = pyseccomp.system_arch()
    known = {name: pyseccomp.resolve_syscall(arch, name) for name in CALLS}
    numbers = {name: number for name, number in known.items() if number >= 0}
    assert len(numbers) > 25
    said = attack(f"""
        import ctypes, errno
        c = ctypes.CDLL(None, use_errno=True)
        result = []
        for name, number in {numbers!r}.items():
            ended = c.syscall(number, -1, 1, 1, 1, 1, 1)
            if ended != -1 or ctypes.get_errno() != errno.EPERM:
                result.append((name, ended, ctypes.get_errno()))
    """)
    assert said == "[]"


def test_limits_are_raised_again(attack: Attack) -> None:
    """Root may raise limits, where nothing else keeps it from that."""
    said = attack("""
        import resource
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        except ValueError as error:  # Python's word for EPERM
            result = str(error), resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    """)
    assert said == f"('not allowed to raise maximum limit', {Limits().written_bytes})"


def test_secrets_in_the_environment(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "for-tests-only")
    said = attack("import os; result = sorted(os.environ)")
    assert not any(word in said for word in ("SECRET", "DATABASE", "REDIS", "PASSWORD"))


def test_what_the_reader_has_inherited(attack: Attack) -> None:
    """The socket and the pipes of the fork server: who holds them answers for other uploads."""
    said = attack("""
        import os, stat
        kinds = []
        for number in range(128):
            try:
                kinds.append(stat.S_IFMT(os.fstat(number).st_mode))
            except OSError:
                pass
        result = [kind for kind in kinds if kind in {stat.S_IFSOCK, stat.S_IFIFO, stat.S_IFDIR}]
    """)
    assert said == "[]"


def test_threads_of_libraries_still_run(attack: Attack) -> None:
    said = attack("""
        import threading
        seen = []
        thread = threading.Thread(target=lambda: seen.append(1))
        thread.start()
        thread.join()
        result = seen
    """)
    assert said == "[1]"


WITHOUT_LANDLOCK = """
    import errno, sys
    from pathlib import Path
    import pyseccomp
    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.{error}), {call})
    rules.load()
    from analytics.uploads.confinement import Sandbox, read_upload
    from analytics.uploads.records import Choice
    try:
        choice = Choice(crs="EPSG:3035")
        read = read_upload(Path(sys.argv[1]), choice=choice, confinement=Sandbox(sys.argv[2]))
        print(len(read.zones), "zone")
    except Exception as error:
        print(error.code, error)
"""


@pytest.mark.parametrize(
    ("call", "error", "confinement", "said"),
    [
        # A kernel that has no Landlock, or has it switched off.
        (444, "ENOSYS", "required", "no-sandbox The file: found a kernel without Landlock"),
        (444, "EOPNOTSUPP", "required", "no-sandbox The file: found a kernel without Landlock"),
        # A container whose own filter refuses what Landlock needs.
        (446, "EPERM", "required", "no-sandbox The file: found a kernel that refuses the sandbox"),
        # An operator who has said so, by name.
        (444, "ENOSYS", "where possible", "1 zone"),
    ],
)
def test_a_kernel_without_a_sandbox(
    tmp_path: Path, call: int, error: str, confinement: str, said: str
) -> None:
    path = tmp_path / "zones.geojson"
    path.write_bytes(files.geojson(files.feature(files.SQUARE)))
    code = dedent(WITHOUT_LANDLOCK).format(call=call, error=error)
    ended = subprocess.run(
        [sys.executable, "-c", code, path, confinement],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.startswith(said), ended.stderr
