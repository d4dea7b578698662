#include "tests/unit/storage/store_fixture.hpp"

#include "core/crypto.hpp"
#include "storage/account_repository.hpp"
#include "storage/postgres/postgres_database.hpp"
#include "tests/unit/storage/postgres_server.hpp"

#include <cstdio>
#include <cstdlib>
#include <deque>

namespace postern::storage {
namespace {

std::unique_ptr<Database>
open_sqlite_for_test(const std::filesystem::path& directory, const Clock& clock) {
    SqliteOptions options{.directory = directory / "store"};
    options.limits.reserve_bytes = 1 << 20;
    auto opened = open_sqlite(std::move(options), clock);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}

std::unique_ptr<Database>
open_postgres_for_test(const std::filesystem::path& directory, const Clock& clock) {
    auto opened = open_postgres({.url = PostgresServer::instance().url_of(directory)}, clock);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}

// Where nobody looks at the output, a driver that was not tried would pass for one that works.
std::vector<Driver> drivers_here() {
    std::vector<Driver> drivers = {{"Sqlite", Disk::ours, &open_sqlite_for_test}};
    if (PostgresServer::is_installed() || std::getenv("CI") != nullptr) {
        drivers.push_back({"Postgres", Disk::of_a_server, &open_postgres_for_test});
    } else {
        std::fputs("PostgreSQL is not installed: NOTHING IS TRIED OVER IT\n", stderr);
    }
    return drivers;
}

// Views in a request must outlive it, and a test's hashes are made on the way.
std::string_view keep(std::string text) {
    static std::deque<std::string> kept;
    return kept.emplace_back(std::move(text));
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "postern-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;  // left behind at worst
    std::filesystem::remove_all(path_, ignored);
}

const std::vector<Driver>& all_drivers() {
    static const std::vector<Driver> drivers = drivers_here();
    return drivers;
}

std::string driver_name(const ::testing::TestParamInfo<Driver>& info) {
    return info.param.name;
}

void StoreTest::reopen() {
    database_.reset();
    database_ = GetParam().open(directory_.path(), clock_);
    ASSERT_NE(database_, nullptr);
}

Gate::Gate(Writer& writer, WorkLane lane)
    : unit_{
        [this](Transaction&) -> Result<void, StoreError> {
            entered_.set_value();
            release_.get_future().wait();
            return {};
        },
        lane} {
    EXPECT_EQ(writer.submit(unit_), Submitted::queued);
    entered_.get_future().wait();
}

Result<void, StoreError>
in_transaction(Database& database, const TestUnit::Work& work, TimePoint now) {
    WriteConnection& connection = database.writer();
    const auto begun = connection.begin();
    if (!begun) return begun.error();
    Transaction transaction{{connection, database.ids(), now}};
    const auto done = work(transaction);
    if (done) return connection.commit();
    connection.rollback();
    return done.error();
}

std::int64_t count_rows(Connection& connection, const std::string& table) {
    auto query = connection.query("SELECT COUNT(*) FROM " + table);
    const auto step = query.step();
    EXPECT_TRUE(step.has_value());
    return step ? query.integer(0) : -1;
}

IngestEvent payment_event(std::string_view gateway_event_id) {
    return {
        gateway_event_id,
        "payment_intent.succeeded",
        NormalisedEvent{EventType::payment_succeeded, R"({"id":"pi_1"})"}};
}

IngestRequest request_with(std::vector<IngestEvent> events, std::string_view body) {
    IngestRequest request;
    request.account = kDefaultAccount;
    request.gateway = GatewayNumber{1};
    request.received_at = from_unix_seconds(1'700'000'000);
    request.headers = "host: example";
    request.body = body;
    request.body_sha256 = keep(sha256(body));
    request.events = std::move(events);
    return request;
}

}  // namespace postern::storage
