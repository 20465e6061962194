"""What an ordered exam brings to the patient: barium, iodine, gadolinium, the magnet, a dose."""

import re
from enum import StrEnum

from imaging_cloud.domain.exams.descriptor import Contrast, ExamDescriptor, ExamModality
from imaging_cloud.domain.orders import Order


class Agent(StrEnum):
    BARIUM = "barium"
    BARIUM_BY_MOUTH = "barium by mouth"
    IODINE_IN_GUT = "water-soluble iodine in the gut"
    IODINE_IN_VESSEL = "iodinated contrast in a vessel"
    IODINE_IN_ARTERY = "iodinated contrast by catheter"
    IODINE_ELSEWHERE = "iodinated contrast in a joint, duct or cavity"
    GADOLINIUM = "gadolinium in a vein"
    GADOLINIUM_HIGH = "gadolinium of ACR group I or III"
    GADOLINIUM_LOW = "gadolinium of ACR group II"
    MAGNET = "magnet"
    DOSE = "ionising radiation"


_DOSE = frozenset({ExamModality.CT, ExamModality.XR, ExamModality.RF, ExamModality.NM})
_GIVEN = frozenset({Contrast.WITH, Contrast.BOTH})

_BARIUM = re.compile(r"[钡鋇]|\bbarium\b", re.IGNORECASE)
_NO_BARIUM = re.compile(
    r"(?:禁用?|忌|无|非|不用|不含|without |\bno |non-?\s?)(?:硫酸)?(?:钡|barium)", re.IGNORECASE
)
_WATER_SOLUBLE = re.compile(
    r"泛影|碘水|碘剂|碘油|碘海醇|碘佛醇|碘克沙醇|碘普罗胺|碘帕醇|水溶性|"
    r"gastrogra(?:f|ph)in|diatrizoate|iohexol|omnipaque|iodixanol|water[- ]?soluble",
    re.IGNORECASE,
)
_ENEMA = re.compile(r"灌肠|排粪|defa?ecogra|结肠|直肠|\benema\b|\brectal|\bcolon", re.IGNORECASE)
_BY_MOUTH = re.compile(r"钡餐|口服|吞|\bmeal\b|swallow|\boral", re.IGNORECASE)
_INTO_VEIN = re.compile(
    r"静脉|排泄性|\biv[up]\b|intravenous|excretory|血管|angiogra|venogra", re.IGNORECASE
)
_INTO_CAVITY = re.compile(
    r"关节(?:腔)?(?:CT|MRI?|磁共振)?造影|arthrogra|导管造影|ductogra|galactogra|脊髓造影|椎管造影|myelogra|"
    r"膀胱造影|cystogra|瘘|窦道|fistulogra|sinogra|输卵管|hysterosalp|cisternogra|脑池造影",
    re.IGNORECASE,
)
_PET_MR = re.compile(r"pet\s*[/-]?\s*mr", re.IGNORECASE)
# ACR Manual on Contrast Media, NSF chapter: groups by number of unconfounded cases of NSF.
_GROUP_HIGH = re.compile(
    r"欧乃影|钆双胺|马根维显|钆喷酸|普美显|钆塞酸|gadodiamide|omniscan|gadopentet|magnevist|"
    r"gadoversetamide|optimark|gadoxet|primovist|eovist",
    re.IGNORECASE,
)
_GROUP_LOW = re.compile(
    r"莫迪司|钆贝|加乐显|钆布醇|多它灵|钆特酸|普络显|钆特醇|gadobenat|multihance|gadobutrol|"
    r"gadovist|gadavist|gadoter|dotarem|clariscan|prohance",
    re.IGNORECASE,
)


def agents_of(order: Order, ordered: ExamDescriptor) -> frozenset[Agent]:
    """What the exam brings. Contrast that is not said ('?') brings nothing: see the page."""
    found: set[Agent] = {*_enteric(order.name, ordered), *_iodine(order.name, ordered)}
    if _in_magnet(order.name, ordered):
        found.add(Agent.MAGNET)
        found.update(_gadolinium(order.name, ordered))
    if ordered.modality in _DOSE:
        found.add(Agent.DOSE)
    return frozenset(found)


def _in_magnet(name: str, ordered: ExamDescriptor) -> bool:
    if ordered.modality is ExamModality.PT:
        return _PET_MR.search(name) is not None
    return ordered.modality is ExamModality.MR


def _enteric(name: str, ordered: ExamDescriptor) -> set[Agent]:
    """Barium or water-soluble: the descriptor says only that something goes into the gut.

    A fluoroscopy of the gut whose name says neither is done with barium in most departments, so
    it counts as barium: the safe reading of a doubt.
    """
    barium = _BARIUM.search(_NO_BARIUM.sub("", name)) is not None
    soluble = _WATER_SOLUBLE.search(name) is not None or (
        _NO_BARIUM.search(name) is not None and not barium
    )
    oral = ordered.contrast is Contrast.ORAL
    fluoroscopy = ordered.modality in (ExamModality.RF, ExamModality.UNKNOWN)
    found = set()
    if soluble and oral:
        found.add(Agent.IODINE_IN_GUT)
    if (barium and (oral or fluoroscopy)) or (
        oral and ordered.modality is ExamModality.RF and not soluble
    ):
        found.add(Agent.BARIUM)
        if _BY_MOUTH.search(name) or _ENEMA.search(name) is None:
            found.add(Agent.BARIUM_BY_MOUTH)
    return found


def _iodine(name: str, ordered: ExamDescriptor) -> set[Agent]:
    """CT, catheter, urography and contrast mammography: into a vessel; cavities are elsewhere."""
    if ordered.contrast not in _GIVEN:
        return set()
    into_vein = _INTO_VEIN.search(name) is not None
    into_cavity = _INTO_CAVITY.search(name) is not None and not into_vein
    found: set[Agent] = set()
    match ordered.modality:
        case ExamModality.CT | ExamModality.MG:
            found = {Agent.IODINE_ELSEWHERE if into_cavity else Agent.IODINE_IN_VESSEL}
        case ExamModality.XA if not into_cavity:
            found = {Agent.IODINE_IN_VESSEL, Agent.IODINE_IN_ARTERY}
        case ExamModality.PT if not _in_magnet(name, ordered):
            found = {Agent.IODINE_IN_VESSEL}
        case ExamModality.RF | ExamModality.XA | ExamModality.XR:
            found = {Agent.IODINE_IN_VESSEL if into_vein else Agent.IODINE_ELSEWHERE}
        case _:
            pass
    return found


def _gadolinium(name: str, ordered: ExamDescriptor) -> set[Agent]:
    """Into a vein; an MR arthrogram holds a few micromoles in the joint, so it is left out."""
    if ordered.contrast not in _GIVEN or _INTO_CAVITY.search(name):
        return set()
    found = {Agent.GADOLINIUM}
    if _GROUP_HIGH.search(name):
        found.add(Agent.GADOLINIUM_HIGH)
    elif _GROUP_LOW.search(name):
        found.add(Agent.GADOLINIUM_LOW)
    return found
