"""alert replay, prices import: what was judged, judged again; and what an exam costs."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from imaging_cloud.cli.common import opened
from imaging_cloud.domain.alerts import OrderAlert
from imaging_cloud.domain.errors import InvalidRequest, NotFound
from imaging_cloud.ports.alert_log import LoggedAlert
from imaging_cloud.ports.cloud import Cloud

_DIFFERENCES = 1

_ALERT = typer.Typer(no_args_is_help=True, help="Order checks that were made.")
_PRICES = typer.Typer(no_args_is_help=True, help="What kinds of exams cost, and their dose.")


def add_commands(app: typer.Typer) -> None:
    _ALERT.command("replay")(replay)
    _ALERT.callback()(lambda: None)
    _PRICES.command("import")(import_prices)
    _PRICES.callback()(lambda: None)
    app.add_typer(_ALERT, name="alert")
    app.add_typer(_PRICES, name="prices")


def replay(
    alert_id: Annotated[str | None, typer.Option("--id", help="One alert.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")
    ] = None,
) -> None:
    """Judge logged order checks again with the rules of now, and tell the differences.

    Prints one JSON line for each alert that differs, and a summary on standard error; ends with
    1 when something differs or could not be read.
    """
    with opened() as cloud:
        counts = {"same": 0, "different": 0, "unreadable": 0}
        for logged in _wanted(cloud, alert_id, since, until):
            counts[_replayed(logged, cloud)] += 1
        typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()), err=True)
        if counts["different"] or counts["unreadable"]:
            raise typer.Exit(_DIFFERENCES)


def _wanted(
    cloud: Cloud, alert_id: str | None, since: datetime | None, until: datetime | None
) -> Iterator[LoggedAlert]:
    if alert_id is not None:
        logged = cloud.alerts.find_alert(alert_id)
        if logged is None:
            raise NotFound(f"no alert {alert_id}")
        yield logged
        return
    if since is None or until is None:
        raise InvalidRequest("--id, or --from and --to, are needed", field="id")
    zone = cloud.policy.time_zone
    first = datetime.combine(since.date(), time(), tzinfo=zone)
    last = datetime.combine(until.date() + timedelta(days=1), time(), tzinfo=zone)
    yield from cloud.alerts.list_alerts(first, last)


def _replayed(logged: LoggedAlert, cloud: Cloud) -> str:
    from imaging_cloud.use_cases.replay_alert import replay_alert
    from imaging_cloud.web.order_answer import answer_document

    def say(alert: OrderAlert) -> Mapping[str, Any]:
        return answer_document(alert, region=cloud.policy.time_zone, public_url="")

    try:
        result = replay_alert(logged, say, cloud.catalogue)
    except (KeyError, ValueError, TypeError) as error:
        _tell({"alertId": logged.alert_id, "unreadable": type(error).__name__})
        return "unreadable"
    if not result.changes:
        return "same"
    _tell(
        {
            "alertId": result.alert_id,
            "rulesThen": result.rules_then,
            "rulesNow": result.rules_now,
            "changes": {
                name: {"then": then, "now": now} for name, (then, now) in result.changes.items()
            },
        }
    )
    return "different"


def _tell(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def import_prices(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, UTF-8.")],
) -> None:
    """Read a table of prices and doses: institution,modality,region,contrast,price,dose_msv,source.

    Empty cells in the first four mean any. A row with the same first four replaces the earlier
    one; nothing is taken when a row is wrong.
    """
    from imaging_cloud.use_cases.import_values import import_values

    with opened() as cloud, file.open(encoding="utf-8-sig", newline="") as lines:
        typer.echo(f"{import_values(lines, cloud)} rows", err=True)
