#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "core/span.hpp"
#include "daemon/job_runner.hpp"
#include "daemon/secret_box.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/endpoint_directory.hpp"
#include "dispatch/fan_out.hpp"

#include <array>
#include <map>
#include <memory>
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
    };
    explicit DeliverySide(const Parts& parts);
    ~DeliverySide();
    DeliverySide(const DeliverySide&) = delete;
    DeliverySide& operator=(const DeliverySide&) = delete;

    std::span<storage::IngestStep* const> ingest_steps() const { return steps_; }

    // Reads secrets, endpoints and gateway names. From here on the accessors below work.
    Result<void, Complaint> load(Store& store);
    // Sends what is due.
    Result<void, Complaint> start();
    // Ends what is under way within the configured time. The writer must still run.
    void stop();

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
    Result<void, Complaint> open_secrets();
    Result<void, Complaint> load_names(storage::Connection& connection);

    const config::Config& config_;
    storage::Database& database_;
    const Clock& clock_;
    MetricRegistry& metrics_;
    SpanSink* spans_;
    IdCodec ids_;
    std::string instance_tag_;
    std::map<std::int64_t, std::string> gateway_names_;  // set before anything asks
    dispatch::EndpointDirectory endpoints_;
    dispatch::FanOut fan_out_;
    std::array<storage::IngestStep*, 1> steps_;
    std::optional<SecretBox> secrets_;
    std::shared_ptr<const dispatch::AsymmetricKey> signing_key_;
    std::unique_ptr<dispatch::Dispatcher> dispatcher_;
    std::unique_ptr<JobRunner> jobs_;
};

}  // namespace postern::daemon
