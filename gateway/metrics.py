"""Counters of the gateway for Prometheus. Labels are fixed words: never anything a peer sent."""

from prometheus_client import Counter, Gauge

INSTANCES = Counter(
    "imaging_cloud_gateway_instances",
    "C-STORE requests answered, by outcome (stored, already-stored, or the cause of refusal)",
    ["outcome"],
)
BYTES = Counter(
    "imaging_cloud_gateway_data_set_bytes",
    "Data set bytes received by C-STORE, whatever became of them",
)
ASSOCIATIONS = Counter(
    "imaging_cloud_gateway_associations_accepted",
    "Associations accepted",
)
REFUSALS = Counter(
    "imaging_cloud_gateway_associations_refused",
    "Connections and association requests refused or cut, by reason",
    ["reason"],
)
COMMITMENTS = Counter(
    "imaging_cloud_gateway_commitments",
    "Storage commitment requests answered and reports sent, by outcome",
    ["outcome"],
)
ACTIVE = Gauge(
    "imaging_cloud_gateway_associations_active",
    "Associations established at this moment",
    multiprocess_mode="livesum",
)
