#include "tests/scenario/payments_house.hpp"

#include "core/assert.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <cstdlib>

namespace postern::payments::scenario {
namespace {

constexpr std::string_view kPublicUrl = "http://127.0.0.1:8080";
constexpr storage::Sql kKeepSql{
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, kind, own_type, external_id, channels, subject_id)"
    " VALUES ($1, $2, $3, $4, $5, 0, '', '', $6, '{}', $7, $8, '', '', $9)"};
constexpr std::int64_t kUnifiedKind = 0;
constexpr std::int64_t kStripeKind = 3;

// Memory where there is some: nothing here is to outlive the process.
std::filesystem::path place_of_folders() {
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::is_directory(memory, ignored) ? memory
                                                          : std::filesystem::temp_directory_path();
}

std::unique_ptr<storage::Database> open(const std::filesystem::path& folder, const Clock& clock) {
    storage::SqliteOptions options{.directory = folder / "store"};
    options.limits.reserve_bytes = 0;
    auto opened = storage::open_sqlite(std::move(options), clock);
    POSTERN_ASSERT(opened.has_value());
    return std::move(*opened);
}

std::shared_ptr<const Gateway> sandbox(std::string_view kind, const IdCodec& ids) {
    SandboxOptions options;
    options.public_url = kPublicUrl;
    options.ids = ids;
    return make_sandbox_gateway(kind, options);
}

GatewayBook all_gateways(const IdCodec& ids) {
    std::vector<PaymentGateway> gateways;
    for (const std::string_view kind : {"stripe", "airwallex", "onerway"}) {
        PaymentGateway gateway;
        gateway.name = kind;
        gateway.kind = kind;
        gateway.number = storage::GatewayNumber{static_cast<std::int64_t>(gateways.size()) + 1};
        gateway.gateway = sandbox(kind, ids);
        gateways.push_back(std::move(gateway));
    }
    PaymentGateway distant;
    distant.name = kDistant;
    distant.kind = "stripe";
    distant.number = storage::GatewayNumber{static_cast<std::int64_t>(gateways.size()) + 1};
    distant.gateway = std::make_shared<DistantGateway>(sandbox("stripe", ids));
    gateways.push_back(std::move(distant));
    return GatewayBook{std::move(gateways), "stripe"};
}

}  // namespace

Result<EventId, StoreError>
KeepingDoor::announce(storage::Transaction& transaction, const Announcement& announcement) {
    const auto& type = announcement.type;
    told.push_back(
        {type ? std::string{to_text(*type)} : announcement.stripe_type, announcement.subject}
    );
    const EventId id{transaction.next_id()};
    auto query = transaction.query(kKeepSql);
    query.bind(id.value).bind(announcement.owner.account.value);
    query.bind(static_cast<std::int64_t>(announcement.owner.livemode));
    query.bind(type ? static_cast<std::int64_t>(*type) : std::int64_t{0});
    query.bind(announcement.gateway.value).bind(transaction.now());
    const std::string_view own_name = type ? std::string_view{} : announcement.stripe_type;
    query.bind(type ? kUnifiedKind : kStripeKind).bind(own_name);
    query.bind(announcement.subject);
    const auto kept = query.run();
    if (!kept) return kept.error();
    return id;
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (place_of_folders() / "postern-scenario-XXXXXX").string();
    const char* made = ::mkdtemp(pattern.data());
    POSTERN_ASSERT(made != nullptr);
    path_ = made;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;  // left behind at worst
    std::filesystem::remove_all(path_, ignored);
}

House::House()
    : provider{sandbox("stripe", IdCodec{SipKey{}})},
      database_{open(folder_.path(), clock)},
      ids_{SipKey{}},
      gateways_{all_gateways(ids_)},
      around_{ids_, gateways_, cards_, std::string{kPublicUrl}} {}

void House::require(const Result<void, StoreError>& done) {
    POSTERN_ASSERT(done.has_value());
}

std::vector<std::int64_t> House::numbers(const std::string& sql) {
    std::vector<std::int64_t> found;
    auto query = connection().query(sql);
    for (;;) {
        const auto step = query.step();
        POSTERN_ASSERT(step.has_value());
        if (*step == storage::Step::done) return found;
        found.push_back(query.integer(0));
    }
}

std::int64_t House::number(const std::string& sql) {
    const auto found = numbers(sql);
    POSTERN_ASSERT(!found.empty());
    return found.front();
}

}  // namespace postern::payments::scenario
