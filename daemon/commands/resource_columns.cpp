#include "daemon/commands/resources.hpp"

namespace postern::daemon::commands {
namespace {

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
constexpr Column kInboxColumns[] = {
    {"ID", "id"},
    {"VERDICT", "verdict"},
    {"GATEWAY", "gateway"},
    {"RECEIVED", "received_at"},
    {"GATEWAY EVENT", "gateway_event_id"},
    {"EVENTS", "event_ids"},
    {"REASON", "reason"},
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
constexpr Column kEventTypeColumns[] = {
    {"TYPE", "type"},
    {"DESCRIPTION", "description"},
};
constexpr Column kGapColumns[] = {
    {"SEQUENCE", "sequence"},
    {"STATE", "state"},
    {"DELIVERY", "delivery_id"},
    {"EVENT", "event_id"},
};
constexpr Column kTrialColumns[] = {
    {"EVENT", "event_id"},
    {"TYPE", "event_type"},
    {"TIME", "created_at"},
    {"MATCHES", "matches"},
    {"KEPT AWAY BY", "reason"},
};
constexpr Column kGatewayColumns[] = {
    {"ID", "id"},
    {"KIND", "kind"},
    {"MODE", "mode"},
    {"ENABLED", "enabled"},
    {"LAST VERIFIED", "health.last_verified_at"},
    {"VERIFIED", "health.verified"},
    {"DUPLICATES", "health.duplicates"},
    {"UNRECOGNISED", "health.unrecognised"},
    {"BAD SIGNATURES", "health.refused.bad_signature"},
};
constexpr Column kAccountColumns[] = {
    {"ID", "id"},
    {"UID", "uid"},
    {"NAME", "name"},
    {"CREATED", "createdAt"},
};

struct Rows {
    std::string_view name;
    std::span<const Column> columns;
};

constexpr Rows kRows[] = {
    {"accounts", kAccountColumns},
    {"deliveries", kDeliveryColumns},
    {"endpoints", kEndpointColumns},
    {"event-types", kEventTypeColumns},
    {"events", kEventColumns},
    {"gaps", kGapColumns},
    {"gateways", kGatewayColumns},
    {"inbox", kInboxColumns},
    {"jobs", kJobColumns},
    {"keys", kKeyColumns},
    {"requests", kRequestColumns},
    {"trials", kTrialColumns},
};

}  // namespace

std::span<const Column> columns_of(const Verb& verb) {
    const std::string_view wanted = verb.rows.empty() ? verb.resource : verb.rows;
    for (const Rows& rows : kRows) {
        if (rows.name == wanted) return rows.columns;
    }
    return {};
}

}  // namespace postern::daemon::commands
