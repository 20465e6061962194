"""replay_alert: judge a logged order check again, by the rules of now, on its stored inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from imaging_cloud.domain.alerts import OrderAlert
from imaging_cloud.domain.judging import judge
from imaging_cloud.ports.alert_log import LoggedAlert
from imaging_cloud.ports.catalogue import Catalogue
from imaging_cloud.use_cases.alert_inputs import inputs_of
from imaging_cloud.use_cases.order_codes import order_evidence

# What a verdict is. The rest of the answer says when and where it was given.
_COMPARED = ("outcome", "exam", "identity", "matches", "cautions", "withheld", "alreadyOrdered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """`changes` maps each part of the answer that differs to (then, now); empty: the same."""

    alert_id: str
    rules_then: str
    rules_now: str
    changes: dict[str, tuple[Any, Any]]


def replay_alert(
    logged: LoggedAlert, say: Callable[[OrderAlert], Mapping[str, Any]], catalogue: Catalogue
) -> Replay:
    """`say` writes the answer document. The order is read anew, its priors as they were then.

    `describe` reads the order: by the rules alone unless it knows the hospitals' mappings.

    Raises KeyError, ValueError or TypeError when the stored inputs cannot be read.
    """
    inputs = inputs_of(logged.inputs)
    ordered = catalogue.describe(order_evidence(inputs.order)).descriptor
    again = replace(inputs, ordered=ordered)
    alert = judge(again, alert_id=logged.alert_id)
    now = say(alert)
    return Replay(
        alert_id=logged.alert_id,
        rules_then=logged.rules_version,
        rules_now=alert.rules_version,
        changes={
            name: (logged.answer.get(name), now.get(name))
            for name in _COMPARED
            if _verdict(logged.answer.get(name)) != _verdict(now.get(name))
        },
    )


def _verdict(part: object) -> object:
    """The part without the address of the viewer, which moves with the installation."""
    if isinstance(part, list):
        return [_verdict(each) for each in part]
    if isinstance(part, Mapping):
        return {key: value for key, value in part.items() if key != "viewerUrl"}
    return part
