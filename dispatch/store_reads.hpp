#pragma once

#include "dispatch/attempt.hpp"
#include "dispatch/endpoint.hpp"
#include "dispatch/fan_out.hpp"
#include "dispatch/lane_claims.hpp"
#include "net/mailbox.hpp"
#include "net/runtime.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"
#include "storage/reader_pool.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

// What the dispatcher reads from the store: done on a reader's thread, handed back by letter.
namespace postern::dispatch {

// The next deliveries of a queue that are due. Destroys itself after the answer.
class DueRead final : public storage::ReadUnit, public net::Letter {
 public:
    // Null rows: it could not be read.
    using OnRead = std::function<void(const storage::DueQuery&, storage::DueRows*)>;
    DueRead(storage::DueQuery query, net::IoThread& thread, const OnRead& on_read)
        : query_{query}, thread_{thread}, on_read_{on_read} {}

    static void start(std::unique_ptr<DueRead> read, storage::ReaderPool& readers);

    Result<void, storage::StoreError> run(storage::Connection& connection) override;
    void done(Result<void, storage::StoreError> result) noexcept override;
    void delivered() noexcept override;

 private:
    storage::DueQuery query_;
    net::IoThread& thread_;
    const OnRead& on_read_;
    std::optional<storage::DueRows> rows_;
};

// The event of a delivery that is about to be sent, and whether a newer one of its payment arrived
// there already.
class EventRead final : public storage::ReadUnit, public net::Letter {
 public:
    struct Wish {
        EventId event;
        DeliveryId delivery;
        storage::KeyAtEndpoint key;  // order_key 0: newer ones do not matter
    };
    struct Names {
        const IdCodec& ids;
        const GatewayNameOf& gateway_name;
    };
    EventRead(const Wish& wish, const Names& names, net::IoThread& thread)
        : wish_{wish}, names_{names}, thread_{thread} {}

    net::Task<void> wait(storage::ReaderPool& readers);

    Result<void, storage::StoreError> run(storage::Connection& connection) override;
    void done(Result<void, storage::StoreError> result) noexcept override;
    void delivered() noexcept override { sleeper_.wake(); }

    bool failed() const { return !done_; }
    bool newer_arrived() const { return newer_arrived_; }
    // Null: the event is gone.
    const std::shared_ptr<const EventContent>& content() const { return content_; }

 private:
    Wish wish_;
    Names names_;
    net::IoThread& thread_;
    net::Sleeper sleeper_;
    std::shared_ptr<const EventContent> content_;
    bool newer_arrived_ = false;
    bool done_ = false;
};

// The health of endpoints whose lanes were granted, as the node before us left it. Destroys itself
// after the answer.
class HealthRead final : public storage::ReadUnit, public net::Letter {
 public:
    struct Found {
        LaneClaims::Granted lane;
        std::optional<storage::EndpointHealthRow> health;
    };
    // Null: it could not be read.
    using OnRead = std::function<void(std::vector<Found>*)>;
    HealthRead(net::IoThread& thread, const OnRead& on_read) : thread_{thread}, on_read_{on_read} {}

    static void start(
        std::unique_ptr<HealthRead> read,
        const std::vector<LaneClaims::Granted>& lanes,
        storage::ReaderPool& readers
    );

    Result<void, storage::StoreError> run(storage::Connection& connection) override;
    void done(Result<void, storage::StoreError> result) noexcept override;
    void delivered() noexcept override;

 private:
    net::IoThread& thread_;
    const OnRead& on_read_;
    std::vector<Found> found_;
    bool done_ = false;
};

// Looks, a few endpoints at a time, for what is due according to the store, whatever the engine
// believes.
class SweepRead final : public storage::ReadUnit, public net::Letter {
 public:
    using OnRead = std::function<void(const std::vector<Nudge>&)>;
    SweepRead(net::IoThread& thread, OnRead on_read)
        : thread_{thread}, on_read_{std::move(on_read)} {}

    bool is_under_way() const { return under_way_; }
    void start(std::vector<EndpointId> endpoints, storage::ReaderPool& readers);

    Result<void, storage::StoreError> run(storage::Connection& connection) override;
    void done(Result<void, storage::StoreError> result) noexcept override;
    void delivered() noexcept override;

 private:
    net::IoThread& thread_;
    OnRead on_read_;
    std::vector<EndpointId> endpoints_;
    std::vector<Nudge> found_;
    bool under_way_ = false;
};

}  // namespace postern::dispatch
