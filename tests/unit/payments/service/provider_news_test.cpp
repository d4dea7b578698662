#include "payments/service/provider_news.hpp"

#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

namespace postern::payments {
namespace {

using Names = std::vector<std::string>;

class ProviderNewsTest : public ServiceTest {
 protected:
    FullPayment at_bank() {
        PaymentDraft asked = draft({.card = ""});
        asked.new_method = bank_account("000123456789");
        return done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    }
    UnifiedEvent refund_news(EventType type, const FullRefund& full) {
        UnifiedEvent event = news(type, full.payment.payment);
        event.gateway_refund_id = full.refund.gateway_refund_id;
        event.amount = decimal_text(full.refund.amount);
        return event;
    }
    EventId last_told(std::int64_t subject, EventType type) {
        const auto told = read(events_telling(connection(), {subject, type}));
        return told.empty() ? EventId{} : told.front().id;
    }
};

TEST_P(ProviderNewsTest, LinksWhatWasToldAlready) {
    const FullPayment paid = pay();
    told();
    struct Case {
        EventType news;
        EventType told_by;
    };
    const Case cases[] = {
        {EventType::payment_created, EventType::payment_created},
        {EventType::payment_succeeded, EventType::payment_succeeded},
        {EventType::payment_captured, EventType::payment_succeeded},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(to_text(test_case.news));
        const auto effect = hear(news(test_case.news, paid.payment));
        ASSERT_TRUE(effect.has_value());
        EXPECT_EQ(effect->effect, Effect::already);
        EXPECT_EQ(effect->owner, owner_);
        EXPECT_EQ(effect->subject, paid.payment.id.value);
        EXPECT_EQ(effect->told_before, last_told(paid.payment.id.value, test_case.told_by));
    }
    EXPECT_EQ(told(), Names{});
    EXPECT_EQ(stored(paid.payment.id).payment, paid.payment);
}

TEST_P(ProviderNewsTest, MovesAPaymentAndLeavesTheWebhooksOwnEventToTheWebhook) {
    const FullPayment waiting = at_bank();
    told();
    const auto effect = hear(news(EventType::payment_succeeded, waiting.payment));
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::moved);
    EXPECT_FALSE(effect->object.empty());
    EXPECT_EQ(effect->stripe_type, "payment_intent.succeeded");
    EXPECT_NE(effect->stripe_object.find("\"succeeded\""), std::string::npos);
    EXPECT_EQ(told(), Names{"charge.succeeded"});
    const FullPayment paid = stored(waiting.payment.id);
    EXPECT_EQ(paid.payment.status, PaymentStatus::succeeded);
    EXPECT_EQ(paid.charge->id, waiting.charge->id) << "the charge that was under way";
    EXPECT_EQ(paid.method->state, PaymentMethod::State::used_up);
    EXPECT_EQ(rows("balance_transactions"), 1);
}

TEST_P(ProviderNewsTest, TellsTheSecondHalfOfACaptureThroughTheDoor) {
    const FullPayment held = pay({.capture = CaptureMethod::manual});
    told();
    UnifiedEvent captured = news(EventType::payment_captured, held.payment);
    captured.amount = "4.00";
    const auto effect = hear(captured);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::moved);
    EXPECT_EQ(effect->stripe_type, "charge.captured");
    EXPECT_EQ(told(), Names{"payment.succeeded"});
    EXPECT_EQ(stored(held.payment.id).payment.received_minor, 400);
}

TEST_P(ProviderNewsTest, FailsAPaymentWithTheProvidersReason) {
    const FullPayment waiting = at_bank();
    told();
    UnifiedEvent failed = news(EventType::payment_failed, waiting.payment);
    failed.reason = "insufficient_funds";
    const auto effect = hear(failed);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::moved);
    EXPECT_EQ(told(), Names{"charge.failed"});
    const FullPayment after = stored(waiting.payment.id);
    EXPECT_EQ(after.payment.last_error->code, "card_declined");
    EXPECT_EQ(after.payment.last_error->decline_code, "insufficient_funds");
    EXPECT_EQ(after.charge->status, Charge::Status::failed);
    EXPECT_EQ(hear(failed)->effect, Effect::already);
}

TEST_P(ProviderNewsTest, NeverGoesBackwards) {
    const FullPayment paid = pay();
    const FullPayment canceled = pay({.capture = CaptureMethod::manual});
    done(run([&](Work& work) { return cancel_payment(work, canceled.payment.id, ""); }));
    told();
    struct Case {
        const char* name;
        const Payment& payment;
        EventType type;
    };
    const Case cases[] = {
        {"declined after it was paid", paid.payment, EventType::payment_failed},
        {"canceled after it was paid", paid.payment, EventType::payment_canceled},
        {"asked for action after it was paid", paid.payment, EventType::payment_requires_action},
        {"paid after it was canceled", canceled.payment, EventType::payment_succeeded},
        {"declined after it was canceled", canceled.payment, EventType::payment_failed},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const Payment before = stored(test_case.payment.id).payment;
        const auto effect = hear(news(test_case.type, test_case.payment));
        ASSERT_TRUE(effect.has_value());
        EXPECT_EQ(effect->effect, Effect::stale);
        EXPECT_FALSE(effect->told_before.has_value());
        const std::string status = "\"status\":\"" + std::string{to_text(before.status)} + '"';
        EXPECT_NE(effect->stripe_object.find(status), std::string::npos)
            << "the event shows what is: " << effect->stripe_object;
        EXPECT_NE(effect->object.find(status), std::string::npos) << effect->object;
        EXPECT_EQ(stored(test_case.payment.id).payment, before);
    }
    EXPECT_EQ(told(), Names{});
    EXPECT_EQ(rows("balance_transactions"), 1);
}

// The page is faster than the webhook that says it was shown.
TEST_P(ProviderNewsTest, LinksAStepThatIsToldAfterItIsOver) {
    const FullPayment challenged = pay({.card = kChallengedCard});
    ASSERT_EQ(challenged.payment.status, PaymentStatus::requires_action);
    const UnifiedEvent late = news(EventType::payment_requires_action, challenged.payment);
    settle(challenged.payment.id, ActionPassed{});
    settle(challenged.payment.id, Captured{1'000});
    told();
    const auto effect = hear(late);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::already);
    EXPECT_EQ(
        effect->told_before,
        last_told(challenged.payment.id.value, EventType::payment_requires_action)
    );
    EXPECT_EQ(told(), Names{});
}

TEST_P(ProviderNewsTest, KnowsAnEarlierTryFromThisOne) {
    const FullPayment failed = pay({.card = kDeclinedCard});
    const UnifiedEvent late = news(EventType::payment_failed, failed.payment);
    clock_.at += std::chrono::seconds{10};
    PaymentEdit edit;
    edit.new_method = card(kChallengedCard);
    ASSERT_EQ(confirm(failed.payment.id, edit).payment.status, PaymentStatus::requires_action);
    told();
    const auto effect = hear(late);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::already);
    EXPECT_EQ(effect->told_before, last_told(failed.payment.id.value, EventType::payment_failed));
    EXPECT_EQ(stored(failed.payment.id).payment.status, PaymentStatus::requires_action);
    clock_.at += std::chrono::seconds{10};
    EXPECT_EQ(hear(news(EventType::payment_failed, failed.payment))->effect, Effect::moved)
        << "news of this try";
    EXPECT_EQ(stored(failed.payment.id).payment.status, PaymentStatus::requires_payment_method);
}

TEST_P(ProviderNewsTest, SettlesAnOrderThatIsNotAnsweredYet) {
    const FullPayment asked = pay({.gateway = "slow"});
    const OrderId order = orders_.front();
    told();
    UnifiedEvent event = news(EventType::payment_succeeded, asked.payment);
    event.gateway_payment_id = "int_unknown";
    EXPECT_FALSE(hear(event, "slow").has_value()) << "it could be anybody's";
    event.merchant_reference = bare_uuid(around_.ids, asked.payment.id);
    EXPECT_FALSE(hear(event, "stripe").has_value()) << "another gateway's word";
    EXPECT_EQ(hear(event, "slow")->effect, Effect::moved);
    const FullPayment paid = stored(asked.payment.id);
    EXPECT_EQ(paid.payment.status, PaymentStatus::succeeded);
    EXPECT_EQ(paid.payment.gateway_payment_id, "int_unknown");
    EXPECT_FALSE(read(find_order(connection(), order)).has_value());
    EXPECT_EQ(told(), Names{"charge.succeeded"});
}

TEST_P(ProviderNewsTest, TakesNoMoneyOfAnotherCurrencyOrSum) {
    const FullPayment waiting = at_bank();
    told();
    UnifiedEvent event = news(EventType::payment_succeeded, waiting.payment);
    for (const auto& [amount, currency] :
         {std::pair{"10.00", "EUR"},
          {"10.001", "USD"},
          {"10.01", "USD"},
          {"9.99", "USD"},
          {"-10.00", "USD"}}) {
        SCOPED_TRACE(amount);
        event.amount = amount;
        event.currency = currency;
        EXPECT_EQ(hear(event)->effect, Effect::stale);
    }
    EXPECT_EQ(stored(waiting.payment.id).payment.status, PaymentStatus::processing);
    EXPECT_EQ(told(), Names{});
}

// At most providers a shop, or its customer, writes what it likes into the reference.
TEST_P(ProviderNewsTest, DoesNotTakeAReferenceForProof) {
    const FullPayment waiting = at_bank();
    UnifiedEvent event = news(EventType::payment_succeeded, waiting.payment);
    event.gateway_payment_id = "pi_of_somebody_else";
    event.merchant_reference = around_.ids.encode(waiting.payment.id);
    EXPECT_FALSE(hear(event).has_value()) << "this payment has a name of its own";
    const FullPayment asked = pay({.gateway = "slow"});
    event.merchant_reference = around_.ids.encode(asked.payment.id);
    event.amount = "0.50";
    EXPECT_FALSE(hear(event, "slow").has_value()) << "not the sum that was asked for";
    EXPECT_EQ(stored(waiting.payment.id).payment, waiting.payment);
    EXPECT_EQ(stored(asked.payment.id).payment, asked.payment);
}

TEST_P(ProviderNewsTest, KeepsLiveWordsFromTestMoney) {
    const FullPayment waiting = at_bank();
    UnifiedEvent event = news(EventType::payment_succeeded, waiting.payment);
    event.gateway_livemode = true;
    EXPECT_FALSE(hear(event).has_value());
    event.gateway_livemode = false;
    EXPECT_EQ(hear(event)->effect, Effect::moved);
}

TEST_P(ProviderNewsTest, TakesNoRefundOfAnotherSumOrPaymentForTheOneItKnows) {
    const FullPayment paid = pay({.card = "4000000000007726"});
    const FullRefund pending = refund(paid.payment.id, 300);
    const UnifiedEvent right = refund_news(EventType::refund_succeeded, pending);
    UnifiedEvent wrong = right;
    wrong.amount = "0.01";
    EXPECT_EQ(hear(wrong)->effect, Effect::stale);
    wrong = right;
    wrong.currency = "EUR";
    EXPECT_EQ(hear(wrong)->effect, Effect::stale);
    wrong = right;
    wrong.gateway_payment_id = "pi_of_somebody_else";
    EXPECT_EQ(hear(wrong)->effect, Effect::stale);
    EXPECT_EQ(stored(paid.payment.id).refunds.front().status, RefundStatus::pending);
    EXPECT_EQ(hear(right)->effect, Effect::moved);
}

TEST_P(ProviderNewsTest, KnowsNothingOfOthers) {
    UnifiedEvent event = news(EventType::payment_succeeded, {});
    event.gateway_payment_id = "pi_somebody";
    EXPECT_FALSE(hear(event).has_value());
    for (const EventType type :
         {EventType::refund_succeeded, EventType::dispute_created, EventType::payout_paid}) {
        event.type = type;
        event.gateway_refund_id = "re_somebody";
        event.gateway_dispute_id = "dp_somebody";
        event.gateway_payout_id = "po_somebody";
        EXPECT_FALSE(hear(event).has_value());
    }
}

TEST_P(ProviderNewsTest, EndsRefundsThatWereUnderWay) {
    const FullPayment paid = pay({.card = "4000000000007726"});
    const FullRefund pending = refund(paid.payment.id, 300);
    told();
    EXPECT_EQ(hear(refund_news(EventType::refund_created, pending))->effect, Effect::already);
    const UnifiedEvent success = refund_news(EventType::refund_succeeded, pending);
    const auto effect = hear(success);
    EXPECT_EQ(effect->effect, Effect::moved);
    EXPECT_EQ(effect->subject, pending.refund.id.value);
    EXPECT_EQ(effect->stripe_type, "refund.updated");
    EXPECT_EQ(told(), Names{"charge.refunded"});
    EXPECT_EQ(hear(success)->effect, Effect::already);
    const auto late = hear(refund_news(EventType::refund_created, pending));
    EXPECT_EQ(late->effect, Effect::already);
    EXPECT_EQ(late->told_before, last_told(pending.refund.id.value, EventType::refund_created));
    EXPECT_EQ(stored(paid.payment.id).payment.refunded_minor, 300);
    EXPECT_EQ(hear(refund_news(EventType::refund_failed, pending))->effect, Effect::moved);
    EXPECT_EQ(stored(paid.payment.id).payment.refunded_minor, 0);
}

TEST_P(ProviderNewsTest, TakesRefundsThatWereMadeAtTheProvidersDesk) {
    const FullPayment paid = pay();
    told();
    UnifiedEvent event = news(EventType::refund_succeeded, paid.payment);
    event.gateway_refund_id = "re_from_the_desk";
    event.amount = "4.00";
    const auto effect = hear(event);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::moved);
    EXPECT_EQ(told(), (Names{"refund.created", "refund.succeeded", "charge.refunded"}));
    EXPECT_EQ(effect->told_before, last_told(effect->subject, EventType::refund_succeeded));
    const FullPayment after = stored(paid.payment.id);
    EXPECT_EQ(after.payment.refunded_minor, 400);
    ASSERT_EQ(after.refunds.size(), 1U);
    EXPECT_EQ(after.refunds.front().gateway_refund_id, "re_from_the_desk");
    EXPECT_EQ(hear(event)->effect, Effect::already);
    event.gateway_refund_id = "re_another";
    event.amount = "6.01";
    EXPECT_EQ(hear(event)->effect, Effect::stale) << "more than is left";
    event.type = EventType::refund_failed;
    event.amount = "1.00";
    EXPECT_EQ(hear(event)->effect, Effect::stale) << "what never was cannot fail";
    EXPECT_EQ(rows("refunds"), 1);
}

TEST_P(ProviderNewsTest, TakesAlipaysSumsOfRefundsForWhatTheyAre) {
    PaymentDraft asked = draft({.card = "", .gateway = "alipay"});
    asked.amount.currency = currency("cny");
    asked.new_method.emplace().method.type = MethodType::alipay;
    const FullPayment made =
        done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); }));
    settle(made.payment.id, ActionPassed{});
    settle(made.payment.id, Captured{1'000});
    refund(made.payment.id, 300);
    UnifiedEvent event = news(EventType::refund_succeeded, stored(made.payment.id).payment);
    event.gateway_refund_id = "desk";
    event.amount = "5.00";
    EXPECT_EQ(hear(event, "alipay")->effect, Effect::moved);
    const FullPayment after = stored(made.payment.id);
    EXPECT_EQ(after.payment.refunded_minor, 500);
    EXPECT_EQ(after.refunds.back().amount.minor, 200);
}

TEST_P(ProviderNewsTest, NamesARefundWhoseAnswerIsLost) {
    const PaymentId id = pay({.gateway = "slow"}).payment.id;
    answer(orders_.front(), "stripe");
    const FullRefund asked = refund(id, 250);
    const OrderId order = orders_.front();
    UnifiedEvent event = refund_news(EventType::refund_succeeded, asked);
    event.gateway_payment_id = stored(id).payment.gateway_payment_id;
    event.gateway_refund_id = "re_told_first";
    EXPECT_EQ(hear(event, "slow")->effect, Effect::moved);
    const FullPayment after = stored(id);
    ASSERT_EQ(after.refunds.size(), 1U);
    EXPECT_EQ(after.refunds.front().gateway_refund_id, "re_told_first");
    EXPECT_EQ(after.refunds.front().status, RefundStatus::succeeded);
    EXPECT_EQ(after.payment.refunded_minor, 250);
    EXPECT_FALSE(read(find_order(connection(), order)).has_value());
}

TEST_P(ProviderNewsTest, OpensAndClosesDisputes) {
    const FullPayment paid = pay();
    told();
    UnifiedEvent event = news(EventType::dispute_created, paid.payment);
    event.gateway_dispute_id = "dp_1";
    event.reason = "fraudulent";
    const auto opened = hear(event);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->effect, Effect::moved);
    EXPECT_EQ(opened->stripe_type, "charge.dispute.created");
    EXPECT_EQ(told(), Names{"charge.dispute.funds_withdrawn"});
    const FullPayment disputed = stored(paid.payment.id);
    ASSERT_TRUE(disputed.dispute.has_value());
    EXPECT_EQ(disputed.dispute->gateway_dispute_id, "dp_1");
    EXPECT_EQ(
        refused(run([&](Work& work) { return create_refund(work, {.payment = paid.payment.id}); })),
        Reason::charge_disputed
    );
    event.type = EventType::dispute_updated;
    EXPECT_EQ(hear(event)->effect, Effect::moved) << "the provider's own news";
    event.type = EventType::dispute_closed;
    event.outcome = "in the stars";
    EXPECT_EQ(hear(event)->effect, Effect::stale);
    event.outcome = "won";
    EXPECT_EQ(hear(event)->effect, Effect::moved);
    EXPECT_EQ(hear(event)->effect, Effect::already);
    event.type = EventType::dispute_created;
    EXPECT_EQ(hear(event)->effect, Effect::already);
    EXPECT_EQ(stored(paid.payment.id).dispute->status, DisputeStatus::won);
    EXPECT_EQ(refund(paid.payment.id).refund.status, RefundStatus::succeeded)
        << "a dispute that was won forbids nothing";
}

TEST_P(ProviderNewsTest, BeginsADisputeWithWhateverIsToldOfItFirst) {
    const FullPayment paid = pay();
    told();
    UnifiedEvent event = news(EventType::dispute_closed, paid.payment);
    event.gateway_dispute_id = "dp_2";
    event.outcome = "lost";
    const auto effect = hear(event);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(effect->effect, Effect::moved);
    EXPECT_EQ(effect->stripe_type, "charge.dispute.closed");
    EXPECT_EQ(stored(paid.payment.id).dispute->status, DisputeStatus::lost);
    EXPECT_EQ(told(), (Names{"dispute.created", "charge.dispute.funds_withdrawn"}));
}

// A webhook of a dispute that nobody here has heard of, and what becomes of it.
TEST_P(ProviderNewsTest, BooksADisputeThatIsOverWhenItIsFirstHeardOf) {
    struct Case {
        const char* name;
        EventType type;
        const char* outcome;
        const char* amount;
        Effect effect;
        std::optional<DisputeStatus> status;
        Names told;
    };
    const Names opened = {"dispute.created", "charge.dispute.funds_withdrawn"};
    const Names reinstated = {
        "dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"};
    using enum DisputeStatus;
    const Case cases[] = {
        {"won", EventType::dispute_closed, "won", "4.00", Effect::moved, won, reinstated},
        {"lost", EventType::dispute_closed, "lost", "4.00", Effect::moved, lost, opened},
        {"an inquiry",
         EventType::dispute_closed,
         "warning_closed",
         "4.00",
         Effect::moved,
         warning_closed,
         {"dispute.created"}},
        {"over, nobody says how", EventType::dispute_closed, "?", "4.00", Effect::stale, {}, {}},
        {"over, not at all",
         EventType::dispute_closed,
         "under_review",
         "4.00",
         Effect::stale,
         {},
         {}},
        {"begins as an inquiry",
         EventType::dispute_created,
         "warning_needs_response",
         "4.00",
         Effect::moved,
         warning_needs_response,
         {}},
        {"begins lost",
         EventType::dispute_created,
         "lost",
         "4.00",
         Effect::moved,
         lost,
         {"charge.dispute.funds_withdrawn", "dispute.closed"}},
        {"more than was taken", EventType::dispute_closed, "lost", "10.01", Effect::stale, {}, {}},
        {"what is no sum", EventType::dispute_closed, "lost", "4.001", Effect::stale, {}, {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const FullPayment paid = pay();
        told();
        UnifiedEvent event = news(test_case.type, paid.payment);
        event.gateway_dispute_id = std::string{"dp_"} + test_case.name;
        event.outcome = test_case.outcome;
        event.amount = test_case.amount;
        EXPECT_EQ(hear(event)->effect, test_case.effect);
        EXPECT_EQ(told(), test_case.told);
        const FullPayment after = stored(paid.payment.id);
        const auto status = after.dispute ? std::optional{after.dispute->status} : std::nullopt;
        EXPECT_EQ(status, test_case.status);
    }
}

TEST_P(ProviderNewsTest, TakesTheNewsOfADisputeInAnyOrder) {
    const FullPayment paid = pay();
    told();
    UnifiedEvent event = news(EventType::dispute_closed, paid.payment);
    event.gateway_dispute_id = "dp_1";
    event.outcome = "won";
    EXPECT_EQ(hear(event)->effect, Effect::moved);
    told();
    event.outcome.clear();
    event.type = EventType::dispute_updated;
    EXPECT_EQ(hear(event)->effect, Effect::moved) << "told on, for nobody knows what it is about";
    event.type = EventType::dispute_created;
    const auto begun = hear(event);
    EXPECT_EQ(begun->effect, Effect::already);
    EXPECT_TRUE(begun->told_before.has_value());
    EXPECT_EQ(told(), Names{});
    EXPECT_EQ(stored(paid.payment.id).dispute->status, DisputeStatus::won);
    EXPECT_EQ(rows("disputes"), 1);
}

TEST_P(ProviderNewsTest, GivesBackWhatWasWithheldForWhatWasAnInquiryOnly) {
    const FullPayment paid = pay();
    UnifiedEvent event = news(EventType::dispute_created, paid.payment);
    event.gateway_dispute_id = "dp_1";
    hear(event);
    told();
    event.type = EventType::dispute_closed;
    event.outcome = "warning_closed";
    EXPECT_EQ(hear(event)->effect, Effect::moved);
    EXPECT_EQ(told(), Names{"charge.dispute.funds_reinstated"});
    EXPECT_EQ(stored(paid.payment.id).dispute->status, DisputeStatus::won);
}

TEST_P(ProviderNewsTest, MovesADisputeByAnUpdateThatSaysHowItStands) {
    const FullPayment paid = pay();
    UnifiedEvent event = news(EventType::dispute_created, paid.payment);
    event.gateway_dispute_id = "dp_1";
    event.outcome = "warning_needs_response";
    hear(event);
    told();
    event.type = EventType::dispute_updated;
    event.outcome = "needs_response";
    const auto risen = hear(event);
    EXPECT_EQ(risen->effect, Effect::moved);
    EXPECT_EQ(risen->stripe_type, "charge.dispute.updated");
    EXPECT_EQ(told(), Names{"charge.dispute.funds_withdrawn"});
    event.outcome = "lost";
    EXPECT_EQ(hear(event)->effect, Effect::moved);
    EXPECT_EQ(told(), Names{"dispute.closed"});
    EXPECT_EQ(stored(paid.payment.id).dispute->status, DisputeStatus::lost);
}

TEST_P(ProviderNewsTest, AgreesWithTheProviderInCurrenciesOfEveryExponent) {
    for (const char* code : {"jpy", "usd", "kwd", "ugx", "isk"}) {
        SCOPED_TRACE(code);
        PaymentDraft asked = draft({.minor = 1'234, .capture = CaptureMethod::manual});
        asked.amount.currency = currency(code);
        const PaymentId id =
            done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::yes); })
            ).payment.id;
        capture(id, 1'111);
        refund(id, 11);
        const std::vector<MessageRow> said = messages();
        EXPECT_GE(said.size(), 3U) << "captured, succeeded, refunded";
        for (const MessageRow& row : said) {
            EXPECT_EQ(hear(row.message.event)->effect, Effect::already)
                << to_text(row.message.event.type) << " of " << row.message.event.amount;
            EXPECT_TRUE(write([&row](storage::Transaction& transaction) {
                            return delete_message(transaction, row.id);
                        }).has_value());
        }
        EXPECT_EQ(stored(id).payment.received_minor, 1'111);
        EXPECT_EQ(stored(id).payment.refunded_minor, 11);
    }
}

TEST_P(ProviderNewsTest, NamesNoRefundBySumsOfAnotherCurrency) {
    const PaymentId id = pay({.gateway = "slow"}).payment.id;
    answer(orders_.front(), "stripe");
    const FullRefund asked = refund(id, 250);
    UnifiedEvent event = refund_news(EventType::refund_succeeded, asked);
    event.gateway_payment_id = stored(id).payment.gateway_payment_id;
    event.gateway_refund_id = "re_another";
    event.currency = "EUR";
    EXPECT_EQ(hear(event, "slow")->effect, Effect::stale);
    EXPECT_EQ(stored(id).refunds.front().status, RefundStatus::pending);
    event.currency = "USD";
    event.amount = "10.01";
    EXPECT_EQ(hear(event, "slow")->effect, Effect::stale) << "more than was ever taken";
    EXPECT_EQ(stored(id).payment.refunded_minor, 250);
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    ProviderNewsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
