"""Places cut short, as order systems with narrow fields and scanners write them.

Source: the terms of DICOM PS3.16 CID 4031 and Annex L, shortened as English and Polish departments
shorten them (vowels left out, or the word broken off); common usage. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

# Short forms that are other words elsewhere: believed only where a slice or a film is made.
_SLICES = "CT MR PT"

TERMS = (
    Entry("brn, brns, brain ct, skl, crnl, cranl", "HEAD"),
    Entry("hd", "HEAD", only=_SLICES),
    Entry(
        "fac, facl, maxfac, maxillofac, max fac, max face, maxill, maxila, midfac, fac bones",
        "FACE",
    ),
    Entry("sin, snus, sins, snuses, paranas sinus, paranas, pns", "FACE", "sinuses"),
    Entry("mand, mandib, mndbl, mendible", "FACE", "mandible"),
    Entry("max", "FACE", only="CT MR"),
    Entry("orb, orbs, orbts, orbt", "ORBIT"),
    Entry(
        "temp bone, temp bones, tempbone, tempbones, tmp bone, tmp bones", "EAR", "temporal bone"
    ),
    Entry("mast, mastd", "EAR", "temporal bone"),
    Entry(
        """int aud can, int aud canal, int aud canals, int aud meatus, int auditory meatus,
        int auditory canal, int auditory canals""",
        "EAR",
        "internal auditory canal",
    ),
    Entry("pit, pitu, pituit, pituty", "PITUITARY", "pituitary"),
    Entry("thy, thyr, thyrd, thyrd gland", "NECK", "thyroid"),
    Entry("soft tis neck, s t neck, st neck, soft tiss neck, soft tiss nk", "NECK"),
    Entry("caro, carot, crtd, crtds", "NECK", "carotid"),
    Entry("cerv sp, cerv spn, c spn, cspn, cer spine, crv spine, cerv", "CSPINE"),
    Entry(
        "thor sp, thor spn, th spine, th sp, t spn, tspn, tsp, dsp, d sp, dors spine, thrc spine",
        "TSPINE",
    ),
    Entry(
        """lumber, lumber spine, lumbar sp, lumb sp, lumb spn, l spn, lspn, lum spine, lumb,
        lmbr spine, lum""",
        "LSPINE",
    ),
    Entry("th l spine, th l sp, thl spine", "TSPINE+LSPINE"),
    Entry("l s sp, ls sp, lumb sac, lumbosac, lumbosac spine, lumb sac spine", "LSPINE+SACRUM"),
    Entry("sacr, cocc, sac coccyx, sac cocc, s spine, sspine, sac", "SACRUM"),
    Entry(
        """sacro iliac, sacro iliac joint, sacro iliac joints, si jt, si jts, sacroil, sacroil jts,
        sacroiliac jts""",
        "SACRUM",
        "sacroiliac joint",
    ),
    Entry("thorx, thrx, che, cst, chets, cehst, ches, starnam, chst wall, mediast, chs", "CHEST"),
    Entry("ch", "CHEST", only=_SLICES),
    Entry("pulm, lng, lngs", "CHEST", "lung"),
    Entry("stern, sternm", "CHEST", "sternum"),
    Entry("esophag, esph", "CHEST", "oesophagus"),
    Entry("card, cardio, hrt", "HEART"),
    Entry("cor cta, coro, coron cta", "HEART", "coronary"),
    Entry("brst, brsts, brest, breat, mamm, mam", "BREAST"),
    Entry("abdm, abdmn, abdomn, abdmen, abds, abdo pain", "ABDOMEN"),
    Entry("ab", "ABDOMEN", only="CT MR PT US"),
    Entry("liv, lvr, hep", "ABDOMEN", "liver"),
    Entry("panc, pancr", "ABDOMEN", "pancreas"),
    Entry("spln", "ABDOMEN", "spleen"),
    Entry("adr, adrs, adren, adrnl", "ABDOMEN", "adrenal"),
    Entry("kid, kids, kidn, kdny, ren, rnl", "ABDOMEN", "kidney"),
    Entry("gallbldr, gallblad, glbldr", "ABDOMEN", "gallbladder"),
    Entry("retroperi, rtrprtn", "ABDOMEN"),
    Entry("plv, plvc, pelvs, pelvi, plvis, pel cavity", "PELVIS"),
    Entry("blad, bladd, bldr, bladr", "PELVIS", "bladder"),
    Entry("pros, prost, prstate, prst", "PELVIS", "prostate"),
    Entry("uter, utrs, ovar, ovars", "PELVIS", "uterus"),
    Entry("scrot, scrtm, tstcl, testic", "PELVIS", "scrotum"),
    Entry("rect, rctm", "PELVIS", "rectum"),
    Entry("should, should jt, shldr, shldrs, shld, shlds, shoul, shouldr, shdr", "SHOULDER"),
    Entry("clav, clavs, clvcl, clavicl", "SHOULDER", "clavicle"),
    Entry("scap, scaps, scpla", "SHOULDER", "scapula"),
    Entry("ac jt, ac jts, acrom clav, a c joint, a c joints, a c jts", "SHOULDER"),
    Entry("hum, humer, hmrs, humeras", "ARM", "humerus"),
    Entry("forarm, forearms, frarm, fore arm, radius ulna, rad uln, rad ulna", "ARM"),
    Entry("elb, elbs, elbw, elbws", "ELBOW"),
    Entry("wrst, wrsts, wrs, wst", "WRIST"),
    Entry("scaph, scphd", "WRIST", "scaphoid"),
    Entry("hnd, hnds", "HAND"),
    Entry("fing, fings, fngr, fngrs, fgr, thmb", "HAND", "finger"),
    Entry("hp, hps", "HIP", only="XR MR CT ?"),
    Entry("fems, femr, thgh, femure, feamure", "THIGH"),
    Entry("fem", "THIGH", only="XR"),
    Entry("kn, kns, knes", "KNEE"),
    Entry("pat, patel, patlla, pettela", "KNEE", "patella", only="XR MR CT"),
    Entry("tib, fib, tib fibs, tibs fibs, lwr leg, low leg, lowr leg, tibia fib", "LEG"),
    Entry("ank, anks, ankl, ankls", "ANKLE"),
    Entry("ft, fts", "FOOT", only="XR MR CT"),
    Entry("calcan, calcs", "FOOT", "calcaneus"),
    Entry("metatars, forefeet", "FOOT"),
    Entry(
        "lwr extrm, low extr, lwr limb, l extremity, lower extr, lext", "THIGH+KNEE+LEG", broad=True
    ),
    Entry("upr extrm, up extr, upr limb, u extremity, upper extr", "ARM+ELBOW", broad=True),
    Entry("extr, extrem, extrms", mark="limb"),
    # Polish departments.
    Entry("gl, glow, mozgow, tk gl, kt gl", "HEAD", only=_SLICES),
    Entry("brz, jb, j brz, jama brz, jamy brz, jbrz, jama brzusz, brzuszn", "ABDOMEN"),
    Entry("jb i mm, jb mm, jbm, jbim, jb + mm, j brz i miedn, brz + miedn", "ABDOMEN+PELVIS"),
    Entry("miedn, mied, m miedn, miedn m", "PELVIS"),
    Entry("kl, kl p, kl piers, kl piersiow, klatka, klat piers", "CHEST", only=_SLICES),
    Entry("kl p + jb, klp + jb, klp jb, klp i jb", "CHEST+ABDOMEN"),
    Entry("klp jb mm, klp + jb + mm, klp jb i mm, klpjbmm", "CHEST+ABDOMEN+PELVIS"),
    Entry("kr szyj, kr szyjny, kreg szyj, kregosl szyj, odc szyj, kr c", "CSPINE"),
    Entry("kr piers, kr piersiowy, kreg piers, odc piers, kr th", "TSPINE"),
    Entry("kr ledzw, kr ledzwiowy, kreg ledzw, odc ledz, odc ledzw, kr l", "LSPINE"),
    Entry("kr l s, kr ls, kr ledzw krzyz, kreg l s, kreg ls", "LSPINE+SACRUM"),
)

_SHORT = 5  # letters


def short_words() -> frozenset[str]:
    """The abbreviations too short to be looked for inside another word."""
    phrases = (phrase.strip() for entry in TERMS for phrase in entry.words.split(","))
    return frozenset(word for word in phrases if word.isalpha() and len(word) < _SHORT)
