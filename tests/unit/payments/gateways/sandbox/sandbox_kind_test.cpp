#include "payments/gateways/sandbox/sandbox_kind.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::payments {
namespace {

TEST(SandboxKind, IsFoundByTheConfigurationsWord) {
    EXPECT_EQ(sandbox_kind_of("stripe"), SandboxKind::stripe);
    EXPECT_EQ(sandbox_kind_of("airwallex"), SandboxKind::airwallex);
    EXPECT_EQ(sandbox_kind_of("wechatpay"), SandboxKind::wechatpay);
    EXPECT_EQ(sandbox_kind_of("alipay"), SandboxKind::alipay);
    EXPECT_EQ(sandbox_kind_of("onerway"), SandboxKind::onerway);
    EXPECT_EQ(sandbox_kind_of("Stripe"), std::nullopt);
    EXPECT_EQ(sandbox_kind_of("paypal"), std::nullopt);
}

TEST(SandboxKind, CanSayAsManyTypesAsItsProvider) {
    struct SpeechCase {
        SandboxKind kind;
        int types;
    };
    // What the samples of the verifiers can make; their own test counts the same.
    constexpr SpeechCase cases[] = {
        {SandboxKind::stripe, 15},
        {SandboxKind::airwallex, 15},
        {SandboxKind::wechatpay, 8},
        {SandboxKind::alipay, 7},
        {SandboxKind::onerway, 11},
    };
    for (const SpeechCase& test_case : cases) {
        const auto& types = all_event_types();
        const auto said = std::count_if(types.begin(), types.end(), [&](EventType type) {
            return can_say(test_case.kind, type);
        });
        EXPECT_EQ(said, test_case.types) << display_name_of(test_case.kind);
    }
}

}  // namespace
}  // namespace postern::payments
