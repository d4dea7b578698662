#include "daemon/api/event_catalogue.hpp"

#include "daemon/event_object.hpp"

#include <array>
#include <span>
#include <string>

namespace postern::daemon {
namespace {

struct Member {
    std::string_view name;
    std::string_view schema;  // JSON
};

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kTextOrNull = R"({"type":["string","null"]})";
constexpr std::string_view kFlagOrNull = R"({"type":["boolean","null"]})";

constexpr std::array kEventMembersBeforeData = {
    Member{"timestamp", R"({"type":"string","format":"date-time"})"},
    Member{"account_id", R"({"type":"string","pattern":"^acct_"})"},
    Member{"livemode", R"({"type":"boolean"})"},
    Member{"gateway", kText},
    Member{"gateway_event_id", kTextOrNull},
    Member{"gateway_event_type", kTextOrNull},
    Member{"trace_id", R"({"type":"string","pattern":"^whk_"})"},
    Member{"traceparent", R"({"type":"string","pattern":"^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$"})"},
};

constexpr std::array kObjectMembers = {
    Member{"gateway", kText},
    Member{"amount", R"({"type":["string","null"],"pattern":"^-?[0-9]+(\\.[0-9]+)?$"})"},
    Member{"amount_minor", R"({"type":["integer","null"]})"},
    Member{"currency", R"({"type":["string","null"],"pattern":"^[A-Z]{3}$"})"},
    Member{"gateway_payment_id", kTextOrNull},
    Member{"gateway_refund_id", kTextOrNull},
    Member{"gateway_dispute_id", kTextOrNull},
    Member{"gateway_payout_id", kTextOrNull},
    Member{"merchant_reference", kTextOrNull},
    Member{"reason", kTextOrNull},
    Member{"outcome", kTextOrNull},
    Member{"occurred_at", kTextOrNull},
    Member{"gateway_livemode", kFlagOrNull},
};

constexpr std::array kPaymentMembers = {
    Member{"captured", kFlagOrNull},
    Member{"order_id", kTextOrNull},
};

std::string_view status_schema(EventSubject subject) {
    switch (subject) {
        case EventSubject::payment:
            return R"({"enum":["pending","processing","succeeded","failed","canceled"]})";
        case EventSubject::refund: return R"({"enum":["pending","succeeded","failed"]})";
        case EventSubject::dispute:
            return R"({"enum":["needs_response","under_review","won","lost","closed"]})";
        case EventSubject::payout: return R"({"enum":["pending","paid","failed"]})";
    }
    return kText;
}

std::string constant_schema(std::string_view value) {
    std::string schema = R"({"const":)";
    append_json_string(schema, value);
    schema += '}';
    return schema;
}

// An object of which every member is required and no other is allowed: what is unknown is null.
void append_closed_object(JsonWriter& writer, std::span<const Member> members) {
    writer.member("type", "object");
    writer.member_boolean("additionalProperties", false);
    writer.key("required");
    writer.begin_array();
    for (const Member& member : members) writer.string(member.name);
    writer.end_array();
    writer.key("properties");
    writer.begin_object();
    for (const Member& member : members) {
        writer.key(member.name);
        writer.raw(member.schema);
    }
    writer.end_object();
}

std::string object_schema(EventSubject subject) {
    const std::string object = constant_schema(object_name(subject));
    std::vector<Member> members = {{"object", object}, {"status", status_schema(subject)}};
    members.insert(members.end(), kObjectMembers.begin(), kObjectMembers.end());
    if (subject == EventSubject::payment) {
        members.insert(members.end(), kPaymentMembers.begin(), kPaymentMembers.end());
    }
    std::string schema;
    JsonWriter writer{schema};
    writer.begin_object();
    append_closed_object(writer, members);
    writer.end_object();
    return schema;
}

std::string data_schema(EventSubject subject) {
    const std::string object = object_schema(subject);
    const std::array members = {Member{"object", object}};
    std::string schema;
    JsonWriter writer{schema};
    writer.begin_object();
    append_closed_object(writer, members);
    writer.end_object();
    return schema;
}

UnifiedEvent example_of(EventType type) {
    UnifiedEvent event{
        .type = type,
        .gateway_payment_id = "pi_3PqX",
        .merchant_reference = "order-1042",
        .amount = "99.99",
        .currency = "USD",
        .occurred_at = "2026-01-28T10:00:00.000Z",
        .gateway_livemode = false};
    const EventSubject subject = subject_of(type);
    if (subject == EventSubject::refund) event.gateway_refund_id = "re_3PqX";
    if (subject == EventSubject::dispute) event.gateway_dispute_id = "dp_3PqX";
    if (subject == EventSubject::payout) {
        event.gateway_payment_id.clear();
        event.gateway_payout_id = "po_3PqX";
    }
    if (type == EventType::payment_failed) event.reason = "card_declined";
    if (type == EventType::dispute_closed) event.outcome = "won";
    return event;
}

}  // namespace

std::string_view event_description(EventType type) {
    switch (type) {
        case EventType::payment_created: return "A payment was begun at the gateway.";
        case EventType::payment_succeeded:
            return "The payment went through: the one event on which goods may be handed over.";
        case EventType::payment_failed: return "The payment was declined or could not be made.";
        case EventType::payment_captured: return "Money that was authorised before has been taken.";
        case EventType::payment_canceled: return "The payment was given up before it went through.";
        case EventType::payment_requires_action:
            return "The customer has to do something, such as confirm with the bank.";
        case EventType::payment_action_completed:
            return "The customer has done what was asked; the outcome is still to come.";
        case EventType::refund_created: return "A refund was begun.";
        case EventType::refund_succeeded: return "The money went back to the customer.";
        case EventType::refund_failed: return "The refund did not go through.";
        case EventType::dispute_created: return "The customer's bank disputes a payment.";
        case EventType::dispute_updated: return "Something about a dispute has changed.";
        case EventType::dispute_closed: return "A dispute has ended; the outcome says how.";
        case EventType::payout_created: return "A transfer to the merchant's bank was begun.";
        case EventType::payout_paid: return "A transfer has reached the merchant's bank.";
        case EventType::payout_failed: return "A transfer to the merchant's bank came back.";
    }
    return {};
}

void append_event_schema(JsonWriter& writer, EventType type) {
    const std::string type_schema = constant_schema(to_text(type));
    const std::string data = data_schema(subject_of(type));
    std::vector<Member> members = {
        {"id", R"({"type":"string","pattern":"^evt_"})"}, {"type", type_schema}};
    members.insert(members.end(), kEventMembersBeforeData.begin(), kEventMembersBeforeData.end());
    members.push_back({"data", data});
    writer.begin_object();
    writer.member("$schema", "https://json-schema.org/draft/2020-12/schema");
    writer.member("title", to_text(type));
    append_closed_object(writer, members);
    writer.end_object();
}

void append_event_example(JsonWriter& writer, EventType type) {
    std::string object;
    append_event_object(object, example_of(type), "stripe");
    writer.begin_object();
    writer.member("id", "evt_019c04a1-d500-7000-8000-5a1f0c3b7e21");
    writer.member("type", to_text(type));
    writer.member("timestamp", "2026-01-28T10:00:01.250Z");
    writer.member("account_id", "acct_00000000-0000-7000-8000-1d3c5a7b9e02");
    writer.member_boolean("livemode", false);
    writer.member("gateway", "stripe");
    writer.member("gateway_event_id", "evt_1PqX");
    writer.member("gateway_event_type", "as the gateway calls it");
    writer.member("trace_id", "whk_019c04a1-d4ff-7000-8000-9b2e4d6f8a13");
    writer.member("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    writer.key("data");
    writer.begin_object();
    writer.key("object");
    writer.raw(object);
    writer.end_object();
    writer.end_object();
}

}  // namespace postern::daemon
