"""Phases and techniques as scanners write them into series names.

Source: protocol names of Siemens, GE, Philips, Canon and United Imaging scanners in public test
data of English, French, German, Polish, Portuguese and Italian departments. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

_SECONDS = ", ".join(f"{count} sec, {count}sec, {count} secs" for count in range(15, 185, 5))
_MINUTES = ", ".join(
    f"{count} min, {count}min, {count} mins, {count} minutes, {count} minute"
    for count in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30)
)
_NEVER = "US NM XR MG PT XA RF"

TERMS = (
    Entry(
        """tard, tardif, tardive, tardifs, tardives, tardio, tardia, temps tardif, spat, spate,
        spatphase, spatarteriell, arteriell, arterielle, arteriel, arteriosa, fruharteriell,
        venos, venose, veineux, veineuse, portalvenos, portalvenose, portovenos, portovenose, port,
        portale, porto, portal phase, temps portal, temps arteriel, fase arterial, fase venosa,
        fase portal, fase tardia, venosa, equilibre, equilibrio, parenchym, parenchymphase,
        faza tetnicza, faza zylna, faza wrotna, faza opozniona, tetnicza, zylna, wrotna,
        opozniona, wrotno zylna, nefrograficzna, wydzielnicza, multiart, late venous,
        venous pha, arterial pha, art phase, ven phase, pv phase, delay phase, del phase, pvp,
        hbp, hepatobiliary phase, portovenous, porto venous, portven, artven, nephrogram phase,
        urographic phase, angiographic phase, pancreatic phase, panc phase, hepatic phase,
        nefro, nephrographic phase, early arterial, a phase, v phase, d phase""",
        contrast="phase",
        never=_NEVER,
        mark="series",
    ),
    Entry(_SECONDS, contrast="phase", only="CT MR", mark="series"),
    Entry(_MINUTES, contrast="phase", only="CT MR", mark="series"),
    Entry(
        """ss iv, ss inj, ss injection, ss contraste, ss pdc, ss gado, ss produit de contraste,
        sans inj, sans gado, sans gadolinium, vor km, vor kontrast, przed kontrastem, bez km""",
        contrast="none",
    ),
    Entry(
        """av iv, av inj, av injection, avec inj, apres inj, apres injection, apres iv,
        apres gado, apres gd, apres gadolinium, apres pdc, post inj, post injection, gado iv,
        nach kontrast, nach kontrastmittel, nach gd, nach gado, n km, po km, pos gado,
        pos contraste, post km, po gd, t1 gd, t1 gado, t1 km, t1 c, t1c, t1ce, t1gd, gdtpa,
        gd dtpa, dtpa gd, post dotarem, dotarem, gadovist, prohance, magnevist, clariscan""",
        contrast="with",
        never="NM",
    ),
    # Words of reconstructions that name no region of their own.
    Entry(
        """lung bases, lung base, lung window, lung windows, lung kernel, bone window,
        bone windows, bone kernel, bone algorithm, brain window, liver window, liver windows,
        soft tissue window, chest leads, dixon w, dixon f, caipi w""",
        mark="guard",
    ),
)
