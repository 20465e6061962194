"""Every address of the web face, and who may use it. What is not in this table does not exist."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from imaging_cloud.domain.access import Role
from imaging_cloud.web import (
    account_pages,
    admin_page,
    catalogue_api,
    code_login_pages,
    completion_api,
    decision_api,
    desk_page,
    documentation,
    download,
    guest_pages,
    health,
    order_check,
    patient_api,
    portal_page,
    share_pages,
    shell,
    statistics_api,
    statistics_page,
    view_api,
    view_page,
    viewer_assets,
    viewer_page,
)
from imaging_cloud.web.cds_hooks import discovery, feedback, service
from imaging_cloud.web.dicomweb import frames, qido, rendered, stow, wado
from imaging_cloud.web.fhir import capability, detected_issue, identity, imaging_study, own

Endpoint = Callable[..., Any]

OPEN: frozenset[Role] = frozenset()
# Guests came by a patient's link: they look at the shared studies and do nothing else.
EVERYBODY = frozenset(Role) - {Role.GUEST}
LOOKING = frozenset(Role)
GUESTS = frozenset({Role.GUEST})
PATIENTS = frozenset({Role.PATIENT})
ORDERING = frozenset({Role.PHYSICIAN, Role.SERVICE, Role.ADMIN})
STORING = frozenset({Role.TECHNICIAN, Role.SERVICE, Role.ADMIN})
EXPLAINING = frozenset({Role.TECHNICIAN, Role.ADMIN})
WATCHING = frozenset({Role.ADMIN, Role.SERVICE})
OPERATING = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Route:
    """`roles` empty: open to all, with no token."""

    method: str
    path: str
    endpoint: Endpoint
    roles: frozenset[Role]


_STUDY = "/dicom-web/studies/{study_uid}"
_SERIES = _STUDY + "/series/{series_uid}"
_INSTANCE = _SERIES + "/instances/{sop_instance_uid}"

_DICOMWEB = (
    Route("GET", "/dicom-web/studies", qido.search_studies, EVERYBODY),
    Route("GET", "/dicom-web/series", qido.search_series, EVERYBODY),
    Route("GET", "/dicom-web/instances", qido.search_instances, EVERYBODY),
    Route("GET", _STUDY + "/series", qido.search_series, EVERYBODY),
    Route("GET", _STUDY + "/instances", qido.search_instances, EVERYBODY),
    Route("GET", _SERIES + "/instances", qido.search_instances, EVERYBODY),
    *(
        Route("GET", part + suffix, endpoint, roles)
        for part in (_STUDY, _SERIES, _INSTANCE)
        for suffix, endpoint, roles in (
            ("", wado.get_instances, EVERYBODY),
            ("/metadata", wado.get_metadata, EVERYBODY),
            ("/rendered", rendered.get_rendered, LOOKING),
            ("/thumbnail", rendered.get_thumbnail, LOOKING),
        )
    ),
    Route("GET", _INSTANCE + "/frames/{frames}", frames.get_frames, LOOKING),
    Route("GET", _INSTANCE + "/frames/{frame}/rendered", rendered.get_rendered_frame, LOOKING),
    Route("GET", _INSTANCE + "/frames/{frame}/thumbnail", rendered.get_thumbnail_frame, LOOKING),
    Route("GET", _INSTANCE + "/bulkdata/{path:path}", frames.get_bulk_data, EVERYBODY),
    Route("POST", "/dicom-web/studies", stow.store_instances, STORING),
    Route("POST", _STUDY, stow.store_instances, STORING),
)

_VIEWED = "/view-api/studies/{study_uid}/series/{series_uid}"

_VIEW_API = (
    Route("GET", _VIEWED, view_api.get_series_document, LOOKING),
    Route("GET", _VIEWED + "/previews", view_api.get_previews, LOOKING),
    Route("GET", _VIEWED + "/slices/{slices}", view_api.get_slices, LOOKING),
)

_API = (
    Route("POST", "/api/order-check", order_check.post_order_check, ORDERING),
    Route("POST", "/api/order-check/{alert_id}/decision", decision_api.post_decision, ORDERING),
    Route("GET", "/api/statistics/order-checks", statistics_api.get_statistics, OPERATING),
    Route("GET", "/api/me", patient_api.get_me, EVERYBODY),
    Route("GET", "/api/studies", patient_api.get_studies, PATIENTS),
    Route("GET", "/api/access-log", patient_api.get_access_log, PATIENTS),
    Route("GET", "/api/consents", patient_api.get_consents, PATIENTS),
    Route("POST", "/api/consents", patient_api.post_consent, PATIENTS),
    Route("PUT", "/api/consents/{institution}", patient_api.put_consent, PATIENTS),
    Route("DELETE", "/api/consents", patient_api.delete_consent_by_field, PATIENTS),
    Route("DELETE", "/api/consents/{institution}", patient_api.delete_consent, PATIENTS),
    Route("GET", "/api/exams/{study_uid}/meaning", catalogue_api.get_meaning, EXPLAINING),
    Route("GET", "/api/catalogue/complete", completion_api.get_completions, ORDERING),
    Route("GET", "/api/institutions", completion_api.get_institutions, EVERYBODY),
    Route("GET", "/api/catalogue/worklist", catalogue_api.get_worklist, EXPLAINING),
    Route("GET", "/cds-services", discovery.get_services, OPEN),
    Route("POST", "/cds-services/{service}", service.post_service, ORDERING),
    Route("POST", "/cds-services/{service}/feedback", feedback.post_feedback, ORDERING),
)

_FHIR = (
    Route("GET", "/fhir/metadata", capability.get_metadata, EVERYBODY),
    Route("GET", "/fhir/ImagingStudy", imaging_study.search_imaging_studies, EVERYBODY),
    Route("GET", "/fhir/ImagingStudy/{study_uid}", imaging_study.get_imaging_study, EVERYBODY),
    Route("GET", "/fhir/DetectedIssue", detected_issue.search_detected_issues, ORDERING),
    Route("GET", "/fhir/DetectedIssue/{issue_id}", detected_issue.get_detected_issue, ORDERING),
    Route("GET", "/fhir/Patient/$ihe-pix", identity.get_ihe_pix, ORDERING),
    Route("GET", "/fhir/Consent", own.search_consents, PATIENTS),
    Route("GET", "/fhir/AuditEvent", own.search_audit_events, PATIENTS),
)

_PAGES = (
    Route("GET", "/", account_pages.get_front, LOOKING),
    Route("GET", "/login", account_pages.get_login, OPEN),
    Route("POST", "/login", account_pages.post_login, OPEN),
    Route("POST", "/login/code", code_login_pages.post_login_code, OPEN),
    Route("POST", "/login/verify", code_login_pages.post_login_verify, OPEN),
    Route("GET", "/logout", account_pages.get_logout, OPEN),
    Route("POST", "/logout", account_pages.post_logout, OPEN),
    Route("GET", "/favicon.ico", account_pages.get_icon, OPEN),
    Route("GET", "/pages/style.css", account_pages.get_style, OPEN),
    Route("GET", "/pages/portal.js", shell.get_script, OPEN),
    Route("GET", "/pages/icon-192.png", shell.get_small_icon, OPEN),
    Route("GET", "/pages/icon-512.png", shell.get_large_icon, OPEN),
    Route("GET", "/manifest.webmanifest", shell.get_manifest, OPEN),
    Route("GET", "/service-worker.js", shell.get_service_worker, OPEN),
    Route("GET", "/offline", shell.get_offline, OPEN),
    Route("GET", "/s/{token}", guest_pages.get_link, OPEN),
    Route("POST", "/s/{token}", guest_pages.post_link, OPEN),
    Route("GET", "/shared", guest_pages.get_shared, GUESTS),
    Route("GET", "/pages/viewer/{file}", viewer_assets.get_asset, LOOKING),
    Route("GET", viewer_assets.EMBEDDED, viewer_assets.get_embedded, OPEN),
    Route("GET", "/IHEInvokeImageDisplay", view_page.get_invoked_display, EVERYBODY),
    Route("GET", "/view/{study_uid}", view_page.get_view, LOOKING),
    Route("GET", "/view/{study_uid}/series/{series_uid}", viewer_page.get_series, LOOKING),
    Route(
        "GET",
        "/view/{study_uid}/series/{series_uid}/{number}",
        viewer_page.get_picture,
        LOOKING,
    ),
    Route("GET", "/portal", portal_page.get_portal, PATIENTS),
    Route("POST", "/portal/consents", portal_page.post_consent, PATIENTS),
    Route("GET", "/portal/share", share_pages.get_share_form, PATIENTS),
    Route("POST", "/portal/shares", share_pages.post_share, PATIENTS),
    Route("POST", "/portal/shares/{share_id}/end", share_pages.post_share_end, PATIENTS),
    Route("GET", "/portal/studies/{study_uid}/download", download.get_download, PATIENTS),
    Route("GET", "/desk", desk_page.get_desk, ORDERING),
    Route("POST", "/desk", desk_page.post_desk, ORDERING),
    Route("GET", "/admin", admin_page.get_admin, OPERATING),
    Route("GET", "/admin/statistics", statistics_page.get_statistics_page, OPERATING),
)

_OPERATION = (
    Route("GET", "/healthz", health.get_healthz, OPEN),
    Route("GET", "/readyz", health.get_readyz, OPEN),
    Route("GET", "/metrics", health.get_metrics, WATCHING),
    Route("GET", "/openapi.json", documentation.get_openapi, EVERYBODY),
    Route("GET", "/docs", documentation.get_docs, EVERYBODY),
)

ROUTES: tuple[Route, ...] = (*_OPERATION, *_API, *_DICOMWEB, *_VIEW_API, *_FHIR, *_PAGES)
OPEN_PATHS = frozenset(route.path for route in ROUTES if not route.roles)
