#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

class Gateways : public ApiFixture {
 protected:
    std::string ids(const ApiAnswer& answer) {
        std::string text;
        for (const JsonValue item : answer["data"].items()) {
            text += item["id"].string();
            text += ' ';
        }
        return text;
    }
};

TEST_F(Gateways, AreThoseOfTheKeysAccountAndMode) {
    EXPECT_EQ(ids(get("/api/v2/gateways")), "stripe-main stripe-other ");
    secret_key_ = add_key({storage::KeyKind::secret, storage::Livemode::live});
    EXPECT_EQ(ids(get("/api/v2/gateways")), "stripe-live ");
}

TEST_F(Gateways, ArePagedByName) {
    const auto first = get("/api/v2/gateways?limit=1");
    EXPECT_EQ(ids(first), "stripe-main ");
    EXPECT_EQ(first["has_more"].boolean(), true);
    const auto second = get("/api/v2/gateways?limit=1&cursor=stripe-main");
    EXPECT_EQ(ids(second), "stripe-other ");
    EXPECT_EQ(second["has_more"].boolean(), false);
}

TEST_F(Gateways, OfOthersAreAbsent) {
    for (const char* id : {"stripe-live", "stripe-foreign", "none"}) {
        EXPECT_EQ(get(std::string{"/api/v2/gateways/"} + id).reply.status, 404) << id;
    }
}

TEST_F(Gateways, ShowTheirHealth) {
    const Gateway& gateway = *gateways_.find("stripe-main");
    gateway.watch.verified(clock_.now());
    gateway.watch.duplicate();
    gateway.watch.refused(
        {.at = clock_.now(),
         .failure = verifiers::VerifyFailure::bad_signature,
         .peer_address = "203.0.113.7",
         .field_names = "Host,Stripe-Signature",
         .body_sha256 = "00ff",
         .body_bytes = 12}
    );
    const auto answer = get("/api/v2/gateways/stripe-main");
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["kind"].string(), "stripe");
    EXPECT_EQ(answer["mode"].string(), "sandbox");
    EXPECT_EQ(answer["livemode"].boolean(), false);
    EXPECT_EQ(answer["enabled"].boolean(), true);
    EXPECT_EQ(answer["health.last_verified_at"].string(), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(answer["health.verified"].integer(), 1);
    EXPECT_EQ(answer["health.duplicates"].integer(), 1);
    EXPECT_EQ(answer["health.refused.bad_signature"].integer(), 1);
    EXPECT_EQ(answer["health.refused.missing_header"].integer(), 0);
    const JsonValue refusal = answer["health.recent_refusals.0"];
    EXPECT_EQ(refusal["reason"].string(), "bad_signature");
    EXPECT_EQ(refusal["field_names"][1].string(), "Stripe-Signature");
    EXPECT_EQ(refusal["body_bytes"].integer(), 12);
}

}  // namespace
}  // namespace postern::daemon
