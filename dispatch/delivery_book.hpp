#pragma once

#include "core/result.hpp"
#include "dispatch/attempt.hpp"
#include "dispatch/delivery_machine.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"
#include "storage/store_error.hpp"

#include <optional>
#include <vector>

// The rules by which deliveries are written: sequence, order of a payment's events, fences. Over a
// narrow table, so that a simulation runs the same rules over a table of its own.
namespace postern::dispatch {

// The primitives; each is one statement of storage/delivery_repository.hpp and its neighbours. What
// batches ask may be asked at once; by itself each is asked one by one.
class DeliveryTable {
 public:
    template <class T>
    using Answer = Result<T, storage::StoreError>;
    using Found = std::vector<std::optional<storage::DeliveryRow>>;  // in the order of the question

    virtual ~DeliveryTable() = default;
    virtual TimePoint now() const = 0;
    virtual Answer<std::int64_t> next_sequence(EndpointId endpoint) = 0;
    virtual Answer<DeliveryId> insert(const storage::DeliveryRow& row) = 0;
    virtual Answer<bool> change(const storage::DeliveryChange& change) = 0;
    virtual Answer<std::optional<storage::DeliveryRow>> find(DeliveryId id) = 0;
    virtual Answer<std::optional<storage::DeliveryRow>> find_of(
        const storage::EventAtEndpoint& which
    ) = 0;
    virtual Answer<std::optional<storage::DeliveryRow>> first_open(const storage::KeyAtEndpoint& key
    ) = 0;
    virtual Answer<std::optional<storage::DeliveryRow>> first_held(const storage::KeyAtEndpoint& key
    ) = 0;
    virtual Answer<AttemptId> insert_attempt(const storage::AttemptRow& row) = 0;

    // The last of those taken for each draw.
    virtual Answer<std::vector<std::int64_t>> take_sequences(
        const std::vector<storage::SequenceDraw>& draws
    );
    // Of rows that are about to be changed. Where others write at the same time, they and the order
    // of their payments are this transaction's from here on.
    virtual Answer<Found> find_to_change(const std::vector<DeliveryId>& ids);
    virtual Answer<Found> first_open_of(const std::vector<storage::KeyAtEndpoint>& keys);
    // What batches write. The ids stand in the order of the rows. Attempts are numbered after the
    // last of their delivery, so they come before its change.
    virtual Answer<std::vector<DeliveryId>> insert_all(const std::vector<storage::DeliveryRow>& rows
    );
    virtual Answer<void> insert_attempts(const std::vector<storage::AttemptRow>& rows);
    virtual Answer<void> change_all(const std::vector<storage::DeliveryChange>& changes);
};

// Tells the engine that an endpoint has something due that it does not hold in memory.
struct Nudge {
    EndpointId endpoint;
    storage::DeliveryQueue queue = storage::DeliveryQueue::fresh;
    TimePoint due_at;
    // One that somebody changed (retried it, canceled it): what the engine holds of it is old.
    DeliveryId delivery = {};
};

struct NewDelivery {
    EventId event;
    EndpointId endpoint;
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    std::int64_t order_key = 0;  // 0: the endpoint does not care
    enum class Order : std::uint8_t { any, kept } order = Order::any;
    enum class Fate : std::uint8_t { send, record_only } fate = Fate::send;  // endpoint disabled
    storage::AttemptTrigger trigger = storage::AttemptTrigger::scheduled;
    // catching_up: of a job; it must not go ahead of what happens now
    enum class Pace : std::uint8_t { live, catching_up } pace = Pace::live;
    std::chrono::seconds first_delay{0};  // before the first attempt, as the schedule says
};

// The row as it was written: with queue fresh it is due now; held, it waits for its payment's
// earlier event; closed as skipped when it is only recorded.
[[nodiscard]] Result<storage::DeliveryRow, storage::StoreError>
schedule_delivery(DeliveryTable& table, const NewDelivery& wanted);
// Of a batch: the rows in the order of what is wanted.
[[nodiscard]] Result<std::vector<storage::DeliveryRow>, storage::StoreError>
schedule_deliveries(DeliveryTable& table, const std::vector<NewDelivery>& wanted);

// An attempt that ended, or a decision not to make it.
struct FinishedDelivery {
    DeliveryId delivery;
    std::int64_t fence = 0;
    Disposition disposition;
    std::optional<storage::AttemptRow> attempt;  // absent: skipped
    std::chrono::seconds max_hold{3600};         // of the endpoint; for ordered deliveries
    // of the endpoint: one that does not keep order has keys too (deliver: latest), and gives none
    // of them up
    NewDelivery::Order order = NewDelivery::Order::kept;
};
struct Recorded {
    // stale: somebody changed the delivery meanwhile (canceled it, retried it). The attempt is
    // recorded none the less, the state is theirs.
    enum class Kind : std::uint8_t { applied, stale } kind = Kind::applied;
    storage::DeliveryRow row;        // as it stands now
    std::optional<Nudge> successor;  // the payment's next event, which may go now
};
[[nodiscard]] Result<Recorded, storage::StoreError>
record_finished(DeliveryTable& table, const FinishedDelivery& finished);
// Of a batch, in the order in which they ended.
[[nodiscard]] Result<std::vector<Recorded>, storage::StoreError>
record_all(DeliveryTable& table, const std::vector<const FinishedDelivery*>& finished);

// Opens it again from the start of its schedule, whatever it is in; `now` is due.
[[nodiscard]] Result<std::optional<Nudge>, storage::StoreError>
retry_delivery(DeliveryTable& table, DeliveryId id, storage::AttemptTrigger trigger);
// The same for one of many, by a job: behind what happens now, and behind an earlier open event of
// its payment where order is kept. An open one is left as it is.
[[nodiscard]] Result<std::optional<Nudge>, storage::StoreError>
reopen_in_line(DeliveryTable& table, DeliveryId id, NewDelivery::Order order);
struct Canceled {
    enum class Kind : std::uint8_t { canceled, not_open, not_found } kind = Kind::not_found;
    std::optional<Nudge> withdrawn;  // itself, so that it is not sent from memory
    std::optional<Nudge> successor;
};
[[nodiscard]] Result<Canceled, storage::StoreError>
cancel_delivery(DeliveryTable& table, DeliveryId id, std::string_view reason);

}  // namespace postern::dispatch
