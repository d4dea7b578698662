#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "core/worker_pool.hpp"
#include "daemon/api_limits.hpp"
#include "daemon/api_metrics.hpp"
#include "daemon/assembly.hpp"
#include "daemon/cluster_side.hpp"
#include "daemon/control_side.hpp"
#include "daemon/delivery_side.hpp"
#include "daemon/handlers.hpp"
#include "daemon/payment_side.hpp"
#include "daemon/process_metrics.hpp"
#include "daemon/pulse.hpp"
#include "daemon/reload.hpp"
#include "daemon/request_journal.hpp"
#include "daemon/retention.hpp"
#include "daemon/span_exporter.hpp"
#include "systemd/listen_sockets.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::daemon {

struct BoundAddresses {
    std::string listen;
    std::string admin;
    std::string tls;  // empty: no third address
};

// Every part of the daemon, built in the order in which they need each other and taken down in the
// reverse. The one place that knows all of them.
class Server final : public Reloadable {
 public:
    struct Options {
        const config::Config& config;
        std::vector<ResolvedGateway> gateways;
        systemd::ListenSockets sockets;          // where there are some, no address is bound
        std::function<void()> on_store_failure;  // from whichever thread met it
    };
    static Result<std::unique_ptr<Server>, std::vector<Complaint>> build(Options options);
    ~Server() override;

    Result<BoundAddresses, Complaint> start();
    void take_log(const config::Log& wanted) override;
    void take_terms(const ListenerTerms& terms) override;
    void take_gateway(ResolvedGateway gateway) override;
    // Finishes what has been read, answers it, and closes the store.
    void stop();

    // API keys made just now, in clear: they are shown once.
    const std::vector<std::string>& new_keys() const { return new_keys_; }
    const GatewayDirectory& gateways() const { return gateways_; }
    // After start().
    Pulse& pulse() { return *pulse_; }

 private:
    explicit Server(const config::Config& config) : config_{config} {}

    void make_sides(const std::vector<ResolvedGateway>& gateways);
    Result<void, Complaint> open_store();
    Result<void, std::vector<Complaint>> fill_store(std::vector<ResolvedGateway> gateways);
    Result<void, std::vector<Complaint>> share_sandbox(std::vector<ResolvedGateway>& gateways);
    Result<BoundAddresses, Complaint> open_listeners();
    void make_pulse();
    void make_api_watch();
    const Neighbours* neighbours() const;
    void keep_up_to_date();
    void start_background();
    std::vector<BackgroundWork::Worker> background_workers();
    Result<void, Complaint> open_payments(const std::string& bound);
    Result<void, Complaint> open_control();
    void refresh_gauges();

    const config::Config& config_;
    systemd::ListenSockets sockets_;
    SystemClock clock_;
    std::unique_ptr<Pulse> pulse_;  // outlives the threads that answer it
    MetricRegistry metrics_;
    std::unique_ptr<SpanExporter> spans_;  // null: no collector
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<ClusterSide> cluster_;  // null: the store is this node's alone
    std::unique_ptr<DeliverySide> delivery_;
    std::unique_ptr<PaymentSide> payments_;  // none: no payment API
    std::vector<storage::IngestStep*> ingest_steps_;
    std::unique_ptr<storage::Writer> writer_;
    std::unique_ptr<storage::ReaderPool> readers_;
    std::optional<Store> store_;
    GatewayDirectory gateways_;
    std::vector<config::Gateway> resettled_;  // whose secrets another node of the store had made
    std::vector<std::string> new_keys_;
    std::unique_ptr<net::Runtime> runtime_;
    std::unique_ptr<WorkerPool> verify_workers_;
    std::unique_ptr<WorkerPool> fetch_workers_;
    std::unique_ptr<Documents> documents_;
    std::unique_ptr<Receiver> receiver_;
    std::unique_ptr<ApiLimits> limits_;  // null: no limits
    std::unique_ptr<RequestJournal> journal_;
    std::optional<ApiMetrics> api_metrics_;
    std::optional<ApiSurroundings> api_;
    std::unique_ptr<Health> health_;
    std::optional<ProcessMetrics> process_;
    std::unique_ptr<PublicHandler> public_handler_;
    std::unique_ptr<PrivateHandler> private_handler_;
    std::unique_ptr<net::HttpServer> public_server_;
    std::unique_ptr<net::HttpServer> tls_server_;
    std::unique_ptr<net::HttpServer> private_server_;
    std::unique_ptr<ControlSide> control_;
    std::unique_ptr<Retention> retention_;
};

}  // namespace postern::daemon
