#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"

#include <algorithm>

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::Transaction;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// What a name of this kind carries is a password as a rule: it is named, and not shown.
bool is_sensitive(std::string_view name) {
    constexpr std::string_view kWords[] = {"auth", "key", "token", "secret", "password"};
    const std::string lower = to_lower(name);
    return std::any_of(std::begin(kWords), std::end(kWords), [&lower](std::string_view word) {
        return lower.find(word) != std::string::npos;
    });
}

struct HeaderWish {
    Headers set;
    std::vector<std::string> removed;
    enum class Rest { kept, removed } rest = Rest::kept;
};

void set_header(Headers& headers, std::pair<std::string, std::string> header) {
    const auto same = [&header](const auto& other) {
        return equal_ignoring_case(other.first, header.first);
    };
    headers.erase(std::remove_if(headers.begin(), headers.end(), same), headers.end());
    headers.push_back(std::move(header));
}

void remove_header(Headers& headers, std::string_view name) {
    const auto same = [name](const auto& other) {
        return equal_ignoring_case(other.first, name);
    };
    headers.erase(std::remove_if(headers.begin(), headers.end(), same), headers.end());
}

// In a PATCH, null takes a header away.
HeaderWish read_wish(Body& body, HeaderWish::Rest rest) {
    HeaderWish wish{.rest = rest};
    const JsonValue headers = body.value("headers");
    if (!headers.is_object()) body.complain("headers", "is required: an object of texts");
    for (const JsonMember& member : headers.members()) {
        if (member.value.is_null() && rest == HeaderWish::Rest::kept) {
            wish.removed.emplace_back(member.key);
        } else if (member.value.is_string()) {
            wish.set.emplace_back(member.key, member.value.string());
        } else {
            body.complain("headers", "must be an object of texts");
        }
    }
    if (rest == HeaderWish::Rest::removed) return wish;
    for (const JsonValue name : body.value("deleteHeaders").items()) {
        wish.removed.emplace_back(name.string());
    }
    return wish;
}

std::string headers_text(const Headers& headers) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    writer.key("headers");
    writer.begin_object();
    for (const auto& [name, value] : headers) writer.member(name, value);
    writer.end_object();
    writer.end_object();
    return text;
}

// The settings' own reader judges names, values and sizes.
std::optional<ApiError> edit(const HeaderWish& wish, OpenEndpoint& endpoint) {
    Headers headers;
    if (wish.rest == HeaderWish::Rest::kept) headers = endpoint.settings.headers;
    for (const std::string& name : wish.removed) remove_header(headers, name);
    for (const auto& header : wish.set) set_header(headers, header);
    const auto document = JsonDocument::parse(headers_text(headers));
    if (!document) return validation_error({{"headers", "must be texts"}});
    auto complaints = dispatch::read_settings(document->root(), endpoint.settings);
    if (complaints.empty()) return std::nullopt;
    std::vector<ApiError::Detail> details;
    for (dispatch::FieldComplaint& complaint : complaints) {
        details.push_back({std::move(complaint.field), std::move(complaint.message)});
    }
    return validation_error(std::move(details));
}

HttpReply headers_reply(const OpenEndpoint& endpoint) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.key("headers");
    writer.begin_object();
    for (const auto& [name, value] : endpoint.settings.headers) {
        if (!is_sensitive(name)) writer.member(name, value);
    }
    writer.end_object();
    writer.key("sensitive");
    writer.begin_array();
    for (const auto& [name, value] : endpoint.settings.headers) {
        if (is_sensitive(name)) writer.string(name);
    }
    writer.end_array();
    writer.end_object();
    return json_reply(std::move(body));
}

net::Task<HttpReply> write_headers(const ApiCall& call, HeaderWish::Rest rest) {
    Body body{call.request.body};
    const HeaderWish wish = read_wish(body, rest);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    std::optional<OpenEndpoint> made;
    const EndpointEdit editing = [&wish](OpenEndpoint& endpoint, TimePoint) {
        return edit(wish, endpoint);
    };
    const WriteInApplication work = [&call, &editing, &made](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        const auto name = find_endpoint_name(
            transaction.connection(), call, application, call.path_parameters[1]
        );
        if (!name) return name.error();
        if (!*name) return not_found_reply();
        auto changed = change_endpoint(transaction, call.around.secrets, **name, editing);
        if (!changed) return refusal_of(changed.error());
        made = std::move(*changed);
        return no_content_reply();
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

}  // namespace

net::Task<HttpReply> get_endpoint_headers(const ApiCall& call) {
    const ReadInApplication work =
        [&call](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto found = find_endpoint(connection, call, application, call.path_parameters[1]);
        if (!found) return found.error();
        return *found ? headers_reply(**found) : not_found_reply();
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> put_endpoint_headers(const ApiCall& call) {
    return write_headers(call, HeaderWish::Rest::removed);
}

net::Task<HttpReply> patch_endpoint_headers(const ApiCall& call) {
    return write_headers(call, HeaderWish::Rest::kept);
}

}  // namespace postern::daemon::svix
