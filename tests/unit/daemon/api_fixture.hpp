#pragma once

#include "core/json_document.hpp"
#include "core/metrics.hpp"
#include "daemon/api.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/ingest.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::daemon {

class TestClock final : public Clock {
 public:
    TimePoint now() const override { return from_unix_microseconds(now_us_.load()); }
    void advance(Microseconds by) { now_us_ += by.count(); }

 private:
    std::atomic<std::int64_t> now_us_{1'700'000'000'000'000};
};

// What a webhook leaves in the store.
struct Arrival {
    std::string gateway = "stripe-main";
    std::string body;
    std::vector<ProviderEvent> events = {};
    storage::Verdict verdict = storage::Verdict::verified;
};

// An answer with its body parsed.
struct ApiAnswer {
    HttpReply reply;
    JsonDocument document;

    JsonValue operator[](std::string_view path) const { return document.root().path(path); }
    std::string field(std::string_view name) const;
};

// A step of ingest that a test puts something behind once the fixture is there.
class EarlyStep final : public storage::IngestStep {
 public:
    Result<void, storage::StoreError>
    run(storage::Transaction& transaction, std::span<storage::IngestItem* const> items) override {
        return to == nullptr ? Result<void, storage::StoreError>{} : to->run(transaction, items);
    }
    void committed(std::span<const storage::IngestItem* const> items) noexcept override {
        if (to != nullptr) to->committed(items);
    }

    storage::IngestStep* to = nullptr;
};

// A real store in a directory of its own, one io thread, and gateways: stripe-main and stripe-other
// (test mode), stripe-live (live mode), stripe-foreign (another account). What arrives is fanned
// out, but nothing is sent and no job runs: the dispatcher and the job runner are there and not
// started.
class ApiFixture : public ::testing::Test {
 protected:
    ApiFixture();
    ~ApiFixture() override;

    // The API as it is with other gateways than those of the fixture.
    void surround_with(const GatewayDirectory& gateways);
    // Takes the store away and opens it anew, as a restart does.
    void reopen();

    std::vector<std::string> first_keys(const BootstrapKeys& wanted = {});
    std::string add_key(const ApiKeyForm& form);
    storage::IngestOutcome arrive(const Arrival& arrival);
    std::string inbox_id(const storage::IngestOutcome& outcome) const;
    std::string event_id(const storage::IngestOutcome& outcome) const;

    struct Ask {
        std::string method = "GET";
        std::string target;
        std::string body = {};
        std::vector<std::pair<std::string, std::string>> fields = {};
    };
    ApiAnswer ask(const Ask& wanted);
    ApiAnswer get(std::string_view target);   // with the secret key
    ApiAnswer post(std::string_view target);  // with the secret key
    ApiAnswer send(std::string method, std::string target, std::string body = {});  // the same
    // What happens between requests to whoever works on the store.
    void change(const std::function<StoreResult(storage::Transaction&)>& work);
    dispatch::GatewayNameOf gateway_names() const;

    TestClock clock_;
    std::filesystem::path directory_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<storage::Writer> writer_;
    std::unique_ptr<storage::ReaderPool> readers_;
    std::unique_ptr<Store> store_;
    GatewayDirectory gateways_;
    MetricRegistry metrics_;
    SecretBox secrets_{std::string(32, 'k')};
    std::shared_ptr<const dispatch::AsymmetricKey> signing_key_;
    std::unique_ptr<dispatch::EndpointDirectory> endpoints_;
    std::unique_ptr<dispatch::FanOut> fan_out_;
    EarlyStep early_step_;  // before fan-out
    std::vector<storage::IngestStep*> ingest_steps_;
    std::unique_ptr<dispatch::Dispatcher> dispatcher_;
    std::unique_ptr<JobRunner> jobs_;
    std::unique_ptr<net::Runtime> runtime_;
    std::unique_ptr<ApiSurroundings> around_;
    std::string secret_key_;
    AccountId foreign_account_;

 private:
    void open();
    void open_delivery();
    void close();
    void surround();
    void add_gateways();
    void add_gateway(std::string id, storage::Livemode livemode, AccountId account);
};

}  // namespace postern::daemon
