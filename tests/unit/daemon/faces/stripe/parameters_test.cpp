#include "daemon/faces/stripe/parameters.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::stripe {
namespace {

RequestNode form(std::string_view text) {
    auto read = read_form(text);
    EXPECT_TRUE(read.has_value()) << text;
    return read ? std::move(*read) : RequestNode{};
}

constexpr SipKey kKey{1, 2};

TEST(Parameters, ReadTheBordersOfAPage) {
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

TEST(Parameters, RefuseBordersThatAreNone) {
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
