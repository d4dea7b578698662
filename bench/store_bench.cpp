// Webhooks made durable per second through the whole writer, on the disk of the current directory:
// inbox row, event, indexes, dedupe entry, commit. The argument is how many a producer has waiting
// while as many are being committed, which is the natural batch.
#include "core/crypto.hpp"
#include "storage/account_repository.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/writer.hpp"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

namespace postern::storage {
namespace {

constexpr std::size_t kBodyBytes = 2'048;
constexpr std::size_t kObjectBytes = 400;
constexpr std::size_t kHeaderBytes = 300;
constexpr std::size_t kEventsPerIteration = 40'000;

struct Payload {
    std::string body = std::string(kBodyBytes, 'b');
    std::string object = "{\"x\":\"" + std::string(kObjectBytes, 'o') + "\"}";
    std::string headers = std::string(kHeaderBytes, 'h');
    std::string body_sha256 = sha256(body);
};

IngestRequest make_request(const Payload& payload, std::string_view event_id, TimePoint now) {
    IngestRequest request;
    request.account = kDefaultAccount;
    request.gateway = GatewayNumber{1};
    request.received_at = now;
    request.headers = payload.headers;
    request.body = payload.body;
    request.body_sha256 = payload.body_sha256;
    request.events.push_back(
        {event_id,
         "payment_intent.succeeded",
         NormalisedEvent{EventType::payment_succeeded, payload.object}}
    );
    return request;
}

using Free = std::counting_semaphore<>;

class Webhook final : public IngestUnit {
 public:
    Webhook(IngestRequest request, Free& free) : IngestUnit{std::move(request)}, free_{free} {}
    void done(Result<Committed, StoreError> result) noexcept override {
        if (!result) std::abort();
        free_.release();
    }

 private:
    Free& free_;
};

struct Bench {
    Bench() {
        const auto directory = std::filesystem::current_path() / "store-bench-data";
        std::filesystem::remove_all(directory);
        auto opened = open_sqlite({.directory = directory}, clock);
        if (!opened) std::abort();
        database = std::move(*opened);
    }

    SystemClock clock;
    Payload payload;
    std::unique_ptr<Database> database;
    std::uint64_t next_event = 0;
};

void ingest_some(Bench& bench, Writer& writer, std::size_t in_flight) {
    Free free{static_cast<std::ptrdiff_t>(in_flight)};
    std::vector<std::string> event_ids(in_flight);
    std::vector<std::optional<Webhook>> ring(in_flight);
    const TimePoint now = bench.clock.now();
    for (std::size_t i = 0; i < kEventsPerIteration; ++i) {
        free.acquire();  // units are finished in the order submitted
        std::string& event_id = event_ids[i % in_flight];
        event_id = "evt_1MqqbKLt4dXK03v5" + std::to_string(bench.next_event++);
        auto& unit = ring[i % in_flight];
        unit.emplace(make_request(bench.payload, event_id, now), free);
        if (writer.submit(*unit) != Submitted::queued) std::abort();
    }
    for (std::size_t i = 0; i < in_flight; ++i) free.acquire();
}

void BM_Ingest(benchmark::State& state) {
    Bench bench;
    {
        Writer writer{*bench.database, bench.clock, {}};
        for (auto iteration : state) {
            static_cast<void>(iteration);
            ingest_some(bench, writer, 2 * static_cast<std::size_t>(state.range(0)));
        }
        state.counters["batch"] =
            static_cast<double>(bench.next_event) / static_cast<double>(writer.status().commits);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(bench.next_event));
}
BENCHMARK(BM_Ingest)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(256)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

}  // namespace
}  // namespace postern::storage

BENCHMARK_MAIN();
