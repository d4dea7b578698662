#include "daemon/api/replies.hpp"

namespace postern::daemon {
namespace {

std::string none_of_this_id(std::string_view what) {
    std::string message = "There is no ";
    message += what;
    message += " of this id";
    return message;
}

}  // namespace

HttpReply json_reply(std::string body) {
    HttpReply reply;
    reply.content_type = kJsonContentType;
    reply.body = std::move(body);
    return reply;
}

void begin_list(JsonWriter& writer) {
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
}

void end_list(JsonWriter& writer, const std::optional<std::string>& next_cursor) {
    writer.end_array();
    writer.member_boolean("has_more", next_cursor.has_value());
    writer.key("next_cursor");
    next_cursor ? writer.string(*next_cursor) : writer.null();
    writer.end_object();
}

HttpReply not_found_reply(std::string_view what) {
    return error_reply({.status = 404, .code = "NOT_FOUND", .message = none_of_this_id(what)});
}

HttpReply not_found_reply(const ApiCall& call, const AgingThing& thing) {
    const bool may_be_gone =
        thing.kept.count() != 0 && time_of_id(thing.id) < call.around.clock.now() - thing.kept;
    if (!may_be_gone) return not_found_reply(thing.what);
    std::string message = none_of_this_id(thing.what);
    message += "; what is older than ";
    message += std::to_string(thing.kept.count());
    message += " days is not kept";
    return error_reply({.status = 404, .code = "NOT_FOUND", .message = std::move(message)});
}

HttpReply conflict_reply(std::string message) {
    return error_reply({.status = 409, .code = "CONFLICT", .message = std::move(message)});
}

}  // namespace postern::daemon
