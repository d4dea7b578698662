#include "daemon/gateways.hpp"

#include "daemon/api/functions.hpp"
#include "daemon/api/named_pages.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

namespace postern::daemon {

using verifiers::kVerifyFailureCount;
using verifiers::VerifyFailure;

namespace {

bool may_see(const Identity& identity, const Gateway& gateway) {
    return gateway.account == identity.account && gateway.livemode == identity.livemode;
}

void append_names(JsonWriter& writer, std::string_view comma_separated) {
    writer.begin_array();
    while (!comma_separated.empty()) {
        const std::string_view name = comma_separated.substr(0, comma_separated.find(','));
        writer.string(name);
        comma_separated.remove_prefix(std::min(name.size() + 1, comma_separated.size()));
    }
    writer.end_array();
}

void append_refusal(JsonWriter& writer, const RefusalRecord& record) {
    writer.begin_object();
    writer.member("at", to_iso8601(record.at));
    writer.member("reason", to_text(record.failure));
    writer.member("peer_address", record.peer_address);
    writer.key("field_names");
    append_names(writer, record.field_names);
    writer.member("body_sha256", record.body_sha256);
    writer.member_integer("body_bytes", static_cast<std::int64_t>(record.body_bytes));
    writer.end_object();
}

void append_health(JsonWriter& writer, const GatewayHealth& health) {
    writer.begin_object();
    writer.key("last_verified_at");
    health.last_verified_at ? writer.string(to_iso8601(*health.last_verified_at)) : writer.null();
    writer.member_integer("verified", static_cast<std::int64_t>(health.verified));
    writer.member_integer("duplicates", static_cast<std::int64_t>(health.duplicates));
    writer.member_integer("unrecognised", static_cast<std::int64_t>(health.unrecognised));
    writer.key("refused");
    writer.begin_object();
    for (std::size_t i = 0; i < kVerifyFailureCount; ++i) {
        writer.member_integer(
            to_text(static_cast<VerifyFailure>(i)), static_cast<std::int64_t>(health.refused[i])
        );
    }
    writer.end_object();
    writer.key("recent_refusals");
    writer.begin_array();
    for (const RefusalRecord& record : health.recent_refusals) append_refusal(writer, record);
    writer.end_array();
    writer.end_object();
}

void append_gateway(JsonWriter& writer, const Gateway& gateway) {
    writer.begin_object();
    writer.member("id", gateway.id);
    writer.member("kind", gateway.kind->name);
    writer.member("display_name", gateway.kind->display_name);
    writer.member("mode", gateway.mode == Gateway::Mode::live ? "live" : "sandbox");
    writer.member_boolean("livemode", gateway.livemode == storage::Livemode::live);
    writer.member_boolean("enabled", gateway.state == Gateway::State::enabled);
    writer.key("health");
    append_health(writer, gateway.watch.health());
    writer.end_object();
}

}  // namespace

net::Task<HttpReply> list_gateways(const ApiCall& call) {
    std::vector<std::string_view> names;
    for (const Gateway* gateway : call.around.gateways.all()) {
        if (may_see(call.identity, *gateway)) names.push_back(gateway->id);
    }
    ParameterReader parameters{call.request.query};
    const NamedPage page = read_named_page(parameters, std::move(names));
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const std::string_view name : page.names) {
        append_gateway(writer, *call.around.gateways.find(name));
    }
    end_list(writer, page.next_cursor);
    co_return json_reply(std::move(body));
}

net::Task<HttpReply> get_gateway(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const Gateway* gateway = call.around.gateways.find(call.path_parameters.front());
    if (gateway == nullptr || !may_see(call.identity, *gateway)) {
        co_return not_found_reply("gateway");
    }
    std::string body;
    JsonWriter writer{body};
    append_gateway(writer, *gateway);
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon
