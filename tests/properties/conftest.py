"""How much the properties are tried: a little by default, a lot with TENURE_PROPERTIES=soak."""

import os

from hypothesis import HealthCheck, Phase, settings

_COMMON = settings(
    deadline=None,  # an example starts threads and loops, so its time says nothing
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    print_blob=True,
)

settings.register_profile(
    "ci",
    _COMMON,
    max_examples=100,
    derandomize=True,
    database=None,
    # A failing example is shrunk by TENURE_PROPERTIES=soak only: that may take minutes.
    phases=[Phase.explicit, Phase.generate],
)
settings.register_profile("soak", _COMMON, max_examples=2_000)
settings.load_profile(os.environ.get("TENURE_PROPERTIES", "ci"))
