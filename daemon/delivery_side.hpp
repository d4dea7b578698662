#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "core/span.hpp"
#include "daemon/job_runner.hpp"
#include "daemon/neighbours.hpp"
#include "daemon/secret_box.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/endpoint_directory.hpp"
#include "dispatch/fan_out.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace postern::daemon {

// Everything that turns stored events into deliveries, built in the order in which it is needed:
// fan-out before the writer, whose transactions it joins; the rest when the store is open.
class DeliverySide {
 public:
    struct Parts {
        const config::Config& config;
        storage::Database& database;
        const Clock& clock;
        MetricRegistry& metrics;
        SpanSink* spans = nullptr;
        const Neighbours* neighbours = nullptr;  // null: nobody else works with this store
    };
    explicit DeliverySide(const Parts& parts);
    ~DeliverySide();
    DeliverySide(const DeliverySide&) = delete;
    DeliverySide& operator=(const DeliverySide&) = delete;

    std::span<storage::IngestStep* const> ingest_steps() const { return steps_; }
    dispatch::FanOut& fan_out() { return fan_out_; }

    // The key beside the store. Nothing below works without it.
    Result<void, Complaint> open_secrets(Store& store);
    // Reads endpoints and gateway names. From here on the accessors below work.
    // `claims` outlives this object; null: all lanes are ours.
    Result<void, Complaint> load(Store& store, dispatch::LaneClaims* claims);
    // Sends what is due.
    Result<void, Complaint> start();
    // What one node does for all: again and again, as it wins and loses the lead.
    void start_background();
    void stop_background();
    // Ends what is under way within the configured time. The writer must still run.
    void stop();

    // What other nodes changed. After load(), on any thread.
    StoreResult refresh_names(storage::Connection& connection);
    StoreResult refresh_endpoint(storage::Connection& connection, EndpointId id);
    StoreResult refresh_all(storage::Connection& connection);

    dispatch::EndpointDirectory& endpoints() { return endpoints_; }
    dispatch::Dispatcher& dispatcher() { return *dispatcher_; }
    JobRunner& jobs() { return *jobs_; }
    const SecretBox& secrets() const { return *secrets_; }
    const std::shared_ptr<const dispatch::AsymmetricKey>& signing_key() const {
        return signing_key_;
    }
    // What arrives with this in its instance header was sent by ourselves.
    const std::string& instance_tag() const { return instance_tag_; }
    // As events show them.
    dispatch::GatewayNameOf gateway_names() const;

 private:
    std::string gateway_name(storage::GatewayNumber number) const;

    const config::Config& config_;
    storage::Database& database_;
    const Clock& clock_;
    MetricRegistry& metrics_;
    SpanSink* spans_;
    const Neighbours* neighbours_;
    IdCodec ids_;
    std::string instance_tag_;
    mutable std::mutex names_mutex_;  // guards what follows
    std::map<std::int64_t, std::string> gateway_names_;
    dispatch::EndpointDirectory endpoints_;
    dispatch::FanOut fan_out_;
    std::array<storage::IngestStep*, 1> steps_;
    std::optional<SecretBox> secrets_;
    std::shared_ptr<const dispatch::AsymmetricKey> signing_key_;
    std::unique_ptr<dispatch::Dispatcher> dispatcher_;
    std::unique_ptr<JobRunner> jobs_;
};

}  // namespace postern::daemon
