"""Accept headers of DICOMweb (PS3.18 8.7): what a client wants, best first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message

from imaging_cloud.domain.errors import InvalidRequest, NotSupported

ANY_SYNTAX = "*"
DICOM = "application/dicom"
DICOM_JSON = "application/dicom+json"
OCTETS = "application/octet-stream"
MULTIPART = "multipart/related"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media range. `of_parts` is the `type` parameter of multipart/related."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)
    quality: float = 1.0

    @property
    def of_parts(self) -> str:
        return self.parameters.get("type", "").lower()

    @property
    def transfer_syntax(self) -> str:
        return self.parameters.get("transfer-syntax", "")

    def covers(self, name: str) -> bool:
        kind, _, rest = self.name.partition("/")
        return self.name in ("*/*", name) or (rest == "*" and name.startswith(f"{kind}/"))


def parse_media_type(text: str) -> MediaType:
    """Raises InvalidRequest for what is no media type."""
    message = Message()
    message["Content-Type"] = text
    name = text.split(";", maxsplit=1)[0].strip().lower()
    if name.count("/") != 1 and name != "*":
        raise InvalidRequest("not a media type", field="accept")
    parameters = {
        key.lower(): value
        for key, value in message.get_params(failobj=[])[1:]
        if isinstance(value, str)
    }
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 0.0
    return MediaType("*/*" if name == "*" else name, parameters, quality)


def parse_accept(header: str | None, query: str | None = None) -> list[MediaType]:
    """Best first; the `accept` query parameter goes before the header (PS3.18 8.3.3.1)."""
    text = query or header or "*/*"
    found = [parse_media_type(each) for each in _split(text) if each.strip()]
    wanted = [each for each in found if each.quality > 0]
    return sorted(wanted, key=lambda each: -each.quality)


def _split(text: str) -> Iterable[str]:
    """At commas outside of quotes."""
    begin, quoted = 0, False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]


def choose(accepted: list[MediaType], offered: tuple[str, ...]) -> str:
    """The first offered type that the best fitting range covers. Raises NotSupported (406)."""
    for wanted in accepted:
        for name in offered:
            if wanted.covers(name):
                return name
    raise NotSupported(f"this is offered as {', '.join(offered)}")


def json_type(accepted: list[MediaType]) -> str:
    return choose(accepted, (DICOM_JSON, "application/json"))


@dataclass(frozen=True, slots=True)
class PartsWanted:
    """The answer's form: one bare body or multipart, and which transfer syntaxes will do."""

    multipart: bool
    syntaxes: frozenset[str]

    def takes(self, transfer_syntax: str) -> bool:
        return ANY_SYNTAX in self.syntaxes or transfer_syntax in self.syntaxes


def parts_wanted(accepted: list[MediaType], content: str, *, single: bool) -> PartsWanted:
    """How instances (or frames) of type `content` are to be sent.

    Without a transfer-syntax parameter the stored syntax is sent: what was acknowledged is given
    back unchanged. `single`: one thing is asked for, so it may come bare. Several ranges that
    differ in syntax only are all accepted.
    """
    multipart = {
        each.transfer_syntax or ANY_SYNTAX
        for each in accepted
        if (each.name == MULTIPART and _covers_parts(each, content)) or each.name == "*/*"
    }
    if multipart:
        return PartsWanted(multipart=True, syntaxes=frozenset(multipart))
    bare = {each.transfer_syntax or ANY_SYNTAX for each in accepted if each.covers(content)}
    if bare and single:
        return PartsWanted(multipart=False, syntaxes=frozenset(bare))
    raise NotSupported(f'this is offered as {MULTIPART}; type="{content}"')


def _covers_parts(wanted: MediaType, content: str) -> bool:
    return wanted.of_parts == "" or MediaType(wanted.of_parts).covers(content)
