#include "daemon/api/replies.hpp"
#include "daemon/faces/json_text.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"
#include "daemon/faces/svix/message.hpp"
#include "dispatch/event_type_names.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/event_type_repository.hpp"

#include <algorithm>

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::EventRow;
using storage::Page;
using storage::StoreError;
using storage::Transaction;

namespace {

constexpr std::size_t kChannelsMax = 5;
constexpr std::size_t kChannelBytesMax = 128;
constexpr std::size_t kEventIdBytesMax = 256;

bool is_name(std::string_view text, std::size_t bytes_max) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || std::string_view{"-_.:"}.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= bytes_max && std::all_of(text.begin(), text.end(), fits);
}

std::string read_channels(Body& body) {
    const JsonValue sent = body.value("channels");
    if (!sent.exists() || sent.is_null()) return {};
    const auto items = sent.items();
    bool good = !items.empty() && items.size() <= kChannelsMax;
    for (const JsonValue item : items) good = good && is_name(item.string(), kChannelBytesMax);
    if (!good) {
        body.complain("channels", "must be a list of 1 to 5 names of letters, digits, - _ . :");
        return {};
    }
    std::string text;
    JsonWriter writer{text};
    append_json(writer, sent);
    return text;
}

// The clients' way to have a text delivered exactly as it is. It must still be JSON, because that
// is what every event holds.
std::optional<std::string> read_raw_payload(Body& body) {
    const JsonValue parameters = body.value("transformationsParams");
    if (!parameters.exists() || parameters.is_null()) return std::nullopt;
    for (const JsonMember& member : parameters.members()) {
        if (member.key == "rawPayload" && member.value.is_string()) continue;
        if (member.value.is_null()) continue;
        body.complain("transformationsParams", "only rawPayload is taken here");
        return std::nullopt;
    }
    const JsonValue raw = parameters["rawPayload"];
    if (!raw.is_string()) return std::nullopt;
    if (!JsonDocument::parse(raw.string())) {
        body.complain("transformationsParams", "rawPayload must be JSON");
    }
    return std::string{raw.string()};
}

void refuse_what_is_not_offered(Body& body) {
    body.refuse("tags", "messages have no tags here; use channels");
    body.refuse("deliverAt", "a message is delivered when it is made");
    body.refuse("application", "make the application first");
    constexpr std::string_view kRetention =
        "how long payloads are kept is a setting of this server, for all messages";
    body.refuse("payloadRetentionPeriod", kRetention);
    body.refuse("payloadRetentionHours", kRetention);
}

EventRow read_message(Body& body, const ApiCall& call) {
    EventRow row{.livemode = call.identity.livemode};
    row.kind = storage::StoredEventKind::message;
    row.trace = call.trace;
    row.own_type = body.required_text("eventType");
    if (!row.own_type.empty() && !dispatch::is_event_type_text(row.own_type)) {
        body.complain("eventType", "must be 1 to 128 letters, digits, or any of _ . -");
    }
    row.external_id = body.text("eventId").value_or("");
    if (!row.external_id.empty() && !is_name(row.external_id, kEventIdBytesMax)) {
        body.complain("eventId", "must be 1 to 256 letters, digits, or any of - _ . :");
    }
    row.channels = read_channels(body);
    const auto raw = read_raw_payload(body);
    refuse_what_is_not_offered(body);
    if (!body.value("payload").is_object()) {
        body.complain("payload", "is required: an object");
    } else {
        row.object = raw ? *raw : raw_member(call.request.body, body.index_of("payload"));
    }
    return row;
}

HttpReply message_reply(const ApiCall& call, const EventRow& row, Content content) {
    std::string body;
    JsonWriter writer{body};
    append_message(writer, row, call.around.store.ids, content);
    return json_reply(std::move(body));
}

// Why this message may not be made; nullopt: it may.
Result<std::optional<HttpReply>, StoreError>
refusal(Connection& connection, const ApiCall& call, const EventRow& row) {
    const auto type = storage::find_event_type(
        connection, {.account = call.identity.account, .name = row.own_type}
    );
    if (!type) return type.error();
    if (*type && (*type)->archived) {
        return std::optional{problems_reply({{{"body", "eventType"}, "this type is archived"}})};
    }
    if (row.external_id.empty()) return std::optional<HttpReply>{};
    const auto known = storage::find_event_by_external_id(
        connection,
        {.account = row.account, .livemode = row.livemode, .external_id = row.external_id}
    );
    if (!known) return known.error();
    if (!*known) return std::optional<HttpReply>{};
    return std::optional{conflict_reply("A message with that eventId already exists")};
}

StoredAnswer create(
    Transaction& transaction,
    const ApiCall& call,
    EventRow row,
    Content content,
    std::vector<dispatch::Nudge>& nudges
) {
    auto refused = refusal(transaction.connection(), call, row);
    if (!refused) return refused.error();
    if (*refused) return std::move(**refused);
    row.created_at = transaction.now();
    auto created =
        dispatch::create_event(transaction, call.around.endpoints, row, call.around.store.ids);
    if (!created) return created.error();
    row.id = created->id;
    nudges = std::move(created->nudges);
    HttpReply reply = message_reply(call, row, content);
    reply.status = 202;
    return reply;
}

storage::EventFilter
store_filter(const ApiCall& call, const AccountRow& application, const MessageFilter& filter) {
    storage::EventFilter wanted;
    wanted.account = application.id;
    wanted.livemode = call.identity.livemode;
    wanted.since = filter.after;
    wanted.until = filter.before;
    return wanted;
}

struct MessagePage {
    Page<EventRow> page;
    std::optional<EventId> reached;  // the last one looked at
};

enum class Full { no, yes };
Full take(
    MessagePage& found,
    std::vector<EventRow> rows,
    const MessageFilter& filter,
    std::size_t rows_max
) {
    for (EventRow& row : rows) {
        const bool shown = row.kind != storage::StoredEventKind::operational && filter.admits(row);
        if (shown && found.page.rows.size() == rows_max) return Full::yes;
        found.reached = row.id;
        if (shown) found.page.rows.push_back(std::move(row));
    }
    return Full::no;
}

// Types and channels are no columns to search by, so rows are looked at until the page is full.
Result<MessagePage, StoreError> read_messages(
    Connection& connection,
    const storage::EventFilter& wanted,
    const MessageFilter& filter,
    storage::PageRequest<EventId> request
) {
    MessagePage found;
    found.page.more = Page<EventRow>::More::yes;
    for (std::size_t looked_at = 0; looked_at < kRowsLookedAtMax;) {
        auto next = storage::list_events(connection, wanted, request);
        if (!next) return next.error();
        looked_at += next->rows.size();
        const bool last = next->more == Page<EventRow>::More::no;
        if (take(found, std::move(next->rows), filter, request.rows_max) == Full::yes) return found;
        request.after = found.reached;
        if (last) {
            found.page.more = Page<EventRow>::More::no;
            return found;
        }
    }
    return found;
}

ListBorders borders_of(const MessagePage& found, const PageWish& wish, const IdCodec& ids) {
    ListBorders borders = svix::borders_of<MessageId>(found.page, ids);
    // A filter may have dropped what was looked at last: the next page begins behind that.
    if (found.reached && borders.rest == ListBorders::Rest::some) {
        const bool onward = wish.direction == PageWish::Direction::onward;
        (onward ? borders.last : borders.first) = ids.encode(MessageId{found.reached->value});
    }
    return borders;
}

}  // namespace

net::Task<HttpReply> list_messages(const ApiCall& call) {
    Query query{call.request.query};
    const PageWish wish = read_page(query);
    const IdCodec& ids = call.around.store.ids;
    const auto request = page_request<EventId, MessageId>(query, wish, ids);
    const MessageFilter filter = read_message_filter(query);
    const bool with_content = query.flag("with_content").value_or(true);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const Content content = with_content ? Content::shown : Content::hidden;
    const ReadInApplication work = [&call, &ids, &wish, &request, &filter, content](
                                       Connection& connection, const AccountRow& application
                                   ) -> StoredAnswer {
        const auto wanted = store_filter(call, application, filter);
        auto found = read_messages(connection, wanted, filter, request);
        if (!found) return found.error();
        in_shown_order(found->page.rows, wish);
        std::string body;
        JsonWriter writer{body};
        begin_list(writer);
        for (const EventRow& row : found->page.rows) append_message(writer, row, ids, content);
        end_list(writer, borders_of(*found, wish, ids));
        return json_reply(std::move(body));
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> create_message(const ApiCall& call) {
    Query query{call.request.query};
    const bool with_content = query.flag("with_content").value_or(true);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    Body body{call.request.body};
    EventRow row = read_message(body, call);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    const Content content = with_content ? Content::shown : Content::hidden;
    std::vector<dispatch::Nudge> nudges;
    const WriteInApplication work = [&call, &row, &nudges, content](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        row.account = application.id;
        return create(transaction, call, row, content, nudges);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (was_done_now(reply)) call.around.dispatcher.nudge(std::move(nudges));
    co_return reply;
}

net::Task<HttpReply> get_message(const ApiCall& call) {
    Query query{call.request.query};
    const bool with_content = query.flag("with_content").value_or(true);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const Content content = with_content ? Content::shown : Content::hidden;
    const ReadInApplication work =
        [&call, content](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto found = find_message(connection, call, application, call.path_parameters[1]);
        if (!found) return found.error();
        return *found ? message_reply(call, **found, content) : not_found_reply();
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

}  // namespace postern::daemon::svix
