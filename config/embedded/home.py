"""Where one pair of servers keeps its data, and as whom it runs.

Postgres refuses to run as root, and an unprivileged account cannot enter root's own folders. So as root the binaries
are copied once, and the data live, below /var/lib; as anybody else both stay where they are.
"""

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.embedded import binaries
from config.embedded.errors import EmbeddedError

ROOT_HOME = Path("/var/lib/shop-embedded")
ORIGIN = ".origin"
ACCOUNTS = ("nobody", "postgres", "daemon")


@dataclass(frozen=True)
class Home:
    """Data folder, binaries and account of one pair of servers."""

    data: Path
    postgres_bin: Path
    valkey_server: Path
    account: pwd.struct_passwd | None

    @classmethod
    def for_state(cls, state: Path) -> "Home":
        """Return the home that belongs to the state folder `state`, making what is missing."""
        state.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            return _home_of_an_unprivileged_account(state)
        data = state / "data"
        _make_private(data)
        return cls(
            data=data,
            postgres_bin=binaries.postgres_dir() / "pginstall" / "bin",
            valkey_server=binaries.valkey_server(),
            account=None,
        )

    def folder(self, name: str) -> Path:
        """Return a folder of that name in which the servers may write, and nobody else may read."""
        folder = self.data / name
        _make_private(folder, self.account)
        return folder

    def own(self, path: Path) -> None:
        """Hand a file just written to the account the servers run as."""
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def erase(self) -> None:
        """Remove all data. The servers must be down."""
        erase_data(self.data)


def erase_data(data: Path) -> None:
    """Remove one data folder, and as root what was noted about it. The servers must be down."""
    shutil.rmtree(data, ignore_errors=True)
    if os.geteuid() == 0:
        _origin(data).unlink(missing_ok=True)


def abandoned_data() -> list[Path]:
    """Return, as root, the data folders whose state folder is gone; nobody will ever ask for them again."""
    if os.geteuid() != 0:
        return []
    notes = sorted((ROOT_HOME / "data").glob(f"*{ORIGIN}"))
    return [note.with_suffix("") for note in notes if not Path(note.read_text()).exists()]


def _origin(data: Path) -> Path:
    return data.with_name(data.name + ORIGIN)


def data_dir(state: Path) -> Path:
    """Return where the data of `state` are, whether or not they exist."""
    if os.geteuid() != 0:
        return state / "data"
    return ROOT_HOME / "data" / hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:16]


def _home_of_an_unprivileged_account(state: Path) -> Home:
    account = _unprivileged_account()
    data = data_dir(state)
    for folder in (ROOT_HOME, ROOT_HOME / "bin", ROOT_HOME / "data"):
        _make_ours(folder)
    _origin(data).write_text(str(state.resolve()))
    _make_private(data, account)
    postgres = _copied(binaries.postgres_dir(), binaries.postgres_label())
    valkey = _copied(binaries.valkey_server().parent, binaries.valkey_label())
    return Home(
        data=data,
        postgres_bin=postgres / "pginstall" / "bin",
        valkey_server=valkey / "valkey-server",
        account=account,
    )


def _unprivileged_account() -> pwd.struct_passwd:
    for name in filter(None, (os.environ.get("SHOP_EMBEDDED_USER"), *ACCOUNTS)):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return account
    raise EmbeddedError(
        "Postgres refuses to run as root and there is no account 'nobody': "
        "set SHOP_EMBEDDED_USER to an unprivileged account, or run as another user."
    )


def _copied(source: Path, label: str) -> Path:
    """Return a copy of `source` that any account may run and only root may change, made once per version."""
    package = ROOT_HOME / "bin" / label / source.name
    if package.is_dir():
        return package
    staging = Path(tempfile.mkdtemp(prefix=".copying-", dir=ROOT_HOME / "bin"))
    staging.chmod(0o755)
    shutil.copytree(source, staging / source.name, symlinks=True)
    libraries = source.with_name(f"{source.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, staging / libraries.name, symlinks=True)
    _open_to_all(staging)
    try:
        staging.rename(package.parent)
    except OSError:
        shutil.rmtree(staging)  # somebody else was faster
    return package


def _open_to_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runnable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runnable else 0o644)


def _make_ours(folder: Path) -> None:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != 0 or found.st_mode & 0o022:
        raise EmbeddedError(f"{folder} is not root's alone: remove it, or run as another user.")
    if not found.st_mode & 0o001:
        folder.chmod(0o755)


def _make_private(folder: Path, account: pwd.struct_passwd | None = None) -> None:
    """Make `folder` with mode 0700 for `account`; one that exists must already be that account's."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        pass
    else:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
    owner = account.pw_uid if account else os.geteuid()
    if folder.is_symlink() or folder.lstat().st_uid != owner:
        raise EmbeddedError(f"{folder} belongs to somebody else: remove it, or set SHOP_STATE_DIR to another folder.")
