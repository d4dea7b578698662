#include "payments/views/rcommerce_objects.hpp"

#include "core/json_document.hpp"
#include "payments/card_desk.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern::payments {
namespace {

class RcommerceViews : public ::testing::Test {
 protected:
    static FullPayment paid() {
        FullPayment full;
        Payment& payment = full.payment;
        payment.id = PaymentId{77};
        payment.status = PaymentStatus::succeeded;
        payment.amount = {5949, Currency{}};
        payment.received_minor = 5949;
        payment.gateway_payment_id = "pi_gateway";
        payment.order_id = "order-1";
        payment.client_secret = "hush";
        payment.created_at = from_unix_seconds(1'700'000'000);
        payment.updated_at = from_unix_seconds(1'700'000'005);
        payment.captured_at = payment.updated_at;
        return full;
    }
    JsonDocument view(const FullPayment& full, ViewFor use) {
        std::string json;
        JsonWriter writer{json};
        append_rc_payment(writer, around_, full, use);
        return parsed(json);
    }
    static JsonDocument parsed(const std::string& json) {
        auto document = JsonDocument::parse(json);
        EXPECT_TRUE(document.has_value()) << json;
        return std::move(*document);
    }

    GatewayBook gateways_{{}, ""};
    CardDesk desk_{"secret", {}};
    Surroundings around_{IdCodec{SipKey{}}, gateways_, desk_, "http://127.0.0.1:8080"};
};

TEST_F(RcommerceViews, ShowAPaymentByThreeIds) {
    const JsonDocument document = view(paid(), ViewFor::answer);
    const JsonValue payment = document.root();
    const std::string id{payment["id"].string()};
    EXPECT_EQ(payment["payment_id"].string(), "pay_" + id);
    EXPECT_TRUE(payment["transaction_id"].string().starts_with("pi_"));
    EXPECT_EQ(payment["gateway_payment_id"].string(), "pi_gateway");
    EXPECT_EQ(payment["completed_at"].string(), "2023-11-14T22:13:25.000Z");
    EXPECT_EQ(payment["captured_at"].string(), "2023-11-14T22:13:25.000Z");
}

// What daemon/event_object.cpp gives for what a provider told, so that filters need not ask which
// of the two made an event.
TEST_F(RcommerceViews, GiveEventsWhatFiltersLookFor) {
    const JsonDocument document = view(paid(), ViewFor::event);
    const JsonValue payment = document.root();
    EXPECT_EQ(payment["object"].string(), "payment");
    EXPECT_EQ(payment["amount"].string(), "59.49");
    EXPECT_EQ(payment["amount_minor"].integer(), 5949);
    EXPECT_EQ(payment["currency"].string(), "USD");
    EXPECT_EQ(payment["gateway_payment_id"].string(), "pi_gateway");
    EXPECT_EQ(payment["merchant_reference"].string(), "order-1");
    EXPECT_EQ(payment["order_id"].string(), "order-1");
    EXPECT_EQ(payment["occurred_at"].string(), "2023-11-14T22:13:25.000Z");
    EXPECT_EQ(payment["gateway_livemode"].boolean(), false);
    for (const std::string_view member :
         {"status",
          "captured",
          "gateway",
          "gateway_refund_id",
          "gateway_dispute_id",
          "gateway_payout_id",
          "reason",
          "outcome"}) {
        EXPECT_TRUE(payment[member].exists()) << member;
    }
    EXPECT_FALSE(payment["client_secret"].exists()) << "a secret has no place in an event";
}

TEST_F(RcommerceViews, TellAnEventWhyAPaymentFailed) {
    FullPayment full = paid();
    full.payment.status = PaymentStatus::requires_payment_method;
    full.payment.captured_at.reset();
    full.payment.last_error = PaymentError{"card_declined", "insufficient_funds", "x"};
    const JsonDocument document = view(full, ViewFor::event);
    EXPECT_EQ(document.root()["status"].string(), "failed");
    EXPECT_EQ(document.root()["reason"].string(), "insufficient_funds");
}

TEST_F(RcommerceViews, PrintMonthsWithTwoDigitsAndKeepNumbersNested) {
    PaymentMethod method;
    method.card = Card{.brand = CardBrand::visa, .last4 = "4242", .exp_month = 3, .exp_year = 2031};
    std::string json;
    JsonWriter writer{json};
    append_rc_saved_method(writer, around_, {.method = method, .customer = {}});
    const JsonDocument document = parsed(json);
    EXPECT_EQ(document.root()["exp_month"].string(), "03");
    EXPECT_EQ(document.root()["exp_year"].string(), "2031");
    EXPECT_EQ(document.root().path("card.exp_month").integer(), 3);
    EXPECT_EQ(document.root()["is_default"].boolean(), false);
}

TEST_F(RcommerceViews, GiveOnlyReusableMethodsATokenOfTheirPayment) {
    using State = PaymentMethod::State;
    struct Case {
        State state;
        bool attached;
        bool has_token;
    };
    for (const Case test_case :
         {Case{State::usable, true, true},
          Case{State::usable, false, false},
          Case{State::reusable, false, true},
          Case{State::used_up, false, false},
          Case{State::deleted, false, false}}) {
        FullPayment full = paid();
        full.method = PaymentMethod{};
        full.method->id = PaymentMethodId{5};
        full.method->state = test_case.state;
        if (test_case.attached) full.method->customer = CustomerId{6};
        const JsonDocument document = view(full, ViewFor::answer);
        EXPECT_EQ(document.root().path("payment_method.token").is_string(), test_case.has_token);
    }
}

TEST_F(RcommerceViews, PrintBalancesOfEveryCurrency) {
    std::array<CurrencyBalance, 2> balances{};
    balances[0].by_account[static_cast<std::size_t>(LedgerAccount::available)] = -150;
    balances[1].currency = Currency::parse("JPY").value_or(Currency{});
    balances[1].by_account[static_cast<std::size_t>(LedgerAccount::pending)] = 500;
    std::string json;
    JsonWriter writer{json};
    append_rc_balance(writer, balances);
    const JsonDocument document = parsed(json);
    EXPECT_EQ(document.root().path("available.0.amount").string(), "-1.50");
    EXPECT_EQ(document.root().path("pending.1.currency").string(), "JPY");
    EXPECT_EQ(document.root().path("pending.1.amount").string(), "500.00");
}

}  // namespace
}  // namespace postern::payments
