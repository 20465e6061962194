"""Words that rules look for beside what they decide, whatever phrase they stand in.

Source: the labelling guide's conventions (docs/exam-meaning.md); common usage. Version 2026.11.
"""

# A vessel and nothing else, shown with an agent, is an angiogram.
VESSELS = """
artery arteries arterial vein veins venous vessel vessels aorta carotid carotids ivc svc
coronary coronaries lca rca arteria arterias vena arterien venen tetnic aorte artere arteres veines
"""
# Those that are also examined for their wall or size, by an ordinary scan.
WIDE_VESSELS = "aorta ivc svc carotid carotids vessel vessels"
# A film is taken to see where a line or a tube lies; only these words say that it guides the hand.
AT_WORK = """
guide guided guidance guiding intraop intraoperative arm biopsy bx needle localization
localisation pinning nailing orif wire 术 引 穿 针 复
"""
# A PET for a tumour is of the whole body, whatever organ is named, unless it is of a part.
TUMOUR = """
cancer ca carcinoma tumor tumour nsclc sclc lymphoma melanoma myeloma sarcoma staging
restaging restage oncology onc nodule mass met mets metastases 癌 瘤
"""
A_PART = "局 limited ltd local"
