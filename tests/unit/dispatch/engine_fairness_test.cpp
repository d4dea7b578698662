#include "dispatch/engine.hpp"
#include "tests/unit/dispatch/engine_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace postern::dispatch {
namespace {

using storage::DeliveryQueue;
using storage::DeliveryRow;
using Ids = std::vector<std::int64_t>;
using Notice = RecordEnd::Notice;
using namespace std::chrono_literals;

std::map<std::int64_t, int> started_by_endpoint(const EngineRig& rig) {
    std::map<std::int64_t, int> counts;
    for (const StartAttempt& start : rig.started) counts[start.endpoint->id.value] += 1;
    return counts;
}

TEST(EngineFairness, DoesNotLetABacklogDelayAnothersFirstAttempt) {
    EngineLimits limits;
    limits.in_flight_max = 8;
    EngineRig rig{limits};
    const EndpointId dead = rig.add_endpoint(1);
    const EndpointId alive = rig.add_endpoint(2);
    for (int i = 0; i < 10'000; ++i) rig.offered(dead);
    rig.settle();
    ASSERT_EQ(rig.started.size(), 6U) << "it has all the room but what is kept for others";
    const DeliveryRow row = rig.offered(alive);
    rig.settle();
    EXPECT_EQ(rig.started.back().item.delivery, row.id) << "without anybody having to end";
    rig.end(row.id);
    for (int round = 0; round < 30; ++round) {
        rig.end_all(0);
        rig.advance(1s);
        rig.settle();
    }
    EXPECT_EQ(rig.engine.status(rig.table.time).breakers_open, 1);
    rig.end_all(0);
    const std::size_t before = rig.begun.size();
    rig.offered(alive);
    rig.settle();
    EXPECT_EQ(rig.begun.size(), before + 1);
    EXPECT_LE(rig.engine.status(rig.table.time).items, 300U);
}

TEST(EngineFairness, GivesEachEndpointItsTurn) {
    EngineLimits limits;
    limits.in_flight_max = 12;
    EngineRig rig{limits};
    for (std::int64_t id = 1; id <= 3; ++id) {
        const EndpointId endpoint = rig.add_endpoint(id);
        for (int i = 0; i < 100; ++i) rig.offered(endpoint);
    }
    rig.poll();
    EXPECT_EQ(started_by_endpoint(rig), (std::map<std::int64_t, int>{{1, 3}, {2, 3}, {3, 3}}));
}

TEST(EngineFairness, CallsWhoAnswersWhileAnyNumberOfOthersHang) {
    for (const std::int64_t hanging : {1, 2, 5, 20, 60}) {
        SCOPED_TRACE(hanging);
        EngineLimits limits;
        limits.in_flight_max = 100;
        EngineRig rig{limits};
        for (std::int64_t id = 1; id <= hanging; ++id) {
            const EndpointId dead = rig.add_endpoint(id, [](EndpointSettings& settings) {
                settings.in_flight_max = 1'000;
            });
            for (int i = 0; i < 150; ++i) rig.offered(dead);
        }
        rig.settle();
        EXPECT_GE(rig.started.size(), 75U);
        const EndpointId alive = rig.add_endpoint(1'000);
        for (int i = 0; i < 30; ++i) {
            const DeliveryRow row = rig.offered(alive);
            rig.settle();
            ASSERT_EQ(rig.started.back().item.delivery, row.id);
            rig.end(row.id);
            rig.settle();
        }
    }
}

TEST(EngineFairness, GivesWhatBecomesFreeToWhoeverHasTheLeast) {
    EngineLimits limits;
    limits.in_flight_max = 8;
    EngineRig rig{limits};
    const EndpointId first = rig.add_endpoint(1);
    for (int i = 0; i < 20; ++i) rig.offered(first);
    rig.settle();
    const EndpointId second = rig.add_endpoint(2);
    for (int i = 0; i < 20; ++i) rig.offered(second);
    rig.settle();
    EXPECT_EQ(started_by_endpoint(rig), (std::map<std::int64_t, int>{{1, 6}, {2, 1}}));
    rig.end(rig.started.front().item.delivery);
    rig.settle();
    EXPECT_EQ(started_by_endpoint(rig), (std::map<std::int64_t, int>{{1, 5}, {2, 2}}));
    rig.run_for(1min);
    EXPECT_EQ(rig.count_open(), 0U);
}

TEST(EngineFairness, SendsFreshEventsBeforeOldRetries) {
    EngineRig rig;
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 1; });
    const DeliveryRow old = rig.offered(endpoint);
    rig.poll();
    rig.end(old.id, 500);
    rig.settle();
    rig.table.time += 5s;
    const DeliveryRow fresh = rig.offered(endpoint);
    rig.poll();
    EXPECT_EQ(rig.started_ids(), Ids{fresh.id.value});
    rig.end(fresh.id);
    rig.poll();
    EXPECT_EQ(rig.started_ids(), Ids{old.id.value});
}

TEST(EngineFairness, KeepsEveryLimitOnCallsUnderWay) {
    EngineLimits limits;
    limits.in_flight_per_origin_max = 4;
    EngineRig rig{limits};
    for (std::int64_t id = 1; id <= 3; ++id) {
        auto endpoint =
            rig.make_endpoint(id, [](EndpointSettings& settings) { settings.in_flight_max = 3; });
        endpoint->url = "https://one.example/" + std::to_string(id);
        rig.engine.put_endpoint(endpoint, std::nullopt, {});
        for (int i = 0; i < 10; ++i) rig.offered(EndpointId{id});
    }
    rig.poll();
    EXPECT_EQ(started_by_endpoint(rig), (std::map<std::int64_t, int>{{1, 2}, {2, 1}, {3, 1}}));
    std::map<std::int64_t, int> served;
    while (!rig.started.empty()) {
        ASSERT_LE(rig.started.size(), 4U);
        for (const auto& [endpoint, count] : started_by_endpoint(rig)) ASSERT_LE(count, 3);
        served[rig.started.front().endpoint->id.value] += 1;
        rig.end(rig.started.front().item.delivery);
        rig.settle();
    }
    EXPECT_EQ(served, (std::map<std::int64_t, int>{{1, 10}, {2, 10}, {3, 10}}));
}

TEST(EngineFairness, PassesRoomAtAnOriginOnWhenItsFirstWaiterIsGone) {
    EngineLimits limits;
    limits.in_flight_per_origin_max = 1;
    EngineRig rig{limits};
    for (std::int64_t id = 1; id <= 3; ++id) {
        auto endpoint = rig.make_endpoint(id);
        endpoint->url = "https://one.example/" + std::to_string(id);
        rig.engine.put_endpoint(endpoint, std::nullopt, {});
        rig.offered(EndpointId{id});
    }
    rig.poll();
    ASSERT_EQ(started_by_endpoint(rig), (std::map<std::int64_t, int>{{1, 1}}));
    auto disabled = rig.make_endpoint(2);
    disabled->revision = 2;
    disabled->status = storage::EndpointStatus::disabled;
    rig.engine.put_endpoint(disabled, std::nullopt, {});
    rig.poll();
    rig.end_all();
    rig.poll();
    EXPECT_EQ(started_by_endpoint(rig), (std::map<std::int64_t, int>{{3, 1}}));
}

TEST(EngineFairness, KeepsARate) {
    EngineRig rig;
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.rate_per_second = 10; });
    for (int i = 0; i < 30; ++i) rig.offered(endpoint);
    const TimePoint begin = rig.table.time;
    std::size_t seen = 0;
    for (int second = 1; second <= 3; ++second) {
        rig.run_for(begin + second * 1s - 1us - rig.table.time);
        EXPECT_EQ(rig.begun.size() - seen, 10U);
        seen = rig.begun.size();
    }
    EXPECT_EQ(rig.count_open(), 0U);
}

// ---- endpoints that fail

TEST(EngineBreaker, PausesProbesAndRamps) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    for (int i = 0; i < 100; ++i) rig.offered(endpoint);
    rig.poll();
    ASSERT_EQ(rig.started.size(), 64U);
    rig.end(rig.started.front().item.delivery, 500);
    rig.table.time += 10s;
    while (rig.started.size() > 1) rig.end(rig.started.front().item.delivery, 500);
    rig.poll();
    EXPECT_EQ(rig.started.size(), 1U) << "nothing new while it is open";
    rig.end_all(500);
    rig.settle();
    const auto opened =
        std::find_if(rig.written.begin(), rig.written.end(), [](const RecordEnd& record) {
            return record.notice == Notice::failing;
        });
    ASSERT_NE(opened, rig.written.end());
    ASSERT_TRUE(opened->health.has_value());
    EXPECT_EQ(opened->health->breaker_openings, 1);
    EXPECT_EQ(opened->health->not_before, rig.table.time + 15s);
    EXPECT_EQ(rig.engine.next_wake(), rig.table.time + 15s);
    EXPECT_EQ(rig.engine.status(rig.table.time).oldest_due, std::nullopt);
    rig.advance(15s);
    ASSERT_EQ(rig.started.size(), 1U) << "a probe";
    rig.end_all(200);
    rig.settle();
    EXPECT_EQ(rig.written.back().notice, Notice::recovered);
    EXPECT_EQ(rig.written.back().health->failing_since, std::nullopt);
    EXPECT_EQ(rig.started.size(), 2U) << "a ramp";
    rig.end_all(200);
    rig.settle();
    EXPECT_EQ(rig.started.size(), 4U);
}

TEST(EngineBreaker, SaysOnlyOnceThatAnEndpointFails) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    for (int i = 0; i < 40; ++i) rig.offered(endpoint);
    rig.run_for(12h, 500);
    const auto told =
        std::count_if(rig.written.begin(), rig.written.end(), [](const RecordEnd& record) {
            return record.notice == Notice::failing;
        });
    EXPECT_EQ(told, 1);
}

TEST(EngineBreaker, WritesHealthWhenItChangesAndNotWithEachAttempt) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    for (int i = 0; i < 5; ++i) rig.offered(endpoint);
    rig.poll();
    rig.end_all(500);
    rig.poll();
    ASSERT_EQ(rig.records.size(), 5U);
    EXPECT_EQ(rig.records[0].health->failing_since, rig.table.time);
    for (std::size_t i = 1; i < 5; ++i) EXPECT_FALSE(rig.records[i].health.has_value());
}

TEST(EngineBreaker, WritesTheLatestHealthWhenItIsAskedAgain) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow first = rig.offered(endpoint);
    const DeliveryRow second = rig.offered(endpoint);
    rig.poll();
    rig.end(first.id, 500);
    rig.poll();
    rig.records.clear();
    rig.engine.record_failed(first.id, rig.table.time);
    rig.end(second.id, 200);
    rig.settle();
    rig.advance(1s);
    ASSERT_EQ(rig.records.size(), 1U);
    EXPECT_EQ(rig.records[0].health->failing_since, std::nullopt);
}

TEST(EngineBreaker, RespectsAPauseThatTheEndpointAsksFor) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow first = rig.offered(endpoint);
    rig.poll();
    rig.started.clear();
    AttemptResult busy = answer(429);
    busy.retry_after = 60s;
    rig.engine.attempt_ended(first.id, busy, rig.table.time);
    rig.settle();
    const DeliveryRow second = rig.offered(endpoint);
    rig.advance(60s - 1us);
    EXPECT_TRUE(rig.started.empty());
    rig.advance(1us);
    EXPECT_EQ(rig.started_ids(), Ids{second.id.value});
}

TEST(EngineBreaker, ForgivesAnEndpointThatAPersonEnabled) {
    EngineRig rig;
    const storage::EndpointHealthRow health{
        .endpoint = EndpointId{1},
        .failing_since = rig.table.time - 1h,
        .failures = 50,
        .not_before = rig.table.time + 10min,
        .breaker_openings = 9};
    auto disabled = rig.make_endpoint(1);
    disabled->status = storage::EndpointStatus::disabled;
    rig.engine.put_endpoint(disabled, health, {});
    auto enabled = rig.make_endpoint(1);
    enabled->revision = 2;
    rig.engine.put_endpoint(enabled, health, {});
    for (int i = 0; i < 3; ++i) rig.offered(EndpointId{1});
    rig.poll();
    EXPECT_EQ(rig.started.size(), 3U);
    rig.end_all();
    rig.poll();
    EXPECT_EQ(rig.records[0].health->breaker_openings, 0);
}

// ---- many

TEST(EngineScale, LooksOnlyAtLanesToWhichSomethingHappened) {
    constexpr std::int64_t kLanes = 10'000;
    EngineRig rig;
    for (std::int64_t id = 1; id <= kLanes; ++id) {
        // Each has a retry in the store, its own second of the next hours.
        rig.engine.put_endpoint(
            rig.make_endpoint(id), std::nullopt, {.retry = rig.table.time + id * 1s}
        );
    }
    rig.poll();
    const std::uint64_t at_start = rig.engine.status(rig.table.time).looks;
    EXPECT_EQ(at_start, static_cast<std::uint64_t>(kLanes));
    for (int i = 0; i < 1'000; ++i) rig.poll();
    EXPECT_EQ(rig.engine.status(rig.table.time).looks, at_start);
    rig.advance(10s);
    EXPECT_EQ(rig.engine.status(rig.table.time).looks, at_start + 10);
    rig.settle();
    rig.offered(EndpointId{5'000});
    rig.poll();
    EXPECT_LE(rig.engine.status(rig.table.time).looks, at_start + 22);
}

TEST(EngineScale, LocksNobodyOutWhenMemoryIsFull) {
    EngineLimits limits;
    limits.window_items = 64;
    limits.items_max = 128;
    limits.in_flight_max = 10;
    EngineRig rig{limits};
    for (std::int64_t id = 1; id <= 4; ++id) {
        const EndpointId endpoint =
            rig.add_endpoint(id, [](EndpointSettings& settings) { settings.rate_per_second = 1; });
        for (int i = 0; i < 100; ++i) rig.offered(endpoint);
    }
    rig.settle();
    EXPECT_LE(rig.engine.status(rig.table.time).items, 128U);
    const EndpointId last = rig.add_endpoint(9);
    Ids expected;
    for (int i = 0; i < 20; ++i) expected.push_back(rig.offered(last).id.value);
    rig.settle();
    Ids reached;
    for (int i = 0; i < 40 && reached.size() < 20; ++i) {
        const std::vector<StartAttempt> started = rig.started;
        for (const StartAttempt& start : started) {
            if (start.endpoint->id == last) reached.push_back(start.item.delivery.value);
            rig.end(start.item.delivery);
        }
        rig.settle();
    }
    EXPECT_EQ(reached, expected);
    rig.run_for(2min);
    EXPECT_EQ(rig.count_open(), 0U);
    EXPECT_EQ(rig.begun.size(), 420U);
}

TEST(EngineScale, DoesTheSameWithTheSameFacts) {
    const auto run = [] {
        EngineRig rig;
        for (std::int64_t id = 1; id <= 20; ++id) {
            const EndpointId endpoint = rig.add_endpoint(id);
            for (int i = 0; i < 30; ++i) rig.offered(endpoint);
        }
        for (int round = 0; round < 5; ++round) rig.run_for(10min, round % 2 == 0 ? 500 : 200);
        return rig.begun;
    };
    EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace postern::dispatch
