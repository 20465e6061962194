from pathlib import Path

from tests.makers import make_study, uid
from tests.protocol.serving import PATIENT, Web, other_ids


def test_smoke(web: Web, tmp_path: Path) -> None:
    web.keep(make_study(tmp_path, count=3, OtherPatientIDsSequence=other_ids()))
    admin = web.token("admin")
    print(web.get("/healthz").json(), web.get("/readyz").json(), web.get("/cds-services").json())
    for p in ["/metrics", "/openapi.json", "/docs", "/api/me", "/dicom-web/studies", "/dicom-web/series", "/dicom-web/instances",
              f"/view/{uid('s1')}", "/admin", "/desk", f"/view/{uid('s1')}/series/{uid('s1','series')}", f"/view/{uid('s1')}/series/{uid('s1','series')}/2",
              f"/dicom-web/studies/{uid('s1')}", f"/dicom-web/studies/{uid('s1')}/metadata", f"/dicom-web/studies/{uid('s1')}/rendered", f"/dicom-web/studies/{uid('s1')}/thumbnail"]:
        r = web.get(p, admin)
        print(p, r.status_code, r.headers.get("content-type"), len(r.content), r.content[:200] if r.status_code != 200 else "")
    patient = web.token("patient", PATIENT)
    for p in ["/portal", "/api/studies", "/api/consents", "/api/access-log"]:
        r = web.get(p, patient)
        print(p, r.status_code, r.text[:600])
    assert False
