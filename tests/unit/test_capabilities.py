"""The services that there are; one client for an account and process, however many threads ask for it at once."""

import threading
from typing import get_args

from statuspage_provider.services import capabilities
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.settings import Settings
from statuspage_provider.statuses import Service

THREADS = 8


def test_the_services_that_a_type_checker_takes_are_those_that_there_are():
    assert get_args(Service) == tuple(CAPABILITIES)


def test_threads_that_ask_at_once_share_one_client():
    settings = Settings(CAPABILITIES["incident.io"].names, "https://api.example", "inc_s3cret0123456789")
    capabilities.forget_clients()
    together, found = threading.Barrier(THREADS, timeout=30), []

    def ask():
        together.wait()
        found.append(capabilities.connect(settings, "maintenances"))

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == THREADS
    assert len(set(map(id, found))) == 1
    capabilities.forget_clients()
