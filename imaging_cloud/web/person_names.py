"""Person names for people to read (PS3.5 6.2.1): the native script first."""


def display_name(text: str) -> str:
    """`Zhang^Wei=张^伟` as `张伟 (Zhang Wei)`; "" for an empty name."""
    groups = [_words(group) for group in text.split("=")[:2]]
    western = groups[0] if groups else ""
    native = groups[1] if len(groups) > 1 else ""
    if native and western and native != western:
        return f"{native} ({western})"
    return native or western


def name_spellings(text: str) -> frozenset[str]:
    """The ways in which the value writes the name, without case; two of one person share one."""
    return frozenset(_words(group).casefold() for group in text.split("=")) - {""}


def _words(group: str) -> str:
    parts = [part.strip() for part in group.split("^") if part.strip()]
    # Chinese, Japanese and Korean names are written without spaces.
    together = all(ord(character) > 0x2E80 for part in parts for character in part)  # noqa: PLR2004
    return ("" if together else " ").join(parts)
