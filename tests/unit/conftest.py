"""Properties are checked without a wall clock: a slow machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("unit", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")
