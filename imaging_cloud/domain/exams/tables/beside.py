"""Short words that mean a side, or a method, only beside a place of their own language.

Source: common usage of German and Spanish departments (`Knie re`, `Rö Hand`, `rodilla der`); alone
these words are others (an article, "re:", a rule-out). Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

_GERMAN_PLACES = """
knie, kniegelenk, schulter, schultergelenk, ellenbogen, ellbogen, ellenbogengelenk, hand,
        handgelenk,
handwurzel, kahnbein, finger, daumen, mittelhand, hufte, huftgelenk, oberschenkel, unterschenkel,
sprunggelenk, osg, fuss, vorfuss, ruckfuss, fersenbein, calcaneus, kalkaneus, zehe, zehen,
        grosszehe,
oberarm, unterarm, humerus, femur, tibia, patella, kniescheibe, clavicula, klavikula, schlusselbein,
knee, shoulder, ankle, wrist, elbow, foot, hip, inner ear, skapula, scapula, schulterblatt,
        ac gelenk, achillessehne, mamma, brust, niere, nebenniere, orbita,
augenhohle, auge, felsenbein, innenohr, mittelohr, mastoid, ohr, kiefergelenk, parotis,
ohrspeicheldruse, rippen, hemithorax, leiste, bein, arm, oberes sprunggelenk, radius, ulna, hoden
"""
_GERMAN_MIDLINE = """
thorax, abdomen, becken, schadel, hws, bws, lws, nnh, nasenbein, unterkiefer, oberkiefer, sternum,
kreuzbein, steissbein, isg, wirbelsaule, beckenubersicht, ganzwirbelsaule, hals, lunge,
nasennebenhohlen, brustwirbelsaule, lendenwirbelsaule, halswirbelsaule
"""
_SPANISH_PLACES = """
rodilla, hombro, codo, muneca, mano, cadera, muslo, femur, pierna, tibia, tobillo, pie, antepie,
calcaneo, rotula, patela, clavicula, escapula, omoplato, humero, brazo, antebrazo, mama, rinon,
suprarrenal, orbita, ojo, oido, penasco, hueso temporal, mastoides, parotida, pantorrilla,
tibia y perone, escafoides, pulgar, dedo de la mano, dedo del pie, tendon de aquiles, costillas,
parrilla costal, miembro inferior, miembro superior, atm, articulacion temporomandibular
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def beside_places() -> dict[str, tuple[Entry, ...]]:
    """For each place, what the short words beside it add: `knie re` is a right knee."""
    added: dict[str, tuple[Entry, ...]] = {}
    for place in _listed(_GERMAN_PLACES):
        added[place] = (
            Entry(f"{place} re, re {place}", side="R"),
            Entry(f"{place} li, li {place}", side="L"),
            Entry(f"ro {place} re", side="R", modality="XR"),
            Entry(f"ro {place} li", side="L", modality="XR"),
            Entry(f"ro {place}", modality="XR"),
        )
    for place in _listed(_GERMAN_MIDLINE):
        added[place] = (Entry(f"ro {place}", modality="XR"),)
    for place in _listed(_SPANISH_PLACES):
        added[place] = (*added.get(place, ()), Entry(f"{place} der", side="R"))
    return added
