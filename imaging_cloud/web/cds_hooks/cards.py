"""From a verdict to one card (CDS Hooks 2.0.1): a pop-up where it matters, else a note, or none.

One card an order and no more: alerts that come in numbers are ignored.
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imaging_cloud.domain.baskets import BesideOrder
from imaging_cloud.domain.reexam_reasons import REASONS_SYSTEM, REEXAM_REASONS
from imaging_cloud.web.fail_open import SOURCE_LABEL, topic

_LONGEST_SUMMARY = 139
_MOST_PRIORS = 3
_MARKDOWN = re.compile(r"([\\`*_\[\]()<>#|~!])")
# For cards that warn of harm and know of no earlier exam.
_CAUTION_REASONS = (
    ("benefit-outweighs", "利大于弊，已评估 Benefit outweighs the risk"),
    ("already-managed", "已采取措施 Already managed"),
    ("does-not-apply", "不适用于该患者 Does not apply to this patient"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All that a card tells of one order. `answer` is the contract's document of the plain call.

    `softened`: a repeat may well be meant, so it is told as a note. `failed` are the kinds of
    data that a FHIR server should have given.
    """

    key: str
    name: str
    answer: dict[str, Any]
    repeats: Sequence[BesideOrder]
    softened: bool
    failed: Sequence[str]
    institutions: Mapping[str, str]
    smart_launch_url: str = ""

    @property
    def duplicates(self) -> list[dict[str, Any]]:
        return [each for each in self.answer["matches"] if each["grade"] == "duplicate"]

    @property
    def warnings(self) -> list[dict[str, Any]]:
        return [each for each in self.answer["cautions"] if each["severity"] != "info"]

    @property
    def interrupts(self) -> bool:
        repeated = bool(self.repeats) and not self.softened
        return bool(self.duplicates or self.warnings or repeated)


def card_of(judged: Judged) -> dict[str, Any] | None:
    """The card of one order; None when there is nothing to say."""
    priors = (judged.duplicates or judged.answer["matches"])[:_MOST_PRIORS]
    lines = _detail(judged, priors)
    if not lines:
        return None
    card: dict[str, Any] = {
        "uuid": judged.answer["alertId"],
        "summary": _cut(_summary(judged, priors)),
        "detail": "\n\n".join(lines),
        "indicator": _indicator(judged),
        "source": _source(judged),
    }
    if judged.interrupts:
        card["overrideReasons"] = _reasons(judged)
        if judged.key:
            card["suggestions"] = [_cancel(judged)]
            card["selectionBehavior"] = "at-most-one"
    links = [_link(prior, judged) for prior in priors if prior["viewerUrl"]]
    if links:
        card["links"] = links
    return card


def suggestion_id(alert_id: str) -> str:
    """The id of "cancel" on the card of this alert."""
    return str(uuid.uuid5(uuid.UUID(alert_id), "cancel"))


def _indicator(judged: Judged) -> str:
    if any(each["severity"] == "critical" for each in judged.warnings):
        return "critical"
    return "warning" if judged.interrupts else "info"


def _summary(judged: Judged, priors: Sequence[dict[str, Any]]) -> str:
    """The gravest thing first; what else there is stands in the detail."""
    answer, name = judged.answer, _short(judged.name)
    said = ""
    if judged.warnings:
        said = judged.warnings[0]["message"]
    elif judged.duplicates:
        said = f"已有可用检查 Already done: {name} · {_when_where(priors[0], judged)}"
    elif judged.repeats:
        active = judged.repeats[0].active
        said = f"{'已开单 Already ordered' if active else '重复开单 Twice in this basket'}: {name}"
    elif priors:
        said = f"有相关检查 Related exam: {name} · {_when_where(priors[0], judged)}"
    elif answer["cautions"]:
        said = answer["cautions"][0]["message"]
    elif answer.get("alreadyOrdered"):
        said = f"近期同项申请 The same exam was asked for elsewhere: {name}"
    elif answer["withheld"]:
        said = (
            f"另有 {answer['withheld']} 项未授权的既往检查 Earlier exams that are not opened to you"
        )
    return said or "禁忌核对不完整 Cautions were judged with data missing"


def _detail(judged: Judged, priors: Sequence[dict[str, Any]]) -> list[str]:
    """Paragraphs of GitHub Markdown."""
    answer = judged.answer
    lines = [
        f"**{each['severity']}** {plain(each['message'])} *({plain(each['source'])})*"
        for each in answer["cautions"]
    ]
    if priors:
        lines.append("\n".join(_prior_line(prior, judged) for prior in priors))
    for each in judged.repeats[:_MOST_PRIORS]:
        where = "已开单 already ordered" if each.active else "同一次开单 in the same basket"
        lines.append(f"重复 Repeat: {plain(each.name)} ({where})")
    for each in answer.get("alreadyOrdered", ())[:_MOST_PRIORS]:
        institution = judged.institutions.get(each["institution"], each["institution"])
        lines.append(
            f"近期同项申请 The same exam was asked for: {each['orderedAt'][:10]}"
            f" ({plain(_short(institution))})"
        )
    if answer["withheld"]:
        lines.append(
            f"另有 {answer['withheld']} 项既往检查未获患者授权。"
            f" {answer['withheld']} earlier exam(s) that the patient has not opened to you."
        )
    if judged.failed:
        lines.append(
            f"未能取得 Not available: {', '.join(judged.failed)}."
            " 禁忌核对不完整。 The cautions were judged without it."
        )
    return lines


def _prior_line(prior: dict[str, Any], judged: Judged) -> str:
    exam = prior["exam"]
    what = " ".join([exam["modality"], "+".join(exam["regions"])]).strip()
    until = f"，互认时限至 {prior['validUntil']}" if prior["validUntil"] else ""
    arriving = "，影像仍在传输 still arriving" if prior["arriving"] else ""
    reasons = "; ".join(prior["reasons"])
    return (
        f"- **{prior['grade']}** {what} {plain(_when_where(prior, judged))}{until}{arriving}:"
        f" {plain(reasons)}"
    )


def _when_where(prior: dict[str, Any], judged: Judged) -> str:
    day = prior["performedAt"][:10] if prior["performedAt"] else "日期不详 no date"
    institution = judged.institutions.get(prior["institution"], prior["institution"])
    age = f"，{prior['ageDays']} 天前" if prior["ageDays"] is not None else ""
    mark = prior.get("recognition", {}).get("mark")
    return f"{day}（{_short(institution)}{age}{f'，{mark}' if mark else ''}）"


def _source(judged: Judged) -> dict[str, Any]:
    """Where it stands; of a single caution its own source."""
    cautions = judged.answer["cautions"]
    if judged.duplicates or judged.repeats:
        return {"label": SOURCE_LABEL, "topic": topic("duplicate", "Repeated exam")}
    if cautions:
        label = cautions[0]["source"] if len(cautions) == 1 else SOURCE_LABEL
        return {"label": label, "topic": topic("caution", "Exam may harm")}
    return {"label": SOURCE_LABEL, "topic": topic("related", "Related exam")}


def _reasons(judged: Judged) -> list[dict[str, str]]:
    told = [(each.code, each.words) for each in REEXAM_REASONS]
    if judged.warnings:
        known = judged.duplicates or judged.repeats
        told = [*_CAUTION_REASONS, *(told if known else told[-1:])]
    return [{"system": REASONS_SYSTEM, "code": code, "display": words} for code, words in told]


def _cancel(judged: Judged) -> dict[str, Any]:
    label = (
        "采用已有结果，取消本次申请 Use the earlier exam and cancel this order"
        if judged.duplicates
        else "取消本次申请 Cancel this order"
    )
    return {
        "label": label,
        "uuid": suggestion_id(judged.answer["alertId"]),
        "isRecommended": bool(judged.duplicates),
        "actions": [
            {
                "type": "delete",
                "description": f"取消 Cancel: {_short(judged.name)}",
                "resourceId": judged.key,
            }
        ],
    }


def _link(prior: dict[str, Any], judged: Judged) -> dict[str, Any]:
    label = f"打开影像 Open images {_when_where(prior, judged)}"
    if judged.smart_launch_url:
        study = {"studyInstanceUID": prior["studyInstanceUID"]}
        return {
            "label": label,
            "url": judged.smart_launch_url,
            "type": "smart",
            "appContext": json.dumps(study, separators=(",", ":")),
        }
    return {"label": label, "url": prior["viewerUrl"], "type": "absolute"}


def plain(text: str) -> str:
    """Text of others in Markdown: shown as it is, with no links, pictures or HTML of its own."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _short(name: str, most: int = 40) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _cut(text: str) -> str:
    """The text, or its first sentences that fit, or what fits of the first."""
    whole = " ".join(text.split())
    if len(whole) <= _LONGEST_SUMMARY:
        return whole
    return f"{whole[: _LONGEST_SUMMARY - 1]}…"
