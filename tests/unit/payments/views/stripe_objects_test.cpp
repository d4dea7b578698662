#include "payments/views/stripe_objects.hpp"

#include "core/json_document.hpp"
#include "payments/card_desk.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::payments {
namespace {

// What typed clients rely on: the members that the OpenAPI description requires, and those that
// the SDK's types do not call optional; "?" may be null, and must be there all the same.
struct Table {
    const char* object;
    const char* required;
};

constexpr Table kPaymentIntent = {
    "payment_intent",
    "amount, capture_method, confirmation_method, created, currency, id, livemode, object, "
    "payment_method_types, status, allowed_payment_method_types?, amount_capturable, "
    "amount_received, application?, application_fee_amount?, automatic_payment_methods?, "
    "canceled_at?, cancellation_reason?, client_secret?, customer?, customer_account?, "
    "description?, excluded_payment_method_types?, last_payment_error?, latest_charge?, "
    "managed_payments?, metadata, next_action?, on_behalf_of?, payment_method?, "
    "payment_method_configuration_details?, payment_method_options?, payment_record?, "
    "processing?, receipt_email?, review?, setup_future_usage?, shipping?, source?, "
    "statement_descriptor?, statement_descriptor_suffix?, transfer_group?, amount_details, "
    "transfer_data?"};
constexpr Table kPaymentMethod = {
    "payment_method",
    "billing_details, created, id, livemode, object, type, customer?, customer_account?, "
    "metadata?"};
constexpr Table kMethodCard = {
    "card",
    "brand, checks?, country?, display_brand?, exp_month, exp_year, funding, generated_from?, "
    "last4, networks?, regulated_status?, three_d_secure_usage?, wallet?, fingerprint?"};
constexpr Table kBilling = {"billing_details", "address?, email?, name?, phone?, tax_id?"};
constexpr Table kCustomer = {
    "customer",
    "created, id, livemode, object, balance, default_source?, description?, email?, "
    "invoice_settings, metadata, shipping?, name?, phone?, address?"};
constexpr Table kRefund = {
    "refund",
    "amount, created, currency, id, object, balance_transaction?, charge?, customer?, "
    "customer_account?, metadata?, payment_intent?, payment_method?, reason?, receipt_number?, "
    "source_transfer_reversal?, status?, transfer_reversal?"};
constexpr Table kDispute = {
    "dispute",
    "amount, balance_transactions, charge, created, currency, evidence, evidence_details, id, "
    "is_charge_refundable, livemode, metadata, object, reason, status, "
    "enhanced_eligibility_types, intended_submission_method?, payment_intent?"};
constexpr Table kEvidenceDetails = {
    "evidence_details",
    "due_by?, enhanced_eligibility, has_evidence, past_due, submission_count, submission_method"};
constexpr Table kPayout = {
    "payout",
    "amount, arrival_date, automatic, created, currency, id, livemode, method, object, "
    "reconciliation_status, source_type, status, type, application_fee?, application_fee_amount?, "
    "balance_transaction?, description?, destination?, failure_balance_transaction?, "
    "failure_code?, failure_message?, metadata?, original_payout?, payout_method?, reversed_by?, "
    "statement_descriptor?, trace_id?"};
constexpr Table kBalance = {"balance", "available, livemode, object, pending, instant_available"};
constexpr Table kBalanceAmount = {"available.0", "amount, currency, source_types"};
constexpr Table kLine = {
    "balance_transaction",
    "amount, available_on, created, currency, fee, fee_details, id, net, object, "
    "reporting_category, status, type, balance_type, description?, exchange_rate?, source?"};
constexpr Table kFee = {"fee_details.0", "amount, application?, currency, description?, type"};
constexpr Table kTransfer = {
    "transfer",
    "amount, amount_reversed, created, currency, id, livemode, metadata, object, reversals, "
    "reversed, balance_transaction?, description?, destination?, source_transaction?, "
    "transfer_group?"};
constexpr Table kReversal = {
    "transfer_reversal",
    "amount, created, currency, id, object, transfer, balance_transaction?, "
    "destination_payment_refund?, metadata?, source_refund?"};
constexpr Table kCharge = {
    "charge",
    "amount, amount_captured, amount_refunded, billing_details, captured, created, currency, "
    "disputed, id, livemode, metadata, object, paid, refunded, status, application?, "
    "application_fee?, application_fee_amount?, balance_transaction?, "
    "calculated_statement_descriptor?, customer?, description?, failure_balance_transaction?, "
    "failure_code?, failure_message?, fraud_details?, on_behalf_of?, outcome?, payment_intent?, "
    "payment_method?, payment_method_details?, receipt_email?, receipt_number?, receipt_url?, "
    "review?, shipping?, source?, source_transfer?, statement_descriptor?, "
    "statement_descriptor_suffix?, transfer_data?, transfer_group?"};
constexpr Table kOutcome = {
    "outcome",
    "advice_code?, network_advice_code?, network_decline_code?, network_status?, reason?, "
    "seller_message?, type"};
constexpr Table kChargeCard = {
    "payment_method_details.card",
    "amount_authorized?, authorization_code?, brand?, checks?, country?, "
    "electronic_commerce_indicator?, exp_month, exp_year, funding?, installments?, last4?, "
    "mandate?, network?, network_transaction_id?, regulated_status?, three_d_secure?, "
    "transaction_link_id?, wallet?"};
constexpr Table kThreeDSecure = {
    "payment_method_details.card.three_d_secure",
    "authentication_flow?, electronic_commerce_indicator?, exemption_indicator?, result?, "
    "result_reason?, transaction_id?, version?"};
constexpr Table kDeletedCustomer = {"customer", "deleted, id, object"};

class StripeObjects : public ::testing::Test {
 protected:
    template <class Write>
    std::string written(Write write) {
        std::string json;
        JsonWriter writer{json};
        write(writer);
        return json;
    }
    // Every member of the table is in the object at `path`, and not null unless it may be.
    static void expect_members(std::string_view json, const Table& table, std::string_view path) {
        const auto document = JsonDocument::parse(json);
        ASSERT_TRUE(document.has_value()) << json;
        const JsonValue object = path.empty() ? document->root() : document->root().path(path);
        ASSERT_TRUE(object.is_object()) << table.object << " in " << json;
        for (std::string_view rest = table.required; !rest.empty();) {
            std::string_view name = rest.substr(0, rest.find(", "));
            rest.remove_prefix(std::min(rest.size(), name.size() + 2));
            const bool may_be_null = name.ends_with('?');
            if (may_be_null) name.remove_suffix(1);
            EXPECT_TRUE(object[name].exists()) << table.object << " has no " << name;
            EXPECT_TRUE(may_be_null || !object[name].is_null()) << table.object << '.' << name;
        }
    }
    static void expect_object(std::string_view json, const Table& table) {
        expect_members(json, table, {});
        EXPECT_NE(json.find(std::string{"\"object\":\""} + table.object + '"'), json.npos);
    }
    static std::string at(std::string_view json, std::string_view path) {
        const auto document = JsonDocument::parse(json);
        if (!document) return "not JSON";
        const JsonValue value = document->root().path(path);
        return std::string{value.is_null() ? "null" : value.text()};
    }

    std::string intent(const Payment& payment, const Expanded& expanded = {}) {
        return written([&](JsonWriter& writer) {
            append_payment_intent(writer, around_, payment, expanded);
        });
    }
    std::string charge(const Charge& charge) {
        return written([&](JsonWriter& writer) { append_charge(writer, around_, charge, {}); });
    }

    static std::vector<PaymentGateway> gateways() {
        PaymentGateway gateway;
        gateway.name = "stripe";
        gateway.kind = "stripe";
        gateway.number = storage::GatewayNumber{1};
        gateway.gateway = make_sandbox_gateway("stripe", {});
        return {gateway};
    }

    GatewayBook gateways_{gateways(), "stripe"};
    CardDesk desk_{"secret", {}};
    Surroundings around_{IdCodec{SipKey{}}, gateways_, desk_, "http://127.0.0.1:8080"};
};

Charge card_charge() {
    Charge charge;
    charge.status = Charge::Status::succeeded;
    charge.captured = Charge::Captured::yes;
    charge.card = Card{.brand = CardBrand::visa, .last4 = "4242"};
    charge.three_d_secure = Charge::ThreeDSecure::challenge;
    return charge;
}

TEST_F(StripeObjects, HaveEveryMemberThatClientsRelyOn) {
    const auto object = [this](const Table& table, auto append) {
        expect_object(written(append), table);
    };
    object(kPaymentIntent, [&](JsonWriter& writer) { append_payment_intent(writer, around_, {}); });
    object(kCharge, [&](JsonWriter& writer) { append_charge(writer, around_, {}, {}); });
    object(kRefund, [&](JsonWriter& writer) { append_refund(writer, around_, {}, nullptr); });
    object(kDispute, [&](JsonWriter& writer) { append_dispute(writer, around_, {.dispute = {}}); });
    object(kCustomer, [&](JsonWriter& writer) { append_customer(writer, around_, {}); });
    object(kPaymentMethod, [&](JsonWriter& writer) { append_payment_method(writer, around_, {}); });
    object(kPayout, [&](JsonWriter& writer) { append_payout(writer, around_, {}); });
    object(kTransfer, [&](JsonWriter& writer) { append_transfer(writer, around_, {}, {}); });
    object(kReversal, [&](JsonWriter& writer) { append_reversal(writer, around_, {}); });
    object(kLine, [&](JsonWriter& writer) { append_balance_transaction(writer, around_, {}); });
    object(kBalance, [](JsonWriter& writer) {
        append_balance(writer, {}, storage::Livemode::test);
    });
    object(kDeletedCustomer, [&](JsonWriter& writer) {
        append_customer(writer, around_, {.deleted_at = TimePoint{}});
    });
}

TEST_F(StripeObjects, HaveEveryMemberOfTheirPartsToo) {
    const std::string paid = charge(card_charge());
    expect_members(paid, kOutcome, "outcome");
    expect_members(paid, kBilling, "billing_details");
    expect_members(paid, kChargeCard, "payment_method_details.card");
    expect_members(paid, kThreeDSecure, "payment_method_details.card.three_d_secure");
    const std::string method = written([&](JsonWriter& writer) {
        append_payment_method(writer, around_, {.card = Card{.last4 = "4242"}});
    });
    expect_members(method, kMethodCard, "card");
    expect_members(method, kBilling, "billing_details");
    const std::string dispute =
        written([&](JsonWriter& writer) { append_dispute(writer, around_, {.dispute = {}}); });
    expect_members(dispute, kEvidenceDetails, "evidence_details");
    const std::string line = written([&](JsonWriter& writer) {
        append_balance_transaction(writer, around_, {.fee = 59});
    });
    expect_members(line, kFee, "fee_details.0");
    const std::string balance =
        written([](JsonWriter& writer) { append_balance(writer, {}, storage::Livemode::test); });
    expect_members(balance, kBalanceAmount, "available.0");
}

TEST_F(StripeObjects, NeverHaveAMemberThatClientsTakeForAnError) {
    Payment payment;
    payment.last_error = PaymentError{.code = "card_declined"};
    const auto document = JsonDocument::parse(intent(payment));
    ASSERT_TRUE(document.has_value());
    EXPECT_FALSE(document->root()["error"].exists());
}

TEST_F(StripeObjects, SayWhatTheCustomerHasToDo) {
    struct Case {
        NextAction::Kind kind;
        const char* return_url;
        const char* type;
        const char* where;
    };
    const Case cases[] = {
        {NextAction::Kind::three_d_secure, "https://a", "redirect_to_url", "redirect_to_url.url"},
        {NextAction::Kind::three_d_secure, "", "use_stripe_sdk", "use_stripe_sdk.stripe_js"},
        {NextAction::Kind::redirect,
         "https://a",
         "alipay_handle_redirect",
         "alipay_handle_redirect.url"},
        {NextAction::Kind::qr_code,
         "",
         "wechat_pay_display_qr_code",
         "wechat_pay_display_qr_code.hosted_instructions_url"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.type);
        Payment payment;
        payment.status = PaymentStatus::requires_action;
        payment.next_action = NextAction{.kind = test_case.kind, .url = "http://page"};
        payment.details.return_url = test_case.return_url;
        const std::string json = intent(payment);
        EXPECT_EQ(at(json, "next_action.type"), test_case.type);
        EXPECT_EQ(at(json, std::string{"next_action."} + test_case.where), "http://page");
        payment.status = PaymentStatus::succeeded;
        EXPECT_EQ(at(intent(payment), "next_action"), "null");
    }
}

TEST_F(StripeObjects, DrawTheCodeThatIsToBeScanned) {
    Payment payment;
    payment.status = PaymentStatus::requires_action;
    payment.next_action =
        NextAction{.kind = NextAction::Kind::qr_code, .url = "http://page", .qr_text = "wxp://1"};
    const std::string json = intent(payment);
    constexpr std::string_view kCode = "next_action.wechat_pay_display_qr_code.";
    EXPECT_EQ(at(json, std::string{kCode} + "data"), "wxp://1");
    EXPECT_TRUE(at(json, std::string{kCode} + "image_data_url").starts_with("data:image/svg+xml;"));
    payment.next_action->qr_text.assign(1'000, 'x');
    EXPECT_EQ(at(intent(payment), std::string{kCode} + "image_data_url"), "http://page");
}

TEST_F(StripeObjects, TellDeclinesFromFailedChallenges) {
    Payment payment;
    payment.latest_charge = ChargeId{7};
    payment.last_error =
        PaymentError{.code = "card_declined", .decline_code = "generic_decline", .message = "No."};
    const std::string declined =
        intent(payment, {.objects = {{"last_payment_error.payment_method", R"({"id":"pm_1"})"}}});
    EXPECT_EQ(at(declined, "last_payment_error.type"), "card_error");
    EXPECT_EQ(at(declined, "last_payment_error.decline_code"), "generic_decline");
    EXPECT_EQ(at(declined, "last_payment_error.payment_method.id"), "pm_1");
    EXPECT_EQ(at(declined, "last_payment_error.charge"), at(declined, "latest_charge"));
    payment.last_error = PaymentError{.code = "payment_intent_authentication_failure"};
    EXPECT_EQ(at(intent(payment), "last_payment_error.type"), "invalid_request_error");
}

TEST_F(StripeObjects, ShowWhatTheGatewayTakesWherePaymentsNameNoTypes) {
    Payment payment;
    payment.gateway = storage::GatewayNumber{1};
    EXPECT_EQ(at(intent(payment), "payment_method_types.0"), "card");
    payment.details.method_types = {"alipay", "bank_transfer"};
    EXPECT_EQ(at(intent(payment), "payment_method_types.1"), "customer_balance");
    EXPECT_EQ(at(intent(payment), "automatic_payment_methods"), "null");
}

TEST_F(StripeObjects, SayWhyTheBankRefusedACharge) {
    Charge failed = card_charge();
    failed.status = Charge::Status::failed;
    failed.captured = Charge::Captured::no;
    failed.error = PaymentError{.code = "card_declined", .decline_code = "insufficient_funds"};
    const std::string json = charge(failed);
    EXPECT_EQ(at(json, "outcome.network_status"), "declined_by_network");
    EXPECT_EQ(at(json, "outcome.reason"), "insufficient_funds");
    EXPECT_EQ(at(json, "failure_code"), "card_declined");
    EXPECT_EQ(at(json, "paid"), at(json, "captured"));
    EXPECT_EQ(at(json, "receipt_url"), "null");
    EXPECT_EQ(receipt_url_of(around_, failed), "");
    EXPECT_TRUE(receipt_url_of(around_, card_charge()).starts_with("http://127.0.0.1:8080/"));
}

TEST_F(StripeObjects, WriteAmountsOfMethodsThatAreNoCards) {
    struct Case {
        MethodType type;
        const char* name;
    };
    for (const Case& test_case :
         {Case{MethodType::us_bank_account, "us_bank_account"},
          Case{MethodType::alipay, "alipay"},
          Case{MethodType::wechat_pay, "wechat_pay"},
          Case{MethodType::bank_transfer, "customer_balance"}}) {
        SCOPED_TRACE(test_case.name);
        Charge paid;
        paid.method_type = test_case.type;
        if (test_case.type == MethodType::us_bank_account) paid.bank = BankAccount{};
        const std::string json = charge(paid);
        EXPECT_EQ(at(json, "payment_method_details.type"), test_case.name);
        const auto document = JsonDocument::parse(json);
        ASSERT_TRUE(document.has_value());
        EXPECT_TRUE(document->root()["payment_method_details"][test_case.name].is_object());
        const std::string method = written([&](JsonWriter& writer) {
            append_payment_method(writer, around_, {.type = test_case.type, .bank = paid.bank});
        });
        EXPECT_EQ(at(method, "type"), test_case.name);
    }
}

TEST_F(StripeObjects, KeepAPublishableKeyFromWhatIsNotItsBusiness) {
    const std::string json =
        written([&](JsonWriter& writer) { append_public_payment_intent(writer, around_, {}); });
    const auto document = JsonDocument::parse(json);
    ASSERT_TRUE(document.has_value());
    for (const char* hidden :
         {"metadata", "customer", "latest_charge", "amount_received", "statement_descriptor"}) {
        EXPECT_FALSE(document->root()[hidden].exists()) << hidden;
    }
    EXPECT_TRUE(document->root()["client_secret"].exists());
}

TEST_F(StripeObjects, ExpandWhatTheyAreGiven) {
    Payment payment;
    payment.customer = CustomerId{5};
    EXPECT_TRUE(at(intent(payment), "customer").starts_with("cus_"));
    EXPECT_EQ(
        at(intent(payment, {.objects = {{"customer", R"({"id":"x"})"}}}), "customer.id"), "x"
    );
}

}  // namespace
}  // namespace postern::payments
