#include "payments/records/lookups.hpp"
#include "payments/service/payment_service.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

namespace postern::payments {
namespace {

using Names = std::vector<std::string>;

class PaymentCommandsTest : public ServiceTest {
 protected:
    FullPayment cancel(PaymentId id, std::string_view reason = "") {
        return done(run([&](Work& work) { return cancel_payment(work, id, reason); }));
    }
    Reason refused_capture(PaymentId id, std::optional<std::int64_t> minor = {}) {
        return refused(run([&](Work& work) { return capture_payment(work, id, minor); }));
    }
    Reason refused_cancel(PaymentId id) {
        return refused(run([&](Work& work) { return cancel_payment(work, id, ""); }));
    }
    Reason refused_confirmation(PaymentId id) {
        return refused(run([&](Work& work) { return confirm_payment(work, id, {}); }));
    }
    PaymentId challenged(ConfirmationMethod method = ConfirmationMethod::automatic) {
        return pay({.card = kChallengedCard, .confirmation = method}).payment.id;
    }
};

TEST_P(PaymentCommandsTest, CapturesAllThatIsHeldOrAPartOfIt) {
    const PaymentId whole = pay({.capture = CaptureMethod::manual}).payment.id;
    EXPECT_EQ(rows("balance_transactions"), 0) << "a hold is nobody's money yet";
    told();
    const FullPayment all = capture(whole);
    EXPECT_EQ(all.payment.status, PaymentStatus::succeeded);
    EXPECT_EQ(all.payment.received_minor, 1'000);
    EXPECT_EQ(told(), (Names{"payment.captured", "payment.succeeded"}));
    const PaymentId part = pay({.capture = CaptureMethod::manual}).payment.id;
    const FullPayment some = capture(part, 400);
    EXPECT_EQ(some.payment.received_minor, 400);
    EXPECT_EQ(some.payment.capturable_minor, 0);
    EXPECT_EQ(some.charge->captured_minor, 400);
    EXPECT_EQ(some.charge->amount.minor, 1'000);
    EXPECT_EQ(stored(part).charge, some.charge);
    EXPECT_EQ(rows("balance_transactions"), 2);
    EXPECT_EQ(rows("charges"), 2);
}

TEST_P(PaymentCommandsTest, RefusesToCaptureWhatIsNotHeld) {
    const PaymentId held = pay({.capture = CaptureMethod::manual}).payment.id;
    EXPECT_EQ(refused_capture(held, 1'001), Reason::capture_over_hold);
    EXPECT_EQ(refused_capture(held, 0), Reason::amount_invalid);
    capture(held, 500);
    EXPECT_EQ(refused_capture(held), Reason::already_captured);
    EXPECT_EQ(refused_capture(create().payment.id), Reason::unexpected_status);
    const PaymentId given_up = create().payment.id;
    cancel(given_up);
    EXPECT_EQ(refused_capture(given_up), Reason::already_canceled);
}

TEST_P(PaymentCommandsTest, CancelsWhatIsNotTaken) {
    struct Case {
        const char* name;
        Wanted wanted;
        ThenConfirm then;
    };
    const Case cases[] = {
        {"without a method", {.card = ""}, ThenConfirm::no},
        {"with a method", {}, ThenConfirm::no},
        {"challenged", {.card = kChallengedCard}, ThenConfirm::yes},
        {"declined", {.card = kDeclinedCard}, ThenConfirm::yes},
        {"held", {.capture = CaptureMethod::manual}, ThenConfirm::yes},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const Wanted& wanted = test_case.wanted;
        const FullPayment made = test_case.then == ThenConfirm::yes ? pay(wanted) : create(wanted);
        told();
        const FullPayment canceled = cancel(made.payment.id, "abandoned");
        EXPECT_EQ(canceled.payment.status, PaymentStatus::canceled);
        EXPECT_EQ(canceled.payment.cancellation_reason, "abandoned");
        EXPECT_EQ(canceled.payment.canceled_at, clock_.now());
        EXPECT_EQ(canceled.payment.capturable_minor, 0);
        EXPECT_EQ(told(), Names{"payment.canceled"});
        EXPECT_EQ(stored(made.payment.id).payment, canceled.payment);
        EXPECT_EQ(refused_cancel(made.payment.id), Reason::already_canceled);
        EXPECT_EQ(refused_confirmation(made.payment.id), Reason::unexpected_status);
    }
    EXPECT_EQ(refused_cancel(pay().payment.id), Reason::already_captured);
    EXPECT_EQ(rows("balance_transactions"), 1);
}

TEST_P(PaymentCommandsTest, ShowsAPageForAChallengeAndEndsItWithThePayment) {
    const FullPayment asked = pay({.card = kChallengedCard});
    ASSERT_TRUE(asked.payment.next_action.has_value());
    const NextAction& action = *asked.payment.next_action;
    EXPECT_NE(action.url.find("/sandbox/"), std::string::npos);
    auto page = read(find_action(connection(), action.id));
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->payment, asked.payment.id);
    EXPECT_EQ(page->state, ActionRow::State::open);
    EXPECT_EQ(page->expires_at, clock_.now() + std::chrono::minutes{30});
    cancel(asked.payment.id);
    page = read(find_action(connection(), action.id));
    EXPECT_EQ(page->state, ActionRow::State::expired);
}

TEST_P(PaymentCommandsTest, DoesNotCompleteWhatTheCustomerHasNotDone) {
    const PaymentId id = challenged();
    told();
    const auto complete = [&](Work& work) {
        return complete_payment_action(work, id);
    };
    EXPECT_EQ(done(run(complete)).payment.status, PaymentStatus::requires_action);
    EXPECT_EQ(told(), Names{});
    settle(id, ActionPassed{});
    settle(id, Captured{1'000});
    EXPECT_EQ(told(), (Names{"payment.action_completed", "charge.succeeded", "payment.succeeded"}));
    EXPECT_EQ(done(run(complete)).payment.status, PaymentStatus::succeeded);
    EXPECT_EQ(done(run(complete)).payment.received_minor, 1'000);
    EXPECT_EQ(told(), Names{});
}

TEST_P(PaymentCommandsTest, KeepsNoChargeOfAFailedChallenge) {
    const PaymentId id = challenged();
    told();
    settle(id, Declined{{"payment_intent_authentication_failure", "", "It failed."}});
    const FullPayment failed = stored(id);
    EXPECT_EQ(failed.payment.status, PaymentStatus::requires_payment_method);
    EXPECT_EQ(failed.payment.last_error->code, "payment_intent_authentication_failure");
    EXPECT_FALSE(failed.payment.latest_charge.has_value());
    EXPECT_EQ(told(), Names{"payment.failed"});
}

TEST_P(PaymentCommandsTest, AsksTheCustomerOnceWhereTheMerchantConfirmsByHand) {
    const PaymentId id = challenged(ConfirmationMethod::manual);
    settle(id, ActionPassed{});
    EXPECT_EQ(stored(id).payment.status, PaymentStatus::requires_confirmation);
    told();
    const FullPayment paid = confirm(id);
    EXPECT_EQ(paid.payment.status, PaymentStatus::succeeded);
    EXPECT_EQ(paid.charge->three_d_secure, Charge::ThreeDSecure::challenge);
    EXPECT_EQ(told(), (Names{"charge.succeeded", "payment.succeeded"}));
    const PaymentId other = challenged(ConfirmationMethod::manual);
    settle(other, ActionPassed{});
    PaymentEdit edit;
    edit.new_method = card(kChallengedCard);
    EXPECT_EQ(confirm(other, edit).payment.status, PaymentStatus::requires_action)
        << "another card is another customer's, as far as anybody knows";
    const PaymentId dearer = challenged(ConfirmationMethod::manual);
    settle(dearer, ActionPassed{});
    EXPECT_EQ(
        confirm(dearer, {.amount = Money{99'000, kUsd}}).payment.status,
        PaymentStatus::requires_action
    ) << "nobody agreed to that sum";
}

TEST_P(PaymentCommandsTest, TakesTheClientSecretOfThisPaymentOnly) {
    const FullPayment made = create();
    const FullPayment other = create();
    const std::string secret =
        stripe_id(around_.ids, made.payment.id) + "_secret_" + made.payment.client_secret;
    const auto confirm_with = [&](const std::string& offered) {
        return run([&](Work& work) {
            return confirm_payment(work, made.payment.id, {{}, offered});
        });
    };
    const std::string wrong[] = {
        secret + "0",
        made.payment.client_secret,
        stripe_id(around_.ids, other.payment.id) + "_secret_" + other.payment.client_secret};
    for (const std::string& offered : wrong) {
        EXPECT_EQ(refused(confirm_with(offered)), Reason::parameter_invalid);
    }
    EXPECT_EQ(done(confirm_with(secret)).payment.status, PaymentStatus::succeeded);
}

TEST_P(PaymentCommandsTest, WaitsForAGatewayThatDoesNotAnswerAtOnce) {
    const FullPayment asked = pay({.gateway = "slow"});
    const PaymentId id = asked.payment.id;
    EXPECT_EQ(asked.payment.status, PaymentStatus::processing);
    EXPECT_EQ(told(), Names{"payment.created"});
    ASSERT_EQ(orders_.size(), 1U);
    const OrderId order = orders_.front();
    EXPECT_EQ(refused_cancel(id), Reason::unexpected_status);
    EXPECT_EQ(refused_confirmation(id), Reason::unexpected_status);
    answer(order, "stripe");
    EXPECT_EQ(told(), (Names{"charge.succeeded", "payment.succeeded"}));
    EXPECT_EQ(stored(id).payment.status, PaymentStatus::succeeded);
    EXPECT_FALSE(read(load_order(books(), order)).has_value());
}

TEST_P(PaymentCommandsTest, HoldsCapturesAndCancelsThroughASlowGatewayToo) {
    const PaymentId taken = pay({.capture = CaptureMethod::manual, .gateway = "slow"}).payment.id;
    answer(orders_.front(), "stripe");
    EXPECT_EQ(stored(taken).payment.status, PaymentStatus::requires_capture);
    EXPECT_EQ(capture(taken, 300).payment.status, PaymentStatus::requires_capture);
    const OrderId order = orders_.front();
    EXPECT_EQ(refused_capture(taken), Reason::unexpected_status) << "it is asked for already";
    answer(order, "stripe");
    EXPECT_EQ(stored(taken).payment.received_minor, 300);
    const PaymentId released =
        pay({.capture = CaptureMethod::manual, .gateway = "slow"}).payment.id;
    answer(orders_.front(), "stripe");
    EXPECT_EQ(cancel(released, "duplicate").payment.status, PaymentStatus::requires_capture);
    answer(orders_.front(), "stripe");
    EXPECT_EQ(stored(released).payment.status, PaymentStatus::canceled);
    EXPECT_EQ(stored(released).payment.cancellation_reason, "duplicate");
}

TEST_P(PaymentCommandsTest, DoesNotTakeAnAnswerForThatToTheNextTry) {
    const PaymentId id = pay({.card = kDeclinedCard, .gateway = "slow"}).payment.id;
    const GatewayOrder first = *read(load_order(books(), orders_.front()));
    UnifiedEvent failed = news(EventType::payment_failed, stored(id).payment);
    failed.gateway_payment_id = stripe_id(around_.ids, id);
    failed.reason = "generic_decline";
    hear(failed, "slow");
    ASSERT_EQ(stored(id).payment.status, PaymentStatus::requires_payment_method);
    PaymentEdit edit;
    edit.new_method = card(kVisa);
    confirm(id, edit);
    GatewayAnswer late;
    late.facts = {Declined{{"card_declined", "generic_decline", ""}}};
    EXPECT_TRUE(run([&](Work& work) { return settle_order(work, first, late); }).has_value());
    EXPECT_EQ(stored(id).payment.status, PaymentStatus::processing);
}

TEST_P(PaymentCommandsTest, TellsThatABankIsAtItWhenTheGatewaySaysSo) {
    PaymentDraft asked = draft({.card = "", .gateway = "slow"});
    asked.new_method = bank_account("000123456789");
    const FullPayment made =
        done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    EXPECT_EQ(told(), Names{"payment.created"});
    EXPECT_FALSE(made.charge.has_value());
    answer(orders_.front(), "stripe");
    EXPECT_EQ(told(), Names{"payment_intent.processing"});
    const FullPayment at_bank = stored(made.payment.id);
    EXPECT_EQ(at_bank.payment.status, PaymentStatus::processing);
    ASSERT_TRUE(at_bank.charge.has_value());
    EXPECT_EQ(at_bank.charge->status, Charge::Status::pending);
    EXPECT_EQ(at_bank.method->state, PaymentMethod::State::usable);
    const std::vector<MessageRow> kept = messages();
    ASSERT_FALSE(kept.empty());
    EXPECT_GT(kept.back().due_at, clock_.now());
    EXPECT_FALSE(kept.back().message.event.occurred_at.empty());
}

TEST_P(PaymentCommandsTest, StopsABankThatIsAtIt) {
    PaymentDraft asked = draft({.card = ""});
    asked.new_method = bank_account("000123456789");
    const FullPayment at_bank =
        done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    ASSERT_EQ(at_bank.payment.status, PaymentStatus::processing);
    told();
    EXPECT_EQ(cancel(at_bank.payment.id).payment.status, PaymentStatus::canceled);
    EXPECT_EQ(told(), (Names{"charge.failed", "payment.canceled"}));
    EXPECT_EQ(stored(at_bank.payment.id).charge->status, Charge::Status::failed);
    for (const MessageRow& row : messages()) {
        EXPECT_NE(row.message.event.type, EventType::payment_succeeded);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    PaymentCommandsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
