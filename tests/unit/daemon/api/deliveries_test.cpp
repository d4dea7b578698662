#include "dispatch/delivery_book.hpp"
#include "dispatch/stored_deliveries.hpp"
#include "storage/attempt_repository.hpp"
#include "tests/unit/daemon/api/endpoint_testing.hpp"

namespace postern::daemon {
namespace {

class DeliveriesOfTheApi : public EndpointFixture {
 protected:
    static std::string delivery_at(std::string_view id, std::string_view rest = {}) {
        std::string target = "/api/v2/deliveries/";
        target += id;
        target += rest;
        return target;
    }
    static std::string resend_at(std::string_view event) {
        return "/api/v2/events/" + std::string{event} + "/resend";
    }
};

TEST_F(DeliveriesOfTheApi, AreShownWithTheirAttempts) {
    const std::string endpoint = created_id();
    const std::string event = tell("evt_1");
    const std::string id = first_delivery(endpoint);
    change([this, &id](storage::Transaction& transaction) -> StoreResult {
        const auto made = storage::insert_attempt(
            transaction,
            {.delivery = *store_->ids.decode<DeliveryId>(id),
             .started_at = clock_.now(),
             .phases = {.total = std::chrono::microseconds{68'400}},
             .status = 503,
             .error = storage::AttemptError::http_5xx,
             .address = "192.0.2.7",
             .response_headers = "Content-Type: text/plain\n",
             .response_body = "busy\xff"}
        );
        if (!made) return made.error();
        return {};
    });
    const auto shown = get(delivery_at(id));
    ASSERT_EQ(shown.reply.status, 200) << shown.reply.body;
    EXPECT_EQ(shown["event_id"].string(), event);
    EXPECT_EQ(shown["endpoint_id"].string(), endpoint);
    EXPECT_EQ(shown["event_type"].string(), "payment.succeeded");
    EXPECT_EQ(shown["state"].string(), "pending");
    EXPECT_EQ(shown["held"].boolean(), false);
    EXPECT_EQ(shown["sequence"].integer(), 1);
    EXPECT_EQ(shown["next_attempt_at"].string(), shown["created_at"].string());
    EXPECT_EQ(shown["attempts_log"].size(), 1U);
    EXPECT_EQ(shown["attempts_log.0.status"].integer(), 503);
    EXPECT_EQ(shown["attempts_log.0.error"].string(), "http_5xx");
    EXPECT_EQ(shown["attempts_log.0.phases.total_ms"].integer(), 68);
    EXPECT_EQ(shown["attempts_log.0.response_headers"]["Content-Type"].string(), "text/plain");
    EXPECT_EQ(shown["attempts_log.0.response_body"].string(), "busy\xef\xbf\xbd");
    EXPECT_EQ(shown.reply.body.find("192.0.2.7"), std::string::npos);
}

TEST_F(DeliveriesOfTheApi, AreListedByStateAndTime) {
    const std::string endpoint = created_id();
    for (const char* id : {"1", "2", "3"}) tell(id);
    close_as(first_delivery(endpoint), storage::DeliveryState::dead);
    const std::pair<const char*, std::size_t> cases[] = {
        {"", 3},
        {"?state=dead", 1},
        {"?state=pending", 2},
        {"?state=delivered", 0},
        {"?since=2023-11-14T22:13:22Z", 2},
        {"?until=2023-11-14T22:13:22Z", 1},
        {"?limit=2", 2},
    };
    for (const auto& [query, count] : cases) {
        SCOPED_TRACE(query);
        EXPECT_EQ(get(at(endpoint, std::string{"/deliveries"} + query))["data"].size(), count);
    }
    EXPECT_EQ(get(at(endpoint, "/deliveries?state=sending")).reply.status, 400);
}

TEST_F(DeliveriesOfTheApi, HaveNoNextAttemptWhileTheirEndpointIsDisabled) {
    const std::string endpoint = created_id();
    tell("evt_1");
    const std::string id = first_delivery(endpoint);
    post(at(endpoint, "/disable"));
    EXPECT_EQ(get(delivery_at(id))["next_attempt_at"].kind(), JsonKind::null);
}

TEST_F(DeliveriesOfTheApi, AreRetriedByHand) {
    const std::string endpoint = created_id();
    tell("evt_1");
    const std::string id = first_delivery(endpoint);
    close_as(id, storage::DeliveryState::dead);
    EXPECT_EQ(get(delivery_at(id))["state"].string(), "dead");
    const auto retried = post(delivery_at(id, "/retry"));
    EXPECT_EQ(retried.reply.status, 200);
    EXPECT_EQ(retried["state"].string(), "pending");
    EXPECT_EQ(retried["trigger"].string(), "manual");
    EXPECT_EQ(stored(id).round_attempts, 0);
    post(at(endpoint, "/disable"));
    const auto disabled = post(delivery_at(id, "/retry"));
    EXPECT_EQ(disabled.reply.status, 409);
    EXPECT_NE(disabled["error.message"].string().find("enable"), std::string::npos);
    send("DELETE", at(endpoint));
    EXPECT_EQ(post(delivery_at(id, "/retry")).reply.status, 409);
}

TEST_F(DeliveriesOfTheApi, AreCanceledWhileTheyAreOpen) {
    const std::string endpoint = created_id();
    tell("evt_1");
    const std::string id = first_delivery(endpoint);
    const auto canceled = post(delivery_at(id, "/cancel"));
    EXPECT_EQ(canceled["state"].string(), "canceled");
    EXPECT_EQ(canceled["reason"].string(), "manual");
    EXPECT_EQ(post(delivery_at(id, "/cancel")).reply.status, 409);
}

TEST_F(DeliveriesOfTheApi, AreMadeForAnEventThatIsSentAgain) {
    const std::string event = tell("evt_1");
    const std::string first = created_id();
    const std::string second = created_id(R"("event_types":["refund.*"])");
    const auto one = send("POST", resend_at(event), R"({"endpoint_id":")" + second + "\"}");
    ASSERT_EQ(one.reply.status, 200) << one.reply.body;
    EXPECT_EQ(one["data"].size(), 1U);
    EXPECT_EQ(one["data.0.endpoint_id"].string(), second);
    EXPECT_EQ(one["data.0.trigger"].string(), "manual");
    const std::string id{one["data.0.id"].string()};
    close_as(id, storage::DeliveryState::delivered);
    const auto all = post(resend_at(event));
    EXPECT_EQ(all["data"].size(), 2U);
    EXPECT_EQ(stored(id).state, storage::DeliveryState::pending);
    EXPECT_EQ(get(at(first, "/deliveries"))["data"].size(), 1U);
    EXPECT_EQ(send("POST", resend_at(event), R"({"endpoint_id":"we_x"})").reply.status, 400);
    post(at(second, "/disable"));
    EXPECT_EQ(
        send("POST", resend_at(event), R"({"endpoint_id":")" + second + "\"}").reply.status, 409
    );
}

TEST_F(DeliveriesOfTheApi, AreNobodyElses) {
    const std::string endpoint = created_id();
    const std::string event = tell("evt_1");
    const std::string id = first_delivery(endpoint);
    const std::string live = add_key({storage::KeyKind::secret, storage::Livemode::live});
    for (const std::string& target :
         {delivery_at(id, "/retry"), delivery_at(id, "/cancel"), resend_at(event)}) {
        const auto answer = ask(
            {.method = "POST", .target = target, .fields = {{"Authorization", "Bearer " + live}}}
        );
        EXPECT_EQ(answer.reply.status, 404) << target;
    }
    EXPECT_EQ(get(delivery_at("dlv_x")).reply.status, 404);
}

TEST_F(DeliveriesOfTheApi, AreCountedAndTheirGapsListed) {
    const std::string endpoint = created_id();
    for (const char* id : {"1", "2", "3"}) {
        tell(id);
        if (std::string_view{id} != "2") {
            close_as(first_delivery(endpoint), storage::DeliveryState::delivered);
        }
    }
    const auto stats = get(at(endpoint, "/stats"));
    EXPECT_EQ(stats["deliveries.total"].integer(), 3);
    EXPECT_EQ(stats["deliveries.delivered"].integer(), 2);
    EXPECT_EQ(stats["deliveries.pending"].integer(), 1);
    const auto gaps = get(at(endpoint, "/gaps"));
    EXPECT_EQ(gaps["sequence.from"].integer(), 1);
    EXPECT_EQ(gaps["sequence.to"].integer(), 3);
    EXPECT_EQ(gaps["delivered"].integer(), 2);
    EXPECT_EQ(gaps["data"].size(), 1U);
    EXPECT_EQ(gaps["data.0.sequence"].integer(), 2);
    EXPECT_EQ(gaps["has_more"].boolean(), false);
    EXPECT_EQ(get(at(endpoint, "/gaps?cursor=2"))["data"].size(), 0U);
    EXPECT_EQ(get(at(endpoint, "/gaps?cursor=x")).reply.status, 400);
}

}  // namespace
}  // namespace postern::daemon
