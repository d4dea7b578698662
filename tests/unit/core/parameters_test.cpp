#include "core/parameters.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

RequestNode form(std::string_view text) {
    auto read = read_form(text);
    EXPECT_TRUE(read.has_value()) << text;
    return read ? std::move(*read) : RequestNode{};
}

// Reads one parameter of each kind, and says what is wrong first.
std::string complaint_of(std::string_view text) {
    const RequestNode root = form(text);
    Parameters parameters{root};
    parameters.required_text("url");
    parameters.integer("amount");
    parameters.flag("disabled");
    parameters.texts("events");
    parameters.pairs("metadata");
    const auto complaint = parameters.finish();
    if (!complaint) return "none";
    return std::string{complaint->code} + '|' + complaint->message + '|' + complaint->parameter;
}

TEST(Parameters, ComplainInStripesWords) {
    const std::pair<const char*, const char*> cases[] = {
        {"url=a", "none"},
        {"url=a&expand[0]=data.object", "none"},
        {"url=a&amount=-5&disabled=true&events[]=x&metadata[k]=v", "none"},
        {"url=a&events=&metadata=", "none"},
        {"", "parameter_missing|Missing required param: url.|url"},
        {"url=", "parameter_missing|Missing required param: url.|url"},
        {"url=a&amount=5.0", "parameter_invalid_integer|Invalid integer: 5.0|amount"},
        {"url=a&disabled=yes", "|Invalid boolean: yes|disabled"},
        {"url[a]=a", "|Invalid string: url|url"},
        {"url=a&metadata=x", "|Invalid hash: metadata|metadata"},
        {"url=a&metadata[k][j]=x", "|Invalid string: metadata[k]|metadata[k]"},
        {"url=a&typo=1", "parameter_unknown|Received unknown parameter: typo|typo"},
        {"url=a&events=x", "|Invalid array|events"},
        {"url=a&events[0][a]=x", "|Invalid string: events[0]|events[0]"},
        {"url=a&events[1]=x&events[0]=y", "none"},
    };
    for (const auto& [text, wanted] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(complaint_of(text), wanted);
    }
}

TEST(Parameters, TakeNullForWhatIsNotSaid) {
    const auto root = read_json(R"({"n":null,"e":"","list":["a"]})");
    ASSERT_TRUE(root.has_value());
    Parameters parameters{*root};
    constexpr std::string_view kWords[] = {"a"};
    EXPECT_FALSE(parameters.has("n"));
    EXPECT_TRUE(parameters.is_null("n"));
    EXPECT_FALSE(parameters.is_null("e"));
    EXPECT_FALSE(parameters.is_null("absent"));
    EXPECT_EQ(parameters.text("n"), "");
    EXPECT_EQ(parameters.integer("n"), std::nullopt);
    EXPECT_EQ(parameters.flag("n"), std::nullopt);
    EXPECT_EQ(parameters.texts("n"), std::nullopt);
    EXPECT_EQ(parameters.word("n", kWords), std::nullopt);
    EXPECT_EQ(parameters.pairs("n"), Parameters::Pairs{});
    EXPECT_EQ(parameters.text("e"), "");
    EXPECT_TRUE(parameters.is_good());
    EXPECT_EQ(parameters.pairs("list"), std::nullopt);
    EXPECT_EQ(parameters.finish()->message, "Invalid hash: list");
}

TEST(Parameters, KnowNullOnlyByTheNamesAskedFor) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"a":null})", ""},
        {R"({"b":null})", ""},
        {R"({"c":null})", ""},
        {R"({"card":null})", ""},
        {R"({"card":{"number":null,"cvc":null}})", ""},
        {R"({"typo":null})", "typo"},
        {R"({"card":{"number":"4","typo":null}})", "card[typo]"},
        {R"({"card":{"typo":null}})", "card[typo]"},
    };
    for (const auto& [text, unknown] : cases) {
        SCOPED_TRACE(text);
        const auto root = read_json(text);
        ASSERT_TRUE(root.has_value());
        Parameters parameters{*root};
        parameters.text("a");
        static_cast<void>(parameters.has("b"));
        static_cast<void>(parameters.is_null("c"));
        parameters.text("card[number]");
        static_cast<void>(parameters.has("card[cvc]"));
        const auto complaint = parameters.finish();
        ASSERT_EQ(complaint.has_value(), *unknown != '\0');
        if (!complaint) continue;
        EXPECT_EQ(complaint->parameter, unknown);
        EXPECT_EQ(complaint->code, "parameter_unknown");
    }
}

TEST(Parameters, GiveWhatWasSent) {
    const RequestNode root = form("a=1&b=-7&c=false&d[]=x&d[]=y&e[k]=v&e[gone]=");
    Parameters parameters{root};
    EXPECT_EQ(parameters.text("a"), "1");
    EXPECT_EQ(parameters.integer("b"), -7);
    EXPECT_EQ(parameters.flag("c"), false);
    EXPECT_EQ(parameters.texts("d"), (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(parameters.pairs("e"), (Parameters::Pairs{{"k", "v"}, {"gone", ""}}));
    EXPECT_EQ(parameters.text("absent"), std::nullopt);
    EXPECT_EQ(parameters.finish(), std::nullopt);
}

TEST(Parameters, NameTheKeysOfAListThatDoesNotCount) {
    EXPECT_EQ(
        complaint_of("url=a&events[1]=x"),
        "|If passing an array with explicit keys (e.g. foo[0]=a&foo[1]=b) instead of as an array "
        "(e.g. foo[]=a&foo[]=b), the keys must be numeric and sequential starting from 0. You "
        "passed the keys `1`, we expected to have a key with the value `0`.|events"
    );
    EXPECT_TRUE(
        complaint_of("url=a&events[0]=x&events[k]=y")
            .ends_with(
                "You passed the keys `0`, `k`, we expected to have a key with the value `1`.|events"
            )
    );
}

// Reads members of tables in tables.
std::string nested_complaint_of(std::string_view text) {
    const RequestNode root = form(text);
    Parameters parameters{root};
    parameters.text("card[number]");
    parameters.integer("card[exp_month]");
    parameters.text("billing[address][city]");
    const auto complaint = parameters.finish();
    return complaint ? complaint->message + '|' + complaint->parameter : "none";
}

TEST(Parameters, ReachIntoTables) {
    const std::pair<const char*, const char*> cases[] = {
        {"card[number]=4&card[exp_month]=1&billing[address][city]=Bonn", "none"},
        {"card=&billing[address]=", "none"},
        {"card=x", "Invalid object|card"},
        {"billing[address]=x", "Invalid object|billing[address]"},
        {"card[exp_month]=x", "Invalid integer: x|card[exp_month]"},
        {"card[typo]=x", "Received unknown parameter: card[typo]|card[typo]"},
        {"billing[address][typo]=x",
         "Received unknown parameter: billing[address][typo]|billing[address][typo]"},
        {"card[number][a]=4", "Invalid string: card[number]|card[number]"},
    };
    for (const auto& [text, wanted] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(nested_complaint_of(text), wanted);
    }
    const RequestNode root = form("card[number]=4&empty=");
    Parameters parameters{root};
    EXPECT_TRUE(parameters.has("card[number]"));
    EXPECT_TRUE(parameters.has("empty"));
    EXPECT_FALSE(parameters.has("card[cvc]"));
    EXPECT_FALSE(parameters.has("empty[a]"));
    EXPECT_EQ(parameters.text("card[number]"), "4");
}

TEST(Parameters, TakeOneOfTheWords) {
    constexpr std::string_view kWords[] = {"duplicate", "fraudulent", "abandoned"};
    const RequestNode root = form("a=fraudulent&b=other");
    Parameters parameters{root};
    EXPECT_EQ(parameters.word("a", kWords), "fraudulent");
    EXPECT_EQ(parameters.word("absent", kWords), std::nullopt);
    EXPECT_TRUE(parameters.is_good());
    EXPECT_EQ(parameters.word("b", kWords), std::nullopt);
    EXPECT_EQ(
        parameters.finish()->message,
        "Invalid b: must be one of duplicate, fraudulent, or abandoned"
    );
}

TEST(Parameters, ReadTheBordersOfAPage) {
    const std::pair<const char*, const char*> wrong[] = {
        {"limit=0", "limit"},
        {"limit=101", "limit"},
        {"limit=x", "limit"},
        {"starting_after=a&ending_before=b", "ending_before"},
    };
    for (const auto& [text, parameter] : wrong) {
        SCOPED_TRACE(text);
        const RequestNode root = form(text);
        Parameters parameters{root};
        read_limit(parameters);
        read_cursor(parameters);
        const auto complaint = parameters.finish();
        ASSERT_TRUE(complaint.has_value());
        EXPECT_EQ(complaint->parameter, parameter);
    }
    const RequestNode root = form("ending_before=a");
    Parameters parameters{root};
    EXPECT_EQ(read_limit(parameters), 10U);
    const auto cursor = read_cursor(parameters);
    ASSERT_TRUE(cursor.has_value());
    EXPECT_EQ(cursor->id, "a");
    EXPECT_EQ(cursor->direction, Direction::newer);
    EXPECT_EQ(unknown_cursor(*cursor, "thing").message, "No such thing: 'a'");
}

}  // namespace
}  // namespace postern
