"""What the stories are made of: who, which seats, and how the gateway is disposed."""

from uuid import UUID, uuid5

from hypothesis import strategies as st

from tests.proof.model_gateway import Mood

SEATS = ("1A", "1B", "2A", "2B")
CUSTOMERS = {name: uuid5(UUID(int=0), name) for name in ("Alice", "Bob")}

some_seats = st.lists(st.sampled_from(SEATS), min_size=1, max_size=3, unique=True)
odd_seats = st.lists(st.sampled_from([*SEATS, "99A"]), max_size=4)
any_seats = st.one_of(some_seats, some_seats, odd_seats)
customers = st.sampled_from([None, None, *CUSTOMERS])
askers = st.sampled_from([*["owner"] * 12, None, *CUSTOMERS])
# How many versions somebody has missed; None does not look.
behind = st.sampled_from([None, None, 0, 1])
fares = st.sampled_from([None, None, None, "light", "standard", "flex", "gold"])
# Of 21,600 for a seat at most.
amounts = st.sampled_from([0, 1, 5_000, 21_600, 99_999])
codes = st.sampled_from(["00000", "00000", "12345", "123"])
moods = st.builds(
    Mood,
    fate=st.sampled_from(["approved", "declined", "declined", "refused", "silent", "lost"]),
    answers_lookups=st.sampled_from([True, True, False]),
    refunds=st.sampled_from([True, True, False]),
)
