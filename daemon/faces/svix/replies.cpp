#include "daemon/faces/svix/replies.hpp"

#include "daemon/api/replies.hpp"

namespace postern::daemon::svix {
namespace {

constexpr std::string_view kBody = "body";

// The fields of the native API that have another name here.
struct Renamed {
    std::string_view native;
    std::string_view own;
};
constexpr Renamed kRenamed[] = {
    {"event_types", "eventTypes"},
    {"rate_per_second", "throttleRate"},
    {"status", "disabled"},
};

std::vector<std::string> place_of(std::string_view field) {
    std::vector<std::string> where{std::string{kBody}};
    while (!field.empty()) {
        const auto dot = field.find('.');
        std::string_view part = field.substr(0, dot);
        field.remove_prefix(dot == std::string_view::npos ? field.size() : dot + 1);
        for (const Renamed& name : kRenamed) {
            if (where.size() == 1 && part == name.native) part = name.own;
        }
        if (where.size() == 1 && part == kBody) continue;
        where.emplace_back(part);
    }
    return where;
}

std::string_view code_of(int status) {
    switch (status) {
        case 401: return "authentication_failed";
        case 403: return "insufficient_access";
        case 404: return "not_found";
        case 405: return "method_not_allowed";
        case 409: return "conflict";
        case 429: return "rate_limited";
        case 503: return "unavailable";
        default: return status >= 500 ? "internal_error" : "bad_request";
    }
}

}  // namespace

HttpReply error_reply(const Error& error) {
    HttpReply reply;
    reply.status = error.status;
    reply.content_type = kJsonContentType;
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.member("code", error.code);
    writer.member("detail", error.detail);
    writer.end_object();
    return reply;
}

HttpReply not_found_reply() {
    return error_reply({.status = 404, .code = "not_found", .detail = "Entity not found"});
}

HttpReply conflict_reply(std::string detail) {
    return error_reply({.status = 409, .code = "conflict", .detail = std::move(detail)});
}

HttpReply not_offered_reply(std::string detail) {
    return error_reply({.status = 501, .code = "not_offered", .detail = std::move(detail)});
}

HttpReply no_content_reply() {
    HttpReply reply;
    reply.status = 204;
    return reply;
}

HttpReply problems_reply(const std::vector<Problem>& problems) {
    HttpReply reply;
    reply.status = 422;
    reply.content_type = kJsonContentType;
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.key("detail");
    writer.begin_array();
    for (const Problem& problem : problems) {
        writer.begin_object();
        writer.key("loc");
        writer.begin_array();
        for (const std::string& part : problem.where) writer.string(part);
        writer.end_array();
        writer.member("msg", problem.message);
        writer.member("type", "value_error");
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return reply;
}

HttpReply in_own_words(const NativeError& native, HttpReply reply) {
    HttpReply own;
    if (reply.status == 400 && !native.details.empty()) {
        std::vector<Problem> problems;
        for (const NativeError::Detail& detail : native.details) {
            problems.push_back({place_of(detail.field), detail.message});
        }
        own = problems_reply(problems);
    } else {
        own = error_reply(
            {.status = reply.status, .code = code_of(reply.status), .detail = native.message}
        );
    }
    own.fields = std::move(reply.fields);
    own.connection = reply.connection;
    return own;
}

void begin_list(JsonWriter& writer) {
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
}

void end_list(JsonWriter& writer, const ListBorders& borders) {
    writer.end_array();
    writer.member_or_null("iterator", borders.last.value_or(""));
    writer.member_or_null("prevIterator", borders.first ? '-' + *borders.first : "");
    writer.member_boolean("done", borders.rest == ListBorders::Rest::none);
    writer.end_object();
}

}  // namespace postern::daemon::svix
