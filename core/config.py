"""How this process runs: where the data are, where it listens, what it keeps secret. All from ``ZHANGGUI_*``.

Nothing here is about a company: what companies choose are ``core.settings``, kept in the database.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.text import Text, _

if TYPE_CHECKING:
    from environs import Env

PREFIX = "ZHANGGUI_"
SHORTEST_SECRET = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")
KEY_FILE = "secret.key"
FILE = "zhanggui.sqlite"
ENGINES = ("sqlite", "postgresql")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/-]*)?")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("console", "json")
# What people copy out of examples; a key that everybody knows signs nothing.
KNOWN_SECRETS = ("change", "secret", "default", "example", "password", "0123456789")


class BadConfig(Exception):
    """The process cannot run like this; ``faults`` are all that is wrong, variable by variable."""

    def __init__(self, faults: Mapping[str, Text]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)

    def __str__(self) -> str:
        return "\n".join(f"{name}: {text}" for name, text in self.faults.items())


@dataclass(frozen=True, slots=True)
class SignOn:
    """The OpenID Connect provider through which people may sign in.

    ``claim``: what the provider says must be the user name here for an account to be linked at its first sign-on; empty
    when accounts are linked by their owners or on the command line alone.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """How the process runs. Addresses and the key hold secrets and are left out of its ``repr``."""

    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    backup_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 5000
    threads: int = 8
    demo: bool = False
    https: bool = False
    trusted_proxy: str = ""
    log_level: str = "INFO"
    log_format: str = "console"
    sign_on: SignOn | None = None
    anchor_file: Path | None = None
    files: str = ""
    s3_endpoint: str = ""
    address: str = ""

    @property
    def embedded(self) -> bool:
        """Whether the database is a file of this machine, so that one process does everything."""
        return self.database_url.startswith("sqlite")

    @property
    def app_role(self) -> str | None:
        """The database role that the program signs in with; None on SQLite, which has none."""
        return None if self.embedded else urlsplit(self.database_url).username

    @property
    def anchors(self) -> Path:
        """The file outside of the database in which the seals over the history are kept."""
        return self.anchor_file or self.data_dir / "anchors.log"


def home() -> Path:
    """Where data are kept unless ``ZHANGGUI_DATA_DIR`` says otherwise: the user's own data folder."""
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "zhanggui"


def read(*, demo: bool = False) -> Config:
    """The configuration of this process; ``demo`` keeps to a database of its own below the data folder.

    On SQLite the key is made at the first start and kept in the data folder, readable by the owner alone. Raises
    ``BadConfig`` with everything that is wrong at once.
    """
    given, faults = _given()
    demo = demo or given["demo"]
    folder = given["data_dir"] / "demo" if demo else given["data_dir"]
    url = f"sqlite:///{folder / FILE}" if demo else given["database_url"] or f"sqlite:///{folder / FILE}"
    owner = url if demo else given["owner_url"] or url
    backup = owner if demo else given["backup_url"] or owner
    url, owner, backup = (_with_driver(address) for address in (url, owner, backup))
    for name, address in (("DATABASE_URL", url), ("OWNER_URL", owner), ("BACKUP_URL", backup)):
        asked = name == "DATABASE_URL" or given[name.lower()]
        if asked and (why := _bad_address(address)):
            faults.setdefault(PREFIX + name, why)
    embedded = url.startswith("sqlite")
    key = given["secret_key"]
    if not key and not embedded:
        faults[PREFIX + "SECRET_KEY"] = _(
            "A key of at least {length} random characters is needed.", length=SHORTEST_SECRET
        )
    elif key and not demo and (why := weak_key(key)):
        faults[PREFIX + "SECRET_KEY"] = why
    sign_on = _sign_on(given, faults)
    _address(given, faults)
    _files(given, faults, demo=demo)
    if not faults and not key:
        key = kept_key(folder)
        if why := weak_key(key):
            faults[PREFIX + "SECRET_KEY"] = _("{file}: {why}", file=folder / KEY_FILE, why=why)
    if faults:
        raise BadConfig(faults)
    anchors = given.pop("anchors")
    given |= {
        "demo": demo,
        "data_dir": folder,
        "database_url": url,
        "owner_url": owner,
        "backup_url": backup,
        "sign_on": sign_on,
        "anchor_file": Path(anchors).expanduser().absolute() if anchors else None,
    }
    return Config(**(given | {"secret_key": key}))


def _given() -> tuple[dict[str, Any], dict[str, Text]]:
    """What the environment says, typed; what cannot be read is named with what was expected."""
    from environs import Env, EnvValidationError

    env = Env(eager=False, prefix=PREFIX)
    found = _parse(env)
    faults: dict[str, Text] = {}
    try:
        env.seal()
    except EnvValidationError as error:
        faults = {name: _expected(name) for name in error.error_messages}
    found["data_dir"] = Path(found["data_dir"] or home()).expanduser().absolute()
    found["log_level"] = str(found["log_level"]).upper()
    for name, ok in (
        ("PORT", found["port"] is None or 0 < found["port"] < 65536),
        ("THREADS", found["threads"] is None or 0 < found["threads"] <= 64),
        ("LOG_LEVEL", found["log_level"] in LEVELS),
        ("LOG_FORMAT", found["log_format"] in FORMATS),
    ):
        if not ok:
            faults.setdefault(PREFIX + name, _expected(PREFIX + name))
    return found, faults


def _sign_on(given: dict[str, Any], faults: dict[str, Text]) -> SignOn | None:
    """The provider of single sign-on, whose variables leave ``given``; what is wrong with them becomes a fault."""
    told = {name: given.pop(f"oidc_{name}") for name in ("issuer", "client_id", "client_secret", "name", "claim")}
    if not told["issuer"]:
        return None
    parts = urlsplit(told["issuer"])
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)) or not parts.hostname:
        faults[f"{PREFIX}OIDC_ISSUER"] = _("An address that begins with https:// is needed.")
    for name in ("client_id", "client_secret"):
        if not told[name]:
            faults[f"{PREFIX}OIDC_{name.upper()}"] = _("This is needed.")
    if find_spec("authlib") is None or find_spec("requests") is None:
        faults[f"{PREFIX}OIDC_ISSUER"] = _('Single sign-on needs: pip install "zhanggui[oidc]"')
    return SignOn(**told | {"name": told["name"] or parts.hostname or ""})


def _address(given: dict[str, Any], faults: dict[str, Text]) -> None:
    """Where people open the program; without a slash at its end."""
    given["address"] = given["address"].strip().rstrip("/")
    if not given["address"]:
        return
    try:
        parts = urlsplit(given["address"])
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username or not given["address"].isprintable():
        example = "https://erp.example.com"
        faults[f"{PREFIX}ADDRESS"] = _("This is no address of a website, e.g. {example}.", example=example)


def _files(given: dict[str, Any], faults: dict[str, Text], *, demo: bool) -> None:
    """Where files are kept; what is wrong with it becomes a fault. The demonstration keeps to its own folder."""
    if demo:
        given |= {"files": "", "s3_endpoint": "", "anchors": ""}
    if given["files"] and not _BUCKET.fullmatch(given["files"]):
        faults[f"{PREFIX}FILES"] = _("This names no bucket, e.g. {example}.", example="s3://bucket/prefix")
    elif given["files"] and find_spec("boto3") is None:
        faults[f"{PREFIX}FILES"] = _('Files outside of the database need: pip install "zhanggui[s3]"')
    if given["s3_endpoint"] and urlsplit(given["s3_endpoint"]).scheme not in {"http", "https"}:
        faults[f"{PREFIX}S3_ENDPOINT"] = _("An address that begins with https:// is needed.")


def _parse(env: Env) -> dict[str, Any]:
    return {
        "database_url": env.str("DATABASE_URL", ""),
        "owner_url": env.str("OWNER_URL", ""),
        "backup_url": env.str("BACKUP_URL", ""),
        "secret_key": env.str("SECRET_KEY", ""),
        "data_dir": env.str("DATA_DIR", ""),
        "anchors": env.str("ANCHORS", ""),
        "files": env.str("FILES", ""),
        "s3_endpoint": env.str("S3_ENDPOINT", ""),
        "address": env.str("ADDRESS", ""),
        "host": env.str("HOST", "127.0.0.1"),
        "port": env.int("PORT", 5000),
        "threads": env.int("THREADS", 8),
        "demo": env.bool("DEMO", False),
        "https": env.bool("HTTPS", False),
        "trusted_proxy": env.str("TRUSTED_PROXY", ""),
        "log_level": env.str("LOG_LEVEL", "INFO"),
        "log_format": env.str("LOG_FORMAT", "console"),
        "oidc_issuer": env.str("OIDC_ISSUER", ""),
        "oidc_client_id": env.str("OIDC_CLIENT_ID", ""),
        "oidc_client_secret": env.str("OIDC_CLIENT_SECRET", ""),
        "oidc_name": env.str("OIDC_NAME", ""),
        "oidc_claim": env.str("OIDC_CLAIM", ""),
    }


def _expected(name: str) -> Text:
    """What may stand in a variable, as a sentence."""
    match name.removeprefix(PREFIX):
        case "PORT":
            return _("A whole number from {least} to {most} is needed.", least=1, most=65535)
        case "THREADS":
            return _("A whole number from {least} to {most} is needed.", least=1, most=64)
        case "LOG_LEVEL":
            return _("One of these is needed: {choices}.", choices=LEVELS)
        case "LOG_FORMAT":
            return _("One of these is needed: {choices}.", choices=FORMATS)
        case _:
            return _("One of these is needed: {choices}.", choices=("true", "false"))


def _with_driver(url: str) -> str:
    """``postgresql://`` means the driver that is installed with the program."""
    scheme, mark, rest = url.partition("://")
    return f"postgresql+psycopg{mark}{rest}" if scheme in {"postgres", "postgresql"} else url


def _bad_address(url: str) -> Text | None:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        engine = make_url(url).get_backend_name()
    except ArgumentError:
        return _("This is not the address of a database, e.g. {example}.", example="postgresql+psycopg://app@host/name")
    if engine not in ENGINES:
        return _("One of these is needed: {choices}.", choices=ENGINES)
    return None


def weak_key(key: str) -> Text | None:
    """Why a key cannot sign sessions; None when it will do."""
    if len(key) < SHORTEST_SECRET:
        return _("At least {length} characters.", length=SHORTEST_SECRET)
    if len(set(key)) < 10 or any(word in key.lower() for word in KNOWN_SECRETS):
        return _("This is too easy to guess.")
    return None


def kept_key(folder: Path) -> str:
    """The key of this data folder, made when it is first needed; its file is readable by the owner alone.

    The file appears with the key inside or not at all, so several first starts at once read the same whole key.
    """
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _lay_down(path, secrets.token_urlsafe(48) + "\n")
    return path.read_text(encoding="ascii").strip()


def _lay_down(path: Path, text: str) -> None:
    """Write a file that nobody sees half written; whoever was faster keeps the place."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
