#include "payments/domain/ids.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

const IdCodec kIds{SipKey{.first = 7, .second = 11}};
constexpr std::int64_t kNumber = 0x0123'4567'89ab'cdef;

TEST(PaymentIds, ReadEverySpellingOfOnePayment) {
    const PaymentId payment{kNumber};
    const std::string uuid = bare_uuid(kIds, payment);
    const std::string stripe = stripe_id(kIds, payment);
    const std::string digits = stripe.substr(3);
    const std::string spellings[] = {
        stripe, uuid, digits, "pay_" + uuid, "pay_" + digits, "pi_" + uuid, kIds.encode(payment)};
    for (const std::string& spelling : spellings) {
        SCOPED_TRACE(spelling);
        EXPECT_EQ(read_id<PaymentId>(kIds, spelling), payment);
    }
}

TEST(PaymentIds, LookAsTheUsersOfEachDialectTakeThemToLook) {
    const std::string stripe = stripe_id(kIds, PaymentId{kNumber});
    EXPECT_EQ(stripe.size(), 35U);
    EXPECT_TRUE(stripe.starts_with("pi_"));
    EXPECT_EQ(stripe.find('-'), std::string::npos);
    EXPECT_EQ(bare_uuid(kIds, PaymentId{kNumber}).size(), 36U);
    EXPECT_TRUE(stripe_id(kIds, RefundId{kNumber}).starts_with("re_"));
    EXPECT_TRUE(kIds.encode(RefundId{kNumber}).starts_with("ref_"));
}

TEST(PaymentIds, RefuseWhatIsNoIdOfTheKind) {
    const std::string uuid = bare_uuid(kIds, PaymentId{kNumber});
    std::string forged = uuid;
    forged.back() = forged.back() == '0' ? '1' : '0';
    const std::string texts[] = {
        "",
        "pi_",
        "pay_",
        uuid.substr(1),
        uuid + "0",
        "pi_pi_" + uuid,
        "ref_" + uuid,
        forged,
        bare_uuid(kIds, RefundId{kNumber}),
        std::string(32, '-'),
        std::string(36, 'g'),
        std::string(32, '\0'),
        "550e8400-e29b-41d4-a716-446655440000",
    };
    for (const std::string& text : texts) {
        SCOPED_TRACE(text);
        EXPECT_EQ(read_id<PaymentId>(kIds, text), std::nullopt);
    }
}

TEST(PaymentIds, ReadACardTokenAsTheMethodThatItIs) {
    const PaymentMethodId method{kNumber};
    const std::string uuid = bare_uuid(kIds, method);
    EXPECT_EQ(read_id<PaymentMethodId>(kIds, "card_" + uuid), method);
    EXPECT_EQ(read_id<PaymentMethodId>(kIds, "pm_" + uuid), method);
    EXPECT_EQ(read_id<PaymentId>(kIds, "card_" + uuid), std::nullopt);
}

}  // namespace
}  // namespace postern::payments
