#include "daemon/commands/resources.hpp"

namespace postern::daemon::commands {
namespace {

using Kind = FieldOption::Kind;
using Answer = Verb::Answer;
using Body = Verb::Body;

constexpr FieldOption kEndpointOptions[] = {
    {"event-type", "event_types", Kind::list, "payment.succeeded, payment.*, *; repeatable"},
    {"description", "description", Kind::text, "For people"},
    {"uid", "uid", Kind::text, "A name of your own for it"},
};
constexpr FieldOption kRotateOptions[] = {
    {"secret", "secret", Kind::text, "The new one; else a random one"},
    {"grace-seconds", "grace_seconds", Kind::number, "How long the old one still signs as well"},
};
constexpr FieldOption kEventOptions[] = {
    {"type", "type", Kind::text, "payment.succeeded or payment.*"},
    {"gateway", "gateway", Kind::text, "The gateway's id"},
    {"since", "since", Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", Kind::text, "ISO 8601 or Unix seconds"},
};
constexpr FieldOption kResendOptions[] = {
    {"endpoint", "endpoint_id", Kind::text, "To this endpoint only"},
};
constexpr FieldOption kDeliveryOptions[] = {
    {"state", "state", Kind::text, "pending, waiting, delivered, dead, canceled, skipped"},
    {"since", "since", Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", Kind::text, "ISO 8601 or Unix seconds"},
};
constexpr FieldOption kRecoverOptions[] = {
    {"since", "since", Kind::text, "ISO 8601 or Unix seconds; required"},
    {"until", "until", Kind::text, "ISO 8601 or Unix seconds"},
    {"only", "only", Kind::text, "failed or missing; else both"},
    {"rate", "rate_per_second", Kind::number, "Deliveries a second"},
};

constexpr FieldOption kDisputeOptions[] = {
    {"reason", "reason", Kind::text, "fraudulent, duplicate, product_not_received, …"},
    {"amount", "amount", Kind::text, "Like 5.00; else all that is left of the payment"},
};
constexpr FieldOption kResolveOptions[] = {
    {"outcome", "outcome", Kind::text, "won or lost; required"},
};
constexpr FieldOption kPayoutFailOptions[] = {
    {"failure-code", "failure_code", Kind::text, "account_closed, no_account, …"},
};
constexpr FieldOption kRefundFailOptions[] = {
    {"failure-reason", "failure_reason", Kind::text, "expired_or_canceled_card, …"},
};

constexpr FieldOption kKeyOptions[] = {
    {"name", "name", Kind::text, "For people"},
    {"livemode", "livemode", Kind::number, "true or false; else that of the key that asks"},
    {"scope", "scopes", Kind::list, "payments:read, balance:read …; repeatable"},
    {"plan", "plan", Kind::text, "test, live, standard or enterprise"},
};
constexpr FieldOption kRollOptions[] = {
    {"overlap-hours", "overlap_hours", Kind::number, "How long the old one still works"},
};
constexpr FieldOption kRequestOptions[] = {
    {"status", "status", Kind::text, "404, or 4xx for a class"},
    {"method", "method", Kind::text, "POST"},
    {"path", "path_prefix", Kind::text, "How the path begins"},
    {"request-id", "request_id", Kind::text, "As the answer said it"},
    {"api-key", "api_key_id", Kind::text, "The key's id"},
    {"since", "since", Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", Kind::text, "ISO 8601 or Unix seconds"},
};

constexpr std::string_view kEndpoints = "/api/v2/webhook-endpoints";

constexpr Verb kVerbs[] = {
    {"endpoints", "list", "Show the endpoints", "GET", kEndpoints, "", Answer::list},
    {"endpoints", "show", "Show one endpoint", "GET", "/api/v2/webhook-endpoints/{id}", "id"},
    {"endpoints",
     "create",
     "Subscribe a URL to events",
     "POST",
     kEndpoints,
     "url",
     Answer::record,
     Body::settings,
     kEndpointOptions},
    {"endpoints",
     "update",
     "Change settings of an endpoint",
     "PATCH",
     "/api/v2/webhook-endpoints/{id}",
     "id",
     Answer::record,
     Body::settings,
     kEndpointOptions},
    {"endpoints", "delete", "Remove an endpoint", "DELETE", "/api/v2/webhook-endpoints/{id}", "id"},
    {"endpoints",
     "enable",
     "Deliver to it again",
     "POST",
     "/api/v2/webhook-endpoints/{id}/enable",
     "id"},
    {"endpoints",
     "disable",
     "Deliver nothing more to it",
     "POST",
     "/api/v2/webhook-endpoints/{id}/disable",
     "id"},
    {"endpoints",
     "ping",
     "Send it a test event and show its answer",
     "POST",
     "/api/v2/webhook-endpoints/{id}/ping",
     "id"},
    {"endpoints",
     "secret",
     "Show the secrets that sign for it",
     "GET",
     "/api/v2/webhook-endpoints/{id}/secret",
     "id"},
    {"endpoints",
     "rotate-secret",
     "Give it a new secret",
     "POST",
     "/api/v2/webhook-endpoints/{id}/rotate-secret",
     "id",
     Answer::record,
     Body::none,
     kRotateOptions},
    {"endpoints",
     "stats",
     "Count its deliveries",
     "GET",
     "/api/v2/webhook-endpoints/{id}/stats",
     "id"},
    {"events",
     "list",
     "Show the events",
     "GET",
     "/api/v2/events",
     "",
     Answer::list,
     Body::none,
     kEventOptions},
    {"events", "show", "Show one event", "GET", "/api/v2/events/{id}", "id"},
    {"events",
     "resend",
     "Deliver an event again",
     "POST",
     "/api/v2/events/{id}/resend",
     "id",
     Answer::list,
     Body::none,
     kResendOptions},
    {"deliveries",
     "list",
     "Show the deliveries of an endpoint",
     "GET",
     "/api/v2/webhook-endpoints/{id}/deliveries",
     "endpoint-id",
     Answer::list,
     Body::none,
     kDeliveryOptions},
    {"deliveries",
     "show",
     "Show one delivery and its attempts",
     "GET",
     "/api/v2/deliveries/{id}",
     "id"},
    {"deliveries", "retry", "Try it again now", "POST", "/api/v2/deliveries/{id}/retry", "id"},
    {"deliveries", "cancel", "Try it no more", "POST", "/api/v2/deliveries/{id}/cancel", "id"},
    {"jobs", "list", "Show the jobs", "GET", "/api/v2/jobs", "", Answer::list},
    {"jobs", "show", "Show one job", "GET", "/api/v2/jobs/{id}", "id"},
    {"jobs", "cancel", "Stop a job", "DELETE", "/api/v2/jobs/{id}", "id"},
    {"jobs",
     "recover",
     "Deliver again what an endpoint missed",
     "POST",
     "/api/v2/webhook-endpoints/{id}/recover",
     "endpoint-id",
     Answer::record,
     Body::none,
     kRecoverOptions},
    {"sandbox",
     "dispute",
     "Dispute a payment, as its customer's bank would",
     "POST",
     "/api/v2/sandbox/disputes",
     "payment_id",
     Answer::record,
     Body::none,
     kDisputeOptions},
    {"sandbox",
     "resolve",
     "Decide a dispute",
     "POST",
     "/api/v2/sandbox/disputes/{id}/resolve",
     "id",
     Answer::record,
     Body::none,
     kResolveOptions},
    {"sandbox", "settle", "Make what is pending available", "POST", "/api/v2/sandbox/settle", ""},
    {"sandbox",
     "payout-fail",
     "Let a payout come back",
     "POST",
     "/api/v2/sandbox/payouts/{id}/fail",
     "id",
     Answer::record,
     Body::none,
     kPayoutFailOptions},
    {"sandbox",
     "payout-pay",
     "Let a payout arrive now",
     "POST",
     "/api/v2/sandbox/payouts/{id}/pay",
     "id"},
    {"sandbox",
     "refund-fail",
     "Let a refund come back",
     "POST",
     "/api/v2/sandbox/refunds/{id}/fail",
     "id",
     Answer::record,
     Body::none,
     kRefundFailOptions},
    {"sandbox",
     "refund-succeed",
     "Let a refund that pends arrive now",
     "POST",
     "/api/v2/sandbox/refunds/{id}/succeed",
     "id"},
    {"keys", "list", "Show the API keys", "GET", "/api/v2/api-keys", "", Answer::list},
    {"keys",
     "create",
     "Make an API key; it is shown this once",
     "POST",
     "/api/v2/api-keys",
     "kind",
     Answer::record,
     Body::none,
     kKeyOptions},
    {"keys",
     "roll",
     "Replace an API key",
     "POST",
     "/api/v2/api-keys/{id}/roll",
     "id",
     Answer::record,
     Body::none,
     kRollOptions},
    {"keys", "revoke", "Let it work no more", "DELETE", "/api/v2/api-keys/{id}", "id"},
    {"requests",
     "list",
     "Show the requests",
     "GET",
     "/api/v2/request-logs",
     "",
     Answer::list,
     Body::none,
     kRequestOptions},
    {"requests", "show", "Show one request", "GET", "/api/v2/request-logs/{id}", "id"},
};

constexpr Column kEndpointColumns[] = {
    {"ID", "id"},
    {"STATUS", "status"},
    {"HEALTH", "health.state"},
    {"URL", "url"},
    {"EVENT TYPES", "event_types"},
    {"DESCRIPTION", "description"},
};
constexpr Column kEventColumns[] = {
    {"ID", "id"},
    {"TYPE", "type"},
    {"GATEWAY", "gateway"},
    {"TIME", "timestamp"},
    {"AMOUNT", "data.object.amount"},
    {"CURRENCY", "data.object.currency"},
};
constexpr Column kDeliveryColumns[] = {
    {"ID", "id"},
    {"STATE", "state"},
    {"EVENT TYPE", "event_type"},
    {"EVENT", "event_id"},
    {"ENDPOINT", "endpoint_id"},
    {"ATTEMPTS", "attempts"},
    {"STATUS", "last_status"},
    {"ERROR", "last_error"},
    {"NEXT ATTEMPT", "next_attempt_at"},
};
constexpr Column kJobColumns[] = {
    {"ID", "id"},
    {"KIND", "kind"},
    {"STATE", "state"},
    {"PERCENT", "progress.percent"},
    {"SCHEDULED", "progress.scheduled"},
    {"ENDPOINT", "endpoint_id"},
    {"CREATED", "created_at"},
    {"ERROR", "error"},
};

constexpr Column kKeyColumns[] = {
    {"ID", "id"},
    {"KIND", "kind"},
    {"STATUS", "status"},
    {"KEY", "hint"},
    {"NAME", "name"},
    {"SCOPES", "scopes"},
    {"PLAN", "plan"},
    {"LAST USED", "last_used_at"},
    {"EXPIRES", "expires_at"},
};
constexpr Column kRequestColumns[] = {
    {"TIME", "created_at"},
    {"STATUS", "status"},
    {"METHOD", "method"},
    {"PATH", "path"},
    {"ERROR", "error_code"},
    {"REQUEST", "request_id"},
    {"ID", "id"},
};

}  // namespace

std::span<const Verb> resource_verbs() {
    return kVerbs;
}

std::span<const Column> columns_of(std::string_view resource) {
    if (resource == "endpoints") return kEndpointColumns;
    if (resource == "events") return kEventColumns;
    if (resource == "jobs") return kJobColumns;
    if (resource == "keys") return kKeyColumns;
    if (resource == "requests") return kRequestColumns;
    return kDeliveryColumns;
}

}  // namespace postern::daemon::commands
