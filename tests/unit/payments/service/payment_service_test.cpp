#include "payments/service/payment_service.hpp"

#include "payments/records/customer_records.hpp"
#include "payments/service/customer_service.hpp"
#include "tests/unit/payments/service/service_fixture.hpp"

#include <functional>

namespace postern::payments {
namespace {

using Names = std::vector<std::string>;

class PaymentServiceTest : public ServiceTest {};

TEST_P(PaymentServiceTest, CreatesPaymentsWithAndWithoutAMethod) {
    const FullPayment bare = create({.card = ""});
    EXPECT_EQ(bare.payment.status, PaymentStatus::requires_payment_method);
    EXPECT_EQ(told(), Names{"payment.created"});
    EXPECT_EQ(stored(bare.payment.id).payment, bare.payment);
    const FullPayment chosen = create();
    EXPECT_EQ(chosen.payment.status, PaymentStatus::requires_confirmation);
    ASSERT_TRUE(chosen.method.has_value());
    EXPECT_EQ(chosen.payment.method, chosen.method->id);
    EXPECT_EQ(chosen.payment.number, bare.payment.number + 1);
    EXPECT_NE(chosen.payment.client_secret, bare.payment.client_secret);
    EXPECT_GE(chosen.payment.client_secret.size(), 24U);
}

struct Outcome {
    const char* name;
    std::string_view card;
    CaptureMethod capture;
    PaymentStatus status;
    Names events;
};
const Outcome kOutcomes[] = {
    {"approved",
     kVisa,
     CaptureMethod::unset,
     PaymentStatus::succeeded,
     {"charge.succeeded", "payment.succeeded"}},
    {"approved without friction",
     kFrictionlessCard,
     CaptureMethod::automatic_async,
     PaymentStatus::succeeded,
     {"charge.succeeded", "payment.succeeded"}},
    {"approved, to be captured by hand",
     kVisa,
     CaptureMethod::manual,
     PaymentStatus::requires_capture,
     {"payment_intent.amount_capturable_updated", "charge.succeeded"}},
    {"challenged",
     kChallengedCard,
     CaptureMethod::automatic,
     PaymentStatus::requires_action,
     {"payment.requires_action"}},
    {"declined",
     kDeclinedCard,
     CaptureMethod::automatic,
     PaymentStatus::requires_payment_method,
     {"charge.failed", "payment.failed"}},
    {"declined, to be captured by hand",
     kPoorCard,
     CaptureMethod::manual,
     PaymentStatus::requires_payment_method,
     {"charge.failed", "payment.failed"}},
};

TEST_P(PaymentServiceTest, WritesAPaymentThatIsConfirmedAtOnceOnlyOnce) {
    for (const Outcome& outcome : kOutcomes) {
        SCOPED_TRACE(outcome.name);
        const FullPayment full = pay({.card = outcome.card, .capture = outcome.capture});
        EXPECT_EQ(full.payment.status, outcome.status);
        EXPECT_EQ(full.payment.version, 1);
        EXPECT_EQ(stored(full.payment.id).payment, full.payment);
    }
    const FullPayment unanswered = pay({.gateway = "slow"});
    EXPECT_EQ(unanswered.payment.status, PaymentStatus::processing);
    EXPECT_EQ(unanswered.payment.version, 1);
    EXPECT_EQ(stored(unanswered.payment.id).payment, unanswered.payment);
}

TEST_P(PaymentServiceTest, ConfirmsToWhatTheGatewayAnswers) {
    for (const Outcome& outcome : kOutcomes) {
        SCOPED_TRACE(outcome.name);
        const FullPayment made = create({.card = outcome.card, .capture = outcome.capture});
        told();
        const FullPayment full = confirm(made.payment.id);
        EXPECT_EQ(full.payment.status, outcome.status);
        EXPECT_EQ(told(), outcome.events);
        const FullPayment again = stored(made.payment.id);
        EXPECT_EQ(again.payment, full.payment);
        EXPECT_EQ(again.charge, full.charge);
        EXPECT_EQ(again.method, full.method);
        EXPECT_FALSE(full.payment.gateway_payment_id.empty());
    }
}

TEST_P(PaymentServiceTest, KeepsTheChargeAndTheBooksOfWhatWasTaken) {
    const FullPayment full = pay({.minor = 5'000});
    EXPECT_EQ(told(), (Names{"payment.created", "charge.succeeded", "payment.succeeded"}));
    EXPECT_EQ(full.payment.received_minor, 5'000);
    EXPECT_EQ(full.payment.captured_at, clock_.now());
    ASSERT_TRUE(full.charge.has_value());
    EXPECT_EQ(full.payment.latest_charge, full.charge->id);
    EXPECT_EQ(full.charge->status, Charge::Status::succeeded);
    EXPECT_EQ(full.charge->captured, Charge::Captured::yes);
    EXPECT_EQ(full.charge->captured_minor, 5'000);
    EXPECT_TRUE(full.charge->balance_transaction.has_value());
    ASSERT_TRUE(full.charge->card.has_value());
    EXPECT_EQ(full.charge->card->last4, "4242");
    EXPECT_EQ(rows("balance_transactions"), 1);
    EXPECT_EQ(rows("charges"), 1);
}

TEST_P(PaymentServiceTest, KeepsAFailedChargeAndLetsAnotherMethodTry) {
    const FullPayment failed = pay({.card = kPoorCard});
    ASSERT_TRUE(failed.payment.last_error.has_value());
    EXPECT_EQ(failed.payment.last_error->decline_code, "insufficient_funds");
    EXPECT_FALSE(failed.payment.method.has_value());
    ASSERT_TRUE(failed.charge.has_value());
    EXPECT_EQ(failed.charge->status, Charge::Status::failed);
    EXPECT_EQ(failed.charge->error->code, failed.payment.last_error->code);
    EXPECT_EQ(failed.payment.last_error->method, failed.charge->method);
    EXPECT_EQ(rows("balance_transactions"), 0);
    told();
    PaymentEdit edit;
    edit.new_method = card(kVisa);
    const FullPayment paid = confirm(failed.payment.id, edit);
    EXPECT_EQ(paid.payment.status, PaymentStatus::succeeded);
    EXPECT_FALSE(paid.payment.last_error.has_value());
    EXPECT_NE(paid.charge->id, failed.charge->id);
    EXPECT_EQ(rows("charges"), 2);
    EXPECT_EQ(told(), (Names{"charge.succeeded", "payment.succeeded"}));
}

struct Spoiled {
    const char* name;
    std::function<void(PaymentDraft&)> spoil;
    Reason reason;
    const char* parameter;
};

std::vector<Spoiled> spoiled_values() {
    return {
        {"nothing",
         [](PaymentDraft& draft) { draft.amount.minor = 0; },
         Reason::amount_invalid,
         "amount"},
        {"too little",
         [](PaymentDraft& draft) { draft.amount.minor = 49; },
         Reason::amount_too_small,
         "amount"},
        {"too much",
         [](PaymentDraft& draft) { draft.amount.minor = 100'000'000; },
         Reason::amount_too_large,
         "amount"},
        {"no such gateway",
         [](PaymentDraft& draft) { draft.gateway = "acme"; },
         Reason::gateway_not_found,
         "gateway"},
        {"a live gateway with a test key",
         [](PaymentDraft& draft) { draft.gateway = "real"; },
         Reason::gateway_not_found,
         "gateway"},
        {"no such customer",
         [](PaymentDraft& draft) { draft.customer = CustomerId{5}; },
         Reason::reference_missing,
         "customer"},
        {"a method of a type that is not wanted",
         [](PaymentDraft& draft) { draft.details.method_types = {"us_bank_account"}; },
         Reason::method_type_unsupported,
         "payment_method"},
        {"a card at a gateway without cards",
         [](PaymentDraft& draft) { draft.gateway = "alipay"; },
         Reason::method_type_unsupported,
         "payment_method"},
        {"nothing to pay with",
         [](PaymentDraft& draft) { draft.new_method.reset(); },
         Reason::unexpected_status,
         "payment_method"},
    };
}

void pay_with(PaymentDraft& draft, PaymentMethodId method) {
    draft.new_method.reset();
    draft.method = method;
}

std::vector<Spoiled> spoiled_methods(const PaymentMethod& theirs, const Customer& other) {
    return {
        {"no such method",
         [](PaymentDraft& draft) { pay_with(draft, PaymentMethodId{5}); },
         Reason::reference_missing,
         "payment_method"},
        {"somebody's method for nobody",
         [theirs](PaymentDraft& draft) { pay_with(draft, theirs.id); },
         Reason::method_not_usable,
         "payment_method"},
        {"somebody's method for another",
         [theirs, other](PaymentDraft& draft) {
             pay_with(draft, theirs.id);
             draft.customer = other.id;
         },
         Reason::method_not_usable,
         "payment_method"},
        {"a currency that the method does not take",
         [theirs](PaymentDraft& draft) {
             pay_with(draft, theirs.id);
             draft.customer = theirs.customer;
             draft.amount.currency = currency("eur");
         },
         Reason::currency_unsupported,
         "currency"},
    };
}

TEST_P(PaymentServiceTest, TellsNothingAndKeepsNothingOfARefusedDraft) {
    const Customer somebody = customer();
    const Customer other = customer();
    const PaymentMethod theirs = done(run([&](Work& work) {
        return create_method(work, bank_account("000123456789"), somebody.id);
    }));
    told();
    std::vector<Spoiled> cases = spoiled_values();
    for (Spoiled& spoiled : spoiled_methods(theirs, other)) cases.push_back(std::move(spoiled));
    for (const Spoiled& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        PaymentDraft spoiled = draft({});
        test_case.spoil(spoiled);
        const auto result =
            run([&](Work& work) { return create_payment(work, spoiled, ThenConfirm::yes); });
        EXPECT_EQ(refused(result), test_case.reason);
        EXPECT_EQ(result.error().refusal()->parameter, test_case.parameter);
    }
    EXPECT_EQ(told(), Names{});
    EXPECT_EQ(rows("payments"), 0);
    EXPECT_EQ(rows("payment_methods"), 1);
}

TEST_P(PaymentServiceTest, ShowsLiveKeysLiveGatewaysOnly) {
    owner_.livemode = storage::Livemode::live;
    PaymentDraft asked = draft({.card = "", .gateway = ""});
    const FullPayment made =
        done(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::no); }));
    EXPECT_EQ(gateways_.find(made.payment.gateway)->name, "real");
    asked.gateway = "stripe";
    EXPECT_EQ(
        refused(run([&](Work& work) { return create_payment(work, asked, ThenConfirm::no); })),
        Reason::gateway_not_found
    );
}

TEST_P(PaymentServiceTest, SpendsAMethodThatIsNobodysAndKeepsOneThatIsToBeKept) {
    const FullPayment once = pay();
    EXPECT_EQ(once.method->state, PaymentMethod::State::used_up);
    PaymentDraft again = draft({.card = ""});
    again.method = once.method->id;
    EXPECT_EQ(
        refused(run([&](Work& work) { return create_payment(work, again, ThenConfirm::yes); })),
        Reason::method_not_usable
    );
    const Customer somebody = customer();
    PaymentDraft kept = draft({});
    kept.customer = somebody.id;
    kept.save_method = PaymentDraft::SaveMethod::yes;
    told();
    const FullPayment first =
        done(run([&](Work& work) { return create_payment(work, kept, ThenConfirm::yes); }));
    EXPECT_EQ(first.method->customer, somebody.id);
    EXPECT_EQ(
        told(),
        (Names{
            "payment.created", "payment_method.attached", "charge.succeeded", "payment.succeeded"})
    );
    PaymentDraft second = draft({.card = ""});
    second.customer = somebody.id;
    second.method = first.method->id;
    EXPECT_EQ(
        done(run([&](Work& work) { return create_payment(work, second, ThenConfirm::yes); })
        ).payment.status,
        PaymentStatus::succeeded
    );
    PaymentDraft nobodys = draft({});
    nobodys.save_method = PaymentDraft::SaveMethod::yes;
    const FullPayment token =
        done(run([&](Work& work) { return create_payment(work, nobodys, ThenConfirm::yes); }));
    EXPECT_EQ(token.method->state, PaymentMethod::State::reusable);
}

TEST_P(PaymentServiceTest, MakesTheShopsOwnCustomerAtItsFirstUse) {
    PaymentDraft asked = draft({});
    asked.external_customer = "550e8400-e29b-41d4-a716-446655440001";
    asked.external_customer_email = "customer@example.com";
    const auto create = [&](Work& work) {
        return create_payment(work, asked, ThenConfirm::yes);
    };
    const FullPayment first = done(run(create));
    ASSERT_TRUE(first.customer.has_value());
    EXPECT_EQ(first.customer->email, "customer@example.com");
    EXPECT_EQ(done(run(create)).payment.customer, first.payment.customer);
    EXPECT_EQ(rows("customers"), 1);
}

TEST_P(PaymentServiceTest, ChangesWhatMayBeChangedWhereThePaymentStands) {
    const FullPayment made = create({.card = ""});
    told();
    PaymentEdit edit;
    edit.amount = Money{2'000, kUsd};
    edit.description = "an order";
    edit.metadata = {{"order", "7"}};
    edit.new_method = card(kVisa);
    const auto update = [&](Work& work) {
        return update_payment_of(work, made.payment.id, edit);
    };
    const FullPayment changed = done(run(update));
    EXPECT_EQ(changed.payment.amount.minor, 2'000);
    EXPECT_EQ(changed.payment.status, PaymentStatus::requires_confirmation);
    EXPECT_EQ(changed.payment.details.metadata, (Metadata{{"order", "7"}}));
    EXPECT_EQ(stored(made.payment.id).payment, changed.payment);
    EXPECT_EQ(told(), Names{});
    confirm(made.payment.id);
    told();
    EXPECT_EQ(refused(run(update)), Reason::unexpected_status);
    edit = {};
    edit.amount = Money{3'000, kUsd};
    EXPECT_EQ(refused(run(update)), Reason::unexpected_status);
    edit = {};
    edit.metadata = {{"order", ""}, {"note", "paid"}};
    EXPECT_EQ(done(run(update)).payment.details.metadata, (Metadata{{"note", "paid"}}));
    EXPECT_EQ(told(), Names{});
}

TEST_P(PaymentServiceTest, AnswersForNobodyElsesPayment) {
    const FullPayment made = create();
    owner_.livemode = storage::Livemode::live;
    EXPECT_EQ(refused(load_payment(books(), made.payment.id)), Reason::not_found);
    const PaymentId id = made.payment.id;
    EXPECT_EQ(
        refused(run([&](Work& work) { return confirm_payment(work, id, {}); })), Reason::not_found
    );
    EXPECT_EQ(
        refused(run([&](Work& work) { return cancel_payment(work, id, ""); })), Reason::not_found
    );
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    PaymentServiceTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
