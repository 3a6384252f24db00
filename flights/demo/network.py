"""Which cities a made-up airline connects: real airports, busy pairs first and more often."""

import heapq
from collections.abc import Iterator, Mapping
from itertools import combinations

from flights.airports import great_circle_km
from flights.models import Airport

# How many people want to go there, 1 to 10; a rough judgement from passenger numbers.
HUBS = {
    "CDG": 10, "FRA": 10, "LHR": 10, "JFK": 9, "HND": 9, "AMS": 8, "MAD": 7, "DXB": 8, "SIN": 8,
    "LAX": 8, "ORD": 7, "HKG": 7, "IST": 7, "MUC": 7, "GRU": 6, "SYD": 6, "YYZ": 6, "JNB": 5,
}  # fmt: skip
CITIES = {
    "BCN": 7, "FCO": 7, "LIS": 6, "ZRH": 6, "VIE": 6, "CPH": 6, "BER": 6, "DUB": 6, "ATH": 6,
    "ARN": 5, "OSL": 5, "BRU": 5, "MXP": 5, "NCE": 5, "GVA": 5, "HAM": 5, "PRG": 5, "WAW": 5,
    "BUD": 5, "HEL": 5, "EDI": 5, "MAN": 5, "LYS": 4, "TLS": 4, "MRS": 4, "BOD": 3, "NAP": 4,
    "OPO": 4, "AGP": 4, "PMI": 5, "VCE": 4, "STR": 4, "DUS": 4, "OTP": 4, "SOF": 3, "KRK": 4,
    "KEF": 4, "BGO": 3, "RIX": 3, "TLL": 2, "VNO": 2, "MLA": 3, "LCA": 3, "RAK": 4, "CMN": 4,
    "TUN": 3, "CAI": 5, "TLV": 5, "BOS": 6, "IAD": 5, "MIA": 6, "SFO": 7, "SEA": 5, "ATL": 7,
    "DFW": 6, "DEN": 6, "YUL": 5, "YVR": 5, "MEX": 6, "BOG": 5, "LIM": 5, "SCL": 5, "EZE": 5,
    "GIG": 5, "HAV": 3, "PUJ": 3, "NRT": 6, "KIX": 6, "ICN": 7, "PEK": 6, "PVG": 7, "TPE": 6,
    "BKK": 7, "KUL": 6, "MNL": 5, "CGK": 6, "DPS": 5, "SGN": 5, "HAN": 5, "DEL": 7, "BOM": 7,
    "BLR": 5, "MLE": 4, "DOH": 6, "RUH": 5, "NBO": 4, "CPT": 4, "ADD": 4, "LOS": 4, "DSS": 3,
    "MRU": 3, "AKL": 5, "MEL": 6, "BNE": 5, "PER": 4, "NAN": 2, "PPT": 2,
}  # fmt: skip
# A small airline would begin with these, so that even thirty pairs a day show the world.
FIRST = (
    "CDG-JFK FRA-CDG LHR-CDG FRA-HND CDG-NCE FRA-BER LHR-JFK CDG-HND FRA-JFK LHR-FRA CDG-BCN "
    "FRA-FCO CDG-LIS FRA-VIE JFK-LAX CDG-TLS HND-ICN LHR-EDI FRA-SIN CDG-GRU FRA-ZRH CDG-AMS "
    "LHR-DXB FRA-ARN CDG-YUL JFK-BOS CDG-ATH FRA-LIS SIN-SYD CDG-RAK"
)
SHORTEST_KM = 200


def city_pairs(airports: Mapping[str, Airport], reach_km: float) -> Iterator[tuple[str, str]]:
    """Pairs to connect, the most wanted first, for ever; every pair comes again less often.

    At least one end is a hub, and the pair is within reach.
    """
    demand = {
        pair: wish
        for pair, wish in _demand().items()
        if pair[0] in airports
        and pair[1] in airports
        and SHORTEST_KM <= great_circle_km(airports[pair[0]], airports[pair[1]]) <= reach_km
    }
    if not demand:
        return
    first = [pair for pair in _first() if pair in demand]
    yield from first
    yield from _by_demand(demand, dict.fromkeys(first, 1))


def _first() -> list[tuple[str, str]]:
    return [(pair[:3], pair[4:]) for pair in FIRST.split()]


def _demand() -> dict[tuple[str, str], int]:
    """The wish for each pair; the busier hub stands in front, as in FIRST."""
    sizes = HUBS | CITIES
    pairs = [(a, b) for a, b in combinations(sizes, 2) if a in HUBS]
    written = {frozenset(pair): pair for pair in _first()}
    return {written.get(frozenset((a, b)), (a, b)): sizes[a] * sizes[b] for a, b in pairs}


def _by_demand(
    demand: Mapping[tuple[str, str], int], times: dict[tuple[str, str], int]
) -> Iterator[tuple[str, str]]:
    """The pair with the most unmet demand, again and again: wish / (times + 1) squared."""
    queue = [(-wish / (times.get(pair, 0) + 1) ** 2, pair) for pair, wish in demand.items()]
    heapq.heapify(queue)
    while True:
        pair = queue[0][1]
        yield pair
        times[pair] = times.get(pair, 0) + 1
        heapq.heapreplace(queue, (-demand[pair] / (times[pair] + 1) ** 2, pair))
