#include "payments/gateways/sandbox/sandbox_desk.hpp"

#include "core/json_document.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

class SandboxDeskTest : public ServiceTest {
 protected:
    HttpReply post(
        const std::string& path,
        std::string body,
        storage::Livemode mode = storage::Livemode::test
    ) {
        HttpFields fields;
        fields.add({"Content-Type", "application/json"});
        const HttpRequest request{.method = "POST", .path = path, .fields = fields, .body = body};
        std::vector<std::string> values;
        const Route* route = route_of(path, values);
        EXPECT_NE(route, nullptr) << path;
        const Call call{
            .around = around_,
            .request = request,
            .path = values,
            .caller = {.owner = {owner_.account, mode}},
            .now = clock_.now()};
        Plan plan = route->plan(call);
        if (auto* reply = std::get_if<HttpReply>(&plan)) return std::move(*reply);
        return read(run([&plan](Work& work) { return std::get<WritePlan>(plan).run(work); }));
    }

    static std::string text(const HttpReply& reply, std::string_view path) {
        const auto document = JsonDocument::parse(reply.body);
        return document ? std::string{document->root().path(path).text()} : std::string{};
    }

 private:
    // "/a/{id}/b" holds "/a/x/b" and names x.
    static const Route* route_of(const std::string& path, std::vector<std::string>& values) {
        for (const Route& route : sandbox_desk_routes()) {
            const auto open = route.pattern.find("{id}");
            if (open == std::string_view::npos && route.pattern == path) return &route;
            if (open == std::string_view::npos) continue;
            const std::string_view tail = route.pattern.substr(open + 4);
            const bool fits = path.size() > open + tail.size() && path.ends_with(tail)
                              && path.starts_with(route.pattern.substr(0, open));
            if (!fits) continue;
            const std::string id = path.substr(open, path.size() - open - tail.size());
            if (id.find('/') != std::string::npos) continue;
            values = {id};
            return &route;
        }
        return nullptr;
    }
};

TEST_P(SandboxDeskTest, OpensAndResolvesADispute) {
    const FullPayment paid = pay();
    const std::string id = stripe_id(around_.ids, paid.payment.id);
    const HttpReply opened =
        post("/api/v2/sandbox/disputes", R"({"payment_id":")" + id + R"(","reason":"general"})");
    ASSERT_EQ(opened.status, 201) << opened.body;
    EXPECT_EQ(text(opened, "reason"), "general");
    EXPECT_EQ(text(opened, "amount"), "10.00");
    const HttpReply resolved = post(
        "/api/v2/sandbox/disputes/" + text(opened, "id") + "/resolve", R"({"outcome":"lost"})"
    );
    ASSERT_EQ(resolved.status, 200) << resolved.body;
    EXPECT_EQ(text(resolved, "status"), "lost");
}

TEST_P(SandboxDeskTest, SettlesWhatIsPending) {
    pay();
    const HttpReply reply = post("/api/v2/sandbox/settle", "{}");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(text(reply, "settled"), "1");
    EXPECT_EQ(text(reply, "balance.pending.0.amount"), "0.00");
}

TEST_P(SandboxDeskTest, RefusesWhatItCannotDo) {
    struct RefusalCase {
        std::string path;
        std::string body;
        int status;
        std::string_view code;
    };
    const RefusalCase cases[] = {
        {"/api/v2/sandbox/disputes", "{}", 400, "VALIDATION_ERROR"},
        {"/api/v2/sandbox/disputes", R"({"payment_id":"x"})", 404, "PAYMENT_NOT_FOUND"},
        {"/api/v2/sandbox/disputes",
         R"({"payment_id":"pi_1","reason":"bored"})",
         400,
         "VALIDATION_ERROR"},
        {"/api/v2/sandbox/disputes/dp_1/resolve", "{}", 404, "DISPUTE_NOT_FOUND"},
        {"/api/v2/sandbox/payouts/po_1/fail", "{}", 404, "NOT_FOUND"},
        {"/api/v2/sandbox/refunds/re_1/succeed", "{}", 404, "NOT_FOUND"},
        {"/api/v2/sandbox/settle", R"({"now":true})", 400, "VALIDATION_ERROR"},
    };
    for (const RefusalCase& test_case : cases) {
        const HttpReply reply = post(test_case.path, test_case.body);
        EXPECT_EQ(reply.status, test_case.status) << test_case.path << reply.body;
        EXPECT_EQ(text(reply, "error.code"), test_case.code) << test_case.path;
    }
}

TEST_P(SandboxDeskTest, IsClosedToLiveKeys) {
    for (const std::string path :
         {"/api/v2/sandbox/disputes",
          "/api/v2/sandbox/disputes/dp_1/resolve",
          "/api/v2/sandbox/settle",
          "/api/v2/sandbox/payouts/po_1/fail",
          "/api/v2/sandbox/payouts/po_1/pay",
          "/api/v2/sandbox/refunds/re_1/fail",
          "/api/v2/sandbox/refunds/re_1/succeed"}) {
        const HttpReply reply = post(path, "{}", storage::Livemode::live);
        EXPECT_EQ(reply.status, 403) << path;
        EXPECT_EQ(text(reply, "error.code"), "FORBIDDEN") << path;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Drivers,
    SandboxDeskTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
