#include "payments/service/announcements.hpp"

#include "payments/dialects/onerway/printer.hpp"
#include "payments/records/money_records.hpp"
#include "tests/unit/payments/service/money_fixture.hpp"

namespace postern::payments {
namespace {

using onerway::Printer;

// What an event shows is what whoever asks for the object at that moment is shown.
class AnnouncementsTest : public MoneyTest {
 protected:
    // Of the last event of this name.
    std::string snapshot(std::string_view stripe_type) {
        for (auto told = keeping_door_.announcements.rbegin();
             told != keeping_door_.announcements.rend();
             ++told) {
            if (told->stripe_type == stripe_type) return told->stripe_object;
        }
        ADD_FAILURE() << "nothing was told of " << stripe_type;
        return {};
    }
    template <class Object>
    std::string shown(const Object& object) {
        return read(Printer{books()}.print(object));
    }
    Refund refund_at(RefundId id) {
        return read(find_refund(connection(), owner_, id)).value_or(Refund{});
    }
    Dispute dispute_at(DisputeId id) {
        return read(find_dispute(connection(), owner_, id)).value_or(Dispute{});
    }
    FullPayment pay_as(const Customer& payer) {
        PaymentDraft asked = draft({.minor = 10'000});
        asked.customer = payer.id;
        return done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    }
    Effect settle_to(DisputeId id, DisputeStatus status) {
        const Dispute dispute = dispute_at(id);
        return read(run([&](Work& work) { return settle_dispute(work, dispute, {status}); }));
    }
    PaymentId fail_challenge() {
        const FullPayment asked = pay({.card = kChallengedCard});
        settle(asked.payment.id, Declined{{"payment_intent_authentication_failure", "", "No."}});
        return asked.payment.id;
    }
};

TEST_P(AnnouncementsTest, ShowRefundsWithWhoseAndWhatTheyGoBackTo) {
    const FullPayment paid = pay_as(customer());
    const RefundId id = refund(paid.payment.id, 400).refund.id;
    const std::string refunded = snapshot("refund.updated");
    EXPECT_EQ(refunded, shown(refund_at(id)));
    EXPECT_NE(refunded.find(R"("customer":"cus_)"), std::string::npos);
    EXPECT_NE(refunded.find(R"("payment_method":"pm_)"), std::string::npos);
    EXPECT_NE(snapshot("refund.created").find(R"("customer":"cus_)"), std::string::npos);
    done(run([&](Work& work) { return update_refund_of(work, id, {.metadata = {{"a", "b"}}}); }));
    EXPECT_EQ(snapshot("refund.updated"), shown(refund_at(id)));
    const Refund succeeded = refund_at(id);
    read(run([&](Work& work) {
        return settle_refund(work, succeeded, {RefundStatus::failed, "declined"});
    }));
    EXPECT_EQ(snapshot("refund.failed"), shown(refund_at(id)));
}

TEST_P(AnnouncementsTest, ShowDisputesWithTheMoneyTheyMoved) {
    const FullPayment paid = pay({.minor = 10'000});
    const DisputeId id =
        done(run([&](Work& work) {
            return open_dispute(work, paid.payment, {.gateway_dispute_id = "dp_1"});
        })).id;
    const std::string opened = snapshot("charge.dispute.created");
    EXPECT_EQ(opened, shown(dispute_at(id)));
    EXPECT_NE(opened.find(R"("reporting_category":"dispute")"), std::string::npos);
    EXPECT_EQ(snapshot("charge.dispute.funds_withdrawn"), shown(dispute_at(id)));
    EXPECT_EQ(settle_to(id, DisputeStatus::under_review), Effect::moved);
    EXPECT_EQ(snapshot("charge.dispute.updated"), shown(dispute_at(id)));
    EXPECT_EQ(settle_to(id, DisputeStatus::won), Effect::moved);
    const std::string won = snapshot("charge.dispute.closed");
    EXPECT_EQ(won, shown(dispute_at(id)));
    EXPECT_NE(won.find(R"("reporting_category":"dispute_reversal")"), std::string::npos);
    EXPECT_EQ(snapshot("charge.dispute.funds_reinstated"), won);
    EXPECT_EQ(keeping_door_.announcements.back().gateway, paid.payment.gateway);
}

TEST_P(AnnouncementsTest, ShowFailedPaymentsWithWhatFailed) {
    const FullPayment declined = pay({.card = kDeclinedCard});
    const std::string told_declined = snapshot("payment_intent.payment_failed");
    EXPECT_EQ(told_declined, shown(stored(declined.payment.id).payment));
    EXPECT_NE(told_declined.find(R"("last4":"0002")"), std::string::npos);

    const PaymentId challenged = fail_challenge();
    const std::string told = snapshot("payment_intent.payment_failed");
    EXPECT_EQ(told, shown(stored(challenged).payment));
    EXPECT_NE(told.find(R"("last4":"3155")"), std::string::npos);
    EXPECT_NE(keeping_door_.announcements.back().object.find("3155"), std::string::npos)
        << "in either dialect";
}

TEST_P(AnnouncementsTest, ShowTheMethodThatFailedLastThoughAnotherWasCharged) {
    const PaymentId id = pay({.card = kDeclinedCard}).payment.id;
    PaymentEdit edit;
    edit.new_method = card(kChallengedCard);
    confirm(id, edit);
    settle(id, Declined{{"payment_intent_authentication_failure", "", "No."}});
    const std::string told = snapshot("payment_intent.payment_failed");
    EXPECT_EQ(told, shown(stored(id).payment));
    EXPECT_NE(told.find(R"("last4":"3155")"), std::string::npos);
    EXPECT_EQ(told.find(R"("last4":"0002")"), std::string::npos);
    EXPECT_EQ(stored(id).failed_method->card->last4, "3155");
    edit.new_method = card(kVisa);
    EXPECT_FALSE(confirm(id, edit).failed_method.has_value()) << "forgotten with its error";
}

TEST_P(AnnouncementsTest, TellThatAHoldExpired) {
    for (const auto& [reason, names] :
         {std::pair{"automatic", Names{"charge.expired", "payment.canceled"}},
          std::pair{"abandoned", Names{"payment.canceled"}}}) {
        SCOPED_TRACE(reason);
        const PaymentId id = pay({.capture = CaptureMethod::manual}).payment.id;
        told();
        settle(id, Canceled{reason});
        EXPECT_EQ(told(), names);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    AnnouncementsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
