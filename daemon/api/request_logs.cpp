#include "core/numbers.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "storage/request_log_repository.hpp"

#include <algorithm>

namespace postern::daemon {

using storage::RequestLogFilter;
using storage::RequestLogPage;
using storage::RequestLogRow;
using storage::StatusRange;

namespace {

constexpr std::string_view kWhat = "logged request";
constexpr std::size_t kTextBytesMax = 512;
constexpr std::int64_t kStatusMin = 100;
constexpr std::int64_t kStatusMax = 599;
constexpr std::int64_t kStatusesOfAClass = 100;

// "404", or "4xx" for all of a class.
std::optional<StatusRange> parse_status(std::string_view text) {
    if (text.size() == 3 && text.ends_with("xx")) {
        const auto first = parse_unsigned(text.substr(0, 1));
        if (!first || *first < 1 || *first > 5) return std::nullopt;
        const auto begin = static_cast<std::int64_t>(*first) * kStatusesOfAClass;
        return StatusRange{.first = begin, .last = begin + kStatusesOfAClass - 1};
    }
    const auto status = parse_integer(text);
    if (!status || *status < kStatusMin || *status > kStatusMax) return std::nullopt;
    return StatusRange{.first = *status, .last = *status};
}

bool is_plain(std::string_view text) {
    return text.size() <= kTextBytesMax
           && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '~'; });
}

std::optional<std::string> read_plain(ParameterReader& parameters, std::string_view name) {
    auto sent = parameters.text(name);
    if (sent && (sent->empty() || !is_plain(*sent))) {
        parameters.complain(name, "must be printable ASCII without spaces");
        return std::nullopt;
    }
    return sent;
}

RequestLogFilter read_filter(ParameterReader& parameters, const ApiCall& call) {
    RequestLogFilter filter;
    filter.account = call.identity.account;
    filter.livemode = call.identity.livemode;
    if (const auto status = parameters.text("status")) {
        filter.status = parse_status(*status);
        if (!filter.status) parameters.complain("status", "must be like 404, or 4xx for a class");
    }
    filter.method = read_plain(parameters, "method");
    filter.path_prefix = read_plain(parameters, "path_prefix");
    filter.request_id = read_plain(parameters, "request_id");
    if (const auto key = parameters.text("api_key_id")) {
        filter.api_key = call.around.store.ids.decode<ApiKeyId>(*key);
        if (!filter.api_key) parameters.complain("api_key_id", "is no id of this kind");
    }
    filter.since = parameters.time("since");
    filter.until = parameters.time("until");
    return filter;
}

void append_request(JsonWriter& writer, const RequestLogRow& row, const IdCodec& ids) {
    writer.begin_object();
    writer.member("id", ids.encode(row.id));
    writer.member("object", "request_log");
    writer.member("created_at", to_iso8601(row.created_at));
    writer.member_boolean("livemode", row.livemode == storage::Livemode::live);
    writer.member("method", row.method);
    writer.member("path", row.path);
    writer.member_integer("status", row.status);
    writer.member_or_null("error_code", row.error_code);
    writer.member("request_id", row.request_id);
    writer.member("api_key_id", ids.encode(row.api_key));
    writer.member_or_null("idempotency_key", row.idempotency_key);
    writer.member_integer("duration_us", row.duration.count());
    writer.member_or_null("peer_address", row.peer_address);
    writer.key("parameters");
    writer.raw(row.parameters);
    writer.end_object();
}

HttpReply page_reply(const RequestLogPage& page, const IdCodec& ids) {
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const RequestLogRow& row : page.rows) append_request(writer, row, ids);
    end_list(writer, page.next ? std::optional{ids.encode(*page.next)} : std::nullopt);
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> list_request_logs(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    const RequestLogFilter filter = read_filter(parameters, call);
    const auto wish = parameters.page<RequestLogId>(call.around.store.ids);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    RequestLogPage page;
    const ReadWork work = [&filter, &wish, &page](storage::Connection& connection) -> StoreResult {
        auto listed = storage::list_request_log(connection, filter, {.page = wish});
        if (!listed) return listed.error();
        page = std::move(*listed);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return page_reply(page, call.around.store.ids);
}

net::Task<HttpReply> get_request_log(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<RequestLogId>(call.path_parameters.front());
    if (!id) co_return not_found_reply(kWhat);
    std::optional<RequestLogRow> row;
    const ReadWork work = [&row, id](storage::Connection& connection) -> StoreResult {
        auto found = storage::find_request_log(connection, *id);
        if (!found) return found.error();
        row = std::move(*found);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    const bool visible =
        row && row->account == call.identity.account && row->livemode == call.identity.livemode;
    if (!visible) {
        const AgingThing wanted{kWhat, id->value, call.around.kept.request_log};
        co_return not_found_reply(call, wanted);
    }
    std::string body;
    JsonWriter writer{body};
    append_request(writer, *row, call.around.store.ids);
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon
