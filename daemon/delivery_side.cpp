#include "daemon/delivery_side.hpp"

#include "core/bytes.hpp"
#include "core/log.hpp"
#include "daemon/dispatch_assembly.hpp"
#include "daemon/endpoint_memory.hpp"
#include "daemon/secret_key.hpp"
#include "storage/gateway_repository.hpp"

#include <utility>

namespace postern::daemon {
namespace {

constexpr std::size_t kKeyBytes = 32;

std::string tag_of(const storage::StoreKeys& keys) {
    return to_hex(sha256(std::to_string(sip_hash(keys.ids, "instance")))).substr(0, 32);
}

}  // namespace

DeliverySide::DeliverySide(const Parts& parts)
    : config_{parts.config},
      database_{parts.database},
      clock_{parts.clock},
      metrics_{parts.metrics},
      spans_{parts.spans},
      neighbours_{parts.neighbours},
      ids_{parts.database.keys().ids},
      instance_tag_{tag_of(parts.database.keys())},
      fan_out_{dispatch::FanOut::Parts{
          .endpoints = endpoints_,
          .ids = ids_,
          .gateway_name = gateway_names(),
          .on_committed =
              [this](std::vector<dispatch::FreshDelivery> fresh) {
                  if (dispatcher_ != nullptr) dispatcher_->take(std::move(fresh));
              }}},
      steps_{&fan_out_} {}

DeliverySide::~DeliverySide() = default;

dispatch::GatewayNameOf DeliverySide::gateway_names() const {
    return [this](storage::GatewayNumber number) {
        return gateway_name(number);
    };
}

std::string DeliverySide::gateway_name(storage::GatewayNumber number) const {
    const std::lock_guard lock{names_mutex_};
    const auto found = gateway_names_.find(number.value);
    return found == gateway_names_.end() ? std::string{} : found->second;
}

Result<void, Complaint> DeliverySide::open_secrets(Store& store) {
    auto key = config_.storage.is_shared() ? agree_on_key(config_.data_dir, store)
                                           : read_or_make_key(config_.data_dir);
    if (!key) return key.error();
    secrets_.emplace(std::move(*key));
    const std::string& configured = config_.delivery.signing_seed;
    const auto seed =
        configured.empty() ? std::optional{secrets_->derive("signing")} : from_hex(configured);
    if (!seed || seed->size() != kKeyBytes) {
        return Complaint{"delivery.signing_seed must be 64 hexadecimal digits"};
    }
    signing_key_ =
        std::make_shared<const dispatch::AsymmetricKey>(dispatch::AsymmetricKey::from_seed(*seed));
    return {};
}

StoreResult DeliverySide::refresh_names(storage::Connection& connection) {
    const auto rows = storage::list_gateways(connection);
    if (!rows) return rows.error();
    const std::lock_guard lock{names_mutex_};
    for (const storage::GatewayRow& row : *rows) gateway_names_[row.number.value] = row.name;
    return {};
}

StoreResult DeliverySide::refresh_endpoint(storage::Connection& connection, EndpointId id) {
    return daemon::refresh_endpoint(connection, {*secrets_, endpoints_}, id);
}

StoreResult DeliverySide::refresh_all(storage::Connection& connection) {
    const StoreResult named = refresh_names(connection);
    return named ? refresh_directory(connection, {*secrets_, endpoints_}) : named;
}

Result<void, Complaint> DeliverySide::load(Store& store, dispatch::LaneClaims* claims) {
    auto reader = database_.open_reader();
    if (!reader) return Complaint{"the store cannot be opened for reading"};
    if (!refresh_names(**reader)) {
        return Complaint{"the gateways cannot be read from the store"};
    }
    if (auto filled = fill_directory(store, *secrets_, endpoints_); !filled) return filled.error();
    auto options = dispatcher_options(config_);
    if (!options) return std::move(options).error();
    options->instance_tag = instance_tag_;
    dispatcher_ = std::make_unique<dispatch::Dispatcher>(
        dispatch::Dispatcher::Parts{
            .database = database_,
            .writer = store.writer,
            .readers = store.readers,
            .endpoints = endpoints_,
            .clock = clock_,
            .metrics = metrics_,
            .ids = ids_,
            .gateway_name = gateway_names(),
            .asymmetric = signing_key_,
            .spans = spans_,
            .claims = claims},
        std::move(*options)
    );
    JobRunner::Parts jobs{
        .store = store,
        .clock = clock_,
        .endpoints = endpoints_,
        .dispatcher = *dispatcher_,
        .neighbours = neighbours_};
    if (neighbours_ != nullptr) jobs.take_up_every = kNeighboursLeaveWork;
    jobs_ = std::make_unique<JobRunner>(std::move(jobs));
    return {};
}

Result<void, Complaint> DeliverySide::start() {
    if (!config_.delivery.enabled) {
        log::warn("delivery.off", {{"why", "delivery.enabled is false: events only pile up"}});
        return {};
    }
    if (const auto started = dispatcher_->start(); !started) return started.error();
    return {};
}

void DeliverySide::start_background() {
    if (config_.delivery.enabled) jobs_->start();
}

void DeliverySide::stop_background() {
    if (jobs_ != nullptr) jobs_->stop();
}

void DeliverySide::stop() {
    stop_background();
    if (dispatcher_ != nullptr) dispatcher_->stop(config_.delivery.shutdown_timeout);
}

}  // namespace postern::daemon
