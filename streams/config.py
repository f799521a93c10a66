"""All settings: the environment (`STRAYMAIL_*`) overrides one YAML file, which overrides the defaults. Each part of
straymail defines its own settings; this module combines them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from streams.comma_list import comma_list
from streams.console.settings import ConsoleInputs, ConsoleSettings
from streams.dns.settings import DnsSettings
from streams.domains.names import canonical
from streams.domains.settings import ScorerSettings
from streams.durations import MS_PER_UNIT, parse_duration_ms
from streams.errors import ConfigurationError, MalformedDomain
from streams.events.privacy import Privacy
from streams.findings.settings import FindingsSettings
from streams.gate.inputs import GateInputs
from streams.gate.settings import GateSettings
from streams.kafka.settings import KafkaSettings
from streams.memory.memory import Memory
from streams.memory.settings import KnowledgeSettings
from streams.networks import LOOPBACK, Networks
from streams.notify.letter import read_template
from streams.notify.settings import NotifySettings
from streams.setting_errors import SettingOrigins, no_such_setting, sentences

PREFIX = "STRAYMAIL_"
NOT_SETTINGS = frozenset({"STRAYMAIL_CONFIG", "STRAYMAIL_REQUIRE", "STRAYMAIL_CACHE"})
"""Variables with the prefix that are no settings: the path of the YAML file, and two that the project's tests read."""

PUBLIC_KEY = "straymail"
"""The default key of the HMAC. It is public, so that a laptop needs no setting; `check` warns about it."""

SAMPLE_WATCHLIST = Path(__file__).parent / "data" / "samples" / "watchlist.yaml"

STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _domain_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        try:
            canonical(name)
        except MalformedDomain:
            remedy = "list domains such as mod.gov.uk, which stand for their subdomains too"
            raise ValueError(f"{name!r} is not a domain name: {remedy}") from None
    return names


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)]
DomainNames = Annotated[Names, AfterValidator(_domain_names)]


class PrivacySettings(BaseModel):
    """How addresses and subjects are published, and the key of the HMAC."""

    model_config = STRICT

    key: SecretStr = Field(SecretStr(PUBLIC_KEY), description="Key of the HMAC; the same for all workers of a pipeline")
    key_file: Path | None = Field(None, description="A file with the key, instead of `key`")
    sender: Literal["whole", "hmac"] = Field(
        "whole", description="Senders as they are (so that they can be called), or with an HMAC as local part"
    )
    recipient: Literal["whole", "hmac", "domain"] = Field(
        "whole", description="Recipients as they are, with an HMAC as local part, or their domain only"
    )
    subject: bool = Field(False, description="Whether subjects are published with hits and alerts")

    def secret(self) -> bytes:
        """The key. Raises ConfigurationError where its file is unreadable or empty."""
        if self.key_file is None:
            return self.key.get_secret_value().encode()
        try:
            key = self.key_file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationError(f"privacy.key_file: can't read {self.key_file} ({error.strerror})") from error
        if not key:
            raise ConfigurationError(f"privacy.key_file: {self.key_file} is empty, it should contain the key")
        return key

    def privacy(self) -> Privacy:
        """The masking of addresses by these settings. Raises ConfigurationError, as `secret` does."""
        return Privacy(self.secret(), self.sender, self.recipient, self.subject)

    @property
    def key_is_public(self) -> bool:
        """True where the key is the default, with which anybody can match an HMAC to guessed addresses."""
        return self.key_file is None and self.key.get_secret_value() == PUBLIC_KEY


class WebSettings(BaseModel):
    """The address of a worker's HTTP endpoints: health and metrics only."""

    model_config = STRICT

    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 in a container")
    port: int = Field(default=6066, ge=1, le=65_535, description="Port of /metrics, /health/live and /health/ready")


class Settings(KafkaSettings, BaseSettings):
    """All settings of a pipeline; each has a default that works on a laptop."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    group: str = Field(
        "straymail",
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
        description="Kafka consumer group of the workers, after the topic prefix",
    )
    instance_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
        description="A name that this worker keeps and no other has (Kafka's `group.instance.id`): killed and started "
        "again within 15 s, it has its partitions back at once",
    )
    watchlist: Path | None = Field(
        None, description="The watchlist: YAML, or plain text with one watched domain per line"
    )
    own_domains: DomainNames = Field(
        (), description="This organisation's domains: mail from elsewhere is counted and not scored"
    )
    own_networks: Networks = Field(
        LOOPBACK,
        description="Networks of this organisation's mail clients and servers: what comes from elsewhere without "
        "authentication and is refused is not its own mail",
    )
    own_relays: Networks = Field(
        (),
        description="Networks of this organisation's servers that only pass mail on, such as filters: what they have "
        "taken isn't delivered yet",
    )
    sources: Names = Field((), description="Names of the feeds in metrics; every other feed is counted as `other`")
    history: bool = Field(False, description="A pipeline over old mail: windows end by event time only")
    dead_letters: Literal["whole", "metadata"] = Field(
        "whole",
        description="Whether dead letters keep the record's bytes; must be `metadata` with masked addresses",
    )
    scorer: ScorerSettings = ScorerSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    dns: DnsSettings = DnsSettings()
    findings: FindingsSettings = FindingsSettings()
    privacy: PrivacySettings = PrivacySettings()
    web: WebSettings = Field(default_factory=WebSettings)
    gate: GateSettings = Field(default_factory=GateSettings)
    console: ConsoleSettings = Field(default_factory=ConsoleSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged")

    @model_validator(mode="after")
    def _masking_covers_dead_letters(self) -> Self:
        masked = [name for name in ("sender", "recipient") if getattr(self.privacy, name) != "whole"]
        if masked and self.dead_letters == "whole":
            raise ValueError(
                f"privacy.{masked[0]} masks addresses, but dead_letters keeps whole records with unmasked addresses: "
                "set dead_letters (STRAYMAIL_DEAD_LETTERS) to metadata"
            )
        return self

    @model_validator(mode="after")
    def _confirmations_are_kept_long_enough(self) -> Self:
        kept_ms = self.topics.gate_days * MS_PER_UNIT["d"]
        if self.gate.file is None and parse_duration_ms(self.gate.remember) > kept_ms:
            raise ValueError(
                f"gate.remember is {self.gate.remember}, but mail.gate keeps confirmations for {self.topics.gate_days} "
                "days: raise topics.gate_days (STRAYMAIL_TOPICS_GATE_DAYS)"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the values that `load_settings` has merged: it knows the origin of each."""
        return (init_settings,)

    @property
    def watchlist_path(self) -> Path:
        """The watchlist in use: where none is set, the sample in the package, so that a laptop needs no setting."""
        return self.watchlist or SAMPLE_WATCHLIST

    @property
    def group_id(self) -> str:
        """The consumer group with the topic prefix, so that pipelines with different topics have different groups."""
        return self.topic_prefix + self.group

    def memory(self, *, is_kept: bool) -> Memory | None:
        """An empty memory by these settings; None where it is off, or own mail can't be told from other mail.

        With the public key, a memory that is kept (`is_kept`) has no persons: anybody could match their digests to
        guessed addresses. Raises ConfigurationError where the privacy key is unreadable.
        """
        if not self.knowledge.enabled or not self.own_domains:
            return None
        persons = self.knowledge.persons and not (is_kept and self.privacy.key_is_public)
        return self.knowledge.memory(self.privacy.secret(), persons=persons)

    def gate_inputs(self) -> GateInputs:
        """The settings of a gate. Raises ConfigurationError where the privacy key is unreadable."""
        return GateInputs(
            kafka=self,
            own=self.gate,
            watchlist=self.watchlist_path,
            scorer=self.scorer,
            own_domains=self.own_domains,
            own_networks=self.own_networks,
            privacy=self.privacy.privacy(),
            memory=None if self.gate.file is not None else self.memory(is_kept=True),
            others={name: getattr(self, name) for name in (*KafkaSettings.model_fields, "knowledge", "log_level")},
        )

    def console_inputs(self) -> ConsoleInputs:
        """The settings of the console. Raises ConfigurationError where the template of letters is unreadable."""
        return ConsoleInputs(
            kafka=self,
            own=self.console,
            hits_of_rule=self.findings.hits_of_rule,
            sender_privacy=self.privacy.sender,
            recipient_privacy=self.privacy.recipient,
            template=read_template(self.notify.template),
            contact=self.notify.contact,
            watchlist=self.watchlist_path,
            scorer=self.scorer,
        )


def load_settings(
    path: str | Path | None = None, overrides: Mapping[str, Any] | None = None, *, is_alone: bool = False
) -> Settings:
    """Read the settings from a file (default: the one that STRAYMAIL_CONFIG names, or none) and the environment.

    `overrides` come from a command's options and take precedence. `is_alone` is for a second file, as of another Kafka:
    the environment is not about it. Raises ConfigurationError, which names each unknown
    or invalid setting and its origin.
    """
    path = path or os.environ.get("STRAYMAIL_CONFIG") or None
    text = _read(Path(path)) if path else ""
    from_file = _parse(text, str(path))
    from_environment = {} if is_alone else _from_environment()
    _check_names(os.environ)
    try:
        settings = Settings(**_merge(_merge(from_file, from_environment), overrides or {}))
    except ValidationError as error:
        origins = SettingOrigins(str(path), text, from_environment, PREFIX)
        raise ConfigurationError(sentences(error, origins, setting_names().values())) from None
    _check_paths(settings)
    return settings


def _from_environment() -> dict[str, Any]:
    try:
        return EnvSettingsSource(Settings)()
    except SettingsError as error:
        value = getattr(error.__cause__, "doc", None)
        names = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and os.environ[name] == value)
        raise ConfigurationError(
            f"{', '.join(names)}: rules, labels and channels are JSON there, and this is not"
        ) from error


def _check_paths(settings: Settings) -> None:
    """Refuse an empty path, which would stand for the folder that the process is in."""
    for variable, name in setting_names().items():
        section, _, inner = name.rpartition(".")
        if getattr(getattr(settings, section) if section else settings, inner, None) == Path():
            raise ConfigurationError(f"{name} ({variable}) is empty: name a file, or leave it out")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"can't read the configuration {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"can't read the configuration {path}: it is not UTF-8 ({error})") from error


def _parse(text: str, path: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        where = f"{path}, line {error.problem_mark.line + 1}" if error.problem_mark else path
        raise ConfigurationError(f"{where}: this is not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        kind = "a list" if isinstance(content, list) else "text"
        raise ConfigurationError(f"{path} should contain settings, one `name: value` per line; it contains {kind}")
    return content


def _merge(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in overrides.items():
        old = merged.get(name)
        merged[name] = _merge(old, value) if isinstance(value, Mapping) and isinstance(old, Mapping) else value
    return merged


def setting_names() -> dict[str, str]:
    """The dotted name of each setting and of each section as a whole, by its environment variable."""
    names = {}
    for name, field in Settings.model_fields.items():
        names[f"{PREFIX}{name}".upper()] = name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names |= {f"{PREFIX}{name}_{inner}".upper(): f"{name}.{inner}" for inner in field.annotation.model_fields}
    return names


def _check_names(environment: Iterable[str]) -> None:
    known = setting_names()
    given = (name for name in environment if name.upper().startswith(PREFIX))
    if unknown := sorted(name for name in given if name.upper() not in known.keys() | NOT_SETTINGS):
        raise ConfigurationError("; ".join(f"{name} in the environment: {_no_such_variable(name)}" for name in unknown))


def _no_such_variable(variable: str) -> str:
    """That no setting has this variable, and which of them was probably meant."""
    section, _, inner = variable.removeprefix(PREFIX).lower().partition("_")
    variables = {name: variable for variable, name in setting_names().items()}
    is_section = any(name.startswith(f"{section}.") for name in variables)
    return no_such_setting(
        f"{section}.{inner}" if is_section else f"{section}_{inner}", variables, variables.__getitem__
    )
