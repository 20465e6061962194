"""Which of our two languages a browser asks for (RFC 9110 12.5.4)."""

CHINESE = "zh-CN"
ENGLISH = "en"


def language_of(accept_language: str) -> str:
    """The preferred of the two; Chinese when neither is asked for."""
    best, best_quality = CHINESE, 0.0
    for entry in accept_language.split(","):
        tag, _, parameters = entry.strip().lower().partition(";")
        quality = _quality(parameters)
        language = {"zh": CHINESE, "en": ENGLISH}.get(tag.strip().split("-")[0])
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
