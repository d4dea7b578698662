#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(PaymentIntentListsTest);

using Ids = std::vector<std::string>;

TEST_P(PaymentIntentListsTest, AreFilteredByCustomerStatusAndMoment) {
    const std::string customer = made("/v1/customers", "");
    const std::string first = paid("&customer=" + customer);
    clock_.at += std::chrono::seconds{60};
    const std::string second = made("/v1/payment_intents", "amount=1000&currency=usd");
    EXPECT_EQ(get("/v1/payment_intents").ids(), (Ids{second, first}));
    EXPECT_EQ(get("/v1/payment_intents?customer=" + customer).ids(), Ids{first});
    EXPECT_EQ(get("/v1/payment_intents?status=succeeded").ids(), Ids{first});
    EXPECT_EQ(get("/v1/payment_intents?created[gte]=1700000060").ids(), Ids{second});
    EXPECT_EQ(get("/v1/payment_intents?created[lt]=1700000060").ids(), Ids{first});
    EXPECT_EQ(
        get("/v1/payment_intents?status=paid").error(),
        "400 |status|Invalid status: must be one of canceled, processing, requires_action, "
        "requires_capture, requires_confirmation, requires_payment_method, or succeeded"
    );
    const Answer expanded = get("/v1/payment_intents?expand[]=data.customer&limit=1");
    EXPECT_EQ(expanded.at("data.0.customer"), "null");
    EXPECT_EQ(expanded.at("has_more"), "true");
}

TEST_P(PaymentIntentListsTest, AreSearched) {
    const std::string a = paid("&metadata[order]=1");
    const std::string b = made("/v1/payment_intents", "amount=5000&currency=eur&metadata[order]=2");
    const auto search = [this](const std::string& query) {
        return get("/v1/payment_intents/search?query=" + query);
    };
    EXPECT_EQ(search("amount:1000").ids(), Ids{a});
    EXPECT_EQ(search("amount>1000").ids(), Ids{b});
    EXPECT_EQ(search("metadata['order']:'2'").ids(), Ids{b});
    EXPECT_EQ(search("status:'succeeded' OR currency:'eur'").ids(), (Ids{b, a}));
    EXPECT_EQ(search("-status:'succeeded'").ids(), Ids{b});
    const Answer none = search("amount:7");
    EXPECT_EQ(
        none.body(),
        R"({"object":"search_result","data":[],"has_more":false,"next_page":null,)"
        R"("url":"/v1/payment_intents/search"})"
    );
}

TEST_P(PaymentIntentListsTest, ArePagedThroughByWhatTheAnswerNames) {
    Ids all;
    for (int i = 0; i < 5; ++i) {
        all.insert(all.begin(), made("/v1/payment_intents", "amount=1000&currency=usd"));
    }
    Ids found;
    std::string target = "/v1/payment_intents/search?query=amount:1000&limit=2";
    std::string page;
    for (int pages = 0; pages < 5; ++pages) {
        const Answer answer = get(page.empty() ? target : target + "&page=" + page);
        for (const std::string& id : answer.ids()) found.push_back(id);
        if (answer.at("has_more") == "false") break;
        page = answer.at("next_page");
    }
    EXPECT_EQ(found, all);
    const Answer counted = get(target + "&expand[]=total_count");
    EXPECT_EQ(counted.at("total_count"), "5");
}

TEST_P(PaymentIntentListsTest, RefuseSearchesThatAreNone) {
    constexpr const char* kInvalid =
        "400 parameter_invalid_string|query|Provide a query parameter with a valid search query "
        "string.";
    const std::pair<const char*, const char*> cases[] = {
        {"", "400 parameter_missing|query|Missing required param: query."},
        {"query=", kInvalid},
        {"query=volume:5", kInvalid},
        {"query=amount:1 AND amount:2 OR amount:3", kInvalid},
        {"query=amount:1&page=x",
         "400 |page|Invalid page: give the next_page of the answer before"},
        {"query=amount:1&starting_after=x",
         "400 parameter_unknown|starting_after|Received unknown parameter: starting_after"},
    };
    for (const auto& [query, error] : cases) {
        SCOPED_TRACE(query);
        EXPECT_EQ(get(std::string{"/v1/payment_intents/search?"} + query).error(), error);
    }
}

}  // namespace
}  // namespace postern::payments::onerway
