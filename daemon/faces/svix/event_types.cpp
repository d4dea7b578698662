#include "daemon/api/event_catalogue.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/faces/json_text.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/input.hpp"
#include "daemon/write_once.hpp"
#include "dispatch/event_type_names.hpp"
#include "storage/event_type_repository.hpp"

#include <algorithm>

namespace postern::daemon::svix {

using storage::Connection;
using storage::EventTypeKey;
using storage::EventTypeRow;
using storage::StoreError;
using storage::Transaction;

namespace {

constexpr std::int64_t kEventTypesMax = 1'000;  // of one account: a list is put in order in memory
constexpr std::size_t kDescriptionBytesMax = 4'096;
constexpr std::size_t kSchemasBytesMax = 256 * 1024;
// When the vocabulary of payments was written down; its types have no rows to say so.
constexpr TimePoint kVocabularySince = from_unix_seconds(1'767'225'600);  // 2026-01-01

std::string schemas_of(EventType type) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    writer.key("1");
    append_event_schema(writer, type);
    writer.end_object();
    return text;
}

// A type of ours, as if it were a row.
EventTypeRow built_in(EventType type) {
    EventTypeRow row;
    row.name = to_text(type);
    row.description = event_description(type);
    row.schemas = schemas_of(type);
    row.created_at = kVocabularySince;
    row.updated_at = kVocabularySince;
    return row;
}

enum class Schemas { shown, hidden };
void append_event_type(JsonWriter& writer, const EventTypeRow& row, Schemas schemas) {
    writer.begin_object();
    writer.member("name", row.name);
    writer.member("description", row.description);
    writer.member_boolean("archived", row.archived);
    writer.member_boolean("deprecated", row.deprecated);
    writer.key("schemas");
    const bool shown = schemas == Schemas::shown && !row.schemas.empty();
    shown ? writer.raw(row.schemas) : writer.null();
    writer.member_or_null("featureFlag", {});
    writer.member_or_null("groupName", {});
    writer.member("createdAt", to_iso8601(row.created_at));
    writer.member("updatedAt", to_iso8601(row.updated_at));
    writer.end_object();
}

HttpReply event_type_reply(const EventTypeRow& row, int status) {
    std::string body;
    JsonWriter writer{body};
    append_event_type(writer, row, Schemas::shown);
    HttpReply reply = json_reply(std::move(body));
    reply.status = status;
    return reply;
}

HttpReply built_in_reply() {
    return error_reply(
        {.status = 409,
         .code = "conflict",
         .detail = "This type is part of the payment vocabulary, which cannot be changed"}
    );
}

// What a caller said about a type; absent: not mentioned.
struct EventTypeWish {
    std::optional<std::string> description;
    std::optional<std::string> schemas;  // empty: taken away
    std::optional<bool> archived;
    std::optional<bool> deprecated;
};

enum class WishFor { whole, part };

void read_schemas(Body& body, EventTypeWish& wish) {
    const JsonValue schemas = body.value("schemas");
    if (!schemas.exists()) return;
    std::string text;
    if (!schemas.is_null()) {
        JsonWriter writer{text};
        append_json(writer, schemas);
        if (!schemas.is_object() || text.size() > kSchemasBytesMax) {
            body.complain("schemas", "must be an object of at most 256 KB");
        }
    }
    wish.schemas = std::move(text);
}

EventTypeWish read_wish(Body& body, WishFor purpose) {
    EventTypeWish wish;
    wish.description = body.text("description");
    wish.archived = body.flag("archived");
    wish.deprecated = body.flag("deprecated");
    read_schemas(body, wish);
    constexpr std::string_view kNotOffered = "types are not grouped or switched here";
    body.refuse("groupName", kNotOffered);
    body.refuse("featureFlag", kNotOffered);
    body.refuse("featureFlags", kNotOffered);
    if (wish.description && wish.description->size() > kDescriptionBytesMax) {
        body.complain("description", "must hold at most 4096 bytes");
    }
    if (purpose == WishFor::part) return wish;
    if (!wish.description) body.complain("description", "is required: a text");
    if (!wish.schemas) wish.schemas.emplace();
    wish.archived = wish.archived.value_or(false);
    wish.deprecated = wish.deprecated.value_or(false);
    return wish;
}

void apply(const EventTypeWish& wish, EventTypeRow& row) {
    if (wish.description) row.description = *wish.description;
    if (wish.schemas) row.schemas = *wish.schemas;
    if (wish.archived) row.archived = *wish.archived;
    if (wish.deprecated) row.deprecated = *wish.deprecated;
}

enum class IfThere { refuse, change };
enum class IfAbsent { refuse, make };
struct Rules {
    IfThere if_there = IfThere::change;
    IfAbsent if_absent = IfAbsent::make;
};

// An archived one is made again by whoever makes it.
StoredAnswer
write(Transaction& transaction, const EventTypeKey& key, const EventTypeWish& wish, Rules rules) {
    Connection& connection = transaction.connection();
    const auto found = storage::find_event_type(connection, key);
    if (!found) return found.error();
    const bool is_there = *found && !(rules.if_there == IfThere::refuse && (*found)->archived);
    if (is_there && rules.if_there == IfThere::refuse) {
        return conflict_reply("An event type of that name already exists");
    }
    if (!*found) {
        if (rules.if_absent == IfAbsent::refuse) return not_found_reply();
        const auto count = storage::count_event_types(connection, key.account);
        if (!count) return count.error();
        if (*count >= kEventTypesMax) return conflict_reply("There are 1000 event types already");
    }
    EventTypeRow row = found->value_or(EventTypeRow{.account = key.account});
    row.name = key.name;
    if (!*found) row.created_at = transaction.now();
    row.updated_at = transaction.now();
    apply(wish, row);
    const auto put = storage::put_event_type(transaction, row);
    if (!put) return put.error();
    return event_type_reply(row, *found && rules.if_there == IfThere::change ? 200 : 201);
}

net::Task<HttpReply>
write_event_type(const ApiCall& call, std::string name, EventTypeWish wish, Rules rules) {
    if (event_type_from_text(name)) co_return built_in_reply();
    if (!dispatch::is_event_type_text(name)) {
        std::string message = "must be 1 to 128 letters, digits, or any of _ . -";
        co_return problems_reply({{{"body", "name"}, std::move(message)}});
    }
    const OnceWork work = [&call, &name, &wish, rules](Transaction& transaction) -> StoredAnswer {
        const EventTypeKey key{.account = call.identity.account, .name = name};
        return write(transaction, key, wish, rules);
    };
    auto writing = write_once(call, work);
    co_return co_await std::move(writing);
}

Result<std::vector<EventTypeRow>, StoreError> read_all(Connection& connection, AccountId account) {
    auto rows = storage::list_event_types(connection, account);
    if (!rows) return rows.error();
    for (const EventType type : all_event_types()) rows->push_back(built_in(type));
    return rows;
}

// By name, and so ascending unless it is wished otherwise; the iterator is a name.
struct EventTypeWindow {
    std::vector<EventTypeRow> rows;
    ListBorders::Rest rest = ListBorders::Rest::none;
};

EventTypeWindow cut(std::vector<EventTypeRow> rows, const PageWish& wish) {
    const bool ascending = wish.read_order() == storage::Order::oldest_first;
    const auto before = [ascending](std::string_view a, std::string_view b) {
        return ascending ? a < b : b < a;
    };
    std::sort(rows.begin(), rows.end(), [&before](const auto& a, const auto& b) {
        return before(a.name, b.name);
    });
    EventTypeWindow window;
    for (EventTypeRow& row : rows) {
        if (wish.from && !before(*wish.from, row.name)) continue;
        if (window.rows.size() == wish.rows_max) {
            window.rest = ListBorders::Rest::some;
            break;
        }
        window.rows.push_back(std::move(row));
    }
    if (wish.direction == PageWish::Direction::back) {
        std::reverse(window.rows.begin(), window.rows.end());
    }
    return window;
}

HttpReply window_reply(const EventTypeWindow& window, Schemas schemas) {
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const EventTypeRow& row : window.rows) append_event_type(writer, row, schemas);
    ListBorders borders{.rest = window.rest};
    if (!window.rows.empty()) {
        borders.first = window.rows.front().name;
        borders.last = window.rows.back().name;
    }
    end_list(writer, borders);
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> list_event_types(const ApiCall& call) {
    Query query{call.request.query};
    PageWish wish = read_page(query);
    if (!query.text("order")) wish.order = storage::Order::oldest_first;
    const bool with_archived = query.flag("include_archived").value_or(false);
    const bool with_content = query.flag("with_content").value_or(false);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    std::vector<EventTypeRow> rows;
    const ReadWork work = [&call, &rows](Connection& connection) -> StoreResult {
        auto read = read_all(connection, call.identity.account);
        if (!read) return read.error();
        rows = std::move(*read);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    const auto is_hidden = [with_archived](const EventTypeRow& row) {
        return row.archived && !with_archived;
    };
    rows.erase(std::remove_if(rows.begin(), rows.end(), is_hidden), rows.end());
    const Schemas schemas = with_content ? Schemas::shown : Schemas::hidden;
    co_return window_reply(cut(std::move(rows), wish), schemas);
}

net::Task<HttpReply> create_event_type(const ApiCall& call) {
    Body body{call.request.body};
    std::string name = body.required_text("name");
    EventTypeWish wish = read_wish(body, WishFor::whole);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    const Rules rules{.if_there = IfThere::refuse};
    auto writing = write_event_type(call, std::move(name), std::move(wish), rules);
    co_return co_await std::move(writing);
}

net::Task<HttpReply> get_event_type(const ApiCall& call) {
    const std::string& name = call.path_parameters.front();
    if (const auto type = event_type_from_text(name)) {
        co_return event_type_reply(built_in(*type), 200);
    }
    std::optional<EventTypeRow> row;
    const ReadWork work = [&call, &name, &row](Connection& connection) -> StoreResult {
        auto found =
            storage::find_event_type(connection, {.account = call.identity.account, .name = name});
        if (!found) return found.error();
        row = std::move(*found);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return row ? event_type_reply(*row, 200) : not_found_reply();
}

net::Task<HttpReply> put_event_type(const ApiCall& call) {
    Body body{call.request.body};
    EventTypeWish wish = read_wish(body, WishFor::whole);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    std::string name = call.path_parameters.front();
    auto writing = write_event_type(call, std::move(name), std::move(wish), Rules{});
    co_return co_await std::move(writing);
}

net::Task<HttpReply> patch_event_type(const ApiCall& call) {
    Body body{call.request.body};
    EventTypeWish wish = read_wish(body, WishFor::part);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    std::string name = call.path_parameters.front();
    const Rules rules{.if_absent = IfAbsent::refuse};
    auto writing = write_event_type(call, std::move(name), std::move(wish), rules);
    co_return co_await std::move(writing);
}

// Archived, so that what was sent of it stays explained; expunged when that is wished.
net::Task<HttpReply> delete_event_type(const ApiCall& call) {
    Query query{call.request.query};
    const bool expunged = query.flag("expunge").value_or(false);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    if (event_type_from_text(call.path_parameters.front())) co_return built_in_reply();
    const OnceWork work = [&call, expunged](Transaction& transaction) -> StoredAnswer {
        const EventTypeKey key{
            .account = call.identity.account, .name = call.path_parameters.front()};
        auto found = storage::find_event_type(transaction.connection(), key);
        if (!found) return found.error();
        if (!*found) return not_found_reply();
        (*found)->archived = true;
        (*found)->updated_at = transaction.now();
        const auto done = expunged ? storage::delete_event_type(transaction, key)
                                   : storage::put_event_type(transaction, **found);
        if (!done) return done.error();
        return no_content_reply();
    };
    auto writing = write_once(call, work);
    co_return co_await std::move(writing);
}

}  // namespace postern::daemon::svix
