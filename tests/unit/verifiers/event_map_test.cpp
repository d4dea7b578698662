#include "verifiers/event_map.hpp"

#include "tests/unit/verifiers/posted.hpp"
#include "verifiers/samples/event_map_sample.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct MapUnderTest {
    EventMap map;
    std::vector<std::string> complaints;
};

MapUnderTest map_of(std::string_view json) {
    const SettingTable settings = settings_of(json);
    SettingsReader reader{settings, "x"};
    MapUnderTest tested{.map = read_event_map(reader, "$.id"), .complaints = {}};
    tested.complaints = reader.finish();
    return tested;
}

struct Case {
    const char* name;
    const char* settings;
    const char* body;
    const char* line;
};

constexpr const char* kMinor = R"({"event":{"type":"$.e","type_map":{"ok":"payment.succeeded"},
    "payment_id":"$.p[0].id","amount":"$.a","amount_unit":"minor","currency":"$.c"}})";
constexpr const char* kMajor = R"({"event":{"type":"$.e","type_map":{"ok":"payment.succeeded"},
    "amount":"$.a","amount_unit":"major","currency":"$.c"}})";
constexpr const char* kFlag = R"({"event":{"type":"$.paid","type_map":{"true":"payment.succeeded",
    "false":"payment.failed"},"reason":"$.r"}})";

const Case kCases[] = {
    {"our own names map to themselves without a table",
     "{}",
     R"({"id":"e1","type":"dispute.closed","timestamp":"2023-11-14T22:13:20Z","livemode":false,
         "data":{"payment_id":"p","dispute_id":"d","amount":"9.99","currency":"usd",
                 "reference":"A-1","reason":"fraud","outcome":"won"}})",
     "e1 dispute.closed -> dispute.closed payment=p dispute=d reference=A-1 amount=9.99"
     " USD reason=fraud outcome=won at=2023-11-14T22:13:20.000Z test"},
    {"others are outside our vocabulary",
     "{}",
     R"({"id":"e1","type":"user.created","data":{"payment_id":"p"}})",
     "e1 user.created -> nothing"},
    {"a body without anything", "{}", "{}", "(no id) (no type) -> nothing"},
    {"numbers keep their digits",
     "{}",
     R"({"id":12345678901234567890,"type":"refund.created",
         "data":{"refund_id":98765432109876543210}})",
     "12345678901234567890 refund.created -> refund.created refund=98765432109876543210"},
    {"minor units as a number",
     kMinor,
     R"({"e":"ok","p":[{"id":7}],"a":5120,"c":"KWD"})",
     "(no id) ok -> payment.succeeded payment=7 amount=5.120 KWD"},
    {"minor units as a text",
     kMinor,
     R"({"e":"ok","a":"1099","c":"JPY"})",
     "(no id) ok -> payment.succeeded amount=1099 JPY"},
    {"minor units with a fraction are no amount",
     kMinor,
     R"({"e":"ok","a":10.5,"c":"EUR"})",
     "(no id) ok -> payment.succeeded EUR"},
    {"major units as a number",
     kMajor,
     R"({"e":"ok","a":0.1,"c":"EUR"})",
     "(no id) ok -> payment.succeeded amount=0.10 EUR"},
    {"major units as a text",
     kMajor,
     R"({"e":"ok","a":"1234567890123456.78","c":"EUR"})",
     "(no id) ok -> payment.succeeded amount=1234567890123456.78 EUR"},
    {"an exponent is no amount",
     kMajor,
     R"({"e":"ok","a":1e3,"c":"EUR"})",
     "(no id) ok -> payment.succeeded EUR"},
    {"our names mean nothing beside a type_map",
     kMajor,
     R"({"e":"payment.succeeded"})",
     "(no id) payment.succeeded -> nothing"},
    {"true is a word", kFlag, R"({"paid":true})", "(no id) true -> payment.succeeded"},
    {"false is one too",
     kFlag,
     R"({"paid":false,"r":"no funds"})",
     "(no id) false -> payment.failed reason=no funds"},
};

TEST(EventMap, ReadsBodiesAsTold) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const MapUnderTest tested = map_of(test_case.settings);
        EXPECT_TRUE(tested.complaints.empty()) << tested.complaints.front();
        const auto document = JsonDocument::parse(test_case.body);
        ASSERT_TRUE(document.has_value());
        EXPECT_EQ(full_line_of(tested.map.read(document->root())), test_case.line);
    }
}

struct WrongCase {
    const char* settings;
    const char* complaint;
};

const WrongCase kWrongCases[] = {
    {R"({"event":"$.id"})", "x: event must be a table"},
    {R"({"event":{"id":"id"}})", "x: event table: id 'id' must begin with $"},
    {R"({"event":{"type":""}})", "x: event table: type must be a path"},
    {R"({"event":{"reason":"$.a["}})", "x: event table: reason '$.a[' has brackets"},
    {R"({"event":{"type_map":{}}})", "x: event table: type_map is empty"},
    {R"({"event":{"type_map":{"ok":"payment.suceeded"}}})",
     "x: event table: type_map ok maps to 'payment.suceeded', which is not an event type of ours;"
     " did you mean payment.succeeded?"},
    {R"({"event":{"type_map":{"ok":1}}})", "x: event table: type_map ok maps to ''"},
    {R"({"event":{"amount":"$.a","currency":"$.c"}})",
     "x: event table: amount_unit is required with amount"},
    {R"({"event":{"amount":"$.a","currency":"$.c","amount_unit":"cents"}})",
     "x: event table: amount_unit must be one of minor major decimal"},
    {R"({"event":{"amount":"$.a","amount_unit":"minor"}})",
     "x: event table: currency is required with amount"},
    {R"({"event":{"paymnet_id":"$.a"}})",
     "x: event table: paymnet_id is not a setting; did you mean payment_id?"},
};

TEST(EventMap, RefusesWhatItCouldNotRead) {
    for (const WrongCase& test_case : kWrongCases) {
        SCOPED_TRACE(test_case.settings);
        const MapUnderTest tested = map_of(test_case.settings);
        ASSERT_EQ(tested.complaints.size(), 1U);
        EXPECT_TRUE(tested.complaints.front().starts_with(test_case.complaint))
            << tested.complaints.front();
    }
}

TEST(EventMap, FindsItsOwnSamples) {
    const char* const settings[] = {
        "{}", kMinor, kMajor, R"({"event":{"id":"$.x[2].y[1]","type":"$.x[0].t"}})"};
    for (const char* json : settings) {
        const EventMap map = map_of(json).map;
        for (const EventType type : all_event_types()) {
            const auto body = sample_body(map, {.type = type, .unique = "0123456789abcdef"});
            EXPECT_EQ(body.has_value(), map.spelling_of(type).has_value());
            if (!body) continue;
            const auto document = JsonDocument::parse(*body);
            ASSERT_TRUE(document.has_value()) << *body;
            const ProviderEvent event = map.read(document->root());
            EXPECT_EQ(event.id, "evt_0123456789abcdef") << *body;
            ASSERT_TRUE(event.unified.has_value()) << *body;
            EXPECT_EQ(event.unified->type, type);
        }
    }
}

}  // namespace
}  // namespace postern::verifiers
