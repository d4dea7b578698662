#include "tests/unit/storage/hot_queries.hpp"

#include "storage/account_repository.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/change_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/idempotency_repository.hpp"
#include "storage/job_repository.hpp"
#include "tests/unit/storage/delivery_fixture.hpp"

namespace postern::storage {
namespace {

constexpr PageRequest<DeliveryId> kPage{.after = DeliveryId{5}};
constexpr EndpointOwner kOwner{kDefaultAccount, Livemode::test};

const HotQuery kQueries[] = {
    {"what is due",
     [](Connection& connection) { read(load_due(connection, {.endpoint = kEndpoint})); },
     "deliveries_due (endpoint_id=? AND queue=?)",
     "deliveries_due"},
    {"when something is due",
     [](Connection& connection) { read(first_due(connection, kEndpoint, DeliveryQueue::retry)); },
     "COVERING INDEX deliveries_due (endpoint_id=? AND queue=?)",
     "deliveries_due"},
    {"the first open of a payment",
     [](Connection& connection) {
         read(first_open_of_key(connection, {kEndpoint, 7}));
     },
     "deliveries_in_order (endpoint_id=? AND order_key=?)",
     "deliveries_in_order"},
    {"the first held of a payment",
     [](Connection& connection) {
         read(first_held_of_key(connection, {kEndpoint, 7}));
     },
     "deliveries_in_order (endpoint_id=? AND order_key=?)",
     "deliveries_in_order"},
    {"a newer one of a payment",
     [](Connection& connection) {
         read(has_newer_delivered(connection, {kEndpoint, 7}, DeliveryId{1}));
     },
     "deliveries_in_order (endpoint_id=? AND order_key=? AND sequence>?)",
     "deliveries_in_order"},
    {"an endpoint's deliveries",
     [](Connection& connection) {
         read(list_deliveries(connection, {.endpoint = kEndpoint}, kPage));
     },
     "deliveries_by_endpoint (endpoint_id=? AND id<?)",
     "deliveries_by_endpoint"},
    {"an endpoint's dead ones",
     [](Connection& connection) {
         const DeliveryFilter filter{
             .endpoint = kEndpoint, .state = DeliveryState::dead, .since = kNow};
         read(list_deliveries(connection, filter, {}));
     },
     "deliveries_not_delivered (endpoint_id=? AND state=?)",
     "deliveries_not_delivered"},
    {"the next page of them",
     [](Connection& connection) {
         const DeliveryFilter filter{.endpoint = kEndpoint, .state = DeliveryState::dead};
         read(list_deliveries(connection, filter, {.after = DeliveryId{0}}));
     },
     "deliveries_not_delivered (endpoint_id=? AND state=? AND sequence<?)",
     "deliveries_not_delivered"},
    {"the next gaps",
     [](Connection& connection) {
         read(list_gaps(connection, {kEndpoint, 3, 10}));
     },
     "deliveries_not_delivered (endpoint_id=? AND state=? AND sequence>?)",
     "deliveries_not_delivered"},
    {"counts",
     [](Connection& connection) { read(count_deliveries(connection, kEndpoint, kNow)); },
     "COVERING INDEX deliveries_not_delivered (endpoint_id=?)",
     "deliveries_not_delivered"},
    {"a delivery's attempts",
     [](Connection& connection) { read(list_attempts(connection, DeliveryId{1})); },
     "sqlite_autoindex_attempts_1 (delivery_id=?)",
     "attempts_delivery_id_number_key"},
    {"an owner's endpoints",
     [](Connection& connection) { read(list_endpoints(connection, kOwner, {})); },
     "endpoints_by_owner (account_id=? AND livemode=?)",
     "endpoints_by_owner"},
    {"an endpoint by uid",
     [](Connection& connection) { read(find_endpoint_by_uid(connection, kOwner, "a")); },
     "endpoints_by_uid (account_id=? AND livemode=? AND uid=?)",
     "endpoints_by_uid"},
    {"an account's children",
     [](Connection& connection) { read(list_child_accounts(connection, kDefaultAccount, {})); },
     "accounts_by_parent (parent_id=?)",
     "accounts_by_parent"},
    {"a child by uid",
     [](Connection& connection) { read(find_account_by_uid(connection, kDefaultAccount, "a")); },
     "accounts_by_uid (parent_id=? AND uid=?)",
     "accounts_by_uid"},
    {"an event by its sender's name",
     [](Connection& connection) {
         read(find_event_by_external_id(connection, {kDefaultAccount, Livemode::test, "a"}));
     },
     "events_by_external_id (account_id=? AND livemode=? AND external_id=?)",
     "events_by_external_id"},
    {"an account's messages",
     [](Connection& connection) {
         const EventFilter filter{
             .account = kDefaultAccount,
             .livemode = Livemode::test,
             .kind = StoredEventKind::message};
         read(list_events(connection, filter, {}));
     },
     "events_by_kind (account_id=? AND livemode=? AND kind=?)",
     "events_by_kind"},
    {"events under a name of Stripe's users",
     [](Connection& connection) {
         const EventFilter filter{
             .account = kDefaultAccount,
             .livemode = Livemode::test,
             .own_type = "charge.succeeded"};
         read(list_events(connection, filter, {}));
     },
     "events_by_stripe_type (account_id=? AND livemode=? AND own_type=?)",
     "events_by_stripe_type"},
    {"what is still to be delivered of an event",
     [](Connection& connection) { read(count_open_deliveries(connection, EventId{5})); },
     "(event_id=?)",
     "deliveries_event_id_endpoint_id_key"},
    {"an owner's jobs",
     [](Connection& connection) { read(list_jobs(connection, {.account = kDefaultAccount}, {})); },
     "jobs_by_owner (account_id=? AND livemode=?)",
     "jobs_by_owner"},
    {"an endpoint's jobs",
     [](Connection& connection) {
         read(list_jobs(connection, {.account = kDefaultAccount, .endpoint = kEndpoint}, {}));
     },
     "jobs_by_",
     "jobs_by_"},
    {"how far the changes of others have come",
     [](Connection& connection) { read(last_change(connection)); },
     "SEARCH changes",
     "changes_pkey"},
};

}  // namespace

std::span<const HotQuery> hot_queries() {
    return kQueries;
}

}  // namespace postern::storage
