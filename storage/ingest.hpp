#pragma once

#include "core/ids.hpp"
#include "core/trace.hpp"
#include "core/unified_event.hpp"
#include "storage/database.hpp"
#include "storage/delivery_values.hpp"
#include "storage/work_unit.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a proven webhook becomes: one inbox row, one dedupe entry for each thing the provider said,
// one event for each of those that our vocabulary knows. All in one transaction.
namespace postern::storage {

struct NormalisedEvent {
    EventType type = EventType::payment_created;
    std::string_view object;              // JSON
    const UnifiedEvent* facts = nullptr;  // what the object was made of; null: not kept
};

struct IngestEvent {
    std::string_view gateway_event_id;  // empty: the provider has none, the body's hash stands in
    std::string_view gateway_event_type;
    std::optional<NormalisedEvent> normalised;  // absent: outside our vocabulary
};

// Every view must outlive the unit of work.
struct IngestRequest {
    AccountId account;
    Livemode livemode = Livemode::test;
    GatewayNumber gateway;
    Verdict verdict = Verdict::verified;
    std::string_view reason;
    TimePoint received_at;
    std::string_view headers;
    std::string_view body;
    std::string_view body_sha256;     // 32 bytes
    std::vector<IngestEvent> events;  // none: one thing without an id
    std::optional<TraceContext> trace = {};
};

enum class IngestKind {
    stored,
    duplicate,       // known, same bytes: nothing was written
    second_version,  // known, other bytes: the inbox keeps them, flagged, and no events follow
};

// What a step made of one event: a delivery, in the same transaction.
struct MadeDelivery {
    DeliveryId id;
    EndpointId endpoint;
    std::size_t event_index = 0;  // which of the request's events
    std::int64_t fence = 0;
    std::int64_t sequence = 0;
    std::int64_t order_key = 0;
    TimePoint due_at;
    std::optional<DeliveryQueue> queue;  // absent: only recorded
};

// What a step found out about one event of a request; the steps after it go by that.
struct EventTurn {
    enum class Fate : std::uint8_t {
        as_told,      // nothing is known beyond what the provider said
        corrected,    // the event's row was changed: the members below are what it says now
        told_before,  // it has no row of its own any more: `told_by` tells the same
    };
    Fate fate = Fate::as_told;
    AccountId account;
    Livemode livemode = Livemode::test;
    std::int64_t subject = 0;
    std::string object;
    std::string stripe_type;
    std::string stripe_object;
    std::vector<EventId> told_by;
};

struct IngestOutcome {
    IngestKind kind = IngestKind::stored;
    InboxId inbox;  // the row written, or for a duplicate the row that was there
    // One for each event of the request, in its order; 0 where none was made.
    std::vector<EventId> event_ids;
    std::vector<EventTurn> turns;          // by the steps: one an event, or none at all
    std::vector<MadeDelivery> deliveries;  // by the steps
};

struct IngestItem {
    IngestRequest request;
    IngestOutcome outcome;  // of the last run; means something once the batch is committed
};

// What else belongs into the same transaction: deliveries, payment transitions. The daemon hands a
// list of them to the writer.
class IngestStep {
 public:
    virtual ~IngestStep() = default;
    // The stored requests of a batch, in order, after the rows of all and after the steps before
    // this one; perhaps more than once before they are committed.
    [[nodiscard]] virtual Result<void, StoreError>
    run(Transaction& transaction, std::span<IngestItem* const> items) = 0;
    // Once for a batch that was committed: the requests that were stored, on the writer's thread,
    // before their done().
    virtual void committed(std::span<const IngestItem* const> items) noexcept = 0;
};

// The unit that carries a request. done() is the caller's to write.
class IngestUnit : public WorkUnit {
 public:
    explicit IngestUnit(IngestRequest request) : item_{std::move(request), {}} {}

    std::size_t weight_bytes() const noexcept override;
    WorkLane lane() const noexcept final { return WorkLane::hot; }
    IngestItem* ingest_item() noexcept final { return &item_; }
    // The writer hands ingest items to the driver as one batch and never runs them one by one.
    Result<void, StoreError> run(Transaction& transaction) final;

    const IngestRequest& request() const { return item_.request; }
    const IngestOutcome& outcome() const { return item_.outcome; }

 private:
    IngestItem item_;
};

// Two independent hashes of 63 bits each, because the tables hold signed numbers.
struct DedupeKey {
    std::int64_t key = 0;    // where to look
    std::int64_t check = 0;  // whether it is this one
    bool operator==(const DedupeKey&) const = default;
};

// Says that a row is the first to tell a thing.
struct DedupeClaim {
    DedupeKey wanted;
    InboxId inbox;          // whose the entry becomes if the thing is new
    std::int64_t entry_id;  // unused and greater than any before
};
DedupeKey dedupe_key(const SipKey& key, const IngestRequest& request, std::size_t event_index);
// Where the entry is if its own place holds another one.
std::int64_t next_dedupe_place(std::int64_t key);

// 8 bytes each, most significant first.
std::string pack_event_ids(const std::vector<EventId>& ids);
std::vector<EventId> unpack_event_ids(std::string_view bytes);

}  // namespace postern::storage
