"""The gateway process: one listening socket, one thread a peer, an accept loop nothing can stop."""

import errno
import logging
import select
import socket
import threading
import time
from collections.abc import Callable

from pynetdicom import _config as pynetdicom_config
from pynetdicom.ae import ApplicationEntity

from gateway.contexts import Offer, build_contexts
from gateway.conversation import Conversation, House
from gateway.limits import GatewaySettings, Limits, limits_of
from gateway.places import Place, Places
from gateway.refusals import Reason, note_refusal, trace_of
from gateway.wire import Wire
from imaging_cloud.dicom.file_meta import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from imaging_cloud.ports.cloud import Cloud

LOGGER = logging.getLogger("gateway")

# Seconds that a process lets the others go first, for each peer that it serves already.
_DELAY_A_PEER = 0.0005
_MOST_DELAY = 0.005

_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def run_gateway(
    cloud: Cloud,
    settings: GatewaySettings,
    listener: socket.socket,
    stop: threading.Event,
    on_ready: Callable[[], None],
    limits: Limits | None = None,
) -> None:
    """Serve until `stop` is set, then let messages in hand finish and end every association.

    `listener` is bound and listening; several processes may share it. It is closed at the end.
    """
    quiet_pynetdicom()
    limits = limits or limits_of(settings)
    ae = ApplicationEntity(settings.ae_title)
    ae.maximum_pdu_size = limits.max_pdu
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    house = House(
        cloud=cloud,
        ae=ae,
        offer=Offer(build_contexts(settings.private_sop_classes)),
        limits=limits,
        places=Places(limits),
        stop=stop,
    )
    # Non-blocking: of several processes that wake for one connection, one gets it.
    listener.setblocking(False)
    host, port = listener.getsockname()[:2]
    LOGGER.info("DICOM %s@%s:%s", settings.ae_title, host, port)
    on_ready()
    try:
        _accept_until_stopped(listener, house)
    finally:
        listener.close()
        _end_all(house)


def quiet_pynetdicom() -> None:
    """No log lines of the library: some quote identifiers and data sets. We log ourselves."""
    pynetdicom_config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


def _accept_until_stopped(listener: socket.socket, house: House) -> None:
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    tick = int(house.limits.tick_seconds * 1000)
    while not house.stop.is_set():
        if not poller.poll(tick):
            continue
        # All processes on a shared socket wake at once: the one with the fewest peers goes first.
        house.stop.wait(min(_MOST_DELAY, house.places.count() * _DELAY_A_PEER))
        try:
            connection, address = listener.accept()
        except OSError as error:
            # EAGAIN: another process took it. Out of descriptors: what is there must end first.
            if error.errno in _NO_DESCRIPTORS:
                LOGGER.warning("cannot accept: %s", error.strerror)
                house.stop.wait(house.limits.tick_seconds)
            continue
        try:
            _serve(connection, str(address[0]), house)
        except Exception as error:  # noqa: BLE001 - nothing may stop the accept loop
            connection.close()
            note_refusal(Reason.INTERNAL, peer=str(address[0]), detail=trace_of(error))


def _serve(connection: socket.socket, address: str, house: House) -> None:
    limits = house.limits
    wire = Wire(connection, tick=limits.tick_seconds, send_seconds=limits.send_seconds)
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
