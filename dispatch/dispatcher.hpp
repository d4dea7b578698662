#pragma once

#include "core/metrics.hpp"
#include "core/span.hpp"
#include "dispatch/engine.hpp"
#include "dispatch/fan_out.hpp"
#include "dispatch/lane_claims.hpp"
#include "dispatch/sender.hpp"
#include "dispatch/signing.hpp"
#include "dispatch/url_guard.hpp"
#include "net/http_client.hpp"
#include "net/resolver.hpp"
#include "storage/reader_pool.hpp"
#include "storage/writer.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::dispatch {

struct DispatcherOptions {
    EngineLimits engine = {};
    net::ClientLimits client = {};
    net::Resolver::Options resolver = {};
    GuardRules test_rules;  // for endpoints of test mode
    GuardRules live_rules;
    std::optional<net::OutboundProxy> proxy;
    std::string user_agent = "Postern/1 (webhooks)";
    std::string instance_tag;  // of the loop guard's header: ours, and no secret
};

// For how long nothing has happened that should have; a second or so is nothing.
struct Standstill {
    std::chrono::seconds loop{0};        // the dispatcher's thread came to no tick
    std::chrono::seconds deliveries{0};  // some are overdue, and no attempt began or ended
};

// Sends what is due: the engine decides, the store remembers, the client calls. One thread of its
// own, so that slow endpoints and handshakes take nothing from the receiver.
class Dispatcher {
 public:
    struct Parts {
        storage::Database& database;
        storage::Writer& writer;
        storage::ReaderPool& readers;
        EndpointDirectory& endpoints;
        const Clock& clock;
        MetricRegistry& metrics;
        IdCodec ids;
        GatewayNameOf gateway_name;
        std::shared_ptr<const AsymmetricKey> asymmetric;
        SpanSink* spans = nullptr;     // outlives the dispatcher
        LaneClaims* claims = nullptr;  // outlives the dispatcher; null: every lane is ours
    };
    Dispatcher(Parts parts, DispatcherOptions options);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // Endpoints must be in the directory already. Reads where the store stands, then begins.
    Result<void, Complaint> start();
    // Begins nothing more, lets what is under way end within the time, records it.
    void stop(std::chrono::milliseconds patience);

    // Any thread, after the commit.
    void take(std::vector<FreshDelivery> deliveries);
    void nudge(std::vector<Nudge> nudges);
    // Others changed these: they are not sent as they are held here. Whoever has their lanes finds
    // what is due of them in the store.
    void withdraw(const std::vector<DeliveryId>& deliveries);

    // Any thread. Between start() and stop(); else nobody would answer send_now().
    bool is_running() const;

    // Any thread.
    bool is_sending(DeliveryId delivery) const;
    Engine::Status status() const;  // of less than a second ago
    Standstill standstill() const;  // none unless it is running

    // Sends `event` to `endpoint` at once, outside of every queue, and waits. Called on an io
    // thread; runs on ours.
    // nullopt: too many such calls are under way.
    net::Task<std::optional<AttemptResult>> send_now(
        std::shared_ptr<const Endpoint> endpoint,
        std::shared_ptr<const EventContent> event,
        net::IoThread& thread
    );

    const GuardRules& rules_for(storage::Livemode livemode) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace postern::dispatch
