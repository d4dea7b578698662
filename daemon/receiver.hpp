#pragma once

#include "core/metrics.hpp"
#include "core/span.hpp"
#include "core/trace.hpp"
#include "core/worker_pool.hpp"
#include "daemon/documents.hpp"
#include "daemon/gateway_metrics.hpp"
#include "daemon/gateways.hpp"
#include "daemon/received_webhook.hpp"
#include "daemon/store.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace postern::daemon {

struct ReceiverLimits {
    // How long a request waits for its commit before the provider is asked to come again. Every
    // provider gets its answer within five seconds, and the shortest of them waits no longer.
    std::chrono::milliseconds commit_wait{4'000};
    // A queue whose oldest entry is older than this is not worth joining.
    std::chrono::milliseconds queue_age_max{2'000};
};

// The way in: a provider's POST is proved, normalised, committed and only then acknowledged.
class Receiver {
 public:
    struct Parts {
        Store& store;
        const GatewayDirectory& gateways;
        const Clock& clock;
        WorkerPool& workers;
        Documents& documents;
        MetricRegistry& metrics;
        std::size_t io_threads;
        std::string instance_tag;  // what carries it was sent by ourselves
        ReceiverLimits limits = {};
        SpanSink* spans = nullptr;
    };
    explicit Receiver(const Parts& parts);
    ~Receiver();

    // Asked before a body is read: an answer when nothing could be committed now anyway.
    std::optional<HttpReply> shed(std::string_view gateway_id);

    // The trace must outlive the task, as the request does.
    net::Task<HttpReply> receive(
        std::string_view gateway_id,
        const HttpRequest& request,
        const TraceContext& trace,
        net::IoThread& thread
    );

    // Looks after requests that wait too long, and at the state of the store.
    void tick(net::IoThread& thread);

 private:
    struct Lane;  // what belongs to one io thread
    struct Judgement;
    enum class StoreState : std::uint8_t { taking, busy, unavailable };

    net::Task<Judgement> judge(
        const verifiers::Provider& provider,
        verifiers::SignedRequest& request,
        net::IoThread& thread
    );
    net::Task<HttpReply> store(
        const Gateway& gateway,
        const verifiers::Provider& provider,
        const verifiers::SignedRequest& request,
        const TraceContext& trace,
        net::IoThread& thread
    );
    HttpReply refuse(
        const Gateway& gateway,
        const verifiers::SignedRequest& request,
        verifiers::VerifyFailure failure,
        std::string_view peer_address,
        const TraceContext& trace
    );
    net::Task<HttpReply> commit(
        const Gateway& gateway,
        const verifiers::SignedRequest& request,
        std::unique_ptr<ReceivedWebhook> unit,
        net::IoThread& thread
    );
    void
    tell_commit(const TraceContext& trace, TimePoint submitted_at, const ReceivedWebhook& unit);
    void count_stored(const Gateway& gateway, const ReceivedWebhook& unit);
    GatewayMetrics& metrics_of(const Gateway& gateway);

    Parts parts_;
    std::map<const Gateway*, std::unique_ptr<GatewayMetrics>> metrics_;
    Histogram seconds_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::atomic<StoreState> store_state_{StoreState::taking};
};

}  // namespace postern::daemon
