// Fills the store of a daemon that is down with deliveries that wait for their next attempt, as an
// endpoint leaves them that has been dead for a day.
//   backlog --data-dir DIR --endpoint we_… --count 1000000
#include "core/numbers.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace postern::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kBatch = 10'000;
// Retries are spread over hours, as jitter and schedules spread them: of a million, 28 come due in
// a second.
constexpr std::chrono::seconds kSpread = 10h;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "backlog: %s\n", why.c_str());
    std::exit(1);
}

struct Options {
    std::string data_dir;
    std::string endpoint;
    std::uint64_t count = 0;
};

Options read_options(int argc, char** argv) {
    std::map<std::string, std::string> given;
    for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
    return {
        .data_dir = given["--data-dir"],
        .endpoint = given["--endpoint"],
        .count = parse_unsigned(given["--count"]).value_or(0)};
}

class Filler {
 public:
    Filler(storage::Database& database, const Clock& clock)
        : database_{database}, connection_{database.writer()}, clock_{clock} {}

    void fill(const Options& options) {
        const IdCodec ids{database_.keys().ids};
        const auto id = ids.decode<EndpointId>(options.endpoint);
        if (!id) fail("no endpoint has that id");
        const auto endpoint = storage::find_endpoint(connection_, *id);
        if (!endpoint || !*endpoint) fail("the endpoint is not there");
        for (std::uint64_t made = 0; made < options.count; made += kBatch) {
            add_batch(**endpoint, made, std::min(kBatch, options.count - made));
        }
    }

 private:
    void add_batch(const storage::EndpointRow& endpoint, std::uint64_t from, std::uint64_t count) {
        if (!connection_.begin()) fail("cannot begin");
        storage::Transaction transaction{
            {.connection = connection_, .ids = database_.ids(), .now = clock_.now()}};
        for (std::uint64_t i = 0; i < count; ++i) add(transaction, endpoint, from + i);
        if (!connection_.commit()) fail("cannot commit");
        if (!connection_.keep_house(storage::Load::idle)) fail("cannot move the log");
    }

    void add(
        storage::Transaction& transaction,
        const storage::EndpointRow& endpoint,
        std::uint64_t number
    ) {
        storage::EventRow event;
        event.id = EventId{transaction.next_id()};
        event.account = endpoint.account;
        event.livemode = endpoint.livemode;
        event.type = EventType::dispute_closed;
        event.created_at = transaction.now();
        event.object = R"({"object":"dispute","status":"lost","amount":"10.99"})";
        if (!storage::insert_event(transaction, event)) fail("cannot insert an event");
        const auto sequence = storage::next_sequence(transaction, endpoint.id);
        if (!sequence) fail("cannot number a delivery");
        const auto spread =
            std::chrono::microseconds{kSpread} / 100'000 * (number * 7919 % 100'000);
        storage::DeliveryRow delivery;
        delivery.event = event.id;
        delivery.endpoint = endpoint.id;
        delivery.account = endpoint.account;
        delivery.livemode = endpoint.livemode;
        delivery.sequence = *sequence;
        delivery.state = storage::DeliveryState::waiting;
        delivery.queue = storage::DeliveryQueue::retry;
        delivery.due_at = transaction.now() + spread;
        delivery.attempts = 1;
        delivery.round_attempts = 1;
        delivery.round_started_at = transaction.now();
        delivery.last_status = 500;
        delivery.last_error = storage::AttemptError::http_5xx;
        delivery.created_at = transaction.now();
        if (!storage::insert_delivery(transaction, delivery)) fail("cannot insert a delivery");
    }

    storage::Database& database_;
    storage::WriteConnection& connection_;
    const Clock& clock_;
};

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    using namespace postern;
    const auto options = bench::read_options(argc, argv);
    const SystemClock clock;
    storage::SqliteOptions store;
    store.directory = options.data_dir;
    auto database = storage::open_sqlite(std::move(store), clock);
    if (!database) bench::fail(database.error().message);
    bench::Filler{**database, clock}.fill(options);
    std::printf("{\"made\":%llu}\n", static_cast<unsigned long long>(options.count));
}
