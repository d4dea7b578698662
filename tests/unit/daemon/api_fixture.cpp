#include "tests/unit/daemon/api_fixture.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "daemon/blocking_write.hpp"
#include "daemon/endpoint_memory.hpp"
#include "daemon/endpoint_service.hpp"
#include "daemon/event_object.hpp"
#include "storage/account_repository.hpp"
#include "storage/api_key_repository.hpp"
#include "storage/gateway_repository.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

namespace postern::daemon {
namespace {

class ArrivalUnit final : public storage::IngestUnit {
 public:
    using IngestUnit::IngestUnit;
    void done(WriteResult result) noexcept override { done_.set_value(result); }
    WriteResult wait() { return done_.get_future().get(); }

 private:
    std::promise<WriteResult> done_;
};

std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "postern-api-XXXXXX").string();
    POSTERN_ASSERT(mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

SettingTable stripe_settings() {
    return {
        {"webhook_secrets", SettingValue{SettingList{SettingValue{std::string{"whsec_test"}}}}}};
}

}  // namespace

std::string ApiAnswer::field(std::string_view name) const {
    for (const HttpReplyField& field : reply.fields) {
        if (field.name == name) return field.value;
    }
    return {};
}

ApiFixture::ApiFixture() : directory_{fresh_directory()} {
    runtime_ = std::make_unique<net::Runtime>(1);
    runtime_->start();
    open();
    add_gateways();
    surround();
    secret_key_ = add_key({storage::KeyKind::secret, storage::Livemode::test});
}

ApiFixture::~ApiFixture() {
    runtime_->stop();
    around_.reset();
    close();
    std::filesystem::remove_all(directory_);
}

void ApiFixture::open() {
    storage::SqliteOptions options;
    options.directory = directory_;
    options.limits.reserve_bytes = 0;
    auto database = storage::open_sqlite(std::move(options), clock_);
    POSTERN_ASSERT(database.has_value());
    database_ = std::move(*database);
    const IdCodec ids{database_->keys().ids};
    endpoints_ = std::make_unique<dispatch::EndpointDirectory>();
    fan_out_ = std::make_unique<dispatch::FanOut>(dispatch::FanOut::Parts{
        .endpoints = *endpoints_,
        .ids = ids,
        .gateway_name = gateway_names(),
        .on_committed = [](std::vector<dispatch::FreshDelivery>) {
        }});
    ingest_steps_ = {&early_step_, fan_out_.get()};
    writer_ = std::make_unique<storage::Writer>(
        *database_, clock_, storage::WriterOptions{.ingest_steps = ingest_steps_}
    );
    auto readers = storage::ReaderPool::open(*database_, {});
    POSTERN_ASSERT(readers.has_value());
    readers_ = std::move(*readers);
    store_ = std::make_unique<Store>(Store{*database_, *writer_, *readers_, ids});
    open_delivery();
}

void ApiFixture::open_delivery() {
    POSTERN_ASSERT(fill_directory(*store_, secrets_, *endpoints_).has_value());
    auto key = dispatch::AsymmetricKey::from_seed(std::string(32, 's'));
    signing_key_ = std::make_shared<const dispatch::AsymmetricKey>(std::move(key));
    dispatch::DispatcherOptions options;
    options.test_rules.http = dispatch::GuardRules::Http::allowed;
    options.test_rules.ports = dispatch::GuardRules::Ports::high;
    dispatcher_ = std::make_unique<dispatch::Dispatcher>(
        dispatch::Dispatcher::Parts{
            .database = *database_,
            .writer = *writer_,
            .readers = *readers_,
            .endpoints = *endpoints_,
            .clock = clock_,
            .metrics = metrics_,
            .ids = store_->ids,
            .gateway_name = gateway_names(),
            .asymmetric = signing_key_},
        std::move(options)
    );
    jobs_ = std::make_unique<JobRunner>(JobRunner::Parts{
        .store = *store_, .clock = clock_, .endpoints = *endpoints_, .dispatcher = *dispatcher_});
}

void ApiFixture::surround() {
    surround_with(gateways_);
}

void ApiFixture::surround_with(const GatewayDirectory& gateways) {
    around_ = std::make_unique<ApiSurroundings>(ApiSurroundings{
        .store = *store_,
        .gateways = gateways,
        .clock = clock_,
        .endpoints = *endpoints_,
        .dispatcher = *dispatcher_,
        .jobs = *jobs_,
        .secrets = secrets_,
        .signing_key = signing_key_});
}

void ApiFixture::close() {
    jobs_.reset();
    dispatcher_.reset();
    readers_.reset();
    writer_.reset();
    fan_out_.reset();
    endpoints_.reset();
    store_.reset();
    database_.reset();
}

void ApiFixture::reopen() {
    around_.reset();
    close();
    open();
    surround();
}

void ApiFixture::add_gateways() {
    const auto work = [this](storage::Transaction& transaction) -> StoreResult {
        const auto account = storage::insert_account(transaction, "another");
        if (!account) return account.error();
        foreign_account_ = *account;
        return {};
    };
    POSTERN_ASSERT(write_and_wait(*writer_, work).has_value());
    add_gateway("stripe-main", storage::Livemode::test, storage::kDefaultAccount);
    add_gateway("stripe-other", storage::Livemode::test, storage::kDefaultAccount);
    add_gateway("stripe-live", storage::Livemode::live, storage::kDefaultAccount);
    add_gateway("stripe-foreign", storage::Livemode::test, foreign_account_);
}

void ApiFixture::add_gateway(std::string id, storage::Livemode livemode, AccountId account) {
    auto gateway = std::make_unique<Gateway>();
    gateway->id = std::move(id);
    gateway->kind = verifiers::find_provider_kind("stripe");
    gateway->livemode = livemode;
    gateway->mode =
        livemode == storage::Livemode::live ? Gateway::Mode::live : Gateway::Mode::sandbox;
    gateway->account = account;
    auto provider = gateway->kind->make(stripe_settings());
    POSTERN_ASSERT(provider.has_value());
    gateway->provider = std::move(*provider);
    const auto work = [&gateway, account](storage::Transaction& transaction) -> StoreResult {
        const auto number = storage::find_or_insert_gateway(
            transaction, {.name = gateway->id, .kind = "stripe", .account = account}
        );
        if (!number) return number.error();
        gateway->number = *number;
        return {};
    };
    POSTERN_ASSERT(write_and_wait(*writer_, work).has_value());
    gateways_.add(std::move(gateway));
}

std::vector<std::string> ApiFixture::first_keys(const BootstrapKeys& wanted) {
    auto keys = ensure_first_keys(*store_, wanted);
    POSTERN_ASSERT(keys.has_value());
    return *keys;
}

std::string ApiFixture::add_key(const ApiKeyForm& form) {
    std::string key = make_api_key(form);
    const auto work = [this, &key, &form](storage::Transaction& transaction) -> StoreResult {
        const auto inserted = storage::insert_api_key(
            transaction,
            {.account = storage::kDefaultAccount,
             .livemode = form.livemode,
             .kind = form.kind,
             .key_hash = hash_api_key(database_->keys(), key),
             .hint = api_key_hint(key)}
        );
        if (!inserted) return inserted.error();
        return {};
    };
    POSTERN_ASSERT(write_and_wait(*writer_, work).has_value());
    return key;
}

storage::IngestOutcome ApiFixture::arrive(const Arrival& arrival) {
    const Gateway& gateway = *gateways_.find(arrival.gateway);
    const std::string body_sha256 = sha256(arrival.body);
    std::vector<std::string> objects(arrival.events.size());
    storage::IngestRequest request{
        .account = gateway.account,
        .livemode = gateway.livemode,
        .gateway = gateway.number,
        .verdict = arrival.verdict,
        .received_at = clock_.now(),
        .headers = "Content-Type: application/json\nAuthorization: ***\n",
        .body = arrival.body,
        .body_sha256 = body_sha256};
    for (std::size_t i = 0; i < arrival.events.size(); ++i) {
        const ProviderEvent& event = arrival.events[i];
        storage::IngestEvent stored{.gateway_event_id = event.id, .gateway_event_type = event.type};
        if (event.unified) {
            append_event_object(objects[i], *event.unified, gateway.id);
            stored.normalised = storage::NormalisedEvent{
                .type = event.unified->type, .object = objects[i], .facts = &*event.unified};
        }
        request.events.push_back(stored);
    }
    ArrivalUnit unit{std::move(request)};
    POSTERN_ASSERT(writer_->submit(unit) == storage::Submitted::queued);
    POSTERN_ASSERT(unit.wait().has_value());
    return unit.outcome();
}

std::string ApiFixture::inbox_id(const storage::IngestOutcome& outcome) const {
    return store_->ids.encode(outcome.inbox);
}

std::string ApiFixture::event_id(const storage::IngestOutcome& outcome) const {
    return store_->ids.encode(outcome.event_ids.front());
}

ApiAnswer ApiFixture::ask(const Ask& wanted) {
    HttpRequest request;
    request.method = wanted.method;
    request.target = wanted.target;
    const auto mark = request.target.find('?');
    request.path = request.target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = request.target.substr(mark + 1);
    request.body = wanted.body;
    for (const auto& [name, value] : wanted.fields) request.fields.add({name, value});
    net::IoThread& thread = runtime_->thread(0);
    auto answering = boost::asio::co_spawn(
        thread.context(), handle_api(*around_, request, thread), boost::asio::use_future
    );
    HttpReply reply = answering.get();
    auto document = JsonDocument::parse(reply.body);
    POSTERN_ASSERT(document.has_value());
    return {std::move(reply), std::move(*document)};
}

ApiAnswer ApiFixture::get(std::string_view target) {
    return ask(
        {.target = std::string{target}, .fields = {{"Authorization", "Bearer " + secret_key_}}}
    );
}

ApiAnswer ApiFixture::post(std::string_view target) {
    return send("POST", std::string{target});
}

ApiAnswer ApiFixture::send(std::string method, std::string target, std::string body) {
    return ask(
        {.method = std::move(method),
         .target = std::move(target),
         .body = std::move(body),
         .fields = {{"Authorization", "Bearer " + secret_key_}}}
    );
}

dispatch::GatewayNameOf ApiFixture::gateway_names() const {
    return [this](storage::GatewayNumber number) {
        const Gateway* gateway = gateways_.find(number);
        return gateway == nullptr ? std::string{} : gateway->id;
    };
}

void ApiFixture::change(const std::function<StoreResult(storage::Transaction&)>& work) {
    POSTERN_ASSERT(write_and_wait(*writer_, work).has_value());
}

}  // namespace postern::daemon
