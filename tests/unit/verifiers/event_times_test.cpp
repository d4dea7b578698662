#include "verifiers/event_times.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct HeaderCase {
    const char* text;
    TimestampUnit unit;
    std::optional<TimePoint> time;
};

const HeaderCase kHeaderCases[] = {
    {"1700000000", TimestampUnit::seconds, from_unix_seconds(1'700'000'000)},
    {"1700000000123", TimestampUnit::milliseconds, from_unix_milliseconds(1'700'000'000'123)},
    {"0", TimestampUnit::seconds, from_unix_seconds(0)},
    {"253402300799", TimestampUnit::seconds, from_unix_seconds(253'402'300'799)},
    {"253402300800", TimestampUnit::seconds, std::nullopt},
    {"253402300800000", TimestampUnit::milliseconds, std::nullopt},
    {"18446744073709551615", TimestampUnit::seconds, std::nullopt},
    {"18446744073709551615", TimestampUnit::milliseconds, std::nullopt},
    {"", TimestampUnit::seconds, std::nullopt},
    {"-1", TimestampUnit::seconds, std::nullopt},
    {"+1", TimestampUnit::seconds, std::nullopt},
    {" 1", TimestampUnit::seconds, std::nullopt},
    {"1.5", TimestampUnit::seconds, std::nullopt},
    {"1e9", TimestampUnit::seconds, std::nullopt},
    {"now", TimestampUnit::milliseconds, std::nullopt},
    {"-0", TimestampUnit::seconds, std::nullopt},
    {"99999999999999999999", TimestampUnit::milliseconds, std::nullopt},
};

TEST(EventTimes, TakesDigitsWithinReason) {
    for (const HeaderCase& test_case : kHeaderCases) {
        EXPECT_EQ(parse_unix_time(test_case.text, test_case.unit), test_case.time)
            << test_case.text;
    }
}

struct WrittenCase {
    const char* name;
    WrittenTime written;
    const char* time;
};

const WrittenCase kWrittenCases[] = {
    {"takes an offset without a colon",
     {.text = "2025-06-15T15:59:57+0000"},
     "2025-06-15T15:59:57.000Z"},
    {"adds the zone of a local time",
     {.text = "2025-06-16 01:59:59", .zone = "+08:00"},
     "2025-06-15T17:59:59.000Z"},
    {"says nothing without a zone", {.text = "2025-06-16 01:59:59"}, ""},
    {"says nothing of no time", {.text = "", .zone = "+08:00"}, ""},
};

TEST(EventTimes, BringsWrittenTimesToUtc) {
    for (const WrittenCase& test_case : kWrittenCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(event_time(test_case.written), test_case.time);
    }
}

struct BodyCase {
    const char* json;
    const char* occurred_at;
};

const BodyCase kBodyCases[] = {
    {R"({"t":1700000000})", "2023-11-14T22:13:20.000Z"},
    {R"({"t":1700000000123})", "2023-11-14T22:13:20.123Z"},
    {R"({"t":"2023-11-14T22:13:20Z"})", "2023-11-14T22:13:20.000Z"},
    {R"({"t":"2023-11-15T00:13:20+02:00"})", "2023-11-14T22:13:20.000Z"},
    {R"({"t":"yesterday"})", ""},
    {R"({"t":-5})", ""},
    {R"({"t":18446744073709551615})", ""},
    {R"({"t":1.5})", ""},
    {R"({"t":null})", ""},
    {R"({"t":{}})", ""},
    {"{}", ""},
};

TEST(EventTimes, ReadsWhenAnEventHappened) {
    for (const BodyCase& test_case : kBodyCases) {
        const auto document = JsonDocument::parse(test_case.json);
        UnifiedEvent event;
        read_occurred_at(event, document->root()["t"]);
        EXPECT_EQ(event.occurred_at, test_case.occurred_at) << test_case.json;
    }
}

}  // namespace
}  // namespace postern::verifiers
