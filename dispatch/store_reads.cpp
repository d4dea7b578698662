#include "dispatch/store_reads.hpp"

#include "storage/event_repository.hpp"

#include <utility>

namespace postern::dispatch {

using storage::Connection;
using storage::DeliveryQueue;
using storage::ReaderPool;
using storage::ReadSubmitted;
using storage::StoreError;

void DueRead::start(std::unique_ptr<DueRead> read, ReaderPool& readers) {
    DueRead* unit = read.release();
    if (readers.submit(*unit) == ReadSubmitted::queued) return;
    unit->thread_.mailbox().drop(*unit);
}

Result<void, StoreError> DueRead::run(Connection& connection) {
    auto rows = storage::load_due(connection, query_);
    if (!rows) return rows.error();
    rows_ = std::move(*rows);
    return {};
}

void DueRead::done(Result<void, StoreError> result) noexcept {
    if (!result) rows_.reset();
    thread_.mailbox().drop(*this);
}

void DueRead::delivered() noexcept {
    const std::unique_ptr<DueRead> self{this};
    on_read_(query_, rows_ ? &*rows_ : nullptr);
}

net::Task<void> EventRead::wait(ReaderPool& readers) {
    auto start = [this, &readers] {
        if (readers.submit(*this) != ReadSubmitted::queued) thread_.mailbox().drop(*this);
    };
    co_await net::sleep_until_woken(sleeper_, start);
}

Result<void, StoreError> EventRead::run(Connection& connection) {
    const auto row = storage::find_event(connection, wish_.event);
    if (!row) return row.error();
    if (*row) {
        content_ =
            std::make_shared<const EventContent>(content_of(**row, names_.ids, names_.gateway_name)
            );
    }
    if (wish_.key.order_key == 0) return {};
    const auto newer = storage::has_newer_delivered(connection, wish_.key, wish_.delivery);
    if (!newer) return newer.error();
    newer_arrived_ = *newer;
    return {};
}

void EventRead::done(Result<void, StoreError> result) noexcept {
    done_ = result.has_value();
    thread_.mailbox().drop(*this);
}

void HealthRead::start(
    std::unique_ptr<HealthRead> read,
    const std::vector<LaneClaims::Granted>& lanes,
    ReaderPool& readers
) {
    HealthRead* unit = read.release();
    for (const LaneClaims::Granted& lane : lanes) unit->found_.push_back({lane, std::nullopt});
    if (readers.submit(*unit) == ReadSubmitted::queued) return;
    unit->thread_.mailbox().drop(*unit);
}

Result<void, StoreError> HealthRead::run(Connection& connection) {
    for (Found& found : found_) {
        auto health = storage::find_endpoint_health(connection, found.lane.endpoint);
        if (!health) return health.error();
        found.health = std::move(*health);
    }
    return {};
}

void HealthRead::done(Result<void, StoreError> result) noexcept {
    done_ = result.has_value();
    thread_.mailbox().drop(*this);
}

void HealthRead::delivered() noexcept {
    const std::unique_ptr<HealthRead> self{this};
    on_read_(done_ ? &found_ : nullptr);
}

void SweepRead::start(std::vector<EndpointId> endpoints, ReaderPool& readers) {
    endpoints_ = std::move(endpoints);
    found_.clear();
    under_way_ = readers.submit(*this) == ReadSubmitted::queued;
}

Result<void, StoreError> SweepRead::run(Connection& connection) {
    for (const EndpointId endpoint : endpoints_) {
        for (const DeliveryQueue queue : {DeliveryQueue::fresh, DeliveryQueue::retry}) {
            const auto due = storage::first_due(connection, endpoint, queue);
            if (!due) return due.error();
            if (*due) {
                found_.push_back({.endpoint = endpoint, .queue = queue, .due_at = **due});
            }
        }
    }
    return {};
}

void SweepRead::done(Result<void, StoreError>) noexcept {
    thread_.mailbox().drop(*this);
}

void SweepRead::delivered() noexcept {
    under_way_ = false;
    on_read_(found_);
}

}  // namespace postern::dispatch
