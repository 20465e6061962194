"""pynetdicom without its reactors: negotiation and DIMSE services, called in the peer's thread.

pynetdicom runs two threads an association that hand PDUs to each other through queues, polled
each millisecond. Here the thread that owns the socket calls the same ACSE and service classes
itself, and what they send goes onto the wire at once. There is no second thread, so there is no
hand-over and no wake-up to lose (docs/adr/0005).
"""

from pynetdicom.acse import ACSE
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.pdu import (
    A_ABORT_RQ,
    A_ASSOCIATE_RJ,
    A_RELEASE_RP,
    P_DATA_TF,
)
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE, P_DATA
from pynetdicom.presentation import PresentationContext

from gateway.command import MalformedCommand
from gateway.contexts import Offer
from gateway.pdata import INVALID_PARAMETER, MalformedPdu
from gateway.proposals import answer_contexts, decode_request, encode_acceptance
from gateway.wire import Wire

_ACCEPTED = 0x00
# PS3.8 9.3.2: bit 0 of the protocol version is version 1; no other bit is to be tested.
_VERSION_1 = 0x01
# PS3.8 E.2: last fragment of a command, of a data set.
_LAST_COMMAND = b"\x03"
_LAST_DATA = b"\x02"


def read_request(encoded: bytes) -> A_ASSOCIATE:
    """The A-ASSOCIATE-RQ as pynetdicom's primitive. Raises MalformedPdu."""
    try:
        primitive, version = decode_request(encoded)
    except Exception as error:
        # The library's decoder raises whatever a wrong byte leads to: assertions, key errors.
        raise MalformedPdu(
            f"the association request cannot be read ({type(error).__name__})", INVALID_PARAMETER
        ) from error
    if not version & _VERSION_1:
        raise MalformedPdu("protocol version 1 is not offered", INVALID_PARAMETER)
    for each in primitive.presentation_context_definition_list:
        if not (each.context_id and each.abstract_syntax and each.transfer_syntax):
            raise MalformedPdu("an incomplete presentation context", INVALID_PARAMETER)
    return primitive


class _DirectDul(DULServiceProvider):
    """The upper layer as ACSE and DIMSE see it; the thread it could be is never started."""

    def __init__(self, association: Association, wire: Wire) -> None:
        super().__init__(association)
        self._wire = wire

    def send_pdu(self, primitive: A_ASSOCIATE | A_RELEASE | A_ABORT | A_P_ABORT | P_DATA) -> None:
        self._wire.send(_encoded(primitive))


def _encoded(primitive: A_ASSOCIATE | A_RELEASE | A_ABORT | A_P_ABORT | P_DATA) -> bytes:
    match primitive:
        case P_DATA():
            return P_DATA_TF(primitive).encode()
        case A_ASSOCIATE() if primitive.result == _ACCEPTED:
            return encode_acceptance(primitive)
        case A_ASSOCIATE():
            return A_ASSOCIATE_RJ(primitive).encode()
        case A_RELEASE():
            return A_RELEASE_RP(primitive).encode()
        case _:
            return A_ABORT_RQ(primitive).encode()


class _AnswerFirstAcse(ACSE):
    """All of pynetdicom's negotiation but the contexts, which are answered already."""

    def __init__(self, association: Association, answers: list[PresentationContext]) -> None:
        super().__init__(association)
        self._answers = answers

    def send_accept(self) -> None:
        association = self.assoc
        association._accepted_cx = {  # noqa: SLF001 - where negotiation keeps them
            each.context_id: each
            for each in self._answers
            if each.result == _ACCEPTED and each.context_id is not None
        }
        association._rejected_cx = [  # noqa: SLF001
            each for each in self._answers if each.result != _ACCEPTED
        ]
        super().send_accept()


class PeerAssociation(Association):
    """An acceptor's association whose thread is the caller's."""

    def __init__(self, ae: ApplicationEntity, wire: Wire, offer: Offer) -> None:
        super().__init__(ae, "acceptor")
        vars(self.dul).clear()  # never started; it holds on to itself and to us
        self.dul = _DirectDul(self, wire)
        self._offer = offer
        self.acceptor.maximum_length = ae.maximum_pdu_size
        self.acceptor.ae_title = ae.ae_title
        # Shared, not copied: negotiation reads them, and 170 x 57 deep copies cost 51 ms.
        self.acceptor.supported_contexts = offer.contexts

    def accept(self, request: A_ASSOCIATE) -> dict[int, PresentationContext]:
        """Negotiate and answer A-ASSOCIATE-AC; the accepted contexts by id."""
        proposed = request.presentation_context_definition_list
        if request.maximum_length_received is None:
            # PS3.8 D.1 wants the item; pynetdicom cannot answer without. 0 is: no limit given.
            request.maximum_length_received = 0
        self.requestor.primitive = request
        if self._offer.speaks_of_roles:
            self._offer.keep_first_supported(proposed)
        else:
            answers = answer_contexts(proposed, self._offer.syntaxes)
            self.acse = _AnswerFirstAcse(self, answers)
            request.presentation_context_definition_list = []
        self.acse.negotiate_association()
        request.presentation_context_definition_list = proposed
        return self._accepted_cx

    def dissolve(self) -> None:
        """It is over: its parts, which all point at each other, go now and not some day."""
        vars(self.dul).clear()
        vars(self).clear()

    @property
    def accepted_by_id(self) -> dict[int, PresentationContext]:
        return self._accepted_cx

    def reject(self, request: A_ASSOCIATE, answer: tuple[int, int, int]) -> None:
        self.requestor.primitive = request
        self.acse.send_reject(*answer)

    def serve_message(
        self, context_id: int, command: bytes, data_set: bytes | None, *, is_response: bool
    ) -> bool:
        """Hand a whole message other than C-STORE-RQ to pynetdicom's service class.

        Returns False when the association is over. Raises MalformedCommand.
        """
        try:
            self._give(context_id, _LAST_COMMAND + command)
            if data_set is not None:
                self._give(context_id, _LAST_DATA + data_set)
        except Exception as error:
            raise MalformedCommand(type(error).__name__) from error
        if not self.dul.event_queue.empty():  # what the state machine would have aborted for
            raise MalformedCommand("not a DIMSE message")
        number, message = self.dimse.get_msg(block=False)
        if message is not None and number is not None:
            # pynetdicom ignores both; a request without an answer would leave its sender waiting.
            if not message.is_valid_request and not is_response:
                raise MalformedCommand("a request that lacks what it must have")
            self._serve_request(message, number)
        return bool(self.is_established)

    def _give(self, context_id: int, value: bytes) -> None:
        primitive = P_DATA()
        primitive.presentation_data_value_list.append((context_id, value))
        self.dimse.receive_primitive(primitive)

    def _abort_blocking(self, block: bool = True) -> None:  # noqa: ARG002 - overrides
        """What service classes call to abort: send it and leave the rest to the loop."""
        if not self._sent_abort:
            self._sent_abort = True
            self.acse.send_abort(0x00)
