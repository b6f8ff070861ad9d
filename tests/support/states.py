"""States that a stack may hold, generated."""

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from statuspage_provider import times
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs
from statuspage_provider.state import Anchor, IncidentState, MaintenanceState, Notice
from statuspage_provider.statuses import EVENTS

from .declared import MISSING, incident, window

UTC = timezone.utc


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
seconds = st.integers(0, 4_000_000_000)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
notices = st.lists(
    st.builds(Notice, event=st.sampled_from(EVENTS), at=texts, subscribers=st.booleans(), update_id=st.none() | texts),
    max_size=3,
)


@st.composite
def maintenance_states(draw):
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(seconds))
    length = timedelta(seconds=draw(st.integers(1, 10**7)))
    relative = draw(st.booleans())
    expression = draw(st.sampled_from(["now", "+15m", "+1h30m", "next 22:00 on Tue; notice 48h"]))
    is_slot = relative and expression.startswith("next")
    by_length = is_slot or draw(st.booleans())
    props = window(
        name=draw(texts),
        message=draw(texts),
        start_at=expression if relative else times.format_instant(start),
        end_at=MISSING if by_length else times.format_instant(start + length),
        duration=times.format_length(length) if by_length else MISSING,
        affected_component_ids=draw(st.lists(texts, min_size=1, max_size=4)),
        component_statuses=draw(
            st.none()
            | st.dictionaries(texts, st.sampled_from(["operational", "under_maintenance"]), min_size=1, max_size=3)
        ),
        notify_subscribers=draw(st.booleans() | st.lists(st.sampled_from(EVENTS), max_size=6)),
        triggers=draw(st.none() | st.lists(json_values, max_size=3)),
        time_zone=draw(st.sampled_from([None, "Europe/Berlin"])),
        repeat=is_slot and draw(st.booleans()),
        delete_message=draw(st.none() | texts),
    )
    return MaintenanceState(
        declared=MaintenanceInputs.model_validate(props),
        window=(start, start + length),
        phase=draw(st.sampled_from(["scheduled", "in_progress", "complete"])),
        automated=draw(st.booleans()),
        notices=draw(notices),
        last_update_id=draw(st.none() | texts),
        anchor=Anchor(
            expression=expression, start_at=times.format_instant(start), time_zone="Europe/Berlin" if is_slot else None
        )
        if relative
        else None,
        public_url=draw(st.none() | texts),
    )


incident_states = st.builds(
    IncidentState,
    declared=st.builds(
        lambda name, status, components: IncidentInputs.model_validate(
            incident(name=name, incident_status=status, component_statuses=components)
        ),
        texts,
        st.sampled_from(["investigating", "identified", "monitoring", "resolved"]),
        st.none() | st.dictionaries(texts, st.sampled_from(["operational", "full_outage"]), min_size=1, max_size=3),
    ),
    phase=st.sampled_from(["investigating", "identified", "monitoring", "resolved"]),
    notices=notices,
    last_update_id=st.none() | texts,
    public_url=st.none() | texts,
)
