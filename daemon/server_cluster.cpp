#include "daemon/sandbox_sharing.hpp"
#include "daemon/server.hpp"

// What a server does for the other nodes of its store, or for itself where there are none.
namespace postern::daemon {

const Neighbours* Server::neighbours() const {
    return cluster_ == nullptr ? nullptr : &cluster_->neighbours();
}

// Another node's sandbox secrets take the place of this one's.
Result<void, std::vector<Complaint>> Server::share_sandbox(std::vector<ResolvedGateway>& gateways) {
    const auto shared = share_sandbox_secrets(
        *store_, {.data_dir = config_.data_dir, .secrets = delivery_->secrets()}, gateways
    );
    if (!shared) return std::vector<Complaint>{shared.error()};
    if (*shared == SharedSandbox::as_before) return {};
    auto again = make_gateway_settings(
        config_, {.data_dir = config_.data_dir, .kinds = verifiers::provider_kinds()}
    );
    if (!again) return again.error();
    gateways = std::move(*again);
    for (const ResolvedGateway& resolved : gateways) resettled_.push_back(resolved.gateway);
    return {};
}

std::vector<BackgroundWork::Worker> Server::background_workers() {
    std::vector<BackgroundWork::Worker> workers;
    workers.push_back(
        {.start = [this] { delivery_->start_background(); },
         .stop =
             [this] {
                 delivery_->stop_background();
             }}
    );
    if (payments_ != nullptr) {
        workers.push_back(
            {.start = [this] { payments_->start_background(); },
             .stop =
                 [this] {
                     payments_->stop_background();
                 }}
        );
    }
    workers.push_back(
        {.start = [this] { retention_->start(); },
         .stop =
             [this] {
                 retention_->stop();
             }}
    );
    return workers;
}

void Server::keep_up_to_date() {
    if (cluster_ == nullptr) return;
    DeliverySide* delivery = delivery_.get();
    cluster_->keep_up_to_date(
        {.refresh_endpoint = [delivery](
                                 storage::Connection& connection, EndpointId id
                             ) { return delivery->refresh_endpoint(connection, id); },
         .refresh_gateways = [delivery](storage::Connection& connection
                             ) { return delivery->refresh_names(connection); },
         .withdraw = [delivery](const std::vector<DeliveryId>& deliveries
                     ) { delivery->dispatcher().withdraw(deliveries); },
         .refresh_all = [delivery](storage::Connection& connection
                        ) { return delivery->refresh_all(connection); },
         .keys = *api_->proven_keys,
         .look_for_work =
             [delivery] {
                 delivery->jobs().look();
             }}
    );
}

void Server::start_background() {
    const Neighbours* others = neighbours();
    retention_ = std::make_unique<Retention>(Retention::Parts{
        .store = *store_,
        .metrics = metrics_,
        .periods = retention_periods(config_),
        .guard = guard_of(others)});
    if (cluster_ == nullptr) {
        for (const BackgroundWork::Worker& worker : background_workers()) worker.start();
        return;
    }
    cluster_->start(background_workers());
}

}  // namespace postern::daemon
