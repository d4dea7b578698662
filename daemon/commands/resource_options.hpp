#pragma once

#include "daemon/commands/resources.hpp"

// The options of the verbs in resource_verbs.cpp.
namespace postern::daemon::commands {

inline constexpr FieldOption kEndpointOptions[] = {
    {"event-type",
     "event_types",
     FieldOption::Kind::list,
     "payment.succeeded, payment.*, *; repeatable"},
    {"description", "description", FieldOption::Kind::text, "For people"},
    {"uid", "uid", FieldOption::Kind::text, "A name of your own for it"},
};
inline constexpr FieldOption kTrialOptions[] = {
    {"event-type",
     "event_types",
     FieldOption::Kind::list,
     "payment.succeeded, payment.*, *; repeatable"},
    {"channel", "channels", FieldOption::Kind::list, "Of messages; repeatable"},
    {"filter",
     "filter",
     FieldOption::Kind::number,
     R"(JSON, like {"field":"data.object.amount","gte":1000})"},
};
inline constexpr FieldOption kStatsOptions[] = {
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
};
inline constexpr FieldOption kRotateOptions[] = {
    {"secret", "secret", FieldOption::Kind::text, "The new one; else a random one"},
    {"grace-seconds",
     "grace_seconds",
     FieldOption::Kind::number,
     "How long the old one still signs as well"},
};
inline constexpr FieldOption kEventOptions[] = {
    {"type", "type", FieldOption::Kind::text, "payment.succeeded or payment.*"},
    {"gateway", "gateway", FieldOption::Kind::text, "The gateway's id"},
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
};
inline constexpr FieldOption kInboxOptions[] = {
    {"gateway", "gateway", FieldOption::Kind::text, "The gateway's id"},
    {"verdict",
     "verdict",
     FieldOption::Kind::text,
     "verified, unrecognised, malformed or duplicate"},
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
};
inline constexpr FieldOption kResendOptions[] = {
    {"endpoint", "endpoint_id", FieldOption::Kind::text, "To this endpoint only"},
};
inline constexpr FieldOption kDeliveryOptions[] = {
    {"state",
     "state",
     FieldOption::Kind::text,
     "pending, waiting, delivered, dead, canceled, skipped"},
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
};
inline constexpr FieldOption kRecoverOptions[] = {
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds; required"},
    {"until", "until", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
    {"only", "only", FieldOption::Kind::text, "failed or missing; else both"},
    {"rate", "rate_per_second", FieldOption::Kind::number, "Deliveries a second"},
};

inline constexpr FieldOption kJobOptions[] = {
    {"state", "state", FieldOption::Kind::text, "running, finished, canceled, failed"},
    {"endpoint", "endpoint_id", FieldOption::Kind::text, "Of this endpoint only"},
};
inline constexpr FieldOption kResendManyOptions[] = {
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds; required"},
    {"until", "until", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
    {"type", "type", FieldOption::Kind::text, "payment.succeeded or payment.*; else all"},
    {"gateway", "gateway", FieldOption::Kind::text, "Of this gateway only"},
    {"endpoint", "endpoint_id", FieldOption::Kind::text, "To this endpoint only; else to all"},
    {"rate", "rate_per_second", FieldOption::Kind::number, "Deliveries a second"},
};

inline constexpr FieldOption kAccountCreateOptions[] = {
    {"uid", "uid", FieldOption::Kind::text, "A name of your own for it, without spaces"},
};
inline constexpr FieldOption kAccountUpdateOptions[] = {
    {"name", "name", FieldOption::Kind::text, "For people"},
    {"uid", "uid", FieldOption::Kind::text, "A name of your own for it, without spaces"},
};

inline constexpr FieldOption kDisputeOptions[] = {
    {"reason", "reason", FieldOption::Kind::text, "fraudulent, duplicate, product_not_received, …"},
    {"amount",
     "amount",
     FieldOption::Kind::text,
     "Like 5.00; else all that is left of the payment"},
};
inline constexpr FieldOption kResolveOptions[] = {
    {"outcome", "outcome", FieldOption::Kind::text, "won or lost; required"},
};
inline constexpr FieldOption kPayoutFailOptions[] = {
    {"failure-code", "failure_code", FieldOption::Kind::text, "account_closed, no_account, …"},
};
inline constexpr FieldOption kRefundFailOptions[] = {
    {"failure-reason", "failure_reason", FieldOption::Kind::text, "expired_or_canceled_card, …"},
};

inline constexpr FieldOption kKeyOptions[] = {
    {"name", "name", FieldOption::Kind::text, "For people"},
    {"livemode",
     "livemode",
     FieldOption::Kind::number,
     "true or false; else that of the key that asks"},
    {"scope", "scopes", FieldOption::Kind::list, "payments:read, balance:read …; repeatable"},
    {"plan", "plan", FieldOption::Kind::text, "test, live, standard or enterprise"},
};
inline constexpr FieldOption kRollOptions[] = {
    {"overlap-hours",
     "overlap_hours",
     FieldOption::Kind::number,
     "How long the old one still works"},
};
inline constexpr FieldOption kRequestOptions[] = {
    {"status", "status", FieldOption::Kind::text, "404, or 4xx for a class"},
    {"method", "method", FieldOption::Kind::text, "POST"},
    {"path", "path_prefix", FieldOption::Kind::text, "How the path begins"},
    {"request-id", "request_id", FieldOption::Kind::text, "As the answer said it"},
    {"api-key", "api_key_id", FieldOption::Kind::text, "The key's id"},
    {"since", "since", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
    {"until", "until", FieldOption::Kind::text, "ISO 8601 or Unix seconds"},
};

}  // namespace postern::daemon::commands
