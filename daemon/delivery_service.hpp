#pragma once

#include "daemon/endpoint_service.hpp"
#include "daemon/job_steps.hpp"
#include "dispatch/delivery_book.hpp"
#include "dispatch/endpoint.hpp"
#include "storage/delivery_repository.hpp"

#include <optional>
#include <string>
#include <vector>

// What may be done with deliveries, whichever face of the API asks for it. Everything here refuses
// before it writes; the nudges go to the dispatcher after the commit.
namespace postern::daemon {

struct DeliveryName {
    storage::EndpointOwner owner;
    DeliveryId id;
};

// The deliveries that were asked for, as they stand now.
struct Deliveries {
    std::vector<storage::DeliveryRow> rows;
    std::vector<dispatch::Nudge> nudges;
};

// Refused: not there, or its endpoint is deleted or disabled.
[[nodiscard]] Served<Deliveries>
retry_delivery_of(storage::Transaction& transaction, const DeliveryName& name);
// Refused: not there, or no longer open.
[[nodiscard]] Served<Deliveries>
cancel_delivery_of(storage::Transaction& transaction, const DeliveryName& name);

struct Resend {
    storage::EndpointOwner owner;
    EventId event;
    // Absent: to everybody who is enabled and subscribed, or had it already.
    std::optional<EndpointId> endpoint;
};
// Makes the delivery where there is none, else opens it again.
[[nodiscard]] Served<Deliveries> resend_event(
    storage::Transaction& transaction,
    const dispatch::EndpointDirectory& endpoints,
    const IdCodec& ids,
    const Resend& resend
);

// One event to one endpoint once more, in a transaction that has more to do.
struct SentAgain {
    storage::DeliveryRow row;
    std::optional<dispatch::Nudge> nudge;
};
[[nodiscard]] Result<SentAgain, storage::StoreError> send_again(
    dispatch::DeliveryTable& table,
    const dispatch::Endpoint& endpoint,
    const dispatch::EventContent& event,
    dispatch::NewDelivery::Pace pace  // catching_up: of a job
);

// A recover or resend job of this owner, at its beginning: around.jobs.wake() after the commit. An
// endpoint that is named must be there and enabled.
struct WantedJob {
    storage::EndpointOwner owner;
    storage::JobKind kind = storage::JobKind::recover;
    std::optional<EndpointId> endpoint;
    JobParameters parameters;
};
[[nodiscard]] Served<storage::JobRow>
create_job(storage::Transaction& transaction, const WantedJob& wanted);

}  // namespace postern::daemon
