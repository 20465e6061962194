"""What an endpoint knows of the call it serves."""

from dataclasses import dataclass, field

import anyio
from fastapi import Request

from imaging_cloud.domain.access import Scope
from imaging_cloud.ports.alert_log import LoggedCheck
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.derived_shelf import Shelf
from imaging_cloud.use_cases.identify_caller import reading_scope
from imaging_cloud.web.check_lane import CheckLane
from imaging_cloud.web.observing import Meters
from imaging_cloud.web.security import principal_of


@dataclass(frozen=True, slots=True)
class Lanes:
    """Threads set apart: order screens and uploads never wait for downloads, or each other."""

    checks: CheckLane[LoggedCheck]
    orders: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(16))
    uploads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(16))


def cloud_of(request: Request) -> Cloud:
    cloud = request.app.state.cloud
    if not isinstance(cloud, Cloud):
        raise TypeError("create_app puts the cloud there")
    return cloud


def lanes_of(request: Request) -> Lanes:
    lanes = request.app.state.lanes
    if not isinstance(lanes, Lanes):
        raise TypeError("create_app puts the lanes there")
    return lanes


def shelf_of(request: Request) -> Shelf:
    shelf = request.app.state.shelf
    if not isinstance(shelf, Shelf):
        raise TypeError("create_app puts the shelf there")
    return shelf


def meters_of(request: Request) -> Meters:
    meters = request.app.state.meters
    if not isinstance(meters, Meters):
        raise TypeError("create_app puts the meters there")
    return meters


def scope_of_call(request: Request) -> Scope:
    """What this caller may read; asks the index when the caller is a patient."""
    return reading_scope(principal_of(request), cloud_of(request))
