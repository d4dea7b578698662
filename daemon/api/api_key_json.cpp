#include "daemon/api/api_key_json.hpp"

#include "daemon/api_limits.hpp"

namespace postern::daemon {
namespace {

void append_time_or_null(
    JsonWriter& writer,
    std::string_view name,
    const std::optional<TimePoint>& at
) {
    writer.member_or_null(name, at ? to_iso8601(*at) : std::string{});
}

void append_scopes(JsonWriter& writer, const KeyScopes& scopes) {
    writer.key("scopes");
    writer.begin_array();
    for (const KeyScope scope : all_key_scopes()) {
        if (scopes.has(scope)) writer.string(to_text(scope));
    }
    writer.end_array();
}

void append_limit(JsonWriter& writer, const ApiLimits* limits, const Identity& identity) {
    writer.key("rate_limit");
    if (limits == nullptr) return writer.null();
    const RatePlan& plan = limits->plan_of(identity);
    writer.begin_object();
    writer.member_integer("limit", plan.limit);
    writer.member_integer("window_seconds", plan.window.count());
    writer.member_integer("burst", plan.burst);
    writer.end_object();
}

std::string_view plan_name(const Identity& identity) {
    if (identity.plan != KeyPlan::of_mode) return to_text(identity.plan);
    const bool live = identity.livemode == storage::Livemode::live;
    return to_text(live ? KeyPlan::live : KeyPlan::test);
}

}  // namespace

KeyStatus status_of(const storage::ApiKeyRow& row, TimePoint now) {
    if (row.revoked_at) return KeyStatus::revoked;
    if (!row.expires_at) return KeyStatus::active;
    return now >= *row.expires_at ? KeyStatus::expired : KeyStatus::rolled;
}

std::string_view to_text(KeyStatus status) {
    switch (status) {
        case KeyStatus::active: return "active";
        case KeyStatus::rolled: return "rolled";
        case KeyStatus::expired: return "expired";
        case KeyStatus::revoked: return "revoked";
    }
    return {};
}

void append_api_key(JsonWriter& writer, const ApiCall& call, const ApiKeyView& view) {
    const IdCodec& ids = call.around.store.ids;
    const storage::ApiKeyRow& row = view.row;
    const Identity identity = identity_of(row);
    writer.begin_object();
    writer.member("id", ids.encode(row.id));
    writer.member("object", "api_key");
    writer.member("kind", to_text(row.kind));
    writer.member_boolean("livemode", row.livemode == storage::Livemode::live);
    writer.member("name", row.name);
    writer.member("hint", row.hint);
    if (!view.clear_key.empty()) writer.member("key", view.clear_key);
    writer.member("status", to_text(status_of(row, call.around.clock.now())));
    append_scopes(writer, identity.scopes);
    writer.member("plan", plan_name(identity));
    append_limit(writer, call.around.limits, identity);
    writer.member("created_at", to_iso8601(row.created_at));
    append_time_or_null(writer, "last_used_at", row.last_used_at);
    append_time_or_null(writer, "expires_at", row.expires_at);
    append_time_or_null(writer, "revoked_at", row.revoked_at);
    writer.member_or_null("replaced_by", row.replaced_by ? ids.encode(*row.replaced_by) : "");
    writer.end_object();
}

std::string api_key_body(const ApiCall& call, const ApiKeyView& view) {
    std::string body;
    JsonWriter writer{body};
    append_api_key(writer, call, view);
    return body;
}

}  // namespace postern::daemon
