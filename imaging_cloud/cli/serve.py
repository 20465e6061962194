"""serve, gateway, web, worker: the running cloud, whole or one part of it."""

import logging
from typing import Annotated

import typer

from imaging_cloud import process
from imaging_cloud.cli.common import opened
from imaging_cloud.cli.supervisor import Supervisor
from imaging_cloud.domain.errors import CloudError
from imaging_cloud.settings import Settings

_LOG = logging.getLogger(__name__)


def add_commands(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("gateway")(gateway)
    app.command("web")(web)
    app.command("worker")(worker)


def serve() -> None:
    """Run everything: gateway, web and workers, on the addresses of the settings.

    Creates or upgrades what is missing. Ready when GET /readyz answers 200. SIGTERM finishes
    what is in hand and stops within 10 seconds.
    """
    from imaging_cloud.bootstrap import prepare_home

    settings = Settings()
    process.configure_logging(settings.log_level)
    prepare_home(settings)
    process.share_metrics(settings.home, afresh=True)
    _replay(settings)
    dicom = process.bind_socket(settings.dicom_host, settings.dicom_port)
    secure = None
    if settings.dicom_tls_certificate is not None:
        secure = process.bind_socket(settings.resolved_dicom_tls_host, settings.dicom_tls_port)
        secure.set_inheritable(True)
    http = process.bind_socket(settings.http_host, settings.http_port, listen=False)
    dicom.set_inheritable(True)
    http.set_inheritable(True)

    def say_ready() -> None:
        host, port = http.getsockname()[:2]
        dicom_host, dicom_port = dicom.getsockname()[:2]
        _LOG.info("ready: http://%s:%s", host, port)
        _LOG.info("ready: DICOM %s@%s:%s", settings.ae_title, dicom_host, dicom_port)
        if secure is not None:
            _LOG.info("ready: DICOM TLS %s@%s:%s", settings.ae_title, *secure.getsockname()[:2])

    supervisor = Supervisor(dicom=dicom, http=http, secure=secure)
    try:
        code = supervisor.run(
            gateways=settings.gateway_processes,
            webs=settings.web_processes,
            workers=settings.worker_processes,
            on_ready=say_ready,
        )
    finally:
        process.remove_runtime_folder(settings.home)
    raise typer.Exit(code)


def _replay(settings: Settings) -> None:
    """Take in what an earlier run had spooled; a store that is away keeps nobody from starting."""
    from imaging_cloud.bootstrap import log_store_abilities, open_cloud
    from imaging_cloud.use_cases.replay_spool import replay_spool

    cloud = open_cloud(settings)
    try:
        log_store_abilities(settings)
        report = replay_spool(cloud)
        _LOG.info("spool: %s", report)
    except CloudError as error:
        _LOG.warning("spool: not replayed now, a worker will try again: %s", error)
    finally:
        cloud.close()


def gateway() -> None:
    """Run only the DICOM gateway (C-ECHO, C-STORE, storage commitment)."""
    settings = Settings()
    process.share_metrics(settings.home)
    from gateway.start import serve_peers

    stop = process.stop_on_signals()
    with opened(settings) as cloud:
        serve_peers(cloud, settings, stop)


def web() -> None:
    """Run only the web face (DICOMweb, order check, pages)."""
    settings = Settings()
    process.share_metrics(settings.home)
    from imaging_cloud.use_cases.warm_up import warm_up
    from imaging_cloud.web.serve import run_web

    stop = process.stop_on_signals()
    with opened(settings) as cloud:
        listener = process.socket_for(process.HTTP_FD, settings.http_host, settings.http_port)
        warm_up(cloud, tokens=True)
        process.wait_for_go()
        run_web(cloud, listener, stop, process.announce_ready)


def worker(
    once: Annotated[
        bool, typer.Option("--once", help="Do what there is to do now, then end.")
    ] = False,
) -> None:
    """Run only a worker: settles studies, replays the spool, checks and reports commitment."""
    settings = Settings()
    process.share_metrics(settings.home)
    stop = process.stop_on_signals()
    with opened(settings) as cloud:
        process.announce_ready()
        # The codecs take a second to import, in which nobody should have to wait for the others.
        from gateway.tls import TlsFiles
        from imaging_cloud.cli.worker import run_worker

        run_worker(cloud, stop, once=once, ae_title=settings.ae_title, tls=TlsFiles.of(settings))
