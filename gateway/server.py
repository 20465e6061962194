"""The gateway process: one listening socket, one thread a peer, an accept loop nothing can stop."""

import errno
import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pynetdicom import _config as pynetdicom_config
from pynetdicom.ae import ApplicationEntity

from gateway.census import Census
from gateway.contexts import Offer, build_contexts
from gateway.conversation import Conversation, House
from gateway.limits import GatewaySettings, Limits, limits_of
from gateway.memory import Returns
from gateway.places import Place, Places
from gateway.refusals import Reason, note_refusal, tell_withheld, trace_of
from gateway.tls import Secured
from gateway.tls_wire import TlsWire
from gateway.wire import Wire
from imaging_cloud.dicom.file_meta import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from imaging_cloud.ports.cloud import Cloud

LOGGER = logging.getLogger("gateway")

# Seconds that a process lets the others go first, for each peer that it serves more than they.
_DELAY_A_PEER = 0.0005
_MOST_DELAY = 0.005

_STACK_BYTES = 1024 * 1024

_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def run_gateway(  # noqa: PLR0913 - the entry of this face
    cloud: Cloud,
    settings: GatewaySettings,
    listener: socket.socket,
    stop: threading.Event,
    on_ready: Callable[[], None],
    limits: Limits | None = None,
    *,
    secured: Secured | None = None,
    shared_folder: Path | None = None,
) -> None:
    """Serve until `stop` is set, then let messages in hand finish and end every association.

    `listener` is bound and listening, as is that of `secured` for DICOM over TLS; several
    processes may share them. They are closed at the end. Processes that are given the same
    `shared_folder` count their associations together.
    """
    quiet_pynetdicom()
    limits = limits or limits_of(settings)
    ae = ApplicationEntity(settings.ae_title)
    ae.maximum_pdu_size = limits.max_pdu
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    census = Census(shared_folder / "associations") if shared_folder is not None else None
    house = House(
        cloud=cloud,
        ae=ae,
        offer=Offer(build_contexts(settings.private_sop_classes)),
        limits=limits,
        places=Places(limits, census),
        stop=stop,
        plain_with_certificate=settings.plain_with_certificate,
    )
    doors = {listener.fileno(): Door(listener)}
    if secured is not None:
        doors[secured.listener.fileno()] = Door(secured.listener, secured)
    for door in doors.values():
        # Non-blocking: of several processes that wake for one connection, one gets it.
        door.listener.setblocking(False)
        host, port = door.listener.getsockname()[:2]
        name = "DICOM TLS" if door.secured else "DICOM"
        LOGGER.info("%s %s@%s:%s", name, settings.ae_title, host, port)
    # Of a peer's thread only what it touches costs memory; less address space for 1,000 of them.
    threading.stack_size(_STACK_BYTES)
    on_ready()
    try:
        _accept_until_stopped(doors, house)
    finally:
        for door in doors.values():
            door.listener.close()
        _end_all(house)
        if census is not None:
            census.close()
        tell_withheld(at_end=True)


def quiet_pynetdicom() -> None:
    """No log lines of the library: some quote identifiers and data sets. We log ourselves."""
    pynetdicom_config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Door:
    """A listening socket; `secured` when who comes by it must speak TLS."""

    listener: socket.socket
    secured: Secured | None = None

    def wire_of(self, connection: socket.socket, limits: Limits) -> Wire:
        tick, send_seconds = limits.tick_seconds, limits.send_seconds
        if self.secured is None:
            return Wire(connection, tick=tick, send_seconds=send_seconds)
        context = self.secured.context()
        return TlsWire(connection, context, tick=tick, send_seconds=send_seconds)


def _accept_until_stopped(doors: Mapping[int, Door], house: House) -> None:
    poller = select.poll()
    for descriptor in doors:
        poller.register(descriptor, select.POLLIN)
    tick = int(house.limits.tick_seconds * 1000)
    returns = Returns()
    while not house.stop.is_set():
        for descriptor, _ in poller.poll(tick):
            # All processes on a shared socket wake at once: the one with the fewest peers goes
            # first.
            excess = house.places.excess()
            if excess > 0:
                house.stop.wait(min(_MOST_DELAY, excess * _DELAY_A_PEER))
            _accept(doors[descriptor], house)
        tell_withheld()
        returns.when_due()


def _accept(door: Door, house: House) -> None:
    try:
        connection, address = door.listener.accept()
    except OSError as error:
        # EAGAIN: another process took it. Out of descriptors: what is there must end first.
        if error.errno in _NO_DESCRIPTORS:
            LOGGER.warning("cannot accept: %s", error.strerror)
            house.stop.wait(house.limits.tick_seconds)
        return
    try:
        _serve(door.wire_of(connection, house.limits), str(address[0]), house)
    except Exception as error:  # noqa: BLE001 - nothing may stop the accept loop
        connection.close()
        note_refusal(Reason.INTERNAL, peer=str(address[0]), detail=trace_of(error))


def _serve(wire: Wire, address: str, house: House) -> None:
    place = Place(address, wire)
    evicted = house.places.arrive(place)
    if evicted is not None:
        note_refusal(Reason.TOO_MANY_HALF_OPEN, peer=evicted.address)
        house.places.leave(evicted)
        evicted.wire.cut()
    thread = threading.Thread(
        target=Conversation(place, house).run, name=f"peer {address}", daemon=True
    )
    try:
        thread.start()
    except RuntimeError:  # no more threads
        house.places.leave(place)
        raise


def _end_all(house: House) -> None:
    """Conversations end by themselves once `stop` is set; after the grace they are cut."""
    _wait_for_all(house, house.limits.stop_seconds)
    for place in house.places.all_held():
        place.wire.cut()
    _wait_for_all(house, house.limits.tick_seconds)


def _wait_for_all(house: House, seconds: float) -> None:
    until = time.monotonic() + seconds
    for place in house.places.all_held():
        place.ended.wait(max(0.0, until - time.monotonic()))
