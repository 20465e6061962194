"""Vessels, hollow organs and regions that exam names seldom write and coded anatomy does.

Source: the meanings of DICOM PS3.16 CID 4, 3014 and 3015. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

TERMS = (
    Entry("occipital artery, occipital vein, superficial temporal artery, temporal artery", "HEAD"),
    Entry("lingual artery, submental", "FACE"),
    Entry("cervico thoracic spine, cervico thoracic", "CSPINE+TSPINE"),
    Entry("vertebral column and cranium", "HEAD+CSPINE+TSPINE+LSPINE"),
    Entry("descending aorta", "CHEST", "aorta"),
    Entry(
        """patent ductus arteriosus, ductus arteriosus, truncus arteriosus communis, pda,
        truncus arteriosus, common ventricle, ventricle, left ventricle, right ventricle, atrium,
        left atrium, right atrium, common atrium, atrial appendage, auricular appendage,
        left atrial appendage, right auricular appendage, left auricular appendage, laa,
        systemic venous atrium, pulmonary venous atrium, coronary sinus, heart chambers""",
        "HEART",
    ),
    Entry(
        "intermediate artery, av groove, septal perforators, lca, rca, lad, lcx",
        "HEART",
        "coronary",
    ),
    Entry(
        """omental bursa, subxiphoid, renal pelvis, left lumbar region, right lumbar region,
        umbilical vein""",
        "ABDOMEN",
    ),
    Entry(
        """left lower quadrant of abdomen, right lower quadrant of abdomen, lower quadrant, llq,
        rlq, left lower quadrant, right lower quadrant, endo vesical, endovesical, intravesical""",
        "PELVIS",
    ),
    Entry("umbilical artery, umbilical artery doppler", "PELVIS", "fetus"),
    Entry("large intestine", "ABDOMEN+PELVIS", "colon"),
    Entry("brachial vein, cephalic vein, ulnar artery, basilic vein, ulnar vein", "ARM"),
    Entry("superficial femoral artery, common femoral artery, deep femoral artery", "THIGH"),
    Entry("femoral vein, perforating vein, perforating veins", "THIGH+KNEE+LEG"),
    Entry("entire body", "WHOLEBODY", mark="whole"),
)
