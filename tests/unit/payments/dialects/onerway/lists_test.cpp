#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

using Ids = std::vector<std::string>;

class ListsTest : public OnerwayTest {
 protected:
    void SetUp() override {
        OnerwayTest::SetUp();
        for (int i = 0; i < 5; ++i) {
            all_.insert(all_.begin(), made("/v1/customers", "email=a@shop.example"));
        }
    }
    Ids newest(std::size_t from, std::size_t to) const {
        return {all_.begin() + static_cast<int>(from), all_.begin() + static_cast<int>(to)};
    }

    Ids all_;  // newest first
};
INSTANTIATE_TEST_SUITE_P(
    Stores,
    ListsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

TEST_P(ListsTest, BeginWithTheNewest) {
    const Answer page = get("/v1/customers?limit=2");
    EXPECT_EQ(page.at("object"), "list");
    EXPECT_EQ(page.at("url"), "/v1/customers");
    EXPECT_EQ(page.at("has_more"), "true");
    EXPECT_EQ(page.ids(), newest(0, 2));
    const Answer whole = get("/v1/customers");
    EXPECT_EQ(whole.ids(), all_);
    EXPECT_EQ(whole.at("has_more"), "false");
}

TEST_P(ListsTest, GoOnAfterACursor) {
    const Answer page = get("/v1/customers?limit=2&starting_after=" + all_[1]);
    EXPECT_EQ(page.ids(), newest(2, 4));
    EXPECT_EQ(page.at("has_more"), "true");
    EXPECT_EQ(get("/v1/customers?starting_after=" + all_[4]).ids(), Ids{});
}

TEST_P(ListsTest, GoBackToWhatLiesNearestBeforeACursor) {
    const Answer page = get("/v1/customers?limit=2&ending_before=" + all_[4]);
    EXPECT_EQ(page.ids(), newest(2, 4));
    EXPECT_EQ(page.at("has_more"), "true");
    const Answer first = get("/v1/customers?limit=2&ending_before=" + all_[2]);
    EXPECT_EQ(first.ids(), newest(0, 2));
    EXPECT_EQ(first.at("has_more"), "false");
}

TEST_P(ListsTest, RefuseCursorsThatAreNone) {
    const std::pair<const char*, const char*> cases[] = {
        {"limit=0", "400 |limit|This value must be from 1 to 100."},
        {"limit=101", "400 |limit|This value must be from 1 to 100."},
        {"limit=x", "400 parameter_invalid_integer|limit|Invalid integer: x"},
        {"starting_after=cus_x", "400 resource_missing|starting_after|No such customer: 'cus_x'"},
        {"ending_before=cus_x", "400 resource_missing|ending_before|No such customer: 'cus_x'"},
        {"starting_after=a&ending_before=b",
         "400 |ending_before|Give starting_after or ending_before, and not both."},
        {"expand[]=customer", "400 |expand|This property cannot be expanded (customer)."},
        {"page=2", "400 parameter_unknown|page|Received unknown parameter: page"},
    };
    for (const auto& [query, error] : cases) {
        SCOPED_TRACE(query);
        EXPECT_EQ(get(std::string{"/v1/customers?"} + query).error(), error);
    }
}

TEST_P(ListsTest, KnowNobodyElsesCursor) {
    const std::string foreign = all_[2];
    owner_.livemode = storage::Livemode::live;
    EXPECT_EQ(
        get("/v1/customers?starting_after=" + foreign).error(),
        "400 resource_missing|starting_after|No such customer: '" + foreign + "'"
    );
    EXPECT_EQ(get("/v1/customers").ids(), Ids{});
}

}  // namespace
}  // namespace postern::payments::onerway
