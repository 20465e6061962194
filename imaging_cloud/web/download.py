"""A patient takes a study home: a ZIP archive of the Part 10 files."""

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from imaging_cloud.use_cases.open_study import StudyPart, open_study
from imaging_cloud.use_cases.pack_study import pack_study
from imaging_cloud.web.calls import cloud_of, scope_of_call
from imaging_cloud.web.security import principal_of

READ_ME = """\
这是您的医学影像，格式为 DICOM（.dcm 文件），与医院存入时完全一致。
可用免费看图软件打开整个文件夹，例如 Weasis（weasis.org）或 3D Slicer（slicer.org），
也可以拷到 U 盘或光盘交给医生。
影像中有您的姓名和号码：请像病历一样保管，不要发到公开的地方。

These are your medical images as DICOM files (.dcm), exactly as the hospital stored them.
Free viewers open the whole folder, for example Weasis (weasis.org) or 3D Slicer (slicer.org);
or hand it to a physician on a USB stick or disc.
They hold your name and number: keep them as you keep medical papers, and out of public places.
"""


def get_download(request: Request, study_uid: str) -> Response:
    """The whole study as one archive, made while it is sent."""
    cloud = cloud_of(request)
    part = StudyPart(study_uid=study_uid)
    opened = open_study(part, "download", principal_of(request), scope_of_call(request), cloud)
    # A store that is away is a 503 now, and not an archive cut short.
    cloud.objects.open_object(opened.instances[0].object_key).close()
    at = cloud.clock.now().astimezone(cloud.policy.time_zone)
    name = "-".join(("images", *opened.study.modalities[:3], at.strftime("%Y%m%d")))
    safe = "".join(each for each in name if each.isascii() and (each.isalnum() or each == "-"))
    return StreamingResponse(
        pack_study(opened, READ_ME, cloud, at=at),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{safe}.zip"'},
    )
