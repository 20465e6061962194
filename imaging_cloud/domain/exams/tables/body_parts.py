"""Body parts as DICOM's Body Part Examined writes them: several words together.

Source: the defined terms of DICOM PS3.16 Annex L, and forms that scanners are known to write in
the same manner. Those whose parts the vocabulary finds by itself are not listed. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

TERMS = (
    Entry("circleofwillis, cerebralartery, cerebralarteries", "HEAD"),
    Entry("headneck, headandneck", "HEAD+NECK"),
    Entry("tmjoint, tmjoints", "FACE", "temporomandibular joint"),
    Entry("facialbones, nasalbone, nasalbones", "FACE"),
    Entry("opticcanal", "ORBIT"),
    Entry("temporalbone, temporalbones", "EAR", "temporal bone"),
    Entry("internalauditorycanal", "EAR", "internal auditory canal"),
    Entry("carotidartery, carotidarteries", "NECK", "carotid"),
    Entry("cervicalspine", "CSPINE"),
    Entry("thoracicspine, dorsalspine", "TSPINE"),
    Entry("lumbarspine", "LSPINE"),
    Entry("ctspine, cervicothoracicspine", "CSPINE+TSPINE"),
    Entry("thoracolumbarspine, dlspine", "TSPINE+LSPINE"),
    Entry("lsspine, lumbosacralspine", "LSPINE+SACRUM"),
    Entry("sspine, sacralspine", "SACRUM"),
    Entry("sijoint, sijoints, sacroiliacjoint, sacroiliacjoints", "SACRUM", "sacroiliac joint"),
    Entry(
        "wholespine, totalspine, vertebralcolumn, spinalcord", "CSPINE+TSPINE+LSPINE", broad=True
    ),
    Entry("pulmonaryartery, pulmonaryarteries", "CHEST", "pulmonary artery"),
    Entry("thoracicaorta", "CHEST", "aorta"),
    Entry("coronaryartery, coronaryarteries", "HEART", "coronary"),
    Entry("upperabdomen, hepaticvein, portalvein, uppergitract", "ABDOMEN"),
    Entry("abdominalaorta", "ABDOMEN", "aorta"),
    Entry("renalartery, renalarteries", "ABDOMEN", "renal artery"),
    Entry("bileduct, commonbileduct", "ABDOMEN", "bile duct"),
    Entry("lowerabdomen", "PELVIS"),
    Entry("smallbowel, smallintestine", "ABDOMEN+PELVIS", "small bowel"),
    Entry("largebowel, largeintestine", "ABDOMEN+PELVIS", "colon"),
    Entry("urinarytract, upperurinarytract", "ABDOMEN+PELVIS", "urinary tract"),
    Entry("abdomenandpelvis, abdomenpelvis, wholeabdomen", "ABDOMEN+PELVIS"),
    Entry("pelvislowextremt, pelvislowerextremity", "PELVIS+THIGH+KNEE+LEG"),
    Entry("acjoint, acjoints", "SHOULDER", "acromioclavicular joint"),
    Entry("upperarm", "ARM", "humerus"),
    Entry("lowerarm", "ARM", "forearm"),
    Entry("upperlimb, upperextremity, upperextremities", "ARM+ELBOW", broad=True),
    Entry("lowerlimb, lowerextremity, lowerextremities", "THIGH+KNEE+LEG", broad=True),
    Entry("upperleg", "THIGH"),
    Entry("lowerleg", "LEG"),
    Entry("metatarsus", "FOOT"),
    Entry("metacarpus", "HAND"),
    Entry("entirebody, totalbody", "WHOLEBODY", mark="whole"),
)
