#include "daemon/gateways.hpp"

namespace postern::daemon {

void GatewayWatch::verified(TimePoint now) {
    verified_.fetch_add(1, std::memory_order_relaxed);
    last_verified_us_.store(unix_microseconds(now), std::memory_order_relaxed);
}

void GatewayWatch::refused(RefusalRecord record) {
    refused_[static_cast<std::size_t>(record.failure)].fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock{mutex_};
    records_.push_front(std::move(record));
    if (records_.size() > kRecordsMax) records_.pop_back();
}

GatewayHealth GatewayWatch::health() const {
    GatewayHealth health;
    const std::int64_t last = last_verified_us_.load(std::memory_order_relaxed);
    if (last != 0) health.last_verified_at = from_unix_microseconds(last);
    health.verified = verified_.load(std::memory_order_relaxed);
    health.duplicates = duplicates_.load(std::memory_order_relaxed);
    health.unrecognised = unrecognised_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < refused_.size(); ++i) {
        health.refused[i] = refused_[i].load(std::memory_order_relaxed);
    }
    const std::lock_guard lock{mutex_};
    health.recent_refusals.assign(records_.begin(), records_.end());
    return health;
}

void GatewayDirectory::add(std::unique_ptr<Gateway> gateway) {
    const std::string id = gateway->id;
    by_id_.insert_or_assign(id, std::move(gateway));
}

void GatewayDirectory::change(std::string_view id, Gateway::State state) {
    by_id_.find(id)->second->state = state;
}

void GatewayDirectory::change(std::string_view id, std::unique_ptr<verifiers::Provider> provider) {
    by_id_.find(id)->second->provider = std::move(provider);
}

const Gateway* GatewayDirectory::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second.get();
}

const Gateway* GatewayDirectory::find(storage::GatewayNumber number) const {
    for (const auto& [id, gateway] : by_id_) {
        if (gateway->number == number) return gateway.get();
    }
    return nullptr;
}

std::vector<const Gateway*> GatewayDirectory::all() const {
    std::vector<const Gateway*> gateways;
    for (const auto& [id, gateway] : by_id_) gateways.push_back(gateway.get());
    return gateways;
}

}  // namespace postern::daemon
