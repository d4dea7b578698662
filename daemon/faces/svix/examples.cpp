#include "daemon/api/event_catalogue.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/faces/json_text.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/message.hpp"
#include "dispatch/stored_deliveries.hpp"
#include "storage/event_type_repository.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::EventRow;
using storage::StoreError;
using storage::Transaction;

namespace {

// The example at this place of the type's newest schema; missing when there is none.
JsonValue example_in(JsonValue schemas, std::size_t index) {
    const auto versions = schemas.members();
    if (versions.empty()) return {};
    return versions.back().value["examples"][index];
}

std::string example_of(EventType type) {
    std::string text;
    JsonWriter writer{text};
    append_event_example(writer, type);
    return text;
}

// Empty: the type has no example.
Result<std::string, StoreError>
find_example(Connection& connection, AccountId account, std::string_view type, std::size_t index) {
    if (const auto own = event_type_from_text(type)) {
        return {boost::system::in_place_value, example_of(*own)};
    }
    const auto row = storage::find_event_type(connection, {.account = account, .name = type});
    if (!row) return row.error();
    std::string text;
    if (!*row) return {boost::system::in_place_value, text};
    const auto schemas = JsonDocument::parse((*row)->schemas);
    if (!schemas) return {boost::system::in_place_value, text};
    const JsonValue example = example_in(schemas->root(), index);
    if (example.is_object()) {
        JsonWriter writer{text};
        append_json(writer, example);
    }
    return {boost::system::in_place_value, text};
}

struct ExampleWish {
    std::string type;
    std::size_t index = 0;
};

// A message of its own, for this endpoint alone, whatever that subscribed to.
StoredAnswer send(
    Transaction& transaction,
    const ApiCall& call,
    const AccountRow& application,
    const ExampleWish& wish,
    std::optional<dispatch::Nudge>& nudge
) {
    Connection& connection = transaction.connection();
    const auto endpoint = find_endpoint(connection, call, application, call.path_parameters[1]);
    if (!endpoint) return endpoint.error();
    if (!*endpoint) return not_found_reply();
    auto example = find_example(connection, call.identity.account, wish.type, wish.index);
    if (!example) return example.error();
    if (example->empty()) {
        return problems_reply({{{"body", "eventType"}, "the type has no schema with an example"}});
    }
    EventRow row{.id = EventId{transaction.next_id()}, .account = application.id};
    row.livemode = call.identity.livemode;
    row.kind = storage::StoredEventKind::message;
    row.own_type = wish.type;
    row.created_at = transaction.now();
    row.object = std::move(*example);
    const auto inserted = storage::insert_event(transaction, row);
    if (!inserted) return inserted.error();
    dispatch::StoredDeliveries table{transaction};
    const auto made = schedule_delivery(
        table,
        {.event = row.id,
         .endpoint = (*endpoint)->row.id,
         .account = row.account,
         .livemode = row.livemode,
         .trigger = storage::AttemptTrigger::manual}
    );
    if (!made) return made.error();
    nudge = dispatch::Nudge{.endpoint = made->endpoint, .due_at = made->due_at};
    std::string body;
    JsonWriter writer{body};
    append_message(writer, row, call.around.store.ids, Content::shown);
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> send_example(const ApiCall& call) {
    Body body{call.request.body};
    ExampleWish wish{.type = body.required_text("eventType")};
    constexpr std::int64_t kIndexMax = 1'000;
    const std::int64_t index = body.integer("exampleIndex").value_or(0);
    if (index < 0 || index > kIndexMax) body.complain("exampleIndex", "must be from 0 to 1000");
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    wish.index = static_cast<std::size_t>(index);
    std::optional<dispatch::Nudge> nudge;
    const WriteInApplication work = [&call, &wish, &nudge](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        return send(transaction, call, application, wish, nudge);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (nudge && was_done_now(reply)) call.around.dispatcher.nudge({*nudge});
    co_return reply;
}

}  // namespace postern::daemon::svix
