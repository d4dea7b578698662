#include "payments/domain/payment.hpp"
#include "payments/domain/refund.hpp"
#include "tests/unit/payments/domain/payment_testing.hpp"
#include "tests/unit/payments/domain/seeded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

// Merchants, gateways and webhooks do whatever they like, in any order: no payment ever becomes
// impossible, and none goes back.
namespace postern::payments {
namespace {

constexpr std::uint64_t kSeeds = 3'000;
constexpr int kSteps = 60;

PaymentFact random_fact(Seeded& random) {
    const PaymentError errors[] = {kGenericDecline, kNoFunds, {"expired_card", "", "Expired."}};
    switch (random.below(9)) {
        case 0: return Authorized{};
        case 1: return Captured{kAmount};
        case 2: return Captured{random.below(kAmount + 100) - 50};
        case 3: return Processing{};
        case 4: return ActionRequired{page(1 + random.below(3))};
        case 5: return ActionRequired{};
        case 6: return ActionPassed{};
        case 7: return Declined{random.pick(std::span{errors})};
        default: return Canceled{random.one_in(2) ? "abandoned" : ""};
    }
}

// 0: nothing is decided, 1: money is held, 2: it is over.
int rank(const Payment& payment) {
    if (is_ended(payment.status)) return 2;
    return payment.status == PaymentStatus::requires_capture ? 1 : 0;
}

class World {
 public:
    explicit World(std::uint64_t seed) : random_{seed}, payment_{new_payment()} {
        if (random_.one_in(3)) payment_.confirmation_method = ConfirmationMethod::manual;
        if (random_.one_in(3)) payment_.capture_method = CaptureMethod::manual;
    }

    void step() {
        now_ += Microseconds{1};
        switch (random_.below(6)) {
            case 0: choose(); break;
            case 1: confirm(); break;
            case 2: capture(); break;
            case 3: refund(); break;
            case 4: settle_refund(); break;
            default: tell(random_fact(random_)); break;
        }
        check();
    }

    const Payment& payment() const { return payment_; }

 private:
    void choose() {
        if (why_not_choose_method(payment_)) return;
        choose_method(payment_, PaymentMethodId{1 + random_.below(3)}, now_);
    }

    void confirm() {
        if (why_not_confirm(payment_)) return;
        if (random_.one_in(2)) payment_.latest_charge = ChargeId{1 + random_.below(9)};
        tell(Processing{});
    }

    void capture() {
        const std::int64_t minor = random_.below(kAmount + 10) - 5;
        if (why_not_capture(payment_, minor)) return;
        ASSERT_EQ(apply(payment_, Captured{minor}, now_), Effect::moved);
    }

    void refund() {
        const std::int64_t minor = random_.below(kAmount / 2) - 5;
        if (why_not_refund(payment_, minor)) return;
        refunds_.push_back({.payment = payment_.id, .amount = {minor, payment_.amount.currency}});
        payment_.refunded_minor += minor;
    }

    void settle_refund() {
        if (refunds_.empty()) return;
        Refund& refund =
            refunds_[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(refunds_.size(
            ))))];
        const auto status = static_cast<RefundStatus>(random_.below(5));
        apply(refund, payment_, {.status = status}, now_);
    }

    void tell(const PaymentFact& fact) {
        const Payment before = payment_;
        const Effect effect = apply(payment_, fact, now_);
        if (effect != Effect::moved) {
            ASSERT_EQ(payment_, before) << "what does not move stays as it is";
            return;
        }
        ASSERT_FALSE(is_ended(before.status)) << "an end is an end";
        ASSERT_GE(rank(payment_), rank(before)) << "it went back";
        Payment again = payment_;
        ASSERT_EQ(apply(again, fact, now_), Effect::already) << "a doubled fact moves nothing";
        ASSERT_EQ(again, payment_);
    }

    void check() {
        ASSERT_EQ(impossible(payment_), "");
        std::int64_t refunded = 0;
        for (const Refund& refund : refunds_) {
            const bool counts =
                refund.status != RefundStatus::failed && refund.status != RefundStatus::canceled;
            if (counts) refunded += refund.amount.minor;
        }
        ASSERT_EQ(refunded, payment_.refunded_minor);
    }

    Seeded random_;
    Payment payment_;
    std::vector<Refund> refunds_;
    TimePoint now_ = kNow;
};

TEST(PaymentProperties, NoSequenceOfCommandsAndFactsReachesTheImpossible) {
    int ends[2] = {};
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world{seed};
        for (int i = 0; i < kSteps && !testing::Test::HasFatalFailure(); ++i) world.step();
        if (testing::Test::HasFatalFailure()) return;
        if (world.payment().status == PaymentStatus::succeeded) ++ends[0];
        if (world.payment().status == PaymentStatus::canceled) ++ends[1];
    }
    EXPECT_GT(ends[0], 100) << "the sequences must really go through";
    EXPECT_GT(ends[1], 100);
}

struct History {
    const char* name;
    std::vector<PaymentFact> facts;
    PaymentStatus end;
};

std::vector<History> histories() {
    const ActionRequired asked{page(1)};
    const Declined no{kGenericDecline};
    const Captured all{kAmount};
    return {
        {"paid", {Processing{}, all}, PaymentStatus::succeeded},
        {"paid after a page", {asked, ActionPassed{}, all}, PaymentStatus::succeeded},
        {"paid by bank", {asked, Processing{}, all}, PaymentStatus::succeeded},
        {"held and taken", {asked, Authorized{}, all}, PaymentStatus::succeeded},
        {"held in part taken", {Authorized{}, Captured{7}}, PaymentStatus::succeeded},
        {"held", {asked, ActionPassed{}, Authorized{}}, PaymentStatus::requires_capture},
        {"held and let go", {asked, Authorized{}, Canceled{}}, PaymentStatus::canceled},
        {"refused", {Processing{}, no}, PaymentStatus::requires_payment_method},
        {"page failed", {asked, no}, PaymentStatus::requires_payment_method},
        {"refused after a page",
         {asked, ActionPassed{}, Processing{}, no},
         PaymentStatus::requires_payment_method},
        {"paid at the second try", {no, asked, ActionPassed{}, all}, PaymentStatus::succeeded},
        {"given up", {no, Declined{kNoFunds}, Canceled{}}, PaymentStatus::canceled},
    };
}

// Webhooks double and overtake each other; what the gateway decided is what the payment comes to.
TEST(PaymentProperties, EndWhereTheGatewaySaysInWhateverOrderItIsTold) {
    for (const History& history : histories()) {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            SCOPED_TRACE(std::string{history.name} + ", seed " + std::to_string(seed));
            Seeded random{seed};
            std::vector<PaymentFact> told;
            for (const PaymentFact& fact : history.facts) {
                for (std::int64_t times = 1 + random.below(3); times > 0; --times) {
                    const auto size = static_cast<std::int64_t>(told.size());
                    told.insert(told.begin() + random.below(size + 1), fact);
                }
            }
            Payment payment = payment_at(PaymentStatus::requires_confirmation);
            if (random.one_in(2)) payment.latest_charge = ChargeId{1};
            for (const PaymentFact& fact : told) apply(payment, fact, kNow);
            ASSERT_EQ(to_text(payment.status), to_text(history.end));
            ASSERT_EQ(impossible(payment), "");
        }
    }
}

}  // namespace
}  // namespace postern::payments
