#include "daemon/faces/stripe/parameters.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::stripe {
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

TEST(StripeParameters, ComplainInStripesWords) {
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
    };
    for (const auto& [text, wanted] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(complaint_of(text), wanted);
    }
    for (const char* list : {"url=a&events=x", "url=a&events[1]=x", "url=a&events[0][a]=x"}) {
        SCOPED_TRACE(list);
        EXPECT_TRUE(complaint_of(list).starts_with("|Invalid array: "));
        EXPECT_TRUE(complaint_of(list).ends_with("|events"));
    }
}

TEST(StripeParameters, GiveWhatWasSent) {
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

constexpr SipKey kKey{1, 2};

TEST(StripeParameters, ReadTheBordersOfAPage) {
    const IdCodec ids{kKey};
    const std::string id = ids.encode(EndpointId{77});
    const RequestNode root = form("limit=100&ending_before=" + id);
    Parameters parameters{root};
    const auto wish = read_list<EndpointId>(parameters, ids, "webhook endpoint");
    EXPECT_EQ(parameters.finish(), std::nullopt);
    EXPECT_EQ(wish.page.rows_max, 100U);
    EXPECT_EQ(wish.page.after, EndpointId{77});
    EXPECT_EQ(wish.page.order, storage::Order::oldest_first);
    EXPECT_EQ(wish.direction, Direction::newer);
}

TEST(StripeParameters, RefuseBordersThatAreNone) {
    const IdCodec ids{kKey};
    const std::string id = ids.encode(EndpointId{77});
    const std::pair<std::string, const char*> cases[] = {
        {"limit=0", "limit"},
        {"limit=101", "limit"},
        {"limit=x", "limit"},
        {"starting_after=we_nothing", "starting_after"},
        {"ending_before=" + ids.encode(EventId{77}), "ending_before"},
        {"starting_after=" + id + "&ending_before=" + id, "ending_before"},
    };
    for (const auto& [text, parameter] : cases) {
        SCOPED_TRACE(text);
        const RequestNode root = form(text);
        Parameters parameters{root};
        read_list<EndpointId>(parameters, ids, "webhook endpoint");
        const auto complaint = parameters.finish();
        ASSERT_TRUE(complaint.has_value());
        EXPECT_EQ(complaint->parameter, parameter);
    }
}

}  // namespace
}  // namespace postern::daemon::stripe
