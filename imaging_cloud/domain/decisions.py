"""What a physician did with an alert: used the prior, repeated the exam and why, or only looked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DecisionOutcome = Literal["recognised", "repeated", "opened", "ignored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDecision:
    """One thing said about one card of one alert.

    recognised: the prior serves and the order is dropped. repeated: the exam is made all the
    same, for a coded reason. opened: the prior was looked at. ignored: none of these.
    `card_id` is empty where the answer was one piece of JSON and not cards. `institution` is the
    alert's, `decided_at` is aware. `study_uid` is the prior meant, empty when none was named.
    """

    alert_id: str
    card_id: str
    outcome: DecisionOutcome
    reason_code: str
    reason_text: str
    decided_at: datetime
    actor: str
    institution: str
    study_uid: str = ""
