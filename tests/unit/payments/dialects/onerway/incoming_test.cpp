#include "payments/dialects/onerway/incoming.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(IncomingTest);

TEST_P(IncomingTest, SaysFirstWhatMadeItUnreadable) {
    const std::pair<Asking, const char*> cases[] = {
        {{.method = "POST", .target = "/v1/customers", .body = "a=%zz"},
         "400 ||Invalid percent encoding in the parameters"},
        {{.method = "POST",
          .target = "/v1/customers",
          .body = "[]",
          .content_type = "application/json"},
         "400 ||The JSON body must be an object"},
        {{.method = "POST", .target = "/v1/customers", .body = "x", .content_type = "text/plain"},
         "400 ||Send the body as application/x-www-form-urlencoded or application/json"},
        {{.method = "POST", .target = "/v1/customers?name=a", .body = "name=b"},
         "400 |name|Parameter given in the URL and in the body: name"},
    };
    for (const auto& [asking, error] : cases) {
        SCOPED_TRACE(asking.body);
        EXPECT_EQ(ask(asking).error(), error);
    }
}

TEST_P(IncomingTest, TakesParametersOfThePathAsWell) {
    EXPECT_EQ(post("/v1/customers?name=a", "phone=1").at("name"), "a");
}

TEST_P(IncomingTest, LetsParametersComplainBeforeTheCard) {
    HttpRequest request;
    request.query = "typo=1";
    const Call call{
        .around = around_,
        .request = request,
        .path = {},
        .caller = {.owner = owner_},
        .now = clock_.now()};
    Incoming in{call};
    in.refuse({.status = 402, .message = "first"});
    in.refuse({.status = 402, .message = "second"});
    EXPECT_EQ(
        Answer{*in.finish()}.error(), "400 parameter_unknown|typo|Received unknown parameter: typo"
    );
    in.parameters().text("typo");
    Incoming again{call};
    again.parameters().text("typo");
    again.refuse({.status = 402, .message = "first"});
    again.refuse({.status = 402, .message = "second"});
    EXPECT_EQ(Answer{*again.finish()}.error(), "402 ||first");
}

TEST_P(IncomingTest, ReadsReferencesInAnySpelling) {
    const std::string customer = made("/v1/customers", "");
    const auto id = read_id<CustomerId>(around_.ids, customer);
    ASSERT_TRUE(id.has_value());
    const std::string uuid = bare_uuid(around_.ids, *id);
    EXPECT_EQ(get("/v1/customers/" + uuid).id(), customer);
    EXPECT_EQ(
        post("/v1/payment_intents", "amount=100&currency=usd&customer=" + uuid).at("customer"),
        customer
    );
}

}  // namespace
}  // namespace postern::payments::onerway
