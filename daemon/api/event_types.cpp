#include "daemon/api/event_catalogue.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/named_pages.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

#include <algorithm>

namespace postern::daemon {

net::Task<HttpReply> list_event_types(const ApiCall& call) {
    std::vector<std::string_view> names;
    for (const EventType type : all_event_types()) names.push_back(to_text(type));
    std::sort(names.begin(), names.end());
    ParameterReader parameters{call.request.query};
    const NamedPage page = read_named_page(parameters, std::move(names));
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const std::string_view name : page.names) {
        const EventType type = *event_type_from_text(name);
        writer.begin_object();
        writer.member("type", name);
        writer.member("description", event_description(type));
        writer.key("schema");
        append_event_schema(writer, type);
        writer.key("example");
        append_event_example(writer, type);
        writer.end_object();
    }
    end_list(writer, page.next_cursor);
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon
