#include "payments/dialects/rcommerce/replies.hpp"

#include "core/assert.hpp"
#include "core/json_writer.hpp"

namespace postern::payments::rcommerce {
namespace {

void append_pagination(JsonWriter& writer, const PageCount& count) {
    const std::int64_t pages = (count.total + count.per_page - 1) / count.per_page;
    writer.key("pagination");
    writer.begin_object();
    writer.member_integer("total", count.total);
    writer.member_integer("per_page", count.per_page);
    writer.member_integer("current_page", count.page);
    writer.member_integer("total_pages", pages);
    writer.member_boolean("has_next", count.page < pages);
    writer.member_boolean("has_prev", count.page > 1);
    writer.end_object();
}

}  // namespace

HttpReply rc_json(const Audience& audience, int status, std::string body) {
    HttpReply reply;
    reply.status = status;
    reply.content_type = "application/json; charset=utf-8";
    reply.body = std::move(body);
    if (!audience.request_id.empty()) {
        reply.fields.push_back({"X-Request-ID", audience.request_id});
    }
    return reply;
}

HttpReply rc_list(const Audience& audience, const PageCount& count, std::string_view rows) {
    POSTERN_ASSERT(count.per_page > 0);
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.key("data");
    writer.raw(rows);
    writer.key("meta");
    writer.begin_object();
    writer.member_or_null("request_id", audience.request_id);
    writer.member("timestamp", to_iso8601(audience.asked_at));
    append_pagination(writer, count);
    writer.end_object();
    writer.end_object();
    return rc_json(audience, kOk, std::move(body));
}

}  // namespace postern::payments::rcommerce
