"""Runs inside `unshare -n`: a cloud and an Orthanc that asks it for storage commitment.

Arguments: a folder of its own, then DICOM files. Prints Orthanc's two reports as JSON: of what it
had sent, and of that with an instance that nobody sent. See inside_namespace.py for why.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

CT = "1.2.840.10008.5.1.4.1.1.2"
HTTP, DICOM, CLOUD_HTTP, CLOUD_DICOM = 8042, 4242, 8080, 11112
PATIENCE = 60
REGISTER = f"""
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.ports.access_register import Device, Institution
from imaging_cloud.settings import Settings
settings = Settings(_env_file=None)
prepare_home(settings)
cloud = open_cloud(settings)
cloud.register.add_institution(Institution(code="HOSP_A", name="A"))
cloud.register.add_device(
    Device(ae_title="ORTHANC", institution="HOSP_A", host="127.0.0.1", port={DICOM})
)
cloud.close()
"""


def call(path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{HTTP}{path}", data=body)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def until(check: Any) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if found := check():
                return found
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(check)


def cloud_is_ready() -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{CLOUD_HTTP}/readyz", timeout=5) as answer:
        return bool(answer.status == 200)


def commitment(references: list[dict[str, str]]) -> Any:
    body = json.dumps({"DicomInstances": references}).encode()
    asked = call("/modalities/cloud/storage-commitment", body)

    def report() -> Any:
        found = call(asked["Path"])
        return found if found["Status"] != "Pending" else None

    return until(report)


def main(folder: Path, files: list[Path]) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    environment = os.environ | {
        "IMAGING_CLOUD_HOME": str(folder / "home"),
        "IMAGING_CLOUD_HTTP_PORT": str(CLOUD_HTTP),
        "IMAGING_CLOUD_DICOM_PORT": str(CLOUD_DICOM),
    }
    subprocess.run([sys.executable, "-c", REGISTER], env=environment, check=True)
    configuration = folder / "orthanc.json"
    configuration.write_text(
        json.dumps(
            {
                "StorageDirectory": str(folder / "orthanc"),
                "IndexDirectory": str(folder / "orthanc"),
                "HttpPort": HTTP,
                "DicomAet": "ORTHANC",
                "DicomPort": DICOM,
                "DicomModalities": {
                    "cloud": {"AET": "IMAGINGCLOUD", "Host": "127.0.0.1", "Port": CLOUD_DICOM}
                },
                "Plugins": [],
            }
        )
    )
    output = {"stdout": sys.stderr, "stderr": sys.stderr}
    cloud = subprocess.Popen(
        [sys.executable, "-m", "imaging_cloud", "serve"], env=environment, **output
    )  # type: ignore[call-overload]
    orthanc = subprocess.Popen(["Orthanc", str(configuration)], **output)  # type: ignore[call-overload]
    try:
        until(cloud_is_ready)
        until(lambda: call("/system"))
        sent = [call("/instances", path.read_bytes())["ID"] for path in files]
        stored = call("/modalities/cloud/store", json.dumps(sent).encode())
        uids = [call(f"/instances/{each}/simplified-tags")["SOPInstanceUID"] for each in sent]
        references = [{"SOPClassUID": CT, "SOPInstanceUID": uid} for uid in uids]
        absent = {"SOPClassUID": CT, "SOPInstanceUID": "1.2.3.4.5"}
        reports = {
            "failed_to_send": stored["FailedInstancesCount"],
            "whole": commitment(references),
            "one_absent": commitment([*references, absent]),
        }
        sys.stdout.write(json.dumps(reports))
    finally:
        orthanc.kill()
        cloud.send_signal(signal.SIGTERM)
        orthanc.wait()
        cloud.wait(20)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
